"""Which persons stand behind whoever asks: of them nobody may approve it."""

from __future__ import annotations

from sqlmodel import Session

from soc.domain.actor import Actor, ActorKind, Known
from soc.errors import Conflict
from soc.store.nouns.people.keys import get_key
from soc.store.nouns.people.service_accounts import is_service_account
from soc.store.nouns.rules.approvals import ApprovalRow


def person_behind(session: Session, who: Actor) -> str:
    """The one person who is meant: a key's owner, else who made it; "" where none is known, as at the shell."""
    if who.kind is ActorKind.KEY:
        key = get_key(session, who.id)
        return _person(key.owner) or person_behind(session, Actor.parse(key.made_by))
    return who.id if who.known is Known.SIGNED_IN else ""


def persons_behind(session: Session, who: Actor) -> set[str]:
    """All who may hold what was asked with: a key's owner and whoever made it."""
    if who.kind is ActorKind.KEY:
        key = get_key(session, who.id)
        owner = _person(key.owner)
        return ({owner} if owner else set()) | persons_behind(session, Actor.parse(key.made_by))
    return {who.id} if who.known is Known.SIGNED_IN else set()


def _person(owner: str) -> str:
    """Behind a service account stands whoever made its key: it is nobody itself."""
    return "" if is_service_account(owner) else owner


def refuse_nobody_s_key(session: Session, who: Actor) -> None:
    """Raises Conflict for a key behind which nobody is known: its holder could approve what it asked for."""
    if who.kind is ActorKind.KEY and not persons_behind(session, who):
        raise Conflict(
            "Nobody knows whose this key is, so it cannot ask for approval.",
            hint="Ask on the page, or with a key that belongs to a person.",
        )


def is_asker(session: Session, row: ApprovalRow, who: Actor) -> bool:
    """Whether it is their own request: by themselves, or by a key that they own or made."""
    behind = persons_behind(session, Actor.parse(row.made_by)) | {row.asked_person}
    return str(who) == row.made_by or who.id in behind - {""}


def may_take(session: Session, row: ApprovalRow, who: Actor) -> bool:
    """Whether they may take the request back, and fetch what came of it: whoever asked, in person or by their key."""
    person = person_behind(session, who)
    return str(who) == row.made_by or (bool(person) and person == row.asked_person)
