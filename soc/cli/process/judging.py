"""How a batch ended, for whoever waits for a code."""

from __future__ import annotations

from collections.abc import Mapping

from soc.batches.report import BatchReport, not_available_line
from soc.cli.endings import Ending
from soc.integrations.registry import KINDS
from soc.store.nouns.batches.batches import ACTIVE, BatchState


def judge(report: BatchReport, *, missing: Mapping[str, str]) -> tuple[Ending, str]:
    """How it ended and why: the gravest of what is not as it was asked for. The order is documented."""
    batch = report.batch
    if batch.state in ACTIVE:
        return Ending.UNDELIVERED, f"{batch.id} is still being read."
    if batch.state == BatchState.HELD:
        how = f"soc batches continue {batch.id}; soc batches stop {batch.id}"
        return Ending.REFUSED, f"{batch.error} ({how})"
    if batch.state != BatchState.FINISHED:
        return Ending.REFUSED, batch.error or f"{batch.id} was not processed ({batch.state})."
    if report.nothing_read:
        first = report.refused[0].error if report.refused else "Every line was rejected; see its reasons."
        return Ending.REFUSED, f"Nothing was processed. {first}"
    if unheard := [*missing, *(kind for kind in report.not_available if kind not in missing)]:
        return Ending.NOT_AVAILABLE, " ".join(
            f"{not_available_line(KINDS[kind])}: {missing.get(kind, 'it could not be told.')}"
            for kind in unheard
        )
    waiting = {account.channel: account.pending for account in report.accounts if account.pending}
    if report.paused:
        return Ending.PAUSED, " ".join(
            f"{KINDS[kind].title} is paused: {why} {waiting.get(kind, 0):,} waiting."
            for kind, why in report.paused.items()
        )
    if report.dead or report.pending:
        return Ending.UNDELIVERED, _not_delivered(report)
    if report.refused:
        return (
            Ending.PARTLY_REFUSED,
            f"{len(report.refused):,} of {len(report.files):,} files could not be read.",
        )
    return Ending.DONE, ""


def _not_delivered(report: BatchReport) -> str:
    parts = [f"{report.dead:,} given up (soc list deliveries --state dead)"] if report.dead else []
    if report.pending:
        parts.append(f"{report.pending:,} still on their way; they go on with the next process")
    return f"Not delivered: {', '.join(parts)}."
