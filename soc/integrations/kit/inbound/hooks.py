"""Calls that a vendor makes to us: how one proves itself, and what it brings.

A kind declares its hooks (`Kind.hooks`); each is served at `/hooks/<kind>/<name>`. Nothing is written, and nothing is
looked at but the proof, before a call has proved that the vendor made it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from soc.domain.acts import Heard
from soc.errors import SocError


class Forged(SocError):
    """The call does not prove that the vendor made it, or is too old to tell."""

    def __init__(self) -> None:
        super().__init__(
            "This call does not prove where it comes from.",
            hint="It needs the vendor's signature of now, made with the secret that is saved here.",
        )


class Unreadable(SocError):
    """The call is the vendor's, and says nothing that this version understands."""


@dataclass(frozen=True)
class TicketCall:
    """A ticket was changed there, or `deleted`. `id` is the vendor's own of the call, the same where it is sent again;
    `about` the ticket's remote id.
    """

    id: str
    about: str
    deleted: bool = False


@dataclass(frozen=True)
class Incoming:
    """What a proved call brings: its answer (None: an empty one), and what is to be kept before it is given.

    `refusal` is set where somebody waits before a form that is still open: of what is wrong, by field, the answer that shows it there.
    """

    answer: Mapping[str, Any] | None = None
    heard: tuple[Heard, ...] = ()
    tickets: tuple[TicketCall, ...] = ()
    refusal: Callable[[Mapping[str, str]], Mapping[str, Any]] | None = None


#: Of the kind's configuration, the headers (names in lower case), the raw body and the present moment.
#: Raises Forged, Unreadable.
ReadHook = Callable[[Any, Mapping[str, str], bytes, datetime], Incoming]


@dataclass(frozen=True)
class InboundHook:
    """One call that the vendor makes: the last part of its path, what it is for, and how it is read."""

    name: str
    title: str
    read: ReadHook


#: Keeps what came in; returns what the vendor is answered, and what is done after it was. Raises what the store raises.
Keep = Callable[[Incoming], tuple[Mapping[str, Any] | None, Callable[[], None]]]


@dataclass(frozen=True)
class Line:
    """A connection that we open and that the vendor calls through, for those whom it cannot reach.

    `wanted` says whether the configuration asks for one. `listen` keeps one connection up, keeps what comes before it is
    acknowledged, and returns once `over` is set. `most` is how many all processes together hold.
    """

    wanted: Callable[[Any], bool]
    listen: Callable[[Any, Keep, threading.Event], None]
    most: int = 2


#: The vendor's description of the app that has to be made there: of the address that it calls ("" with `socket`: it calls
#: through a connection of ours), of whether replies in threads are heard, and of the app's name. Raises ValueError.
AppManifest = Callable[[str, bool, bool, str], Mapping[str, Any]]
