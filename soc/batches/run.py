"""Runs a batch: analyse its files, store what was found, decide, and plan what is to be told.

Everything derived has a derived id, so a run that was cut off and starts again adds nothing twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from sqlmodel import Session

from soc import clock
from soc.analysis import Analysis, Progress, analyse_files
from soc.batches.folders import fetch_source, open_work_folder, publish_run
from soc.batches.ruleset import ruleset_in_force
from soc.delivery import ledger
from soc.delivery.idempotency import key_of
from soc.delivery.ledger import Intent, Try
from soc.domain.actor import Actor
from soc.domain.incident import Incident
from soc.domain.message import SendSummary, announce
from soc.domain.sla import due_at
from soc.errors import SocError
from soc.integrations.in_force import load_config
from soc.integrations.kit.base import IntegrationConfig
from soc.integrations.registry import KINDS, Kind, switched, takers
from soc.links import batch_url, incident_url
from soc.rules import Decision, decide
from soc.settings import get_settings
from soc.store.db import insert_ignoring, read_session, write_session
from soc.store.nouns import batches
from soc.store.nouns.batches import BatchRow, BatchState
from soc.store.nouns.decisions import DecisionRow
from soc.store.nouns.incidents import add_incidents
from soc.store.nouns.policies import read_thresholds
from soc.store.nouns.rules import list_rules
from soc.store.nouns.templates import TemplateRow

log = structlog.get_logger(__name__)

_RUN = Actor.system("batch")
PROGRESS_EVERY = timedelta(milliseconds=400)
#: The channels with a switch on the Process logs page, and the message each gets about an eligible incident.
SWITCHED: dict[str, str] = {kind.name: kind.tells for kind in switched()}


def run_batch(batch_id: str) -> list[Try]:
    """Run it to the end; returns the tries to enqueue. Never raises: a failure is written into the batch."""
    with write_session() as session:
        if batches.get_batch(session, batch_id).state == BatchState.FINISHED:
            return []
        attempt = batches.start_run(session, batch_id, now=clock.now())
        rows = batches.list_files(session, batch_id)
    progress = _ProgressWriter(batch_id, attempt)
    try:
        with open_work_folder(batch_id) as folder:
            analysis = analyse_files(
                [fetch_source(row, folder) for row in rows],
                batch_id=batch_id,
                out_dir=folder,
                settings=get_settings(),
                ruleset=ruleset_in_force(get_settings()),
                on_progress=progress,
                should_stop=lambda: progress.lost,
            )
            publish_run(batch_id, attempt, folder)
        return store_analysis(batch_id, attempt, analysis)
    except SocError as error:
        _fail(batch_id, attempt, str(error))
    except Exception as error:
        log.exception("batch_failed", batch=batch_id)
        _fail(
            batch_id,
            attempt,
            f"The run broke off ({type(error).__name__}). The log has the details; run it again.",
        )
    return []


def _fail(batch_id: str, attempt: int, error: str) -> None:
    with write_session() as session:
        batches.update_fenced(
            session, batch_id, attempt, state=BatchState.FAILED.value, error=error, finished_at=clock.now()
        )


class _ProgressWriter:
    """Writes progress a few times a second, and notices when another run has taken the batch over."""

    def __init__(self, batch_id: str, attempt: int) -> None:
        self.batch_id = batch_id
        self.attempt = attempt
        self.lost = False
        self._written = clock.now() - PROGRESS_EVERY

    def __call__(self, progress: Progress) -> None:
        now = clock.now()
        if now - self._written < PROGRESS_EVERY:
            return
        self._written = now
        with write_session() as session:
            self.lost = not batches.update_fenced(
                session,
                self.batch_id,
                self.attempt,
                stage=progress.stage,
                current_file=progress.file,
                lines_done=progress.lines,
                bytes_done=progress.bytes_done,
                bytes_total=progress.bytes_total,
                heartbeat_at=now,
            )


def store_analysis(batch_id: str, attempt: int, analysis: Analysis) -> list[Try]:
    """Incidents, decisions, deliveries and counts in one transaction, if this run still owns the batch."""
    now = clock.now()
    with write_session() as session:
        batch = batches.get_batch(session, batch_id)
        if batch.attempt != attempt:
            log.warning("batch_taken_over", batch=batch_id, attempt=attempt)
            return []
        rules = list_rules(session)
        decisions = {incident.id: decide(incident, rules) for incident in analysis.incidents}
        eligible = {one for one, answers in decisions.items() if any(answer.matched for answer in answers)}
        add_incidents(session, analysis.incidents, eligible=eligible, now=now)
        _add_decisions(session, decisions, now=now)
        _add_templates(session, batch_id, analysis)
        _update_files(session, batch_id, analysis)
        _finish(session, batch, analysis, eligible=len(eligible))
        chosen = [incident for incident in analysis.incidents if incident.id in eligible]
        return ledger.plan(session, plan_messages(session, batch, chosen, decisions), now=now)


def _add_decisions(session: Session, decisions: dict[str, list[Decision]], *, now: datetime) -> None:
    rows = [
        {
            "incident_id": answer.incident_id,
            "rule_id": answer.rule.id,
            "rule_name": answer.rule.name,
            "matched": answer.matched,
            "explanation": answer.explanation,
            "actions": list(answer.rule.actions),
            "made_by": str(Actor.rule(answer.rule.id)),
            "created_at": now,
        }
        for answers in decisions.values()
        for answer in answers
    ]
    insert_ignoring(session, DecisionRow, rows)


def _add_templates(session: Session, batch_id: str, analysis: Analysis) -> None:
    rows = [
        {
            "batch_id": batch_id,
            "template_id": template.template_id,
            "template": template.template,
            "count": template.count,
            "classification": template.classification,
            "score": template.score,
        }
        for template in analysis.templates
    ]
    insert_ignoring(session, TemplateRow, rows)


def _update_files(session: Session, batch_id: str, analysis: Analysis) -> None:
    rows = batches.list_files(session, batch_id)
    for row, result in zip(rows, analysis.files, strict=True):
        row.format, row.encoding, row.compression = result.format.value, result.encoding, result.compression
        row.lines_in, row.parsed, row.rejected = result.lines_in, result.parsed, result.rejected
        row.rejected_by_reason = dict(result.rejected_by_reason)
        row.warnings, row.error = list(result.warnings), result.error
        session.add(row)


def _finish(session: Session, batch: BatchRow, analysis: Analysis, *, eligible: int) -> None:
    batch.state, batch.finished_at, batch.stage = BatchState.FINISHED.value, clock.now(), ""
    batch.lines_in, batch.parsed, batch.rejected = analysis.lines_in, analysis.parsed, analysis.rejected
    batch.lines_done, batch.bytes_done = analysis.lines_in, batch.bytes_total
    batch.incidents, batch.eligible, batch.seconds = len(analysis.incidents), eligible, analysis.seconds
    batch.by_class, batch.by_severity = dict(analysis.by_class), dict(analysis.by_severity)
    batch.ruleset = analysis.ruleset
    session.add(batch)


def plan_messages(
    session: Session, batch: BatchRow, chosen: Sequence[Incident], decisions: dict[str, list[Decision]]
) -> list[Intent]:
    """A message for each eligible incident and channel; one that will not be sent is planned as suppressed.

    So eligible = delivered + suppressed (with reason) + pending + dead holds for every channel.
    """
    thresholds = read_thresholds(session)
    now = clock.now()
    intents = []
    for channel, action in channels_of(batch).items():
        refusal, practice = _channel_state(batch, channel)
        for incident in sorted(chosen, key=lambda one: -one.score):
            wanting = [one.rule for one in decisions[incident.id] if one.matched and one.rule.names(channel)]
            due = due_at(now, incident.priority, thresholds).date().isoformat()
            message = announce(action, incident, due=due, url=incident_url(incident.id))
            intents.append(
                Intent(
                    key=key_of(channel, message),
                    integration=channel,
                    message=message,
                    actor=Actor.rule(wanting[0].id) if wanting else _RUN,
                    incident_id=incident.id,
                    batch_id=batch.id,
                    practice=practice,
                    score=incident.score,
                    suppressed=refusal or ("" if wanting else "no matching rule names this channel"),
                )
            )
        batch.practice = batch.practice or (practice and not refusal)
    for channel in takers("send_summary"):
        refusal, practice = _channel_state(batch, channel)
        if not refusal:
            intents.append(_summary(batch, chosen, channel, practice=practice))
    return intents


def channels_of(batch: BatchRow) -> dict[str, str]:
    """Channel → the message it gets. Those with a switch of their own always, others if they are set up."""
    return SWITCHED | {channel: KINDS[channel].tells for channel in other_channels()}


def other_channels() -> list[str]:
    """The kinds without a switch of their own that an eligible incident is sent to as things are configured now."""
    others = [name for name, kind in KINDS.items() if kind.tells and name not in SWITCHED]
    return [name for name in others if _takes_incidents(load_config(name))]


def _takes_incidents(config: IntegrationConfig | None) -> bool:
    return config is not None and config.enabled and config.takes_incidents


def _channel_state(batch: BatchRow, channel: str) -> tuple[str, bool]:
    """Why nothing may be sent there ("" when it may), and whether it is practice."""
    config = load_config(channel)
    kind = KINDS[channel]
    switch = kind.switch
    on = getattr(batch, switch.column) if switch is not None else channel not in batch.muted
    if not on:
        return f"{kind.title} was switched off for this batch", False
    if config is None:
        return not_configured(kind), False
    if not config.enabled:
        return switched_off(kind), config.practice
    return "", config.practice


def not_configured(kind: Kind) -> str:
    """Why nothing is sent to a kind that nobody set up."""
    return f"{kind.title} is not configured"


def switched_off(kind: Kind) -> str:
    """Why nothing is sent to a kind that is set up and switched off."""
    return f"{kind.title} is disabled in its configuration"


def _summary(batch: BatchRow, chosen: Sequence[Incident], channel: str, *, practice: bool) -> Intent:
    worst = sorted(chosen, key=lambda one: (-one.score, -one.count))[:5]
    message = SendSummary(
        batch_id=batch.id,
        name=batch.name,
        lines=batch.lines_in,
        parsed=batch.parsed,
        rejected=batch.rejected,
        incidents=batch.incidents,
        eligible=batch.eligible,
        by_severity=batch.by_severity,
        top=tuple(incident.title for incident in worst),
        url=batch_url(batch.id),
    )
    return Intent(
        key=key_of(channel, message),
        integration=channel,
        message=message,
        actor=_RUN,
        batch_id=batch.id,
        practice=practice,
    )


def list_unmoved(older_than: timedelta) -> list[str]:
    """For the sweep: unfinished batches that nobody has touched for this long."""
    before = clock.now() - older_than
    with read_session() as session:
        return [
            row.id for row in batches.list_active(session) if (row.heartbeat_at or row.created_at) < before
        ]
