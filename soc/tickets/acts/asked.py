"""What is asked of an incident, and what came of it; values only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session

from soc import clock
from soc.delivery.ledger import Try
from soc.domain.actor import Actor
from soc.domain.acts import ActKind, Ending
from soc.errors import ConfigurationError
from soc.store.nouns.incidents.incidents import IncidentRow
from soc.store.nouns.tickets.tickets import TicketRow

LONGEST_KEY = 500


@dataclass(frozen=True)
class Asked:
    """Who asks, and under which key: the same key asks for the same thing, however often it comes.

    `via` is the integration that tells of what was done there ("": it is done here), `source` its own id of that (a
    changelog entry, a comment, an interaction). `group` binds acts that are done together; `at` is when it happened.
    """

    actor: Actor
    key: str
    via: str = ""
    source: str = ""
    group: str = ""
    at: datetime = field(default_factory=clock.now)

    def __post_init__(self) -> None:
        if not self.key or len(self.key) > LONGEST_KEY:
            raise ConfigurationError(
                "An act needs a key of its own.", hint=f"A word of 1 to {LONGEST_KEY} characters."
            )


@dataclass(frozen=True)
class Change:
    """What an act made different, for whoever is told of it: the field, and its value before and after, as texts.

    `field` is one of status, owner, priority, verdict, note, acknowledged, merged, labels, components, watchers. Of a note `after`
    is its text and `note_id` its id; `public` says that it may be read by whoever reported it. Of a set `added` and `removed` are
    the members that came and went (of watchers: people of the roster by their ids), `before` and `after` its text for people.
    """

    field: str
    before: str
    after: str
    note_id: str = ""
    public: bool = False
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What came of it. `said` is for people; `by` says who was first where somebody else was. `new` is False where the same
    key had asked before: then this is what came of the first. `tries` are to be enqueued once the transaction has ended.
    """

    incident_id: str
    act: ActKind
    ending: Ending
    said: str
    by: str = ""
    act_id: str = ""
    new: bool = True
    tries: tuple[Try, ...] = ()

    @property
    def stands(self) -> bool:
        """What was asked for is so now, whoever did it."""
        return self.ending in (Ending.DONE, Ending.ALREADY)


@dataclass(frozen=True)
class Came:
    """What an act did within its transaction, before it is written down."""

    ending: Ending
    said: str
    by: str = ""
    changes: tuple[Change, ...] = ()
    tries: tuple[Try, ...] = ()
    #: Whether the running clocks follow a new priority.
    reaim: bool = True


@dataclass(frozen=True)
class Happened:
    """An act that was done, for those who follow: in its transaction, with the rows as they are now."""

    act: ActKind
    asked: Asked
    incident: IncidentRow
    tickets: Sequence[TicketRow]
    changes: tuple[Change, ...]


#: What else is done in the transaction of an act. Returns tries to enqueue after it.
Follow = Callable[[Session, Happened], Sequence[Try]]
_followers: list[Follow] = []


def follow_acts(follow: Follow) -> Follow:
    """From now on called with every act that was done, in its transaction: for floors above this one (escalation, alerts)."""
    if follow not in _followers:
        _followers.append(follow)
    return follow


@dataclass(frozen=True)
class Undone:
    """An act that was taken back: in that transaction, with the rows as they are again. `at` is when the act was done."""

    act: ActKind
    at: datetime
    asked: Asked
    incident: IncidentRow
    tickets: Sequence[TicketRow]


FollowUndo = Callable[[Session, Undone], None]
_undo_followers: list[FollowUndo] = []


def follow_undos(follow: FollowUndo) -> FollowUndo:
    """The same for acts that are taken back: what followed them is taken back too."""
    if follow not in _undo_followers:
        _undo_followers.append(follow)
    return follow


def undo_followers() -> tuple[FollowUndo, ...]:
    return tuple(_undo_followers)


def followers() -> tuple[Follow, ...]:
    return tuple(_followers)
