"""What senders tell, and even alarm about, that is no attack: how machines do, a look for malware, care for an alert told before.

Data by words of a value, whoever the sender is.
"""

from __future__ import annotations


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


#: How a machine does: any of these, or one of each pair.
_MACHINES = _set(
    "cpu latency temperature fan battery quota uptime heartbeat restart reboot failover capacity throughput utilization"
)
_PAIRS = (
    (
        _set("memory disk storage filesystem volume swap"),
        _set("full usage high above low space exceeded threshold pressure"),
    ),
    (
        _set("interface link node host agent service device sensor server member peer tunnel pod probe connector"),
        _set("down offline unreachable restarted disconnected inactive unhealthy crashed crash looping unresponsive"),
    ),
    (_set("certificate license subscription contract"), _set("expire expired expires expiring expiration")),
    (_set("backup job replication synchronization response"), _set("failed late slow time missed")),
)  # fmt: skip
#: Words that say that something is told and not what; with any other word of an attack it is one.
ANY_ALARM = _set("alert alerts alarm alarms anomaly incident detection detections detected violation unusual")
#: A look for malware, as long as nothing is said to be found.
_LOOKS, _LOOKED, _FOUND = (
    _set("scan scanning"),
    _set("full quick custom scheduled malware virus antivirus spyware rootkit completed complete finished started stopped cancelled demand"),
    _set("port detected found infected blocked quarantined cleaned"),
)  # fmt: skip
#: What is told of, and what somebody did with it; such a record is short.
_CASES, _HANDLED, _SHORT = (
    _set("alert incident detection finding case investigation"),
    _set("acknowledged acknowledge assigned unassigned reassigned comment commented closed note noted tagged snoozed viewed"),
    6,
)  # fmt: skip
#: What somebody, or the sender itself, has set aside.
SET_ASIDE = _set("dismissed false_positive falsepositive benign confirmedsafe confirmed_safe")


def is_of_machines(words: frozenset[str]) -> bool:
    """Whether words of a short value tell how a machine does."""
    return bool(words & _MACHINES) or any(words & one and words & other for one, other in _PAIRS)


def is_a_look(words: frozenset[str]) -> bool:
    """Whether they tell of a scan for malware that found nothing."""
    return bool(words & _LOOKS and words & _LOOKED) and not words & _FOUND


def is_care(words: frozenset[str]) -> bool:
    """Whether they tell what somebody did with an alert that was told before."""
    return len(words) <= _SHORT and bool(words & _CASES and words & _HANDLED)
