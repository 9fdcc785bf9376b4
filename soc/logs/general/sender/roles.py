"""What a key of a record may tell of a detection: that there was one, which kind, how grave, what was done; by the words of its path.

Data by words: no product stands here.
"""

from __future__ import annotations

from functools import lru_cache

from soc.logs.general.pairs import UNIT
from soc.logs.general.words import words_of


def word_set(words: str) -> frozenset[str]:
    return frozenset(words.split())


#: Words of a key that says what was detected.
_FOUND = word_set(
    "detection detections detect detected threat threats alert alerts attack malware virus trojan exploit "
    "intrusion ips ids signature indicator indicators ioc iocs incident incidents anomaly finding breach "
    "violation violations infection infected phishing ransomware botnet malicious suspicious dlp "
    "vulnerability behavior behaviour"
)
#: With these, or alone, they say it for certain: `attack family`, `threat name`, `alert`.
_STRONG = word_set("threat alert attack malware virus exploit intrusion ransomware")
_CALLED = word_set("name type family category classification")
#: Words of such a key whose value tells of something else: where it is, when, how many, which policy.
_BESIDE = word_set(
    "id ids uuid guid count total number url link time timestamp date at version policy status enabled "
    "mode last first engine scan license update updated database definition provider source state device "
    "agent group groups hash key owner assignee user site location score failed labels tags ext extension "
    "charset mime encoding size bytes language os"
)
#: Words of a key that names the kind of a record.
_KINDS = word_set(
    "type kind category categories cat types subtype stage name action class module subcategory operation activity method "
    "topic trigger family title model log description descr desc event msg message reason subject "
    "eventtype"
)
#: Of those the words of a key that gives the kind in a word or two, and no sentence.
_NAMES = word_set(
    "type kind category categories cat types subtype stage name action class module subcategory family"
)
#: Whose name it is says nothing of what the record is.
_SOMEBODY = word_set("user computer host machine account domain customer tenant owner person employee")
#: Keys by which a record is of an e-mail: its subject and text are words of whoever wrote it.
_MAIL = word_set("recipient recipients rcpt mailfrom envelope dkim dmarc spf")
#: `signature` among these is who signed a file.
_FILES = word_set("process file code image binary signed signer certificate cert module driver parent")
#: Words of a key under which somebody says what he thinks of it, and what he says of what is bad.
_JUDGED = word_set("classification confidence verdict reputation intention assessment")
#: The network of those who hide; what counts as yes there is an address, too.
_HIDING = word_set("tor")
_SEVERE = word_set("severity sev criticality")
#: How grave it is stands in one of these beneath the severity.
_CALLED_SO = word_set("label name level text value")
_RISK, _OF_RISK = word_set("risk"), word_set("event detection reason")
_CHAIN = word_set("kill chain")
#: Whose name is asked for or called says nothing of whoever asks.
_THINGS = word_set("dns question query sni url urls domain")
#: A key with the number or the address of what was detected stands in a record of it, whatever it calls itself.
_TOLD_OF, _POINTS = word_set("alert detection breach finding threat"), word_set("id uuid guid url uri link")
_TACTICS = word_set("mitre technique techniques tactic tactics killchain")
#: Words of keys that in a record of an e-mail are what people wrote.
_WRITTEN = word_set("subject message")
#: What a path may tell, by the first letter of the role: see `_role`.
Plan = tuple[tuple[int, str], ...]


@lru_cache(maxsize=20_000)
def _role(path: str) -> str:
    """`t`actic, `s`everity, `f`ound, a `k`ind or its `n`ame, an `a`ction, a `m`essage, `d`one, `r`esolution, a `v`erdict on it,
    whether it `h`ides, what po`i`nts to it, or nothing."""
    *above, last = path.split(UNIT)
    leaf = words_of(last)
    words = set(leaf)
    whole = words | {word for key in above for word in words_of(key)}
    if (words & _TACTICS or words >= _CHAIN) and "count" not in words:
        return "t"
    if (
        (words & _SEVERE and "count" not in words)
        or (leaf == ("level",) and whole == {"rule", "level"})
        or (above and words <= _CALLED_SO and set(words_of(above[-1])) & _SEVERE)
    ):
        return "s"
    if words >= _RISK and words & _OF_RISK:
        return "f"
    if words & _TOLD_OF and words & _POINTS:
        return "i"
    if whole & _THINGS:
        return ""
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
def plan_of(paths: tuple[str, ...]) -> Plan:
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
