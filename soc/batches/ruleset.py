"""The ruleset that judges the next batch: asked anew for each, so a change needs no restart."""

from __future__ import annotations

from soc.detection.rulebook import build_ruleset
from soc.detection.ruleset import Ruleset
from soc.settings import Settings
from soc.store.db import read_session
from soc.store.ruleset_changes import list_ruleset_changes


def ruleset_in_force(settings: Settings) -> Ruleset:
    """The product's signatures and detectors with what this installation changed of them.

    Raises ConfigurationError where a change is not understood.
    """
    with read_session() as session:
        changes = list_ruleset_changes(session)
    return build_ruleset(
        changes=changes,
        min_score=settings.incident_min_score,
        window_minutes=settings.incident_window_minutes,
    )
