"""The sets of a ticket (labels, components, who watches) as they are here: members come and go one by one, so two changes never contradict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from sqlmodel import Session

from soc.store.db import read_session
from soc.store.nouns.people.people import get_person
from soc.store.nouns.tickets.ticket_fields import list_fields, value_of
from soc.store.unchanged import while_unchanged
from soc.tickets.accounts import account_of, owner_of

Field = Literal["labels", "components", "watchers"]
FIELDS: tuple[Field, ...] = get_args(Field)


@dataclass(frozen=True)
class Members:
    """`watchers` are people of the roster, by their ids; `others` counts those whom only the vendor knows."""

    labels: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    watchers: tuple[str, ...] = ()
    others: int = 0

    def of(self, field: Field) -> tuple[str, ...]:
        return {"labels": self.labels, "components": self.components, "watchers": self.watchers}[field]


@while_unchanged
def read_members(ticket_id: int, integration: str) -> Members:
    """Of one ticket; empty where nobody has read it yet."""
    with read_session() as session:
        return members_of_ticket(session, ticket_id, integration)


def members_of_ticket(session: Session, ticket_id: int, integration: str) -> Members:
    """The same in a session that is open."""
    known: Mapping[str, tuple[str, ...]] = {
        row.field: _members(row.local) or _members(row.base) for row in list_fields(session, [ticket_id])
    }
    accounts = known.get("watchers", ())
    people = [one for account in accounts if (one := owner_of(session, integration, account))]
    return Members(
        known.get("labels", ()), known.get("components", ()), tuple(people), len(accounts) - len(people)
    )


def _members(stored: dict[str, object]) -> tuple[str, ...]:
    value = value_of(stored)
    return value if isinstance(value, tuple) else ()


def names_of(session: Session, field: str, members: Sequence[str]) -> str:
    """The members as people read them."""
    return ", ".join(get_person(session, one).name if field == "watchers" else one for one in members)


def accounts_of(session: Session, integration: str, field: str, members: Sequence[str]) -> set[str]:
    """The members in the vendor's words: people by their accounts there, where the roster names one."""
    if field != "watchers":
        return set(members)
    return {account for one in members if (account := account_of(session, integration, one))}
