"""What every integration is: a config model, a connector, a report of a connection check.

The config model is the only place that knows an integration's settings. `SecretStr` is the secrecy; the
environment name stands in `json_schema_extra={"env": …}`. The connector promises `check()` and `deliver()`;
the ledger above it owns states, retries and reconciling.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from soc.domain.incident import Incident
from soc.domain.message import Message, Receipt
from soc.errors import DeliveryError, NotFound

#: As `options` of a setting: the other integrations that take alerts, which only the registry knows.
CHANNELS = "channels"


class IntegrationConfig(BaseModel):
    """Base of every config model. Unknown keys are refused; errors never echo the input.

    Each field has `title` (the label), `description` (help for the person who fills it in) and, in
    `json_schema_extra`, `env` (environment variable), optional `placeholder`, `group`
    ("connection" | "message" | "ticket" | "delivery"), `options` (suggestions; another value may be typed; `CHANNELS`
    stands for the kinds that take alerts), `hidden`, `public` (it is named like a secret and is none), `multiline` and
    `item` (what one of several named secrets is called). A validator may check more than a type can say; its text must
    not repeat the input.
    """

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, validate_assignment=True)

    #: The settings that say where the secrets go. Whoever changes one enters the secrets again.
    PLACES: ClassVar[tuple[str, ...]] = ("base_url",)

    enabled: bool = Field(
        default=True, title="Enabled", description="Switch off to keep the settings but send nothing."
    )
    practice: bool = Field(
        default=False,
        title="Practice",
        description="This integration speaks to the built-in sandbox; everything it makes is marked as practice.",
        json_schema_extra={"hidden": True},
    )
    timeout: int = Field(
        default=30,
        ge=1,
        le=300,
        title="Timeout (seconds)",
        description="How long to wait for an answer.",
        json_schema_extra={"group": "delivery"},
    )
    retry_count: int = Field(
        default=3,
        ge=0,
        le=10,
        title="Retry count",
        description="Fast retries (after about 1, 2, 4 … seconds) before the slow schedule (30 s to 10 h) begins.",
        json_schema_extra={"group": "delivery"},
    )
    fallback: str = Field(
        default="",
        max_length=40,
        title="Fallback channel",
        description="Another integration that is told of a critical incident which this one has not delivered in 60 seconds.",
        json_schema_extra={"group": "delivery", "options": CHANNELS},
    )

    @property
    def takes_incidents(self) -> bool:
        """Whether incidents that meet a rule can be sent with these settings."""
        return True

    @property
    def zone_of_days(self) -> str:
        """The zone in which a day (a due date) is meant there; "": in that of the SLA policy."""
        return ""


class TroubleCase(StrEnum):
    """The setup guide's troubleshooting cases, and three of the network's."""

    NOT_AVAILABLE = "integration not available"
    PERMISSION_DENIED = "permission denied"
    PROJECT_NOT_FOUND = "project not found"
    CHANNEL_NOT_FOUND = "channel not found"
    AUTHENTICATION = "authentication failure"
    TIMEOUT = "connection timeout"
    CERTIFICATE = "SSL certificate error"
    RATE_LIMIT = "rate limiting"
    WRONG_ADDRESS = "wrong address"


class ConnectionReport(BaseModel):
    """What a connection check found. `facts` are label and value, in the order to show them."""

    model_config = ConfigDict(frozen=True)

    ok: bool
    kind: str
    summary: str
    hint: str = ""
    case: TroubleCase | None = None
    facts: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()
    #: What the vendor itself has to choose from, by setting; the form offers it beside the usual.
    offers: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    details: dict[str, Any] = Field(default_factory=dict)
    latency_ms: int | None = None

    @property
    def level(self) -> Literal["ok", "warning", "error"]:
        """How good that is: it works, it works and there is something to mend, or it does not work."""
        return ("warning" if self.warnings else "ok") if self.ok else "error"


@dataclass(frozen=True)
class Action:
    """Something a vendor can be asked to do, beside what rules send. The API's route comes from it.

    `name` is the last part of the path (`create-ticket`). `writes`: it changes something at the vendor, so it
    goes through the ledger as a `CallAction`; otherwise `Connector.ask` answers it at once. `query`: the
    request comes as query parameters, not as a body. `subject` names the request's field that holds the
    caller's incident or alert id. `once`: the same request again means the same thing (a ticket, a PagerDuty
    incident), so it is done once; otherwise each call is a new one unless it carries an `Idempotency-Key`.
    """

    name: str
    title: str
    request: type[BaseModel]
    method: Literal["POST", "GET"] = "POST"
    writes: bool = True
    query: bool = False
    subject: str = "incident_id"
    once: bool = False
    #: The incident that it opens a ticket for. It is kept here, and its ticket has a clock, like all others.
    incident: Callable[[Any], Incident] | None = None
    #: The type of what a reading action answers, for the API's description.
    answers: Any = None
    #: Answers a reading action that needs no configured integration.
    answer: Callable[[Any], Any] | None = None


class Connector(ABC):
    """Speaks to one vendor. One object is used by one thread at a time.

    `settle` is how long after an unknown outcome the vendor's own record can be trusted to show what was
    done; `reconcile_rounds` is how many look-ups, each after a settle time, must find nothing before the
    message may be sent again.
    """

    kind: ClassVar[str]
    reconcile_rounds: ClassVar[int] = 1
    #: By action: how many messages of it one request may hold (`deliver_together`); what is not named goes one by one.
    together: ClassVar[Mapping[str, int]] = MappingProxyType({})
    config: IntegrationConfig

    @property
    def practice(self) -> bool:
        """Whether it speaks to the sandbox."""
        return self.config.practice

    @property
    def may_probe(self) -> bool:
        """Whether `check` may be run by itself while it is paused: it changes nothing, and no failed login locks anybody out."""
        return True

    @property
    def retry_count(self) -> int:
        """How many fast retries the configuration asks for."""
        return self.config.retry_count

    @property
    @abstractmethod
    def settle(self) -> timedelta: ...

    @abstractmethod
    def check(self) -> ConnectionReport:
        """Find out whether the settings work, without changing anything at the vendor. Never raises DeliveryError."""

    def untaken(self) -> Mapping[str, str]:
        """Settings that name what the vendor does not have, in words that follow the field's label; it is only read.

        Asks nothing where nothing was chosen that could be missing. Raises DeliveryError when it cannot be asked.
        """
        return {}

    @abstractmethod
    def deliver(self, message: Message, *, delivery_id: str) -> Receipt:
        """Do it once. Raises TransientDeliveryError, UnknownOutcome or PermanentDeliveryError."""

    def deliver_together(self, messages: Mapping[str, Message]) -> Mapping[str, Receipt | DeliveryError]:
        """Do each once, in one request; `messages` and what came of each by delivery id.

        Raises as `deliver` does where the outcome is that of all of them.
        """
        raise NotImplementedError(f"{self.kind} takes one message at a time")

    @abstractmethod
    def reconcile(self, message: Message, *, delivery_id: str, since: datetime) -> Receipt | None:
        """The receipt if the vendor already has this message (sent at or after `since`), else None.

        Raises DeliveryError when the vendor cannot be asked now.
        """

    def shows(self, message: Message) -> bool:
        """Whether a look-up that found nothing, a moment ago, means that the vendor has not got the message; True as well
        where to send it once more, days after the first time, changes nothing there.

        Where it is False only a person can find out: what a restored backup has as not sent waits for one.
        """
        return True

    def find_account(self, email: str) -> str:
        """The vendor's own id of the person with this address; "" where it knows none. Raises DeliveryError."""
        return ""

    def doubtful(self, receipt: Receipt, *, sent: datetime) -> Receipt:
        """The receipt of what was sent (at `sent`) again after an answer was lost, and may therefore be there twice.

        `open=True` in it lets `follow_up` look into that later.
        """
        return receipt

    def follow_up(self, receipt: Receipt, message: Message) -> Receipt:
        """What became of this message's open receipt since. Raises DeliveryError when the vendor cannot be asked."""
        return receipt

    def ask(self, name: str, request: BaseModel) -> Any:
        """Answer one of the kind's reading actions with plain values. Raises DeliveryError."""
        raise NotFound(f"{self.kind} has no action “{name}”.")

    def close(self) -> None:  # noqa: B027 - most connectors have nothing of their own to close
        """Give back what only this connector holds; the shared HTTP client stays open."""
