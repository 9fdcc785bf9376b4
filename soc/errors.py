"""The error tree. Every error that a person may read says what to do next and holds no secret.

SocError
├── ConfigurationError            a setting is missing or wrong
├── LogParseError                 a file or line cannot be read as a log
├── NotFound                      no such batch, incident, delivery …
├── Conflict                      it is there, in a state to which the request does not fit
├── StoreError                    the database or the vault refuses
├── LocalFault                    this process cannot do it; another one may (never the message's or the vendor's fault)
└── DeliveryError                 a message did not reach its vendor (carries a FailureReason)
    ├── TransientDeliveryError    nothing was done there: try again, perhaps after `retry_after`
    ├── UnknownOutcome            it may have been done: reconcile before sending again
    └── PermanentDeliveryError    sending the same again cannot succeed
"""

from __future__ import annotations

import traceback
from datetime import timedelta
from enum import StrEnum


class FailureReason(StrEnum):
    """Why a request to a vendor failed; also the label of the failure metric."""

    AUTH = "auth"
    THROTTLED = "throttled"
    CLIENT = "client"
    SERVER = "server"
    TIMEOUT = "timeout"
    NETWORK = "network"
    TLS = "tls"
    BAD_RESPONSE = "bad_response"
    ADDRESS = "address"
    #: This process's own trouble (a full disk, a file that is missing, a key that is another): nobody else's.
    LOCAL = "local"
    #: Our settings do not fit what is there: a field that must be filled, a type that is missing.
    SETTINGS = "settings"
    #: What it was to go to is no more, or out of sight: a project, a channel, a service, an action.
    GONE = "gone"


class SocError(Exception):
    """Base of all errors of the product. `hint` says what the reader can do about it."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class ConfigurationError(SocError):
    """A setting is missing, malformed or contradicts another one."""


class LogParseError(SocError):
    """A file (or one of its lines) cannot be read as a log."""


class NotFound(SocError):
    """The thing that was asked for does not exist (any more)."""


class Conflict(SocError):
    """What was asked does not fit the state that the thing is in."""


class StoreError(SocError):
    """The database or the vault refuses to serve."""


class LocalFault(SocError):
    """This process cannot do it now, another one (or this one, later) may.

    It is never written down as a fault of the message, its vendor or its integration: all processes would believe it.
    """


class KeyFault(LocalFault, StoreError):
    """This process has not the key that sealed the store's credentials. `hint` says how to give it."""


class LeaseLost(LocalFault):
    """This process was silent so long that others may have its work: it sends nothing more of what it began before."""

    def __init__(self) -> None:
        super().__init__(
            "This process had stood still; others may have taken its work over, so it sent nothing."
        )


class DeliveryError(SocError):
    """A message did not reach its vendor.

    `status` is the HTTP status where there was one. `detail` is the vendor's own (redacted) text.
    """

    def __init__(
        self,
        message: str,
        *,
        reason: FailureReason,
        hint: str = "",
        status: int | None = None,
        detail: str = "",
    ) -> None:
        super().__init__(message, hint=hint)
        self.reason = reason
        self.status = status
        self.detail = detail


class LimitOf(StrEnum):
    """What a vendor's "too many requests" is about, and so what has to wait."""

    EVERYTHING = "everything"
    #: One call: messages of this kind wait, the others go on.
    CALL = "call"
    #: One ticket: messages about it wait, the others go on.
    SUBJECT = "subject"


class TransientDeliveryError(DeliveryError):
    """The vendor did nothing; the same request may succeed later, not before `retry_after`.

    `limit` says what has to wait where the reason is that it was asked too often.
    """

    limit: LimitOf = LimitOf.EVERYTHING

    def __init__(
        self,
        message: str,
        *,
        reason: FailureReason,
        hint: str = "",
        status: int | None = None,
        detail: str = "",
        retry_after: timedelta | None = None,
        slow: bool = False,
    ) -> None:
        super().__init__(message, reason=reason, hint=hint, status=status, detail=detail)
        self.retry_after = retry_after
        self.slow = slow


class UnknownOutcome(DeliveryError):
    """The vendor may have done it: look there before sending again."""

    def __init__(
        self,
        message: str,
        *,
        reason: FailureReason,
        hint: str = "",
        status: int | None = None,
        detail: str = "",
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(message, reason=reason, hint=hint, status=status, detail=detail)
        self.retry_after = retry_after


class PermanentDeliveryError(DeliveryError):
    """The same request will fail again; somebody has to change something first."""


class TicketConflict(PermanentDeliveryError):
    """The ticket is not as this side believed, or does not take the change: a person decides.

    `field` is the product's name of what it is about, `theirs` what the vendor has there (None: not known), `who`,
    `when` (ISO 8601) and `change_id` say who set that there. `written` are the fields that were set all the same.
    """

    def __init__(
        self,
        message: str,
        *,
        field: str,
        theirs: str | tuple[str, ...] | None = None,
        who: str = "",
        when: str = "",
        change_id: str = "",
        hint: str = "",
        status: int | None = None,
        detail: str = "",
    ) -> None:
        super().__init__(message, reason=FailureReason.CLIENT, hint=hint, status=status, detail=detail)
        self.field, self.theirs = field, theirs
        self.who, self.when, self.change_id = who, when, change_id


def where_it_broke(error: BaseException) -> dict[str, object]:
    """For the log: the kind of an unexpected error and the lines it came from.

    Not its text and not the values around it, which may hold headers, addresses, log lines.
    """
    frames = traceback.extract_tb(error.__traceback__)
    return {
        "exception": type(error).__name__,
        "lines": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }
