"""The columns of the events file: one row a line of input. Declared here and nowhere else.

From this list come the schema of `events.parquet`, the checks of values, what a format may map to, the keys that JSON
is searched for and the table of docs/events-file.md. The names and types are a promise to other tools: columns are
added at the end, never renamed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from soc.errors import ConfigurationError

ColumnType = Literal["int64", "int16", "float64", "string", "timestamp[us, UTC]"]

#: What a value of an ECS field must be; `soc.logs.fields.checks` makes null of what is not.
Check = Literal["text", "name", "path", "lower", "level", "address", "port", "status", "whole"]


@dataclass(frozen=True)
class Column:
    """`meaning` is what docs/events-file.md says of it. `check` is given where the column is an ECS field."""

    name: str
    type: ColumnType
    meaning: str
    check: Check | None = None


def _ecs(name: str, type: ColumnType, check: Check, meaning: str) -> Column:
    return Column(name, type, meaning, check)


# fmt: off
COLUMNS: tuple[Column, ...] = (
    Column("file", "string", "The file's name as the user gave it, control and direction characters removed. Show it, never open it."),
    Column("line_no", "int64", "Number of the record's first line in the file, from 1. In a JSON array: number of the record."),
    Column("offset", "int64", "Byte where that line begins, in the *text* (see below)."),
    Column("source", "string", "The log's source: the CSV or JSON column; for syslog the program, else the host; else the file's name without ending."),
    Column("message", "string", "The message for people: without syslog header, terminal escapes and control characters; direction marks and bytes that are not UTF-8 are `�`."),
    Column("@timestamp", "timestamp[us, UTC]", "The event's time. Null where there is none, it is impossible, it has no time of day, or what follows it is not understood. See `time_assumed` for what was inferred: a missing year is the latest before the file was handed in, a missing zone the one chosen on upload, else UTC."),
    Column("classification", "string", "One of the ten classes. Null on rejected lines."),
    Column("score", "int16", "1–10. Null on rejected lines."),
    Column("confidence", "float64", "0–1; 0 for Unclassified."),
    Column("rule_id", "string", "The signature or field rule that decided; null where none did. An incident's rule may be another (`scan.…`, `auth.brute-force-success`): it looks at many lines."),
    Column("evidence_start", "int64", "First byte of the words that decided: the signature's, or the value of `evidence_field`; counted from `offset`. Null where the value does not stand in the line as it was read."),
    Column("evidence_end", "int64", "The byte after the last of them."),
    Column("template_id", "string", "`tpl-` and 64 bits of the template's hash; the same text gives the same id everywhere."),
    Column("template", "string", "The message without its header, what varies in it as `<*>` (numbers and the words around them, addresses, hosts, URLs, paths, GUIDs, dates, names after `user`, true and false), blanks as one; at most 400 characters."),
    Column("incident_id", "string", "The incident the line belongs to, null where it belongs to none."),
    Column("rejected_reason", "string", "Why the line could not be read; null on parsed lines."),
    _ecs("host.name", "string", "name", "The machine, where the format or the message gives it."),
    _ecs("process.name", "string", "name", "The program, where the format gives it."),
    _ecs("process.pid", "int64", "whole", "The program's process id."),
    _ecs("user.name", "string", "name", "The user, where the format or the message gives one."),
    _ecs("source.ip", "string", "address", "Valid IPv4 or IPv6 addresses only; an IPv4 address in IPv6 form is written as IPv4."),
    _ecs("source.port", "int64", "port", "0–65535; one that is found in a message only beside a `source.ip`."),
    _ecs("destination.ip", "string", "address", "As `source.ip`."),
    _ecs("event.action", "string", "name", "HTTP method, syslog message id, or the log's own `action`."),
    _ecs("log.level", "string", "level", "In lower case."),
    _ecs("http.response.status_code", "int64", "status", "The status that the server answered with."),
    _ecs("url.path", "string", "path", "The path of the address, without its query where the query is told apart."),
    Column("format", "string", "The format of the line itself, or of its file where the line has none of its own."),
    Column("time_assumed", "string", "What of its time the line does not say: `year`, `zone`, or both (`year, zone`)."),
    _ecs("destination.port", "int64", "port", "0–65535."),
    _ecs("user.target.name", "string", "name", "The account that something is done to, where another does it."),
    _ecs("user.domain", "string", "name", "The user's domain or realm."),
    _ecs("process.executable", "string", "text", "The program's whole path."),
    _ecs("process.command_line", "string", "text", "The whole command."),
    _ecs("process.parent.name", "string", "name", "The program that started it."),
    _ecs("process.parent.pid", "int64", "whole", "The process id of that program."),
    _ecs("url.full", "string", "text", "The whole address, with scheme and query."),
    _ecs("url.domain", "string", "name", "The host of the address."),
    _ecs("http.request.method", "string", "name", "In capitals."),
    _ecs("user_agent.original", "string", "text", "As the client wrote it."),
    _ecs("event.code", "string", "name", "The sender's number or name of this kind of event."),
    _ecs("event.outcome", "string", "lower", "`success` or `failure`, where the sender says it."),
    _ecs("event.reason", "string", "text", "Why, in the sender's words."),
    _ecs("event.severity", "string", "text", "As the sender writes it."),
    _ecs("rule.name", "string", "name", "The rule, signature or policy that the sender names."),
    _ecs("file.name", "string", "name", "The file's name."),
    _ecs("file.path", "string", "text", "The file's whole path."),
    _ecs("file.hash.sha256", "string", "lower", "64 hexadecimal digits."),
    _ecs("file.hash.sha1", "string", "lower", "40 hexadecimal digits."),
    _ecs("file.hash.md5", "string", "lower", "32 hexadecimal digits."),
    _ecs("dns.question.name", "string", "name", "The name that was asked for."),
    _ecs("network.transport", "string", "lower", "`tcp`, `udp`, `icmp` and their like."),
    _ecs("event.kind", "string", "lower", "`alert` where a product says that it detected something, else `event`."),
    _ecs("event.category", "string", "lower", "ECS' word for what it is about: `authentication`, `iam`, `process`, `network`, `web` …, where the format knows."),
    _ecs("event.type", "string", "lower", "ECS' word for what happened: `start`, `end`, `creation`, `change`, `deletion`, `denied`, `info` …, where the format knows."),
    _ecs("event.provider", "string", "name", "What wrote the event, as Windows calls it."),
    _ecs("winlog.channel", "string", "name", "Windows' log that it stood in: `Security`, `System` and others."),
    _ecs("winlog.logon.type", "string", "name", "Windows' number of the way somebody logged on: 2 at the machine, 3 over the network, 10 by remote desktop."),
    _ecs("log.syslog.priority", "int64", "whole", "Facility times 8 and severity, as syslog writes before a line."),
    _ecs("group.name", "string", "name", "The group that is changed."),
    Column("decided_by", "string", "Who decided the verdict: `sender` (who wrote the line says so), `behaviour` (what its fields or words tell of), `signature`, `model`, or `none`."),
    Column("evidence_field", "string", "The field whose value decided, `message` where its words together did; null where a signature or nothing did."),
    _ecs("event.detection", "string", "text", "The value by which the sender says that it detected something: the detection's name, or the kind of event."),
    _ecs("event.gravity", "string", "lower", "The sender's severity in one of five words (`informational`, `low`, `medium`, `high`, `critical`); null where its scale is not known."),
    _ecs("source.bytes", "int64", "whole", "Bytes that the source sent, where the line tells of a connection."),
    _ecs("destination.bytes", "int64", "whole", "Bytes that the source got."),
    _ecs("source.geo.country_name", "string", "name", "The country that the source is in, as the sender writes it: a name or two letters."),
)
# fmt: on

#: Name and type of every column, in the order of the file.
EVENT_COLUMNS: tuple[tuple[str, ColumnType], ...] = tuple((column.name, column.type) for column in COLUMNS)

#: The ECS fields by name, each with its check.
ECS_FIELDS: dict[str, Check] = {column.name: column.check for column in COLUMNS if column.check is not None}


def column_table() -> str:
    """The table of docs/events-file.md."""
    rows = [f"| `{column.name}` | {column.type} | {column.meaning} |" for column in COLUMNS]
    return "\n".join(["| column | type | meaning |", "|---|---|---|", *rows])


_OWN = ("incident_id", "rejected_reason", "offset", "evidence_start", "evidence_end")
#: What lines can be chosen by: the columns of the events file that hold words or whole numbers.
FIELDS: tuple[str, ...] = tuple(
    one.name for one in COLUMNS if one.type in ("string", "int64", "int16") and one.name not in _OWN
)
MOST_VALUES = 500


@dataclass(frozen=True)
class Selection:
    """Lines that have one of these values in each of the fields (none named: any), in that time (`until` is excluded).

    Values are compared as texts. A line without a time is in no span of time. Raises ConfigurationError for what chooses
    nothing, or for a field that there is not.
    """

    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)
    since: datetime | None = None
    until: datetime | None = None

    def __post_init__(self) -> None:
        unknown = [one for one in self.fields if one not in FIELDS]
        if unknown:
            raise ConfigurationError(
                f"Lines cannot be chosen by {', '.join(unknown)}.", hint=f"By one of: {', '.join(FIELDS)}."
            )
        numbers = [len(one) for one in self.fields.values()]
        if not all(numbers) or sum(numbers) > MOST_VALUES:
            raise ConfigurationError("Too few or too many values.", hint=f"Name 1 to {MOST_VALUES} in all.")
        if not self.fields and self.since is None and self.until is None:
            raise ConfigurationError("Say which lines.", hint="By a field's values, or by a span of time.")
        if self.since is not None and self.until is not None and self.since >= self.until:
            raise ConfigurationError("The span of time is empty.", hint="It ends after it begins.")

    def words(self) -> str:
        """`source.ip 203.0.113.9 or 203.0.113.10, from 2026-01-14 22:00:00 UTC`; of many values the first ones."""
        said = [f"{name} {_some(values)}" for name, values in self.fields.items()]
        for word, moment in (("from", self.since), ("before", self.until)):
            if moment is not None:
                said.append(f"{word} {moment:%Y-%m-%d %H:%M:%S} UTC")
        return ", ".join(said)

    def kept(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "fields": {name: list(values) for name, values in self.fields.items()},
            "since": self.since.isoformat() if self.since is not None else "",
            "until": self.until.isoformat() if self.until is not None else "",
        }

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Selection:
        since, until = (
            datetime.fromisoformat(kept[name]) if kept[name] else None for name in ("since", "until")
        )
        return cls({name: tuple(values) for name, values in kept["fields"].items()}, since, until)


def _some(values: Sequence[str]) -> str:
    more = len(values) - 3
    return " or ".join([*values[:3], *([f"{more:,} more"] if more > 0 else [])])


@dataclass(frozen=True)
class Moved:
    """These lines of the incident `of` are `to`'s. Several are applied in their order: what was moved can be moved on."""

    of: str
    to: str
    which: Selection
