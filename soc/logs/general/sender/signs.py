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
from soc.logs.general.sender.scales import gravity_of, scale_of
from soc.logs.general.typed import NOTHING
from soc.logs.general.words import words_of

#: What is given of a record, by the name of its column.
KIND, DETECTION, GRAVITY = "event.kind", "event.detection", "event.gravity"

#: Keys of a record about a rule that fired: its name, how grave it is, what it says.
_FIRED = ["rule", "priority", "output"]


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


#: Words of a key that says what was detected.
_FOUND = _set(
    "detection detections detect detected threat threats alert alerts attack malware virus trojan exploit "
    "intrusion ips ids signature indicator indicators ioc iocs incident incidents anomaly finding breach "
    "violation violations infection infected phishing ransomware botnet malicious suspicious dlp "
    "vulnerability behavior behaviour"
)
#: With these, or alone, they say it for certain: `attack family`, `threat name`, `alert`.
_STRONG = _set("threat alert attack malware virus exploit intrusion ransomware")
_CALLED = _set("name type family category classification")
#: Words of such a key whose value tells of something else: where it is, when, how many, which policy.
_BESIDE = _set(
    "id ids uuid guid count total number url link time timestamp date at version policy status enabled "
    "mode last first engine scan license update updated database definition provider source state device "
    "agent group groups hash key owner assignee user site location score failed labels tags ext extension "
    "charset mime encoding size bytes language os"
)
#: Words of a key that names the kind of a record.
_KINDS = _set(
    "type kind category categories subtype name action class module subcategory operation activity method "
    "topic trigger family title model log description descr desc event msg message reason subject "
    "eventtype"
)
#: Of those the words of a key that gives the kind in a word or two, and no sentence.
_NAMES = _set("type kind category categories subtype name action class module subcategory family")
#: Whose name it is says nothing of what the record is.
_SOMEBODY = _set("user computer host machine account domain customer tenant owner person employee")
#: Keys by which a record is of an e-mail: its subject and text are words of whoever wrote it.
_MAIL = _set("recipient recipients rcpt mailfrom envelope dkim dmarc spf")
#: `signature` among these is who signed a file.
_FILES = _set("process file code image binary signed signer certificate cert module driver parent")
#: Words of a key under which somebody says what he thinks of it, and what he says of what is bad.
_JUDGED = _set("classification confidence verdict reputation intention assessment")
_BAD = _set("malicious malware infected compromised known_bad knownbad phishing ransomware")
#: The network of those who hide; what counts as yes there is an address, too.
_HIDING = _set("tor")
_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f:]{6,39}")
_SEVERE = _set("severity sev criticality")
_TACTICS = _set("mitre technique techniques tactic tactics killchain")
_TECHNIQUE = re.compile(r"(?:^|\W)(?:T\d{4}(?:\.\d{3})?|TA\d{4})(?:\W|$)")
#: Words of a value that say that something was detected, where a key names a kind.
_SAYS = _set(
    "alert alerts alarm alarms detection detections detected threat threats malware virus trojan worm "
    "spyware adware ransomware rootkit backdoor exploit exploits exploitation intrusion ips attack attacks "
    "attacker incident anomaly anomalous anomalies phishing phish dlp botnet c2 malicious suspicious "
    "suspect violation breach infected infection quarantined unwanted sweep flood spoofing bruteforce "
    "heuristic ioc ransom compromised lateral exfiltration injection pua pup unusual"
)
#: Words of a value that name the sender's own records.
_OWN = _set(
    "audit auditing heartbeat keepalive health config configuration settings setting login logon logout "
    "logoff signin session license update updated telemetry statistics stats status job backup restarted "
    "start stop started stopped enrolled registered connected disconnected deleted changed created policy "
    "accounting dhcp dns flow traffic connection access user management administration administrative page "
    "networkaccess advancedhunting log logs logging feed feeds report reports simulation simulated training"
)
#: Words of keys that in a record of an e-mail are what people wrote.
_WRITTEN = _set("subject message")
#: Values that say no.
_NOT = NOTHING | _set(
    "0 false no clean benign allowed ok safe none good pass passed normal notdetected undetected unscanned "
    "not_malicious no_threat informational info low false_positive falsepositive success"
)
#: A sentence with one of these tells of nothing that was found.
_NEGATIVE = _set("no not negative clean skipped none undetected cleared resolved")
#: Who looks after incidents has none to tell.
_CARE = _set("incident response")
_YES = _set("yes true 1 alert malicious suspicious infected detected blocked quarantined positive confirmed")
_STATES = _set("new open opened unresolved inprogress in_progress not_mitigated mitigated")
_DONE = _set(
    "blocked block quarantined quarantine cleaned killed prevented remediated deleted removed detected "
    "alarm prevent reset mitigated"
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

#: What a path may tell, by the first letter of the role: see `_role`.
_Plan = tuple[tuple[int, str], ...]


@lru_cache(maxsize=20_000)
def _role(path: str) -> str:
    """`t`actic, `s`everity, `f`ound, a `k`ind or its `n`ame, an `a`ction, a `m`essage, `d`one, `r`esolution, a `v`erdict on it,
    whether it `h`ides, or nothing."""
    *above, last = path.split(UNIT)
    leaf = words_of(last)
    words = set(leaf)
    whole = words | {word for key in above for word in words_of(key)}
    if words & _TACTICS and "count" not in words:
        return "t"
    if (words & _SEVERE and "count" not in words) or (leaf == ("level",) and whole == {"rule", "level"}):
        return "s"
    if words & _HIDING:
        return "h"
    if words & {"signature"} and whole & _FILES:
        return ""
    if words & _FOUND and not words & _BESIDE:
        return "F" if words & _STRONG and (words & _CALLED or len(words) == 1) else "f"
    if (
        above
        and words <= {"name", "title"}
        and set(words_of(above[-1])) <= _STRONG | {"detection", "finding"}
    ):
        return "F"
    if words & _JUDGED and not words & {"id", "score", "source", "time"}:
        return "v"
    if words & {"disposition", "mitigation", "remediation"}:
        return "d"
    if words <= {"status", "state", "resolution", "investigation", "issue", "alert", "incident", "threat", "workflow", "risk"} and words & {
        "status", "state", "resolution"
    }:  # fmt: skip
        return "r"
    if words & {"id"}:
        return ""
    if "name" in words and words & _SOMEBODY:
        return ""
    if len(above) <= 2 and words & _KINDS:
        if words & {"act", "action"}:
            return "a"
        if words <= _WRITTEN:
            return "m"
        return "n" if words & _NAMES else "k"
    return ""


@lru_cache(maxsize=5_000)
def _plan_of(paths: tuple[str, ...]) -> _Plan:
    plan = tuple((place, role) for place, path in enumerate(paths) if (role := _role(path)))
    words = {word for path in paths for word in words_of(path.rpartition(UNIT)[2])}
    of_mail = bool(
        words & _MAIL
        or (words & {"mail"} and words & {"flow", "policy", "from"})
        or ("subject" in words and words & {"from", "sender"})
    )
    if not of_mail:
        return plan
    # what a gateway does with a mail is no sign that it found more than spam
    return tuple((place, "d" if role == "a" else role) for place, role in plan if role != "m")


@lru_cache(maxsize=50_000)
def _words(value: str) -> frozenset[str]:
    found = {word.lower() for word in _WORDS.findall(value[:200])}
    return frozenset(found | {word.removesuffix("s") for word in found})


def _tells_of_machines(words: frozenset[str]) -> bool:
    return is_of_machines(words) and not words & _ATTACKS


def read_signs(paths: Sequence[str], values: Sequence[str]) -> Mapping[str, str]:
    """KIND, DETECTION and GRAVITY of one record, as far as they are said."""
    found: dict[str, str] = {}
    named, detected, techniques, states, done, own, sure = "", "", "", "", "", False, False
    gravity, everyday, care = "", False, False
    kind = _said_kind(paths, values)
    for place, role in _plan_of(tuple(paths)):
        value = values[place].strip()
        plain = value.lower()
        if role == "s":
            gravity = max(gravity, gravity_of(value, scale_of(paths)), key=_rank)
        elif plain in _NOT or _THING.fullmatch(value):
            continue
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
                sure = sure or role == "F"
        elif role in "knam":
            words = _words(value)
            if words & _NEGATIVE or words >= _CARE or is_a_look(words):
                continue
            if len(words) <= _STATEMENT and _tells_of_machines(words):
                everyday = True
            elif role != "m" and is_care(words):
                care = True
            elif words & _SAYS:
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
    signs = sum(bool(one) for one in (named, detected, techniques, states, done)) + grave + sure
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
    if first and signs >= 2 + own + (0 <= _rank(gravity) < 2 and not states):
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
