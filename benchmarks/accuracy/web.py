"""Attacks over HTTP: how many of them are called Security, and how many ordinary requests are."""

from __future__ import annotations

import re
from pathlib import Path

from benchmarks.accuracy.judged import SECURITY, is_held, judge_bytes, judge_lines, read_truth
from benchmarks.accuracy.table import Figure, both, share

#: Scenarios whose every request is an attack; those that count requests (crawling, floods) say nothing of one line.
_ATTACKS = re.compile(
    r"sqli|xss|traversal|sensitive-files|backdoor|cve-|rce|bad-user-agent|w00t|log4|spring4|thinkphp|f5-|fortinet|grafana-cve"
    r"|jira_cve|vmware|netgear|citrix|pulse|confluence|apache-|cve-probing"
)


def measure_web(logs: Path) -> list[Figure]:
    """Lines of attacks over HTTP, and 10,000 requests that are none."""
    attacks: list[tuple[str, bool]] = []
    for one in read_truth(logs / "security_truth" / "crowdsec_scenarios.jsonl"):
        names = [str(name) for name in one["scenarios"]]
        if one["attack"] and names and all(_ATTACKS.search(name) and "ssh" not in name for name in names):
            rows = judge_lines(one["lines"], f"{one['product']}.log").rows.values()
            attacks += [(one["product"], row["classification"] in SECURITY) for row in rows]
    figures = [
        both(
            "web attacks: recall",
            attacks,
            lambda line: is_held(line[0]),
            lambda some: share([found for _, found in some]),
            "≥ .95",
        )
    ]
    path = logs / "web_auth" / "apache_access_10k.log"
    if path.is_file():
        rows = list(judge_bytes(path.read_bytes(), path.name).rows.values())
        false = share([row["classification"] in SECURITY for row in rows])
        figures.append(Figure("ordinary requests: Security", false, None, "≤ .001", len(rows)))
    return figures
