"""Which field each of an event's data is, of the shapes in which Windows' events are kept as JSON.

Shapes: `{"Event": {"System": …, "EventData": …}}` (of EVTX and XML), flat (`EventID`, `Channel` and the data beside
them, or in an `EventData` of its own) and
`winlog` with `event_data`. A value that is `-`, empty or a number's placeholder is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from soc.logs.windows.event_ids import BY_STATUS, Meaning, meaning_of

_NONE = {"", "-", "%%1793", "LOCAL", "NULL SID", "S-1-0-0"}
_HERE = {"::1", "127.0.0.1", "0.0.0.0"}  # noqa: S104 - what the event says, nothing listens here
_LEVELS = {"1": "critical", "2": "error", "3": "warning", "4": "information", "5": "verbose"}

#: Field by the names of data, the first that is there.
_DATA: dict[str, tuple[str, ...]] = {
    "source.ip": ("IpAddress", "SourceIp", "SourceAddress", "ClientAddress", "Client Address", "ClientIP"),
    "source.port": ("IpPort", "SourcePort", "ClientPort"),
    "destination.ip": ("DestinationIp", "DestAddress"),
    "destination.port": ("DestinationPort", "DestPort"),
    "process.executable": ("NewProcessName", "Image", "SourceImage", "ProcessName", "Application"),
    "process.pid": ("NewProcessId", "ProcessId", "ProcessID", "SourceProcessId"),
    "process.command_line": ("CommandLine", "ScriptBlockText", "HostApplication"),
    "process.parent.name": ("ParentImage", "ParentProcessName"),
    "process.parent.pid": ("ParentProcessId",),
    "file.path": ("TargetFilename", "ImageLoaded", "ObjectName", "ServiceFileName", "ImagePath", "Path", "RelativeTargetName"),
    "dns.question.name": ("QueryName",),
    "network.transport": ("Protocol",),
    "winlog.logon.type": ("LogonType",),
    "rule.name": ("RuleName", "Threat Name"),
    "event.reason": ("FailureReason", "SubStatus"),
}  # fmt: skip
_TRANSPORTS = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6"}
#: Of these the one who comes is the target of the audit's sentence, and nobody acts on him.
_COMERS = {"4624", "4625", "4626", "4634", "4647", "4768", "4769", "4770", "4771", "4776", "4778", "4779", "6272", "6273"}  # fmt: skip
#: What names the log of a flat record; and data that no other log than Security has, for exports that name none.
_LOGS = ("Channel", "LogName", "SourceName")
_AUDITED = frozenset(
    {"SubjectUserName", "SubjectUserSid", "SubjectLogonId", "TargetUserSid", "TargetLogonId"}
)


def read_event(record: Any) -> dict[str, str] | None:
    """The fields of a Windows event, with `@timestamp`; None where the record is none."""
    if not isinstance(record, dict):
        return None
    system, data = _parts(record)
    code = _text(system.get("code"))
    if not code:
        return None
    channel, provider = _text(system.get("channel")), _text(system.get("provider"))
    meaning = meaning_of(channel, provider, code)
    found = {
        "event.code": code,
        "event.provider": provider,
        "winlog.channel": channel,
        "host.name": _text(system.get("host")),
        "log.level": _LEVELS.get(_text(system.get("level")), ""),
        "@timestamp": _text(system.get("time")),
        **_of_data(data),
        **_users(data, code),
        **_means(meaning, data, code, _text(system.get("keywords"))),
    }
    return {name: value for name, value in found.items() if value and value not in _NONE}


def _parts(record: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """What the system says of the event (by our names), and its data by Windows' names."""
    event = record.get("Event")
    if isinstance(event, dict) and isinstance(event.get("System"), dict):
        system = event["System"]
        provider = _attributes(system.get("Provider"))
        created = _attributes(system.get("TimeCreated"))
        return {
            "code": _plain(system.get("EventID")),
            "provider": provider.get("Name") or provider.get("@Name"),
            "channel": _plain(system.get("Channel")),
            "host": _plain(system.get("Computer")),
            "level": _plain(system.get("Level")),
            "keywords": _plain(system.get("Keywords")),
            "time": created.get("SystemTime") or created.get("@SystemTime"),
        }, _data_of(event)
    winlog = record.get("winlog")
    if isinstance(winlog, dict) and ("event_id" in winlog or "event_data" in winlog):
        return {
            "code": winlog.get("event_id"),
            "provider": winlog.get("provider_name"),
            "channel": winlog.get("channel"),
            "host": winlog.get("computer_name"),
            "time": record.get("@timestamp"),
        }, _flat(winlog.get("event_data"))
    named = any(key in record for key in _LOGS)
    if ("EventID" in record or "EventCode" in record) and (named or not _AUDITED.isdisjoint(record)):
        sender = record.get("SourceName") or record.get("ProviderName") or record.get("Provider")
        channel = record.get("Channel") or record.get("LogName")
        return {
            "code": _plain(record.get("EventID", record.get("EventCode"))),
            "provider": sender,
            "channel": channel or ("" if named or sender else "Security"),
            "host": record.get("Hostname") or record.get("Computer") or record.get("ComputerName"),
        }, {**_flat(record), **_data_of(record)}
    return {}, {}


def _data_of(event: Mapping[str, Any]) -> dict[str, str]:
    """Of `EventData`, whose items may be keys or a list of names and texts, and of `UserData`, which has one level more."""
    data = event.get("EventData")
    if not isinstance(data, dict):
        users = event.get("UserData")
        data = (
            next((one for one in users.values() if isinstance(one, dict)), {})
            if isinstance(users, dict)
            else {}
        )
    items = data.get("Data")
    if isinstance(items, list):
        named = {
            _text(_attributes(one).get("Name") or one.get("@Name")): _plain(one)
            for one in items
            if isinstance(one, dict)
        }
        return _flat({**data, **named})
    return _flat(data)


def _attributes(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        return {}
    inner = value.get("#attributes")
    return inner if isinstance(inner, dict) else value


def _plain(value: Any) -> Any:
    return value.get("#text") if isinstance(value, dict) else value


def _flat(data: Any) -> dict[str, str]:
    if not isinstance(data, dict):
        return {}
    return {name: text for name, value in data.items() if (text := _text(_plain(value))) not in _NONE}


def _text(value: Any) -> str:
    return "" if value is None or isinstance(value, dict | list) else str(value)


def _of_data(data: Mapping[str, str]) -> dict[str, str]:
    found = {
        field: next(data[name] for name in names if name in data)
        for field, names in _DATA.items()
        if not data.keys().isdisjoint(names)
    }
    if found.get("source.ip", "").startswith("::ffff:"):
        found["source.ip"] = found["source.ip"][7:]
    for field in ("process.pid", "process.parent.pid"):
        if found.get(field, "").startswith("0x"):
            found[field] = _decimal(found[field])
    if "process.executable" in found:
        found["process.name"] = _base(found["process.executable"])
    if "process.parent.name" in found:
        found["process.parent.name"] = _base(found["process.parent.name"])
    if "file.path" in found:
        found["file.name"] = _base(found["file.path"])
    if "network.transport" in found:
        found["network.transport"] = _TRANSPORTS.get(found["network.transport"], found["network.transport"])
    for pair in (data.get("Hashes") or data.get("Hash") or "").split(","):
        kind, _, value = pair.partition("=")
        if value and kind.lower() in ("md5", "sha1", "sha256"):
            found[f"file.hash.{kind.lower()}"] = value.lower()
    return found


def _decimal(hexadecimal: str) -> str:
    try:
        return str(int(hexadecimal[:18], 16))
    except ValueError:
        return ""


def _base(path: str) -> str:
    return path.replace("/", "\\").rsplit("\\", 1)[-1]


def _users(data: Mapping[str, str], code: str) -> dict[str, str]:
    """Who acts, and on whom; of one who comes, only he."""
    subject, target = data.get("SubjectUserName", ""), data.get("TargetUserName", "")
    if code in _COMERS:
        name, domain = target or subject, data.get("TargetDomainName") or data.get("SubjectDomainName", "")
        return {"user.name": name, "user.domain": domain}
    whole = data.get("User") or data.get("SourceUser") or ""
    domain, _, name = whole.rpartition("\\")
    group = code in {"4728", "4729", "4732", "4733", "4756", "4757"}
    return {
        "user.name": subject or name,
        "user.domain": data.get("SubjectDomainName") or domain,
        "user.target.name": data.get("MemberName", "") if group else target,
        "group.name": target if group else "",
    }


def _means(meaning: Meaning | None, data: Mapping[str, str], code: str, keywords: str) -> dict[str, str]:
    """Category, type, outcome and name; the audit's own mark of failure comes before the table."""
    outcome = meaning.outcome if meaning else ""
    if keywords.lower() in ("0x8010000000000000", "audit failure"):
        outcome = "failure"
    elif keywords.lower() in ("0x8020000000000000", "audit success") and not outcome:
        outcome = "success"
    if code in BY_STATUS and (status := data.get("Status")):
        outcome = "success" if status.strip("0x") == "" else "failure"
    if meaning is None:
        return {"event.outcome": outcome}
    return {
        "event.category": meaning.category,
        "event.type": meaning.type,
        "event.outcome": outcome,
        "event.action": meaning.action,
        "event.kind": "alert" if meaning.action == "malware-detected" else "event",
    }
