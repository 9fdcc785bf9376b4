"""Score 1–10, its severity band, and the Jira priority that the band maps to."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Severity(StrEnum):
    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"


class Priority(StrEnum):
    """Jira's five default priorities, most urgent first."""

    HIGHEST = "Highest"
    HIGH = "High"
    MEDIUM = "Medium"
    LOW = "Low"
    LOWEST = "Lowest"


_LOWEST_SCORE: tuple[tuple[int, Severity], ...] = (
    (9, Severity.CRITICAL),
    (7, Severity.HIGH),
    (5, Severity.MEDIUM),
    (3, Severity.LOW),
)

PRIORITY_BY_SEVERITY: Mapping[Severity, Priority] = {
    Severity.CRITICAL: Priority.HIGHEST,
    Severity.HIGH: Priority.HIGH,
    Severity.MEDIUM: Priority.MEDIUM,
    Severity.LOW: Priority.LOW,
    Severity.INFO: Priority.LOWEST,
}


def lowest_score(severity: Severity) -> int:
    """The lowest score that has this severity: critical 9, high 7, medium 5, low 3, info 1."""
    return next((floor for floor, band in _LOWEST_SCORE if band is severity), 1)


def severity_of(score: int) -> Severity:
    """critical 9–10, high 7–8, medium 5–6, low 3–4, info 1–2.

    Raises ValueError for a score outside 1–10.
    """
    if not 1 <= score <= 10:
        raise ValueError(f"a severity score lies between 1 and 10, not {score}")
    return next((band for floor, band in _LOWEST_SCORE if score >= floor), Severity.INFO)
