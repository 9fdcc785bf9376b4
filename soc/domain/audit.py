"""The audit's own words: what an entry says, its canonical bytes, its hash, and what a signature is made over.

Pure, and the only place that knows the format; docs/audit.md specifies it for everybody else. An entry's *body* is the text
that is hashed. It holds no value, only a commitment to each: the hash of a random salt and the value's JSON. So a value
(a name, a note, an address) can be taken away later, with its salt, and every hash still holds.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum, StrEnum
from typing import Any

from soc.domain.actor import Actor
from soc.errors import ConfigurationError

FORMAT = 1
#: What stands for the entry before the first one.
NOTHING = "0" * 64
SALT_BYTES = 16


class SubjectKind(StrEnum):
    """What was acted upon."""

    TICKET = "ticket"
    INCIDENT = "incident"
    BATCH = "batch"
    DELIVERY = "delivery"
    RULE = "rule"
    #: A signature's or detector's settings, as `signature/ssh-failed`.
    RULESET = "ruleset"
    #: An SLA policy.
    POLICY = "policy"
    #: A calendar of working hours.
    CALENDAR = "calendar"
    #: An escalation chain.
    CHAIN = "chain"
    #: An escalation of one ticket.
    ESCALATION = "escalation"
    #: Shifts, times out of office, how work is given out.
    ROSTER = "roster"
    PERSON = "person"
    TEAM = "team"
    #: An integration's settings and its state, by its kind.
    CONFIGURATION = "configuration"
    #: An API key.
    KEY = "key"
    #: An account of a program.
    SERVICE_ACCOUNT = "service-account"
    #: Two sides that both changed a field.
    CONFLICT = "conflict"
    #: A suppression or a maintenance window.
    SUPPRESSION = "suppression"
    HANDOVER = "handover"
    #: A message of the product that a person acted on, in Slack.
    INTERACTION = "interaction"
    #: The audit itself: what was redacted or expired, and where it goes.
    AUDIT = "audit"
    #: The installation: its key, its defaults.
    INSTALLATION = "installation"


#: The entry that alone may be signed with another key than the one before it, and its subject's id.
TAKE_KEY, INSTALLATION_KEY = "take new key", "key"

_ID = re.compile(r"[^\x00-\x1f\x7f]{1,300}")
_ACTION = re.compile(r"[a-z][a-z0-9]*(?:[ -][a-z0-9]+)*")


@dataclass(frozen=True)
class Subject:
    """The one thing that was acted upon; `str()` is `ticket:SOC-123`. Never a personal value: it cannot be redacted."""

    kind: SubjectKind
    id: str

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise ValueError("A subject has an id, on one line.")

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


def parse_subject(text: str) -> Subject:
    """The subject of `ticket:SOC-123`. Raises ConfigurationError."""
    kind, _, identity = text.partition(":")
    try:
        return Subject(SubjectKind(kind), identity)
    except ValueError:
        raise ConfigurationError(
            "That is no subject.",
            hint=f"Write it as ticket:ID; the kinds are {', '.join(kind.value for kind in SubjectKind)}.",
        ) from None


@dataclass(frozen=True)
class Entry:
    """An entry without its place in the chain. `opened` holds by path what `commitments` commits to."""

    at: str
    action: str
    subject: Subject
    group: str
    commitments: Mapping[str, str]
    opened: Mapping[str, tuple[str, str]]

    @property
    def made_by(self) -> str:
        return str(json.loads(self.opened["/actor"][1]))


@dataclass(frozen=True)
class Head:
    """Where a chain stood: who has it knows all that came before. `key`: id of the public key; `signature`: base64."""

    chain: str
    seq: int
    hash: str
    at: str
    key: str
    signature: str

    def line(self) -> str:
        """As it leaves: one line of JSON."""
        return canonical(vars(self))

    @classmethod
    def read(cls, line: str) -> Head:
        """Raises ValueError for anything that `line` did not make."""
        found = json.loads(line)
        if not isinstance(found, dict) or set(found) != set(cls.__dataclass_fields__):
            raise ValueError("This is no head of an audit.")
        head = cls(**found)
        if type(head.seq) is not int or not all(
            isinstance(value, str) for name, value in vars(head).items() if name != "seq"
        ):
            raise ValueError("This is no head of an audit.")
        return head


@dataclass(frozen=True)
class Link:
    """An entry in its place: `hash` is SHA-256 of `body`, which names the hash before it."""

    seq: int
    body: str
    hash: str


def instant(at: datetime) -> str:
    """UTC to the microsecond, always as long: `2026-01-14T22:01:07.000000Z`. Sorts as text."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def canonical(value: Any) -> str:
    """JSON in ASCII, keys sorted, no space: the same value is the same text. Raises TypeError, ValueError."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False, default=_plain
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Actor):
        return str(value)
    raise TypeError(f"The audit cannot keep a {type(value).__name__}.")


def commit(salt: str, text: str) -> str:
    """SHA-256 of the salt (32 hex digits) followed by the value's JSON, in hex."""
    return hashlib.sha256(f"{salt}{text}".encode()).hexdigest()


def make_entry(
    *,
    at: datetime,
    actor: Actor,
    whereabouts: str,
    action: str,
    subject: Subject,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    group: str,
    note: str,
    trace: str = "",
) -> Entry:
    """Commit to every value with a salt of its own. `trace`: the id of the trace that it was done in. Raises ValueError or TypeError for what cannot be kept."""
    if not _ACTION.fullmatch(action):
        raise ValueError("An action is one or more words in small letters, as “set status”.")
    if group and not _ID.fullmatch(group):
        raise ValueError("A group has an id, on one line.")
    values: dict[str, Any] = {"/actor": str(actor), "/where": whereabouts}
    if note:
        values["/note"] = note
    if trace:
        values["/trace"] = trace
    for side, fields in (("/before", before), ("/after", after)):
        values.update(_leaves(side, fields))
    opened = {path: (secrets.token_hex(SALT_BYTES), canonical(value)) for path, value in values.items()}
    return Entry(
        at=instant(at),
        action=action,
        subject=subject,
        group=group,
        commitments={path: commit(*pair) for path, pair in opened.items()},
        opened=opened,
    )


def _leaves(path: str, fields: Mapping[Any, Any]) -> dict[str, Any]:
    """By JSON pointer; each value that is no mapping is a leaf, and so is an empty mapping within one."""
    found: dict[str, Any] = {}
    for name, value in fields.items():
        here = f"{path}/{_step(name)}"
        found.update(_leaves(here, value) if isinstance(value, Mapping) and value else {here: value})
    return found


def _step(name: Any) -> str:
    text = name.value if isinstance(name, Enum) else name
    return str(text).replace("~", "~0").replace("/", "~1")


def read_value(opened: Mapping[str, Any], path: str) -> Any:
    """The value at this path; None where it was redacted or never there."""
    pair = opened.get(path)
    return None if pair is None else json.loads(pair[1])


def read_side(opened: Mapping[str, Any], commitments: Mapping[str, str], side: str) -> dict[str, Any]:
    """The fields of “before” or “after” as they were recorded; a redacted value reads `REDACTED`."""
    made: dict[str, Any] = {}
    for path in sorted(commitments):
        if path.startswith(f"/{side}/"):
            *steps, last = (one.replace("~1", "/").replace("~0", "~") for one in path.split("/")[2:])
            place = made
            for step in steps:
                place = place.setdefault(step, {})
            place[last] = read_value(opened, path) if path in opened else REDACTED
    return made


#: Stands where a value was.
REDACTED = "[redacted]"


def link(entry: Entry, *, chain: str, seq: int, prev: str, key: str) -> Link:
    """Put the entry into its place. `key` is the id of the public key that its head is signed with."""
    body = canonical(
        {
            "action": entry.action,
            "at": entry.at,
            "chain": chain,
            "format": FORMAT,
            "group": entry.group,
            "key": key,
            "prev": prev,
            "seq": seq,
            "subject": [entry.subject.kind.value, entry.subject.id],
            "values": dict(entry.commitments),
        }
    )
    return Link(seq, body, hashlib.sha256(body.encode()).hexdigest())


def head_bytes(chain: str, seq: int, digest: str) -> bytes:
    """What is signed: that this chain's entry `seq` has this hash."""
    return f"soc-audit-head-v1 {chain} {seq} {digest}".encode()


def write_opened(opened: Mapping[str, Any]) -> str:
    return canonical({path: list(pair) for path, pair in opened.items()})


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Of both, the fields that are not the same, for `record(…, before=…, after=…)`."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return (
        {name: before[name] for name in names if name in before},
        {name: after[name] for name in names if name in after},
    )
