"""The ruleset that judges the next batch: asked anew for each, so a change needs no restart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from soc import clock
from soc.audit.write import record
from soc.detection.rulebook import build_ruleset, check_change
from soc.detection.ruleset import Ruleset
from soc.domain.actor import Actor
from soc.domain.audit import Subject, SubjectKind, differences
from soc.settings import Settings
from soc.store.db import read_session, write_session
from soc.store.nouns.rules.ruleset_changes import list_ruleset_changes, save_ruleset_change


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


def change_ruleset(subject: str, name: str, change: Mapping[str, Any], *, actor: Actor) -> None:
    """Switch a "signature" or "detector" off, weigh or set it otherwise, from the next batch on; {} takes it back.

    Raises ConfigurationError where there is no such thing, or a value is out of its bounds.
    """
    if change:  # what no longer exists can still be taken back
        check_change(subject, name, change)
    with write_session() as session:
        was = list_ruleset_changes(session).get(subject, {}).get(name, {})
        save_ruleset_change(session, subject, name, dict(change), actor=actor, now=clock.now())
        before, after = differences(was, change)
        if before or after:
            told = Subject(SubjectKind.RULESET, f"{subject}/{name}")
            record(session, actor, "change", told, before=before, after=after)
