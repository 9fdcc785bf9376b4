"""What the actions' request bodies share: the guide's incident data, its severities, and bounds on their size.

The guide prints severities of two vocabularies (“critical”, “warning”); both are read, everything else is refused
by name. What a caller adds to `incident_data` is kept, up to 64 kB.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from soc.domain.classification import Classification
from soc.domain.incident import Incident, Origin
from soc.domain.message import CallAction
from soc.domain.severity import Severity, lowest_score
from soc.errors import FailureReason, PermanentDeliveryError
from soc.ids import derived_id
from soc.integrations.kit.fields import clean_text, one_line

Request = TypeVar("Request", bound=BaseModel)
LARGEST_DATA = 64 * 1024
#: Far below where Python, pydantic or a vendor gives up (some at 255 levels).
MOST_LEVELS = 50
_WORDS: Mapping[Severity, tuple[str, ...]] = {
    Severity.CRITICAL: ("critical", "emergency", "fatal"),
    Severity.HIGH: ("high", "error", "major"),
    Severity.MEDIUM: ("medium", "warning", "warn", "moderate"),
    Severity.LOW: ("low", "minor", "notice"),
    Severity.INFO: ("info", "informational", "information", "ok"),
}
_BY_WORD = {word: severity for severity, words in _WORDS.items() for word in words}


def severity_of_word(word: str) -> Severity:
    """critical, high (error, major), medium (warning, moderate), low (minor, notice), info. Raises ValueError."""
    found = _BY_WORD.get(word.strip().lower())
    if found is None:
        raise ValueError(f"is one of {', '.join(_BY_WORD)}")
    return found


def _known(word: str) -> str:
    severity_of_word(word)
    return word.strip()


def deeper_than(levels: int, value: Any) -> bool:
    """Whether more than `levels` lists and objects lie in each other. Recurses nowhere itself."""
    level = _containers([value])
    for _ in range(levels):
        level = [inner for one in level for inner in _containers(_inside(one))]
    return bool(level)


def _shallow(value: Any) -> None:
    if deeper_than(MOST_LEVELS, value):
        raise ValueError(f"is nested too deeply: more than {MOST_LEVELS} levels")


def _containers(values: Iterable[Any]) -> list[Any]:
    return [one for one in values if isinstance(one, (Mapping, list, tuple))]


def _inside(container: Any) -> Iterable[Any]:
    return container.values() if isinstance(container, Mapping) else container


def bounded(value: Any) -> Any:
    """The JSON value as it is. Raises ValueError where it is larger than 64 kB or nests deeper than 50 levels."""
    _shallow(value)
    try:
        size = len(json.dumps(value, default=str).encode())
    except (RecursionError, ValueError):
        raise ValueError("is nested too deeply") from None
    if size > LARGEST_DATA:
        raise ValueError(f"is larger than {LARGEST_DATA // 1024} kB")
    return value


#: What an address of ours can name.
_ADDRESSABLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@+~-]{0,59}")

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]
Id = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$"),
]
SeverityWord = Annotated[str, AfterValidator(_known)]
Details = Annotated[dict[str, Any], AfterValidator(bounded)]


class ActionRequest(BaseModel):
    """Base of every action's request: unknown names are refused, errors echo no input.

    `SEALED` names the fields whose values may be secrets: they lie in the ledger sealed.
    """

    SEALED: ClassVar[tuple[str, ...]] = ()
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class IncidentData(BaseModel):
    """The guide's `incident_data` (StackStorm's `alert_data`). What else is in it is kept and passed on."""

    model_config = ConfigDict(extra="allow", hide_input_in_errors=True)

    title: Text = ""
    severity: SeverityWord | None = None
    description: Annotated[str, StringConstraints(max_length=32_000)] = ""
    affected_services: Annotated[list[Text], Field(max_length=100)] = Field(default_factory=list)
    component: Text = ""
    group: Text = ""

    @property
    def given(self) -> dict[str, Any]:
        """What the caller said: nothing that is empty, which is how the unsaid is stored."""
        return {k: v for k, v in self.model_dump(mode="json").items() if v not in (None, "", [], {})}


def kept_id(incident_id: str) -> str:
    """The id that a caller's incident has here: the caller's where an address can hold that, else one made from it."""
    return incident_id if _ADDRESSABLE.fullmatch(incident_id) else derived_id("inc", incident_id)


def asked_incident(incident_id: str, data: IncidentData) -> Incident:
    """The incident that a caller tells of, by its `kept_id`. Its score is the lowest of its severity, which is medium where unsaid."""
    severity = severity_of_word(data.severity) if data.severity else Severity.MEDIUM
    title = one_line(data.title) or f"Incident {incident_id}"
    return Incident(
        id=kept_id(incident_id),
        batch_id="",
        title=title,
        source=one_line(data.component) or one_line(data.group) or "API",
        classification=Classification.UNCLASSIFIED,
        score=lowest_score(severity),
        confidence=1.0,
        rule_id="",
        template_id="",
        template="",
        entity="",
        count=0,
        first_seen=None,
        last_seen=None,
        message=clean_text(data.description) or title,
        reasons=(),
        samples=(),
        origin=Origin.API,
    )


def _limited(data: IncidentData) -> IncidentData:
    _shallow(data.model_extra)  # before it is dumped: pydantic has a bound of its own there, and other words
    bounded(data.given)
    return data


GivenData = Annotated[IncidentData, AfterValidator(_limited)]


def read_call(model: type[Request], call: CallAction) -> Request:
    """The call's request as its model. Raises PermanentDeliveryError, which echoes nothing."""
    try:
        return model.model_validate(call.request)
    except ValueError:
        pass
    raise PermanentDeliveryError(
        f"The request of the action “{call.name}” is not valid.",
        reason=FailureReason.CLIENT,
        hint="The request was checked when it came in; it is of another version of the product. Send it again.",
    )


def unknown_message(vendor: str, name: str) -> PermanentDeliveryError:
    """The error of a message that this vendor does not take."""
    return PermanentDeliveryError(
        f"{vendor} does not take the message “{name}”.",
        reason=FailureReason.CLIENT,
        hint="This is a mistake of the product: a rule planned a message for the wrong integration.",
    )
