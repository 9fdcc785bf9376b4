"""Tests a configuration, saved or only typed, by the vendor's own answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import structlog

from soc import clock
from soc.audit.write import record
from soc.configuration.save import candidate
from soc.configuration.seconded import refuse_unapproved_test
from soc.delivery.replay import resume
from soc.domain.actor import Actor
from soc.domain.audit import Subject, SubjectKind
from soc.integrations.in_force import load_config
from soc.integrations.kit.base import ConnectionReport
from soc.integrations.kit.http import compare_clocks, hearing_clocks
from soc.integrations.mistyped import env_notes
from soc.integrations.registry import KINDS, connect
from soc.integrations.unsaid import without_secrets
from soc.store.db import write_session
from soc.store.nouns.vendors.health import record_check

log = structlog.get_logger(__name__)


def _with_clock(report: ConnectionReport, clocks: Sequence[timedelta]) -> ConnectionReport:
    """The report, and how far the vendor's clock is from ours: signatures and look-ups by time depend on both."""
    if not clocks:
        return report
    fact, warning = compare_clocks(clocks[-1], KINDS[report.kind].title)
    warnings = (*report.warnings, warning) if warning else report.warnings
    return report.model_copy(update={"facts": (*report.facts, fact), "warnings": warnings})


def test_configuration(
    kind: str,
    data: dict[str, Any] | None = None,  # noqa: PT028
    *,
    actor: Actor,
) -> ConnectionReport:
    """Check the saved configuration, or a candidate without saving it; the audit is told of both.

    Raises ConfigurationError, and Conflict for a candidate whose certificate checks another administrator has to switch off.
    """
    config = load_config(kind) if data is None else candidate(kind, data)
    if data is not None and config is not None:
        refuse_unapproved_test(kind, config)
    if config is None:
        return ConnectionReport(
            ok=False,
            kind=kind,
            summary=f"{KINDS[kind].title} is not configured.",
            hint=" ".join(("Fill in the form and save it, or set its environment variables.", *env_notes())),
        )
    connector = connect(kind, config)
    try:
        with hearing_clocks() as clocks:
            checked = connector.check()
    finally:
        connector.close()
    found = _with_clock(checked, clocks).model_dump(mode="json")
    report = ConnectionReport.model_validate(without_secrets(found, config))
    saved = data is None
    with write_session() as session:
        if saved:
            record_check(session, kind, report.model_dump(mode="json"), actor=actor, now=clock.now())
        told = {"works": report.ok, "case": report.case, **({} if saved else {"saved": False})}
        record(session, actor, "test", Subject(SubjectKind.CONFIGURATION, kind), after=told)
    if saved and report.ok:
        resume(kind, actor=actor)
    log.info(
        f"{kind}_connection_test",
        ok=report.ok,
        case=report.case and report.case.value,
        saved=saved,
        milliseconds=report.latency_ms,
        warnings=len(report.warnings),
        practice=config.practice,
        actor=str(actor),
    )
    return report
