"""People of the roster. `soc.access.people` adds, changes and deactivates them; who may sign in is a row of `accounts`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col, select

from soc.domain.people import Role
from soc.errors import NotFound
from soc.store.columns import key_of, moment, partial_index
from soc.store.nouns.people.teams import TeamRow
from soc.store.paging import Page, Sorts, read_page


class PersonRow(SQLModel, table=True):
    """One person. `role` is a `Role`; e-mail, Jira account and Slack id are each one person's alone, "" for none."""

    __tablename__ = "people"
    __table_args__ = tuple(
        partial_index(f"uq_people_{name}", name, of=f"{name} <> ''", unique=True)
        for name in ("email", "jira_account", "slack_id")
    )

    id: str = Field(primary_key=True)
    name: str
    email: str = ""
    role: str
    team_id: str | None = Field(default=None, foreign_key=key_of(TeamRow), index=True)
    #: Of the IANA list.
    zone: str = "UTC"
    jira_account: str = ""
    slack_id: str = ""
    #: Who left keeps the row: what they did points to it.
    active: bool = True
    created_at: datetime = Field(sa_column=moment(nullable=False))
    changed_at: datetime | None = Field(default=None, sa_column=moment())
    #: Who added the person, and who changed the row last ("": nobody did), as `str(Actor)`.
    made_by: str
    changed_by: str = ""


PEOPLE_SORTS: Sorts = {"name": ("name", "id"), "created_at": ("created_at", "id")}


def list_people(
    session: Session, *, active_only: bool = True, role: Role | None = None, team_id: str = ""
) -> Sequence[PersonRow]:
    """By name; those who are here, unless told otherwise."""
    query = select(PersonRow).order_by(col(PersonRow.name), col(PersonRow.id))
    if active_only:
        query = query.where(col(PersonRow.active).is_(True))
    if role is not None:
        query = query.where(PersonRow.role == role.value)
    if team_id:
        query = query.where(PersonRow.team_id == team_id)
    return session.exec(query).all()


def page_people(
    session: Session, *, sort: str = "name", cursor: str = "", offset: int = 0, limit: int = 50
) -> Page[PersonRow]:
    """Everybody, those who left too."""
    return read_page(
        session, PersonRow, [], sorts=PEOPLE_SORTS, sort=sort, cursor=cursor, offset=offset, limit=limit
    )


def get_person(session: Session, person_id: str) -> PersonRow:
    """Raises NotFound."""
    row = session.get(PersonRow, person_id)
    if row is None:
        raise NotFound(f"There is no person {person_id}.", hint="`soc people list` shows them.")
    return row


def find_by_email(session: Session, email: str) -> PersonRow | None:
    """In any case of letters; also those who left."""
    return _find(session, "email", email.strip().lower())


def find_by_jira_account(session: Session, account: str) -> PersonRow | None:
    """Jira Cloud's account id, or Data Center's user key or name, as it was stored."""
    return _find(session, "jira_account", account)


def find_by_slack_id(session: Session, slack_id: str) -> PersonRow | None:
    return _find(session, "slack_id", slack_id)


def find_by_account(session: Session, column: str, value: str) -> PersonRow | None:
    """By a vendor's id for the person; `column` is where the roster keeps that vendor's (`Kind.people`)."""
    return _find(session, column, value)


def _find(session: Session, column: str, value: str) -> PersonRow | None:
    if not value:
        return None
    return session.exec(select(PersonRow).where(getattr(PersonRow, column) == value)).first()
