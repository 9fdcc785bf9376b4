"""What people do to an incident and its tickets, here or at a vendor that answers back; what came of it, and what an incident
turned out to be.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class ActKind(StrEnum):
    """Each is one transaction, whoever asks for it: a page, the API, a command, a chat, an escalation, a vendor."""

    ACKNOWLEDGE = "acknowledge"
    ASSIGN = "assign"
    ADD_NOTE = "add_note"
    EDIT_NOTE = "edit_note"
    SET_STATUS = "set_status"
    SET_PRIORITY = "set_priority"
    CLOSE = "close"
    SET_VERDICT = "set_verdict"
    SET_LABELS = "set_labels"
    SET_COMPONENTS = "set_components"
    SET_WATCHERS = "set_watchers"
    MERGE = "merge"
    SPLIT = "split"


class Ending(StrEnum):
    """What an act came to."""

    #: It happened.
    DONE = "done"
    #: It was so already: nothing was changed.
    ALREADY = "already"
    #: Somebody else was first; `by` says who.
    TAKEN = "taken"
    #: What is there does not allow it.
    REFUSED = "refused"


class Verdict(StrEnum):
    """What an incident turned out to be. Asked for when it is closed."""

    TRUE_POSITIVE = "true_positive"
    BENIGN = "benign_true_positive"
    RULE_WRONG = "false_positive_rule"
    DATA_WRONG = "false_positive_data"
    DUPLICATE = "duplicate"
    UNDETERMINED = "undetermined"


#: As people read them, in the order in which they are offered.
VERDICT_TITLES: dict[Verdict, str] = {
    Verdict.TRUE_POSITIVE: "True positive",
    Verdict.BENIGN: "Benign true positive",
    Verdict.RULE_WRONG: "False positive: rule wrong",
    Verdict.DATA_WRONG: "False positive: data wrong",
    Verdict.DUPLICATE: "Duplicate of another incident",
    Verdict.UNDETERMINED: "Undetermined",
}


class Visibility(StrEnum):
    """Who may read a note at the vendor that keeps the ticket."""

    INTERNAL = "internal"
    PUBLIC = "public"


class Wish(StrEnum):
    """What somebody wants by it. The two that ask are answered with a form; what the form brings is an act of its own."""

    CREATE_TICKET = "create_ticket"
    ACKNOWLEDGE = "acknowledge"
    ASSIGN = "assign"
    ASK_NOTE = "ask_note"
    ADD_NOTE = "add_note"
    ASK_CLOSE = "ask_close"
    CLOSE = "close"
    #: Somebody wrote in the alert's thread.
    THREAD_NOTE = "thread_note"

    @property
    def asks(self) -> bool:
        """Whether it wants a form, which a vendor lets be opened for a few seconds only."""
        return self in (Wish.ASK_NOTE, Wish.ASK_CLOSE)


class InteractionState(StrEnum):
    RECEIVED = "received"
    DONE = "done"
    #: The person is not known here, or may not.
    REFUSED = "refused"
    #: Too late: somebody else was first, or the time for a form is over.
    MOOT = "moot"
    FAILED = "failed"


@dataclass(frozen=True)
class Heard:
    """One interaction as the vendor sent it. `key` is the vendor's own name of it: the same is never taken twice.

    `who` is the vendor's id of the person; `said` what was entered or stood on the button (`note`, `verdict`, `owner`);
    `place` where it happened (`channel`, `ts`, `thread`); `opens` lets a form be opened for a few seconds, and is a secret.
    """

    key: str
    wish: Wish
    who: str
    incident_id: str
    said: Mapping[str, str] = field(default_factory=dict)
    place: Mapping[str, str] = field(default_factory=dict)
    opens: str = field(default="", repr=False)
