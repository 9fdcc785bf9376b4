"""What a run found, written in one transaction: incidents, decisions, planned deliveries and counts.

Everything derived has a derived id, so a run that was cut off and starts again adds nothing twice.
"""

from __future__ import annotations

from datetime import datetime

import structlog
from sqlmodel import Session

from soc import clock
from soc.analysis import Analysis
from soc.audit.write import record
from soc.batches.again.joined import find_joinings, grow_known, keep_joined, tell_joined
from soc.batches.again.stories import count_fresh
from soc.batches.telling.flood import hold_back, release_grave
from soc.batches.telling.planning import plan_messages, tells_anybody
from soc.delivery import ledger
from soc.delivery.ledger import Try
from soc.domain.actor import Actor
from soc.domain.audit import Subject, SubjectKind
from soc.rules import Decision, decide
from soc.store.db import insert_ignoring, write_session
from soc.store.nouns.batches import batches
from soc.store.nouns.batches.batches import BatchRow, BatchState
from soc.store.nouns.batches.templates import TemplateRow
from soc.store.nouns.incidents.incident_writing import add_incidents
from soc.store.nouns.rules.decisions import DecisionRow
from soc.store.nouns.rules.rules import list_rules
from soc.store.trail.committed import LogOnceCommitted

_RUN = Actor.system("batch")
log = structlog.get_logger(__name__)


def store_analysis(batch_id: str, attempt: int, analysis: Analysis) -> list[Try]:
    """Incidents, decisions, deliveries and counts in one transaction, if this run still owns the batch."""
    now = clock.now()
    fresh = count_fresh(batch_id, analysis.incidents, now=now)
    with write_session() as session:
        batch = batches.get_batch(session, batch_id)
        if batch.attempt != attempt:
            LogOnceCommitted(session, log).warning("batch_taken_over", batch=batch_id, attempt=attempt)
            return []
        rules = list_rules(session)
        decisions = {incident.id: decide(incident, rules) for incident in analysis.incidents}
        eligible = {one for one, answers in decisions.items() if any(answer.matched for answer in answers)}
        joinings = find_joinings(session, batch, analysis.incidents, now=now)
        add_incidents(session, analysis.incidents, eligible=eligible, now=now)
        kept = keep_joined(session, joinings, eligible=eligible, telling=tells_anybody(batch), now=now)
        _add_decisions(session, decisions, now=now)
        _add_templates(session, batch_id, analysis)
        _update_files(session, batch_id, analysis)
        _finish(session, batch, analysis, eligible=len(eligible))
        found = {"incidents": batch.incidents, "eligible": batch.eligible, "ruleset": batch.ruleset}
        record(session, _RUN, "find incidents", Subject(SubjectKind.BATCH, batch_id), after=found)
        chosen = [incident for incident in analysis.incidents if incident.id in eligible]
        waiting = hold_back(session, batch, chosen, joinings, now=now)
        intents = plan_messages(session, batch, chosen, decisions, joinings, waiting)
        again = {one.incident_id for one in intents if one.joined and not one.suppressed}
        again |= {one for one in kept if one in fresh and fresh[one].lines and joinings[one].told}
        joined = {incident.id: incident for incident in analysis.incidents if incident.id in again}
        tries = [
            *ledger.plan(session, intents, now=now),
            *tell_joined(session, batch, joinings, joined, fresh, now=now),
        ]
        # after the ticket's priority was raised above what the known one had
        grow_known(session, kept, analysis.incidents, fresh)
        return [*tries, *release_grave(session, kept.values(), now=now)]


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
