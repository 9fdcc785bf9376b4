"""The families of lines that are understood: one anchored expression each, tried in this order.

The first that fits a line gives its header fields and its `body` (what templates and field search use).
Group names are columns; `time` is text whose kind `soc.logs.text.times` finds.
"""

from __future__ import annotations

from dataclasses import dataclass

_MONTH_TIME = r"[A-Z][a-z]{2} [ \d]?\d \d\d:\d\d:\d\d(?:\.\d{1,9})?"
_ISO_TIME = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?(?:Z|[+-]\d\d:?\d\d))?"


@dataclass(frozen=True)
class Family:
    """`begins`: what every line of the family begins with, where that is one character.

    Polars keeps the last 32 expressions compiled; one more in a block's round and it compiles all of them again,
    for tens of milliseconds. So an expression is tried only where it can fit.
    """

    name: str
    expression: str
    begins: str = ""


FAMILIES: tuple[Family, ...] = (
    Family(
        "rfc5424",
        r"(?s)^<(?P<pri>\d{1,3})>[1-9]\d? (?P<time>\S+) (?P<host>\S+) (?P<process>\S+) (?P<pid>\S+) (?P<action>\S+)"
        r" ?(?:-|(?:\[(?:[^\]\\]|\\.)*\])+)?(?: ?(?P<body>.*))$",
        begins="<",
    ),
    Family(
        "rfc3164",
        rf"(?s)^(?:<(?P<pri>\d{{1,3}})>)?(?P<time>{_MONTH_TIME}|\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\S*)(?: \d{{4}})? +"
        r"(?:(?P<host>[^\s:\[\]()=\"]+|[0-9a-fA-F:.]+) )?(?:last message |)"
        r"(?P<process>[^\s:\[\]()=\"]+(?:\([^)\s]*\))?)(?:\[(?P<pid>\d+)\])?:(?: +(?P<body>.*)|)$",
    ),
    Family(
        "access",
        r"(?s)^(?:\S+:\d+ )?(?P<source_ip>\S+) \S+ (?P<user>\S{1,64}(?: \S{1,64})?) \[(?P<time>[^\]]{20,32})\] "
        r"\"(?P<body>(?:(?P<action>[A-Z]{3,10}) (?P<url>\S+)[^\"]*|[^\"]*)\" (?P<status>\d{3})) .*$",
    ),
    Family(
        "apache-error",
        r"(?s)^\[(?P<time>\w{3} \w{3} +\d{1,2} [\d:.]+ \d{4})\] \[(?:\w*:)?(?P<level>\w+)\](?: \[pid (?P<pid>\d+)[^\]]*\])?"
        r"(?: \[client (?P<source_ip>[^\]\s]+?)(?::(?P<source_port>\d{1,5}))?\])? ?(?P<body>.*)$",
        begins="[",
    ),
    Family(
        "time-first",
        rf"(?s)^[\[(]?(?P<time>{_ISO_TIME}|\d{{4}}/\d\d/\d\d \d\d:\d\d:\d\d(?:\.\d{{1,9}})?|\d{{10}}(?:\.\d{{1,9}})?|\d{{13}}|\d{{16}}|\d{{19}}"
        rf"|\d{{1,2}}/[A-Z][a-z]{{2}}/\d{{4}}:\d\d:\d\d:\d\d(?: [+-]\d{{4}})?)[\])]?(?:[\s,:|-]+(?P<body>.*)|)$",
    ),
    Family(
        "hdfs",
        r"(?s)^(?P<time>\d{6} \d{6}) (?P<pid>\d+) (?P<level>[A-Z]+) (?P<body>.*)$",
    ),
    Family(
        "syslog-bare",
        rf"(?s)^(?:<(?P<pri>\d{{1,3}})>)?(?P<time>{_MONTH_TIME})(?: +(?P<body>.*)|)$",
    ),
    Family("priority", r"(?s)^<(?P<pri>\d{1,3})>(?P<body>.*)$", begins="<"),
)

SYSLOG_FAMILIES = frozenset({"rfc5424", "rfc3164", "syslog-bare", "priority"})
