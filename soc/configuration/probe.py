"""A paused integration is looked into by itself, without changing anything at its vendor, and goes on where it works."""

from __future__ import annotations

import structlog

from soc import clock
from soc.audit.write import record
from soc.delivery.replay import resume
from soc.domain.actor import Actor, Known
from soc.domain.audit import Subject, SubjectKind
from soc.errors import SocError
from soc.integrations.in_force import load_config
from soc.integrations.kit.base import ConnectionReport
from soc.integrations.registry import KINDS, connect
from soc.integrations.unsaid import without_secrets
from soc.store.db import read_session, write_session
from soc.store.nouns.vendors.health import claim_probe, list_paused, record_check

log = structlog.get_logger(__name__)

_PROBE = Actor.system("probe", Known.SCHEDULE)


def probe_paused() -> None:
    """For the schedule: 5 minutes after a pause, then 15, then every 60, each by one process of all."""
    with read_session() as session:
        paused = [kind for kind in list_paused(session) if kind in KINDS]
    for kind in paused:
        with write_session() as session:
            mine = claim_probe(session, kind, now=clock.now())
        if mine:
            _look(kind)


def _look(kind: str) -> None:
    try:
        report = _asked(kind)
    except SocError as error:
        log.warning("probe_not_made", integration=kind, error=str(error))
        return
    if report is None:
        return
    with write_session() as session:
        if report.ok:
            record(session, _PROBE, "resume", Subject(SubjectKind.CONFIGURATION, kind))
        record_check(
            session, kind, report.model_dump(mode="json"), actor=_PROBE, now=clock.now(), probing=True
        )
    log.info("paused_integration_probed", integration=kind, works=report.ok)
    if report.ok:
        resume(kind, actor=_PROBE)


def _asked(kind: str) -> ConnectionReport | None:
    """What the vendor says; None where it is off, or only a person may try. Raises SocError."""
    config = load_config(kind)
    if config is None or not config.enabled:
        return None
    connector = connect(kind, config)
    try:
        found = connector.check().model_dump(mode="json") if connector.may_probe else None
    finally:
        connector.close()
    return None if found is None else ConnectionReport.model_validate(without_secrets(found, config))
