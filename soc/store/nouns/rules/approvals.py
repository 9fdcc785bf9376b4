"""What one administrator asked for and another has to approve. `soc.access.approvals` asks, decides and takes back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from soc.errors import NotFound
from soc.store.columns import moment
from soc.store.nouns.people.accounts import AccountRow
from soc.store.paging import Page, Sorts, read_page


class ApprovalRow(SQLModel, table=True):
    """An act that waits for a second administrator, or did. `state` is an `ApprovalState`."""

    __tablename__ = "approvals"

    id: str = Field(primary_key=True)
    #: An `ApprovedAct`, and what it is done to, as `str(Subject)`.
    act: str
    subject: str
    #: What would be done, in a sentence without secrets, and why.
    what: str
    reason: str
    state: str = Field(index=True)
    #: What the act takes, sealed; "" as soon as it is decided or over.
    sealed: str = ""
    #: What came of it for whoever asked, sealed, until it is fetched or over; "" for nothing.
    result: str = ""
    #: Why it failed, or was refused; "" otherwise.
    said: str = ""
    created_at: datetime = Field(sa_column=moment(nullable=False))
    expires_at: datetime = Field(sa_column=moment(nullable=False))
    decided_at: datetime | None = Field(default=None, sa_column=moment())
    #: Who asked, and who decided ("": nobody did), as `str(Actor)`; and the person behind the first, "" at the shell.
    made_by: str
    asked_person: str = ""
    changed_by: str = ""


APPROVAL_SORTS: Sorts = {"created_at": ("created_at", "id")}


def page_approvals(
    session: Session, *, sort: str = "-created_at", cursor: str = "", offset: int = 0, limit: int = 50
) -> Page[ApprovalRow]:
    """Newest first unless told otherwise, decided ones too."""
    return read_page(
        session, ApprovalRow, [], sorts=APPROVAL_SORTS, sort=sort, cursor=cursor, offset=offset, limit=limit
    )


def list_approvals(session: Session, *, limit: int = 50) -> Sequence[ApprovalRow]:
    """The newest first."""
    newest = (col(ApprovalRow.created_at).desc(), col(ApprovalRow.id).desc())
    return session.exec(select(ApprovalRow).order_by(*newest).limit(limit)).all()


def find_open(session: Session, *, act: str, subject: str, state: str, now: datetime) -> ApprovalRow | None:
    """The request for this act that is in this state and not over. Until this transaction ends nobody else looks for one."""
    session.exec(select(AccountRow.id).order_by(col(AccountRow.id)).with_for_update()).all()
    same = (col(ApprovalRow.act) == act, col(ApprovalRow.subject) == subject)
    waits = (
        col(ApprovalRow.state) == state,
        col(ApprovalRow.expires_at) > now,
        col(ApprovalRow.sealed) != "",
    )
    return session.exec(select(ApprovalRow).where(*same, *waits)).first()


def list_stuck(session: Session, *, state: str, before: datetime) -> Sequence[ApprovalRow]:
    """Those that were decided before this and are in this state still, to be changed."""
    stuck = (col(ApprovalRow.state) == state, col(ApprovalRow.decided_at) < before)
    return session.exec(select(ApprovalRow).where(*stuck).with_for_update()).all()


def get_approval(session: Session, approval_id: str, *, to_change: bool = False) -> ApprovalRow:
    """`to_change`: nobody else changes it until this transaction ends. Raises NotFound."""
    row = session.get(
        ApprovalRow, approval_id, with_for_update=to_change or None, populate_existing=to_change
    )
    if row is None:
        raise NotFound(
            f"There is no request {approval_id}.",
            hint="`soc approvals list` and the Approvals page show them.",
        )
    return row


def move_approval(session: Session, approval_id: str, *, state: str, to: str, by: str, now: datetime) -> bool:
    """Take it from one state to the next, of all who try only once; False where it is not in it, or its time is up."""
    moved = session.connection().execute(
        sa.update(ApprovalRow)
        .where(
            col(ApprovalRow.id) == approval_id,
            col(ApprovalRow.state) == state,
            col(ApprovalRow.expires_at) > now,
        )
        .values(state=to, changed_by=by, decided_at=now)
    )
    return bool(moved.rowcount)


def forget_sealed(session: Session, *, before: datetime) -> None:
    """What was sealed for a request whose time is up."""
    session.connection().execute(
        sa.update(ApprovalRow)
        .where(
            col(ApprovalRow.expires_at) <= before,
            sa.or_(col(ApprovalRow.sealed) != "", col(ApprovalRow.result) != ""),
        )
        .values(sealed="", result="")
    )
