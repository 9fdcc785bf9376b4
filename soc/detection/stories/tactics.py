"""ATT&CK tactics: to which of them a technique belongs. Data, by the technique without its sub-technique.

A technique of several tactics stands under the one that it most often means in a log. Source: MITRE ATT&CK, Enterprise.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from soc.detection.ruleset import Ruleset

RECONNAISSANCE, INITIAL, EXECUTION = "reconnaissance", "initial access", "execution"
PERSISTENCE, PRIVILEGE, EVASION = "persistence", "privilege escalation", "defense evasion"
CREDENTIALS, DISCOVERY, LATERAL = "credential access", "discovery", "lateral movement"
COLLECTION, CONTROL, EXFILTRATION, IMPACT = (
    "collection", "command and control", "exfiltration", "impact",
)  # fmt: skip

_TECHNIQUES = {
    RECONNAISSANCE: "T1595 T1592 T1589 T1590 T1591 T1046 T1593 T1594 T1596 T1597 T1598",
    INITIAL: "T1190 T1189 T1133 T1566 T1195 T1199 T1200 T1078",
    EXECUTION: "T1059 T1203 T1204 T1047 T1569 T1106 T1129 T1609 T1610 T1648 T1651 T1218",
    PERSISTENCE: "T1053 T1098 T1136 T1505 T1543 T1546 T1547 T1556 T1037 T1176 T1197 T1525 T1137 T1554",
    PRIVILEGE: "T1068 T1548 T1134 T1055 T1611 T1484",
    EVASION: "T1070 T1562 T1027 T1036 T1140 T1112 T1222 T1564 T1578 T1535 T1207 T1006",
    CREDENTIALS: "T1003 T1110 T1552 T1555 T1556 T1557 T1558 T1606 T1621 T1539 T1528 T1649 T1040 T1187 T1212",
    DISCOVERY: "T1018 T1033 T1049 T1057 T1069 T1082 T1083 T1087 T1135 T1201 T1482 T1518 T1526 T1580 T1619",
    LATERAL: "T1021 T1210 T1534 T1550 T1563 T1570 T1072 T1080",
    COLLECTION: "T1005 T1039 T1056 T1074 T1113 T1114 T1119 T1213 T1530 T1560",
    CONTROL: "T1071 T1090 T1095 T1102 T1105 T1132 T1219 T1568 T1571 T1572 T1573",
    EXFILTRATION: "T1041 T1048 T1011 T1020 T1029 T1030 T1052 T1537 T1567",
    IMPACT: "T1485 T1486 T1489 T1490 T1491 T1495 T1496 T1498 T1499 T1529 T1531 T1561 T1565",
}
TACTIC_OF = {technique: tactic for tactic, some in _TECHNIQUES.items() for technique in some.split()}
#: What an intruder does once he is in.
AFTERWARDS = (PERSISTENCE, PRIVILEGE, EVASION)


def tactics_of(attack: str | Iterable[str]) -> set[str]:
    """Of techniques (`T1110.001`, as a list or divided by commas); one that is not known has none."""
    some = attack.split(",") if isinstance(attack, str) else attack
    return {TACTIC_OF[base] for one in some if (base := one.strip().partition(".")[0]) in TACTIC_OF}


@lru_cache(maxsize=8)
def techniques(ruleset: Ruleset) -> dict[str, tuple[str, ...]]:
    """ATT&CK techniques by the id of what judged."""
    return {one.id: one.attack for one in ruleset.deciding}


@lru_cache(maxsize=8)
def reaches_further(ruleset: Ruleset) -> tuple[str, ...]:
    """Ids of what says that somebody takes more rights, stays, or hides."""
    return tuple(name for name, attack in techniques(ruleset).items() if tactics_of(attack) & {*AFTERWARDS})
