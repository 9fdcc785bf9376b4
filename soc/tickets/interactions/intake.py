"""The way in for what was heard, whichever way it came: kept at once; afterwards given to the engine, and forms opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from soc import clock
from soc.delivery.queues import enqueue_interactions
from soc.domain.acts import Heard, Verdict, Wish
from soc.errors import SocError
from soc.integrations.kit.inbound.hooks import Incoming
from soc.store.db import read_session, write_session
from soc.tickets.acts.ending import find_original
from soc.tickets.interactions.forms import open_form
from soc.tickets.interactions.receiving import keep_heard

#: What the vendor is answered (None: nothing but that it came), and what is to be done after that.
Answered = tuple[Mapping[str, Any] | None, Callable[[], None]]


def take_call(integration: str, incoming: Incoming, *, practice: bool) -> Answered:
    """Keep what a call brings, as `take_in` does; a form that cannot be done is kept not at all: it stays open and says why.

    Else it would close, and what was typed in it would be lost with the wrong field.
    """
    if incoming.refusal is not None and (wrong := _wrong_in(incoming.heard)):
        return incoming.refusal(wrong), _nothing
    return incoming.answer, take_in(integration, incoming.heard, practice=practice)


def _wrong_in(heard: Sequence[Heard]) -> dict[str, str]:
    """What cannot be, by field. Whether the person may act and who was first, the work itself tells."""
    wrong = {}
    for one in heard:
        if one.wish is Wish.CLOSE and one.said.get("verdict") == Verdict.DUPLICATE:
            try:
                with read_session() as session:
                    find_original(session, one.incident_id, one.said.get("duplicate_of", ""))
            except SocError as error:
                wrong["duplicate_of"] = f"{error.message} {error.hint}".strip()
    return wrong


def take_in(integration: str, heard: Sequence[Heard], *, practice: bool) -> Callable[[], None]:
    """Keep it; what is returned is to be called once the vendor was told that it came. Raises what the store raises.

    A form can be opened for some seconds only, so this process does it itself, at once; all else is the engine's.
    """
    if not heard:
        return _nothing
    with write_session() as session:
        fresh = keep_heard(session, integration, heard, practice=practice, now=clock.now())
    return partial(_go_on, fresh)


def _nothing() -> None:
    return None


def _go_on(fresh: Sequence[tuple[str, Heard]]) -> None:
    for interaction_id, heard in fresh:
        if heard.wish.asks:
            open_form(interaction_id, heard)
    enqueue_interactions([(interaction_id, 1) for interaction_id, heard in fresh if not heard.wish.asks])
