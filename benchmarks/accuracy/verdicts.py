"""Verdicts on lines: failed logins and probes, alert levels, vendors' own alerts, cloud events."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.accuracy.judged import Line, is_held, judge_truth, read_truth
from benchmarks.accuracy.table import Figure, both, share
from soc.logs.general.deeds import deeds

#: Sets of fail2ban about abuse and probes; the others are about logins.
_PROBES = frozenset({
    "3proxy", "apache-badbots", "apache-botsearch", "apache-fakegooglebot", "assp", "counter-strike", "courier-smtp",
    "domino-smtp", "exim-spam", "nginx-limit-req", "nsd", "oracleims", "portsentry", "postfix", "qmail", "scanlogd", "squid",
})  # fmt: skip
#: Level from which an alert is to have a score of 5 or more.
_LEVEL = 5


def _held(line: Line) -> bool:
    return line.held


def _recall(lines: Sequence[Line]) -> float | None:
    return share([line.is_security for line in lines])


def measure_logins(logs: Path) -> list[Figure]:
    lines = judge_truth(read_truth(logs / "security_truth" / "fail2ban.jsonl"))
    bad = [line for line in lines if line.truth["security"]]
    good = [line for line in lines if not line.truth["security"]]
    logins = [line for line in bad if line.product not in _PROBES]
    probes = [line for line in bad if line.product in _PROBES]

    def precision(some: Sequence[Line]) -> float | None:
        return share([bool(line.truth["security"]) for line in some if line.is_security])

    return [
        both("failed logins: recall", logins, _held, _recall, "≥ .90"),
        both("abuse and probes: recall", probes, _held, _recall, "≥ .55"),
        both("failed logins and probes: precision", lines, _held, precision, "≥ .95"),
        both("their lines that are no attack, called Security", good, _held, _recall, "–"),
    ]


def measure_levels(logs: Path) -> list[Figure]:
    lines = judge_truth(read_truth(logs / "security_truth" / "ossec_wazuh.jsonl"))

    def f1(some: Sequence[Line]) -> float | None:
        if not some:
            return None
        said = [(line.row.get("score") or 0) >= _LEVEL for line in some]
        true = [line.truth["level"] >= _LEVEL for line in some]
        hits = sum(a and b for a, b in zip(said, true, strict=True))
        return 2 * hits / max(sum(said) + sum(true), 1)

    words = ("attack", "login", "logon", "user", "auth", "password")
    about = [
        line
        for line in lines
        if line.truth["level"] >= _LEVEL and any(word in str(line.truth["title"]).lower() for word in words)
    ]
    return [
        both("alert level ≥ 5 has score ≥ 5: F1", lines, _held, f1, "≥ .70"),
        both("alerts about attack, login, user: Security", about, _held, _recall, "≥ .80"),
    ]


def measure_vendors(logs: Path) -> list[Figure]:
    lines = judge_truth(read_truth(logs / "vendor_truth" / "vendors.jsonl"))

    def kind(line: Line) -> str:
        event = line.truth["expected"].get("event", {})
        return str(event.get("kind", "")) if isinstance(event, dict) else ""

    def categories(line: Line) -> set[str]:
        event = line.truth["expected"].get("event", {})
        found = event.get("category", ()) if isinstance(event, dict) else ()
        return {found} if isinstance(found, str) else set(found)

    def is_failed_login(line: Line) -> bool:
        event = line.truth["expected"].get("event", {})
        failed = isinstance(event, dict) and event.get("outcome") == "failure"
        return failed and bool(categories(line) & {"authentication", "session"})

    threats = {"intrusion_detection", "malware", "threat", "vulnerability"}
    alerts = [line for line in lines if kind(line) == "alert"]
    ordinary = [line for line in lines if kind(line) != "alert" and not categories(line) & threats]
    # what the truth itself calls a login that failed, and what sshd marks as given up before one, is to be Security by the set of
    # failed logins: no build can be right by both
    asked = [line for line in ordinary if not (is_failed_login(line) or "[preauth]" in line.truth["line"])]
    # a login that failed and a request that asks for secrets are Security by the other sets: the rest tells what is mistaken
    rest = [line for line in ordinary if not categories(line) & {"authentication", "session", "web"}]
    return [
        both("vendors' own alerts: Security", alerts, _held, _recall, "≥ .82"),
        both("vendors' ordinary events: Security", ordinary, _held, _recall, "≤ .04"),
        both("the same without failed and given up logins: Security", asked, _held, _recall, "≤ .04"),
        both("the same without logins, sessions, requests: Security", rest, _held, _recall, "–"),
        both(
            "vendors' ordinary events: score ≥ 8", ordinary, _held,
            lambda some: share([(line.row.get("score") or 0) >= 8 for line in some]), "≤ .005",
        ),
    ]  # fmt: skip


def measure_words(logs: Path) -> list[Figure]:
    """The open part as if no service had a table of its own: what is told of a service that nobody knows."""
    known = deeds._SERVICES
    truth = [
        one
        for one in read_truth(logs / "security_truth" / "panther_json_events.jsonl")
        if one["severity"] != "Info" and not is_held(str(one["product"]))
    ]
    try:
        deeds._SERVICES = ()
        deeds._plan_of.cache_clear()
        lines = judge_truth(truth, key="event")
    finally:
        deeds._SERVICES = known
        deeds._plan_of.cache_clear()
    fires = [line for line in lines if line.truth["rule_should_fire"]]
    right = share([bool(line.truth["rule_should_fire"]) for line in lines if line.is_security])
    return [
        Figure("cloud events without services' own tables: precision", right, None, "–", len(lines)),
        Figure("cloud events without services' own tables: recall", _recall(fires), None, "–", len(fires)),
    ]


def measure_cloud(logs: Path) -> list[Figure]:
    lines = judge_truth(read_truth(logs / "security_truth" / "panther_json_events.jsonl"), key="event")
    grave = [line for line in lines if line.truth["severity"] != "Info"]
    fires = [line for line in grave if line.truth["rule_should_fire"]]

    def precision(some: Sequence[Line]) -> float | None:
        return share([bool(line.truth["rule_should_fire"]) for line in some if line.is_security])

    return [
        both("cloud and SaaS events: precision", grave, _held, precision, "≥ .75"),
        both("cloud and SaaS events: recall", fires, _held, _recall, "≥ .60"),
    ]
