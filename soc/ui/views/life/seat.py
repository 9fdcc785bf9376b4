"""Who sits at this screen, for the acts on incidents (`soc.ui.sitting` keeps it in the browser)."""

from __future__ import annotations

from soc.access.scopes import Scope
from soc.domain.actor import Actor
from soc.ui.sitting import actor_here, choose_person, person_here


def person_id() -> str:
    """The person's id, "" while nobody has said."""
    return person_here()


def actor(needed: Scope) -> Actor:
    """Who acts from this page. Raises NotAllowed, SignedOut."""
    return actor_here(needed)


def sit(person: str) -> None:
    choose_person(person)
