"""Whether a vendor's side is ready for what will be sent there, checked on demand and daily, kept with its time."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog

from soc import clock
from soc.delivery.connectors import borrow
from soc.integrations.in_force import load_config
from soc.integrations.kit.panels import Finding, Readiness
from soc.integrations.registry import KINDS, kind_of
from soc.store.db import read_session, write_session
from soc.store.faults import when_the_store_answers
from soc.store.nouns.installation.notes import NoteRow

__all__ = [
    "Finding",
    "LastReadiness",
    "Readiness",
    "check_every_readiness",
    "check_readiness",
    "last_looks",
    "last_readiness",
]

log = structlog.get_logger(__name__)

STORE_PATIENCE = timedelta(minutes=15)


def _note(kind: str) -> str:
    return f"{kind}-readiness"


@dataclass(frozen=True)
class LastReadiness:
    """What the newest check found. `outdated`: what it was about (`ReadinessCheck.about`) was changed since."""

    checked_at: datetime
    findings: list[Finding]
    outdated: bool

    def count(self, state: Readiness) -> int:
        return sum(1 for finding in self.findings if finding.state is state)

    @property
    def state(self) -> Readiness:
        """The worst of the findings."""
        return next((s for s in (Readiness.FAILS, Readiness.WARNING) if self.count(s)), Readiness.OK)


def last_looks() -> dict[str, datetime]:
    """When the side of each vendor that can be checked, and was, was looked at last."""
    known = {name: last_readiness(name) for name, kind in KINDS.items() if kind.readiness is not None}
    return {name: last.checked_at for name, last in known.items() if last is not None}


def check_every_readiness() -> None:
    """For the schedule: every kind that declares a check and is on. Raises ConfigurationError.

    It comes once a day, so it does not give up for a database that is away for minutes; a check only reads at the
    vendor, and may be repeated.
    """
    for name, kind in KINDS.items():
        if kind.readiness is not None:
            when_the_store_answers(partial(check_readiness, name), patience=STORE_PATIENCE)


def check_readiness(kind: str) -> list[Finding]:
    """Look at the vendor's side and keep what was found; nothing is asked or kept where it is absent or off.

    Never raises DeliveryError: what cannot be asked is itself a finding. Raises ConfigurationError.
    """
    check = kind_of(kind).readiness
    if check is None:
        return []
    with borrow(kind) as connector:
        if connector is None:
            return []
        findings = check.look(connector)
        about = check.about(connector.config)
    with write_session() as store:
        note = store.get(NoteRow, _note(kind)) or NoteRow(name=_note(kind))
        note.value = {
            "checked_at": clock.now().isoformat(),
            "about": about,
            "findings": [asdict(finding) for finding in findings],
        }
        store.add(note)
    states = Counter(finding.state.value for finding in findings)
    log.info(f"{kind}_readiness_checked", **states)
    return findings


def last_readiness(kind: str) -> LastReadiness | None:
    """None where it was never checked. Raises ConfigurationError, StoreError."""
    check = kind_of(kind).readiness
    with read_session() as session:
        note = session.get(NoteRow, _note(kind))
    if note is None or check is None:
        return None
    config = load_config(kind)
    findings = [
        Finding(**{**row, "state": Readiness(row["state"])}) for row in note.value.get("findings", [])
    ]
    return LastReadiness(
        checked_at=clock.parse(note.value["checked_at"]),
        findings=findings,
        outdated=config is not None and note.value.get("about") != check.about(config),
    )
