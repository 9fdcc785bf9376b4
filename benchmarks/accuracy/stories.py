"""Incidents: of attacks, of noise, and of logs in which nothing happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.accuracy.judged import (
    SECURITY,
    Judged,
    is_held,
    judge_bytes,
    judge_lines,
    plain_address,
    read_truth,
)
from benchmarks.accuracy.table import Figure, both, share
from soc.domain.incident import Incident

#: From this score on an incident is grave, and the guide's rules open a ticket.
_GRAVE = 7
#: Logs of systems that nobody attacked.
_QUIET = ("Apache", "BGL", "HDFS", "OpenStack", "Windows", "Zookeeper")


@dataclass(frozen=True)
class _File:
    product: str
    attack: bool
    attackers: frozenset[str]
    security: Sequence[Incident]


def _security(judged: Judged) -> list[Incident]:
    return [one for one in judged.incidents if one.classification in SECURITY]


def _is_held(file: _File) -> bool:
    return is_held(file.product)


def measure_attacks(logs: Path) -> list[Figure]:
    """Each file holds one attack or none."""
    files = [
        _File(
            one["product"],
            bool(one["attack"]),
            frozenset(plain_address(who) for who in one.get("attacker_ips") or ()),
            _security(judge_lines(one["lines"], f"{one['product']}.log")),
        )
        for one in read_truth(logs / "security_truth" / "crowdsec_scenarios.jsonl")
    ]
    attacks = [one for one in files if one.attack]
    graves = [one for one in files for incident in one.security if incident.score >= _GRAVE]
    located = [one for one in attacks if one.attackers]

    def named(some: Sequence[_File]) -> float | None:
        return share(
            [
                any(plain_address(who.value) in one.attackers for inc in one.security for who in inc.entities)
                for one in some
            ]
        )

    def found(some: Sequence[_File]) -> float | None:
        return share([bool(one.security) for one in some])

    def right(some: Sequence[_File]) -> float | None:
        return share([one.attack for one in some])

    return [
        both("attack files: a Security incident", attacks, _is_held, found, "≥ .85"),
        both("Security incidents ≥ 7: of attack files", graves, _is_held, right, "≥ .75"),
        both("attacker is an entity of an incident", located, _is_held, named, "≥ .90"),
    ]


def measure_noise(logs: Path) -> list[Figure]:
    """How many incidents and tickets one night of guessing becomes."""
    figures: list[Figure] = []
    for name, path, bar in (
        ("sshd", logs / "web_auth" / "auth_ec2.log", "≤ 60, ≤ 15 tickets"),
        ("OpenSSH", logs / "loghub" / "OpenSSH_2k.log", "≤ 35"),
    ):
        if path.is_file():
            judged = judge_bytes(path.read_bytes(), path.name)
            lines, tickets = len(judged.rows), sum(one.score >= _GRAVE for one in judged.incidents)
            figures.append(
                Figure(f"{name}, {lines:,} lines: incidents", len(judged.incidents), None, bar, lines)
            )
            figures.append(Figure(f"{name}, {lines:,} lines: tickets", tickets, None, bar, lines))
    return figures


def measure_quiet(logs: Path) -> list[Figure]:
    """Lines of ordinary logs that are called Security, and tickets that they open."""
    paths = [logs / "loghub" / f"{name}_2k.log" for name in _QUIET]
    paths.append(logs / "web_auth" / "apache_access_10k.log")
    judged = [judge_bytes(path.read_bytes(), path.name) for path in paths if path.is_file()]
    lines = [row["classification"] in SECURITY for one in judged for row in one.rows.values()]
    if not lines:
        return []
    security = sum(inc.score >= _GRAVE for one in judged for inc in _security(one))
    any_class = sum(inc.score >= _GRAVE for one in judged for inc in one.incidents)
    count = len(lines)
    return [
        Figure("ordinary logs: lines called Security", share(lines), None, "≤ .0005", count),
        Figure(
            "ordinary logs: Security tickets in 10,000 lines", security / count * 10_000, None, "≤ .3", count
        ),
        Figure("ordinary logs: tickets in 10,000 lines", any_class / count * 10_000, None, "–", count),
    ]
