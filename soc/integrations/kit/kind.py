"""What a kind of integration declares of itself, once: the registry finds it by its folder, all above it asks it.

`vendors/<kind>/kind.py` holds one `KIND = Kind(…)`. Nothing above this floor names a vendor: whoever needs to know who
opens tickets, whose queue is slow or what a page shows beside the form reads it here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple

from soc.domain.incident import Incident
from soc.domain.message import MESSAGES, announcements
from soc.integrations.kit.base import Action, Connector, IntegrationConfig
from soc.integrations.kit.inbound.hooks import AppManifest, InboundHook, Line
from soc.integrations.kit.inbound.interactive import PeopleThere
from soc.integrations.kit.panels import BodyPreview, LiveChoice, ReadinessCheck

#: Kinds that say nothing stand behind those that do, by their names.
LAST = 100


@dataclass(frozen=True)
class QueueLimits:
    """How many of a queue's sends run at once in one process, and how many may start in `period` (seconds).

    `starts=None`: the vendor's own answers (429) are the limit.
    """

    concurrency: int = 32
    starts: int | None = None
    period: float = 1.0


@dataclass(frozen=True)
class Switch:
    """A switch of its own for each batch, as the setup guide prints it; other kinds share a list of those left out.

    `column` is the batch's stored one; `place` counts from the left of the page. `spoken` is the vendor in the
    guide's result display; `effect` is what the page says of it, with names of settings in braces.
    """

    column: str
    place: int
    spoken: str
    effect: str


@dataclass(frozen=True)
class Way:
    """A way by which an escalation goes there. `use` says what it is for (`chat`, `page`, `event`, `comment`, `watch`).

    `name` tells it from the kind's others ("": its plain one). `needs` is what a person has to have for it, by the roster's
    column, `needs_words` the same for people. `of_ticket`: it speaks on the ticket itself, to
    nobody by name; `each_ticket`: one ticket at a time.
    """

    use: str
    title: str
    name: str = ""
    needs: str = ""
    needs_words: str = ""
    of_ticket: bool = False
    each_ticket: bool = False


class PracticePerson(NamedTuple):
    """Somebody of the practice vendor, whom a roster that is empty may be filled with."""

    name: str
    email: str
    role: str


@dataclass(frozen=True)
class Kind:
    """One vendor. What is not said here has the default that most vendors want.

    `toggle` is the label on the Process logs page. `order` is its place in lists. `takes` are the messages that it can
    deliver; `ordered`: messages about one subject keep their order, so that an end does not overtake its beginning.
    `gone_after`: how many messages, refused one after the other with this HTTP status, mean that the destination is gone.
    `told_apart`: its "too many requests" say what they are about, and only that waits; `spacing` is the least time between
    two changes of one ticket. `update_limits`: changes of sent alerts queue apart, with these limits; `update_spacing` seconds lie between two changes of one.
    `line`: the connection that it calls through. `people`: how those who act there are known in the roster; `manifest`: the app
    that has to be made there first. `acted` ends the log event of a delivery
    (`<kind>_action_executed`); `logged` are the details of a receipt that it tells: plain words, nothing a stranger wrote. `practice` gives the settings that connect it to the built-in sandbox at a URL, `practice_people` who is there.
    `ticket_summary` is the title its tickets carry, for kinds that open tickets. `ways` are those of escalations.
    """

    title: str
    config: type[IntegrationConfig]
    connector: type[Connector]
    toggle: str
    takes: frozenset[str] = frozenset()
    actions: tuple[Action, ...] = ()
    order: int = LAST
    ordered: bool = False
    limits: QueueLimits = QueueLimits()
    update_limits: QueueLimits | None = None
    update_spacing: float = 0.0
    told_apart: bool = False
    spacing: timedelta = timedelta(0)
    switch: Switch | None = None
    gone_after: Mapping[int, int] = field(default_factory=dict)
    acted: str = "action_executed"
    logged: tuple[str, ...] = ()
    practice: Callable[[str], Mapping[str, Any]] | None = None
    practice_people: tuple[PracticePerson, ...] = ()
    ticket_summary: Callable[[Incident], str] | None = None
    hooks: tuple[InboundHook, ...] = ()
    ways: tuple[Way, ...] = ()
    line: Line | None = None
    people: PeopleThere | None = None
    manifest: AppManifest | None = None
    preview: BodyPreview | None = None
    choice: LiveChoice | None = None
    readiness: ReadinessCheck | None = None

    @property
    def name(self) -> str:
        """The kind's name in paths, rows and log events; its folder has the same."""
        return self.connector.kind

    def __post_init__(self) -> None:
        if unknown := self.takes - set(MESSAGES):
            raise ValueError(f"{self.title} takes what is no message: {', '.join(sorted(unknown))}.")
        if bool(self.ways) != ("escalation" in self.takes):
            raise ValueError(f"{self.title} takes escalations by no way, or has a way and takes none.")

    @property
    def tells(self) -> str:
        """The message that it gets about an eligible incident, "" where it takes none."""
        return next((name for name in announcements() if name in self.takes), "")

    @property
    def docs(self) -> str:
        """Its page below `docs/`."""
        return f"integrations/{self.name}.md"

    @property
    def acted_event(self) -> str:
        """The log event of a delivery that was made."""
        return f"{self.name}_{self.acted}"

    @property
    def updated_event(self) -> str:
        """The log event of a saved configuration, as the integrations guide names it."""
        return f"{self.name}_configuration_updated"
