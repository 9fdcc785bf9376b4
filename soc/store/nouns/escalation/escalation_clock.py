"""When the escalation's clock ticked last, and what it found: one small fact of the installation."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session

from soc import clock
from soc.store.nouns.installation.notes import NoteRow, keep_note

_NAME = "escalation-tick"


class Tick(NamedTuple):
    """`beat_at` is when the heartbeat was called last; `trouble` is what was wrong with it ("": nothing, or none is set)."""

    at: datetime
    beat_at: datetime | None = None
    trouble: str = ""


def read_tick(session: Session) -> Tick | None:
    """None: it has never ticked here."""
    row = session.get(NoteRow, _NAME)
    if row is None:
        return None
    beat = row.value.get("beat_at")
    return Tick(
        clock.parse(row.value["at"]), clock.parse(beat) if beat else None, str(row.value.get("trouble", ""))
    )


def note_tick(session: Session, tick: Tick) -> None:
    value = {
        "at": tick.at.isoformat(),
        "beat_at": tick.beat_at.isoformat() if tick.beat_at else None,
        "trouble": tick.trouble,
    }
    keep_note(session, _NAME, value)
