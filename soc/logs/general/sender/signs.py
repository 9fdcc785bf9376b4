"""Whether a record made of pairs is a detection by its sender: a key that says so, a value that is positive, and either a
severity of medium or more or a second sign; what keeps the sender's own records (audit, heartbeat, settings) rules it out.

Data by words of keys and values: no product stands here, but scales of numbers, which mean nothing without their product.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from soc.logs.general.pairs import UNIT
from soc.logs.general.sender.everyday import ANY_ALARM, SET_ASIDE, is_a_look, is_care, is_of_machines
from soc.logs.general.sender.roles import plan_of, word_set
from soc.logs.general.sender.scales import gravity_of, scale_of
from soc.logs.general.typed import NOTHING

#: What is given of a record, by the name of its column.
KIND, DETECTION, GRAVITY = "event.kind", "event.detection", "event.gravity"

#: Keys of a record about a rule that fired: its name, how grave it is, what it says.
_FIRED = ["rule", "priority", "output"]


_BAD = word_set("malicious malware infected compromised known_bad knownbad phishing ransomware")
_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f:]{6,39}")
_TECHNIQUE = re.compile(r"(?:^|\W)(?:T\d{4}(?:\.\d{3})?|TA\d{4})(?:\W|$)")
#: Words of a value that say that something was detected, where a key names a kind.
_SAYS = word_set(
    "alert alerts alarm alarms detection detections detected threat threats malware virus trojan worm "
    "spyware adware ransomware rootkit backdoor exploit exploits exploitation intrusion ips attack attacks "
    "attacker incident anomaly anomalous anomalies phishing phish dlp botnet c2 malicious suspicious "
    "suspect violation breach infected infection quarantined unwanted sweep flood spoofing bruteforce "
    "heuristic ioc ransom compromised lateral exfiltration injection pua pup unusual "
    "reconnaissance recon beaconing illegal probed cryptomining cryptojacking ttp"
)
#: Names of what an attacker is after, of more than one word.
_TACTIC_NAMES = tuple(
    map(
        word_set,
        (
            "command control",
            "lateral movement",
            "credential access",
            "privilege escalation",
            "initial access",
            "defense evasion",
            "data theft",
            "hidden tunnel",
        ),
    )
)
#: Words of a value that name the sender's own records.
_OWN = word_set(
    "audit auditing heartbeat keepalive health config configuration settings setting login logon logout "
    "logoff signin session license update updated telemetry statistics stats status job backup restarted "
    "start stop started stopped enrolled registered connected disconnected deleted changed created policy "
    "accounting dhcp dns flow traffic connection access user management administration administrative page "
    "networkaccess advancedhunting log logs logging feed feeds report reports simulation simulated training"
)
#: Values that say no.
_NOT = NOTHING | word_set(
    "0 false no clean benign allowed ok safe none good pass passed normal notdetected undetected unscanned "
    "not_malicious no_threat informational info low false_positive falsepositive success"
)
#: A sentence with one of these tells of nothing that was found.
_NEGATIVE = word_set("no not negative clean skipped none undetected cleared resolved")
#: Who looks after incidents has none to tell.
_CARE = word_set("incident response")
_YES = word_set(
    "yes true 1 alert malicious suspicious infected detected blocked quarantined positive confirmed"
)
_STATES = word_set(
    "new open opened unresolved inprogress in_progress not_mitigated mitigated atrisk at_risk confirmedcompromised"
)
_DONE = word_set(
    "blocked block quarantined quarantine cleaned killed prevented remediated deleted removed detected "
    "alarm prevent reset mitigated"
)
#: What is done with malware only, where a firewall blocks whatever it is told to.
_CURED = word_set(
    "quarantined quarantine cleaned cleanable disinfected disinfect cured remediated remediate mitigated killed"
)
#: Of those the ones that say what it is.
_ATTACKS = _SAYS - ANY_ALARM
#: Longer values are descriptions, in which any word may stand.
_STATEMENT = 12
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
#: Values that name a thing and say nothing of it: a file, a hash, an identifier, an address.
_THING = re.compile(
    r"(?i)[^/\\\s][^/\\]*\.(?:docx?|xlsx?|pptx?|pdf|txt|csv|zip|html?|png|jpe?g|eml|msg|json|xml|log)|[0-9a-f-]{16,}|\S+@\S+\.\S+"
)


@lru_cache(maxsize=50_000)
def _words(value: str) -> frozenset[str]:
    found = {word.lower() for word in _WORDS.findall(value[:200])}
    return frozenset(found | {word.removesuffix("s") for word in found})


def _tells_of_machines(words: frozenset[str]) -> bool:
    return is_of_machines(words) and not words & _ATTACKS


def read_signs(paths: Sequence[str], values: Sequence[str]) -> Mapping[str, str]:
    """KIND, DETECTION and GRAVITY of one record, as far as they are said."""
    found: dict[str, str] = {}
    named, detected, techniques, states, done, own, sure, certain = "", "", "", "", "", False, False, False
    gravity, everyday, care, pointed = "", False, False, False
    kind = _said_kind(paths, values)
    for place, role in plan_of(tuple(paths)):
        value = values[place].strip()
        plain = value.lower()
        if role == "s":
            gravity = max(gravity, gravity_of(value, scale_of(paths)), key=_rank)
        elif plain in _NOT or _THING.fullmatch(value):
            continue
        elif role == "i":
            pointed = True
        elif role == "a" and plain == "alert":  # what was done with it: let through and noted
            done = done or value
        elif role == "t":
            if _TECHNIQUE.search(value) or not value.replace(".", "").isdigit():
                techniques = techniques or value
        elif role in "fF":
            if len(_words(value)) <= _STATEMENT and _tells_of_machines(_words(value)):
                everyday = True
            elif plain in _YES or not (
                value.replace(".", "").isdigit() or _words(value) & (_NOT | _NEGATIVE) or not _words(value)
            ):
                detected = detected or value
                sure, certain = sure or role == "F", certain or role == "F"
        elif role in "knam":
            words = _words(value)
            if words & _NEGATIVE or words >= _CARE or is_a_look(words):
                continue
            if len(words) <= _STATEMENT and _tells_of_machines(words):
                everyday = True
            elif role != "m" and is_care(words):
                care = True
            elif words & _SAYS or any(words >= tactic for tactic in _TACTIC_NAMES):
                if role == "a" and words & _CURED:
                    done = done or value
                sure = sure or (role in "na" and len(words) <= 5 and not words & _OWN)
                named = named or value
            elif words & _OWN and len(words) <= 4:
                own = True
        elif role in "vh":
            if plain in _BAD or (role == "h" and (plain in _YES or _ADDRESS.fullmatch(plain))):
                detected, sure = detected or value, True
            elif role == "v":
                done = done or (value if _words(value) & (_DONE | _SAYS) else "")
        elif role == "d":
            done = done or (value if _words(value) & (_DONE | _SAYS) else "")
        elif role == "r" and plain.replace(" ", "_") in _STATES:
            states = states or value
        elif role == "r" and plain.replace(" ", "_") in SET_ASIDE:
            care = True
    if gravity:
        found[GRAVITY] = gravity
    first = named or detected or techniques or (states if _rank(gravity) >= 1 else "")
    grave = _rank(gravity) >= 2
    signs = sum(bool(one) for one in (named, detected, techniques, states, done)) + grave + sure + pointed
    if fired := _fired(tuple(paths)):
        named, gravity = (values[place].strip() for place in fired)
        return {KIND: "alert", DETECTION: named, GRAVITY: gravity_of(gravity) or "medium"}
    if kind:
        return {**found, KIND: kind, **({DETECTION: first or kind} if kind == "alert" else {})}
    # whoever calls it information has found something to note, and no more
    if _rank(gravity) == 0 and not (done or techniques):
        return found
    if (care and not grave) or (everyday and not techniques and not _words(f"{named} {detected}") & _ATTACKS):
        return found
    # whose key says for certain that it holds a threat tells of one, however its connection is called
    if first and signs >= 2 + (own and not certain) + (0 <= _rank(gravity) < 2 and not states):
        found[KIND] = "alert"
        found[DETECTION] = first
    return found


@lru_cache(maxsize=5_000)
def _fired(paths: tuple[str, ...]) -> tuple[int, ...]:
    """The places of a rule's name and priority in a record of a rule that fired, which tells beside them what it puts out."""
    return tuple(map(paths.index, _FIRED[:2])) if {*_FIRED} <= {*paths} else ()


def _said_kind(paths: Sequence[str], values: Sequence[str]) -> str:
    """What a record in ECS' own words calls itself: `alert`, or else `event`; "" where it does not say."""
    for path in ("event.kind", f"event{UNIT}kind", f"_source{UNIT}event{UNIT}kind"):
        if path in paths:
            said = values[paths.index(path)].strip().lower()
            return "alert" if said in ("alert", "signal") else "event" if said else ""
    return ""


def _rank(gravity: str) -> int:
    return _RANKS.get(gravity, -1)


_RANKS = {"informational": 0, "low": 1, "medium": 2, "high": 3, "critical": 4}
