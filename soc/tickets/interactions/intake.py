"""The way in for what was heard, whichever way it came: kept at once; afterwards given to the engine, and forms opened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from soc import clock
from soc.delivery.queues import enqueue_interactions
from soc.domain.acts import Heard
from soc.store.db import write_session
from soc.tickets.interactions.forms import open_form
from soc.tickets.interactions.receiving import keep_heard


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
