"""What is wrong now: with an integration, a worker, a machine. Each cause is declared here, with how long it may last untold."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from soc.integrations.registry import KINDS
from soc.metrics.attention import Attention, Concern, read_attention
from soc.metrics.workers import Workers, read_workers


class Trouble(NamedTuple):
    """One cause that lasts. `about`: the integration that it is about; "": none. `patience`: so long it may last untold."""

    cause: str
    title: str
    patience: timedelta
    about: str = ""


class Told(NamedTuple):
    """A concern about an integration that is told: what it says after the integration's name, and when."""

    words: str
    patience: timedelta


#: What of an integration is told. The others are told with these, or pass by themselves.
CONCERNS: dict[Concern, Told] = {
    Concern.PAUSED: Told("is paused: its messages wait until its settings are mended", timedelta(minutes=1)),
    Concern.SETTINGS: Told(
        "has settings that cannot be used: its messages wait until they are mended", timedelta(minutes=5)
    ),
    Concern.DEAD: Told("has messages that were given up", timedelta(minutes=1)),
    Concern.AWAY: Told("does not answer", timedelta(minutes=5)),
    Concern.FAILING: Told("takes no messages", timedelta(minutes=5)),
}
#: A worker that is restarted is back by then.
GONE = timedelta(minutes=5)
#: What a process says of its machine is true when it says so.
AT_ONCE = timedelta(0)


def find_troubles() -> Sequence[Trouble]:
    """All that lasts now, each cause once."""
    return [*_of_integrations(read_attention()), *_of_workers(read_workers())]


def unfit(attention: Sequence[Attention]) -> set[str]:
    """The integrations over which nothing can be told now: whatever is wrong with them, a notice would join it."""
    return {one.kind for one in attention if one.concern is not Concern.DEAD}


def _of_integrations(attention: Sequence[Attention]) -> list[Trouble]:
    """Each concern is a cause of its own: one that a person has to end would hide what comes and goes beside it."""
    return [
        Trouble(
            f"integration:{one.kind}:{one.concern}", f"{KINDS[one.kind].title} {told.words}", told.patience, one.kind
        )
        for one in attention
        if (told := CONCERNS.get(one.concern)) is not None
    ]  # fmt: skip


def _of_workers(workers: Workers) -> list[Trouble]:
    found = {
        f"worker:{one.name}": Trouble(f"worker:{one.name}", f"Worker {one.name} on {one.host} is gone", GONE)
        for one in workers.gone
    }
    alive = {one.host for one in workers.live}
    # several processes of a machine say the same; where none is left to say that it is over, the last word holds
    for one in [*workers.live, *(gone for gone in workers.gone if gone.host not in alive)]:
        if one.trouble:
            cause = f"machine:{one.host}"
            found[cause] = Trouble(cause, f"On {one.host}: {one.trouble}", AT_ONCE)
    return list(found.values())
