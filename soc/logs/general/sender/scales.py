"""A sender's severity as one of five words: by name whoever wrote it, by number only where the product's scale is known."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from soc.logs.general.pairs import UNIT

#: The five words, mildest first.
GRAVITIES = ("informational", "low", "medium", "high", "critical")

_NAMED = {
    word: gravity
    for gravity, words in {
        "informational": "informational information info notice debug none unclassified ok trace verbose",
        "low": "low minor guarded warning warn lowest",
        "medium": "medium moderate med elevated average significant error err",
        "high": "high major severe important serious alert crit",
        "critical": "critical emergency fatal urgent emerg extreme disaster veryhigh highest",
    }.items()
    for word in words.split()
}
#: From which number on each word counts, by scale.
_SCALES: dict[str, tuple[tuple[float, str], ...]] = {
    "cef": ((0, "informational"), (1, "low"), (4, "medium"), (7, "high"), (9, "critical")),
    "hundred": ((0, "informational"), (20, "low"), (40, "medium"), (60, "high"), (80, "critical")),
    "wazuh": ((0, "informational"), (4, "low"), (7, "medium"), (12, "high"), (15, "critical")),
    "guardduty": ((0, "low"), (4, "medium"), (7, "high"), (9, "critical")),
}
#: Scales that count down: 1 is the gravest.
_DOWN: dict[str, tuple[str, ...]] = {
    "suricata": ("", "high", "medium", "low", "informational"),
}
_KNOWN_KEYS: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"observer vendor", "observer product"}), "cef"),
    (frozenset({f"alert{UNIT}severity", f"alert{UNIT}signature_id"}), "suricata"),
    (frozenset({f"rule{UNIT}level", f"rule{UNIT}id"}), "wazuh"),
    (frozenset({"schemaVersion", "severity", f"service{UNIT}detectorId"}), "guardduty"),
    (frozenset({"SchemaVersion", "Severity", f"Service{UNIT}DetectorId"}), "guardduty"),
)


def scale_of(paths: Sequence[str]) -> str:
    """The scale of the record's numbers, told by keys that only its product writes; "" where it is not known."""
    return _scale_of(tuple(paths))


@lru_cache(maxsize=5_000)
def _scale_of(paths: tuple[str, ...]) -> str:
    have = set(paths)
    return next((scale for keys, scale in _KNOWN_KEYS if keys <= have), "")


def gravity_of(value: str, scale: str = "") -> str:
    """One of GRAVITIES, or "" where the value cannot be placed."""
    text = value.strip().lower().replace(" ", "").replace("_", "").replace("-", "")
    for prefix in ("severity", "sev"):
        text = text.removeprefix(prefix)
    if text in _NAMED:
        return _NAMED[text]
    try:
        number = float(text)
    except ValueError:
        return ""
    if scale in _DOWN:
        words = _DOWN[scale]
        return words[int(number)] if number == int(number) and 0 <= number < len(words) else ""
    found = ""
    for least, word in _SCALES.get(scale, ()):
        if number >= least:
            found = word
    return found


#: Words that are a level wherever one stands alone.
LEVEL_WORDS = frozenset(
    [
        "trace", "debug", "info", "notice", "warn", "warning", "err", "error", "severe", "crit", "critical", "fatal", "alert", "emerg",
        "emergency", "panic",
    ]
)  # fmt: skip
