"""What people do to an incident and its tickets, what came of it, and what an incident turned out to be."""

from __future__ import annotations

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
