"""The sample logs are what their generator writes, and tell the story that their README promises."""

from __future__ import annotations

import csv
import gzip
import ipaddress
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

SAMPLES = Path(__file__).resolve().parents[2] / "data" / "samples"
RESERVED = [
    ipaddress.ip_network(net)
    for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
]
FILES = [
    "app.jsonl",
    "auth-syslog.log",
    "backup-agent.log.gz",
    "events.csv",
    "firewall-rfc5424.log",
    "web-access.log",
]


def read(name: str, folder: Path = SAMPLES) -> str:
    content = (folder / name).read_bytes()
    return (gzip.decompress(content) if name.endswith(".gz") else content).decode()


def test_the_generator_writes_the_committed_files_again(tmp_path: Path) -> None:
    command = [sys.executable, "-B", str(SAMPLES / "generate.py"), str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    assert sorted(path.name for path in tmp_path.iterdir()) == FILES
    assert [name for name in FILES if read(name) != read(name, tmp_path)] == []


@pytest.mark.parametrize("name", FILES)
def test_only_documentation_addresses_appear(name: str) -> None:
    found = set(re.findall(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])|2001:[0-9a-f:]+", read(name)))
    # Browsers' version numbers look like addresses; none is left in the user agents.
    assert [a for a in found if not any(ipaddress.ip_address(a) in net for net in RESERVED)] == []


def test_the_guides_two_test_logs_are_in_the_csv_word_for_word() -> None:
    rows = list(csv.DictReader(read("events.csv").splitlines()))
    messages = {(row["source"], row["log_message"]) for row in rows}
    assert ("SecuritySystem", "CRITICAL: Multiple failed root login attempts - potential breach") in messages
    assert ("NetworkFirewall", "SECURITY ALERT: Advanced persistent threat detected") in messages
    assert any("Database connection failed" in row["log_message"] for row in rows)


def test_the_brute_force_fails_520_times_and_then_succeeds() -> None:
    lines = [line for line in read("auth-syslog.log").splitlines() if "203.0.113.77" in line]
    failed = [n for n, line in enumerate(lines) if "Failed password" in line]
    accepted = [n for n, line in enumerate(lines) if "Accepted password for backup" in line]
    assert (len(failed), len(accepted)) == (520, 1)
    assert accepted[0] > failed[-1]


def test_every_json_line_is_an_object_in_the_order_of_time() -> None:
    events = [json.loads(line) for line in read("app.jsonl").splitlines()]
    minutes = [event["timestamp"][:19] for event in events]
    assert minutes == sorted(minutes)


def test_the_readme_counts_what_is_there() -> None:
    readme = (SAMPLES / "README.md").read_text()
    for name in FILES:
        lines = read(name).count("\n") - (name == "events.csv")
        assert re.search(rf"`{re.escape(name)}` \|[^|]*\| {lines:,}( rows)? \|", readme), (name, lines)
    assert sum(path.stat().st_size for path in SAMPLES.iterdir() if path.is_file()) < 3_000_000
