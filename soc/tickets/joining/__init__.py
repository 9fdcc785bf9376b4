"""What belongs to a ticket that exists: one rule, its messages, and what is done by it.

Whoever would tell of something that is known already asks here first: a file whose content was processed before, an
incident id that is asked for again, a button that opens a ticket. There is no second ticket for the same thing: it is
joined to an open one, a done one is reopened within the window, and after that a new one follows it.
"""

from __future__ import annotations

from soc.tickets.joining.asked import (
    AskedAgain,
    asked_again,
    call_for_ticket,
    keep_following,
    reopen_asked,
)
from soc.tickets.joining.known import Joining, belongs_to, joinings
from soc.tickets.joining.rule import Way, way_of
from soc.tickets.joining.seen import Seen, seen_again

__all__ = [
    "AskedAgain",
    "Joining",
    "Seen",
    "Way",
    "asked_again",
    "belongs_to",
    "call_for_ticket",
    "joinings",
    "keep_following",
    "reopen_asked",
    "seen_again",
    "way_of",
]
