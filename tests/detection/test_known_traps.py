"""Ordinary lines that hold an attack's words: in a key, a path, a name, a search, a sentence that denies it."""

from __future__ import annotations

import numpy as np

from soc.detection.judging.scanning.scan import find_matches
from soc.detection.judging.score import CLASSES
from soc.detection.judging.verdict import judge
from soc.detection.judging.vetoes import silence
from soc.detection.rulebook import build_ruleset
from soc.domain.classification import Classification

ACCESS = '192.0.2.1 - - [01/Mar/2026:02:00:00 +0000] "GET {} HTTP/1.1" 200 9 "{}" "Mozilla/5.0"'
ORDINARY = [
    "Mar  1 02:00:00 web1 kernel: eth0: packets over the limit will be dropped",
    "2026-03-01 02:00:00 fw1 conntrack table full: new connections will be dropped",
    "ciod: LOGIN chdir(/p/a) failed: No such file or directory",
    'date=2026-03-01 type=web risk="Very low" threat="none" action="allow" url="/a"',
    '{"failed_logins": 0, "malware_detected": false, "intrusion_attempts": 0, "message": "scan finished"}',
    '{"product": "Suspicious Activity Monitor", "vendor": "Intrusion Detection Inc", "message": "heartbeat"}',
    "CEF:0|Acme|Malware Detected Monitor|1|100|heartbeat|1|msg=all is well",
    ACCESS.format(
        "/blog/sql-injection-explained?ref=brute-force", "https://a.example/?q=ransomware+detected"
    ),
    ACCESS.format("/blog/iptables-drop-or-reject", "https://brute-force.example/"),
    ACCESS.format("/latest/meta-data/", "-"),
    ACCESS.format("/search?q=credit+union+select+committee", "-"),
    ACCESS.format("/wp-login.php", "-"),
    "Mar  1 02:00:00 web1 sudo: eve : TTY=pts/0 ; PWD=/root ; USER=root ; COMMAND=/bin/cat /etc/shadow",
    "Mar  1 02:00:00 web1 backup[7]: copied ../../etc/passwd and /etc/shadow to /srv/backup",
    'type=PATH msg=audit(1.1:7): item=0 name="/etc/shadow" inode=7 nametype=NORMAL',
    "[error] [client 192.0.2.7] Directory index forbidden by rule: /var/www/html/",
    "Address 192.0.2.7 maps to a.example, but this does not map back to the address - POSSIBLE BREAK-IN ATTEMPT!",
]
WORDS = [
    "CRITICAL pump",
    "FATAL",
    "RAS KERNEL FATAL data",
    '{"level": "critical", "message": "x"}',
    "EMERGENCY: x",
    "failed",
]


def judged(lines: list[str]) -> list[tuple[str, int]]:
    """Class and score of each line, by signatures alone."""
    data = [line.encode() for line in lines]
    sizes = np.array([len(line) for line in data], np.int64)
    starts = np.cumsum(sizes + 1) - sizes - 1
    rules = build_ruleset()
    matches = silence(rules, find_matches(rules, b"\n".join(data) + b"\n", starts, starts + sizes))
    said = judge(rules, matches, len(lines))
    return [
        (CLASSES[kind], score) for kind, score in zip(said.classification, said.score.tolist(), strict=True)
    ]


def test_an_attacks_words_in_another_place_are_no_alert() -> None:
    found = zip(ORDINARY, judged(ORDINARY), strict=True)
    assert [line for line, (kind, _) in found if kind == Classification.SECURITY_ALERT] == []


def test_a_level_or_a_single_word_opens_no_ticket() -> None:
    assert [line for line, (_, score) in zip(WORDS, judged(WORDS), strict=True) if score > 6] == []
