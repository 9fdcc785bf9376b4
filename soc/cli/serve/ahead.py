"""`soc patterns`: what takes seconds at the first batch, done when an image is built."""

from __future__ import annotations

from pathlib import Path

from soc.cli.say import explained
from soc.detection.judging.scanning.patterns import compile_ahead
from soc.detection.rulebook import build_ruleset
from soc.settings import get_settings


def compile_signatures(folder: Path) -> None:
    """The patterns of the ruleset that comes with the product, into this folder. Raises typer.Exit."""
    with explained():
        settings = get_settings()
        ruleset = build_ruleset(
            min_score=settings.incident_min_score, window_minutes=settings.incident_window_minutes
        )
        print(compile_ahead(ruleset, folder))
