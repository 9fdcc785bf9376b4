"""How a line gets its score: the strongest signature, moved by words beside it, within 1 and 10."""

from __future__ import annotations

import pytest

from tests.logs.reading import read


@pytest.mark.parametrize(
    ("line", "rule", "score"),
    [
        # the top: nothing is above 10, and 10 is reached
        ("process mimikatz.exe started by eve", "threat.credential-dump", 10),
        ("CRITICAL: process mimikatz.exe started as root", "threat.credential-dump", 10),
        ("CRITICAL: C2 beacon to 203.0.113.9:443", "threat.c2", 10),
        ("C2 beacon to 203.0.113.9:443", "threat.c2", 9),
        ("IDS: intrusion detected from 203.0.113.9 against root, CRITICAL", "threat.intrusion", 9),
        # the bottom: nothing is below 1
        ("URI too long: eicar was blocked by rule", "web.bad-request", 1),
        ("URI too long: eicar", "web.bad-request", 1),
        ("URI too long: was blocked by rule", "web.bad-request", 2),
        # what a firewall does every day is no alert, whatever words stand beside
        ("[UFW BLOCK] IN=eth0 eicar was blocked by rule", "threat.firewall-drop", 4),
        ("%SEC-6-IPACCESSLOGP: list 102 denied tcp 192.0.2.1(3067) -> 192.0.2.7(139), 1 packet", "threat.firewall-drop", 4),
        # what moves a score
        ("IDS: intrusion detected from 203.0.113.9", "threat.intrusion", 7),
        ("IDS: intrusion detected on the account of root", "threat.intrusion", 8),
        ("IDS: intrusion detected, level=critical", "threat.intrusion", 8),
        ("IDS: intrusion detected, the attack succeeded", "threat.intrusion", 9),
        ("IDS: intrusion detected, it was prevented", "threat.intrusion", 6),
        ("IDS: intrusion detected, this is a test", "threat.intrusion", 5),
        # of one kind of word one counts: the attack that succeeded is not softened
        ("IDS: intrusion detected, prevented, but the attack succeeded", "threat.intrusion", 9),
        ("IDS: intrusion detected, this is a test, a drill, eicar", "threat.intrusion", 5),
        # words count for the classes that they are meant for
        ("sudo: eve : user NOT in sudoers ; USER=root", "sudo.not-allowed", 8),
        ("ERROR could not render for root", "level.error", 5),
        # the level of a header is the sender's own
        ("[Fri Mar 01 10:11:12 2024] [core:error] [pid 7] AH00111: x", "level.error-said", 4),
        ("CRITICAL: pump stopped", "level.critical", 6),
        ("root: the certificate for shop.example expires in 7 days", "sys.certificate-soon", 4),
        # the strongest decides; of equals the first
        ("Failed password for bob, then mimikatz.exe", "threat.credential-dump", 10),
        ("mimikatz.exe, then Failed password for bob", "threat.credential-dump", 10),
        ("Failed password for invalid user bob", "behaviour.failed-login", 5),
        ("INFO could not open the door", "word.failed", 2),
        ("INFO cache warmed", "level.info", 1),
        ("the weather is fine", None, 1),
    ],
)  # fmt: skip
def test_a_line_has_its_score(line: str, rule: str | None, score: int) -> None:
    assert read(line + "\n").cells("rule_id", "score") == [(rule, score)]


@pytest.mark.parametrize(
    ("line", "confidence"),
    [
        ("Possible brute force attack on /login", 0.9),
        ("Failed password for bob", 0.9),
        ("Malware Emotet detected on HOST7", 0.9),
        ("Malware Emotet detected on HOST7, quarantined trojan", 0.92),
        ("Advanced persistent threat: malware detected, C2 beacon to x, ransomware, mimikatz", 0.99),
        ("the weather is fine", 0.0),
    ],
)
def test_each_further_signature_of_the_class_makes_it_surer_up_to_99_percent(
    line: str, confidence: float
) -> None:
    assert read(line + "\n").cells("confidence") == [(confidence,)]


def test_the_weights_of_the_reasons_add_up_to_the_score() -> None:
    incident = read("CRITICAL: IDS: intrusion detected on the account of root, this is a test\n").incidents[0]
    weights = {reason.signature: reason.weight for reason in incident.reasons}
    assert weights == {
        "threat.intrusion": 7, "context.critical": 1, "context.root": 1, "context.example": -2,
    }  # fmt: skip
    assert incident.score == sum(weights.values()) == 7


def test_a_reason_says_which_words_and_where() -> None:
    line = "ünder root: intrusion detected from 203.0.113.9"
    (incident,) = read(line + "\n").incidents
    raw = line.encode()
    assert {reason.words for reason in incident.reasons} == {"intrusion detected", "root"}
    assert all(raw[reason.start : reason.end].decode() == reason.words for reason in incident.reasons)
    assert incident.reasons[0].attack == "T1190"


@pytest.mark.parametrize(("least", "incidents"), [(4, 1), (5, 0)])
def test_a_line_is_grouped_from_the_least_score_on(least: int, incidents: int) -> None:
    done = read("2026-03-01T02:00:00Z h app: could not render: ERROR\n", incident_min_score=least)
    assert done.events["score"].to_list() == [4]
    assert len(done.incidents) == incidents


def test_a_line_that_nothing_explains_is_never_an_incident() -> None:
    done = read("the weather is fine\n", incident_min_score=1)
    assert done.incidents == ()
    assert done.analysis.by_class == {"Unclassified": 1}
    assert done.analysis.by_severity == {"info": 1}


@pytest.mark.parametrize(
    ("line", "band"),
    [
        ("process mimikatz.exe started", "critical"), ("C2 beacon to x", "critical"), ("reverse shell", "critical"),
        ("possible SYN flooding on port 80", "high"), ("Phishing mail reported", "high"),
        ("x Failed password for bob", "medium"), ("ERROR at x", "medium"),
        ("could not open it", "low"), ("WARN slow", "low"), ("INFO service started", "info"), ("INFO warm", "info"),
    ],
)  # fmt: skip
def test_lines_are_counted_in_the_band_of_their_score(line: str, band: str) -> None:
    assert read(line + "\n").analysis.by_severity == {band: 1}


def test_templates_are_counted_with_the_strongest_verdict_they_had() -> None:
    done = read("Failed password for bob\nFailed password for root\nFailed password for eve\nINFO warm\n" * 3)
    first, second = done.analysis.templates
    assert (first.count, first.score, first.classification) == (9, 6, "Security Alert")
    assert (second.count, second.score) == (3, 1)
