"""What `--json` says of a batch and the like: plain values, the API's own names."""

from __future__ import annotations

from typing import Any

from soc.batches.report import BatchReport
from soc.clock import isoformat


def batch_document(report: BatchReport) -> dict[str, Any]:
    """The batch, its files, channels and tickets, and the display's lines."""
    batch = report.batch
    return {
        "batch": {
            "id": batch.id, "name": batch.name, "state": batch.state, "practice": batch.practice,
            "created_at": isoformat(batch.created_at), "lines_in": batch.lines_in, "parsed": batch.parsed,
            "rejected": batch.rejected, "incidents": batch.incidents, "eligible": batch.eligible,
            "by_class": batch.by_class, "by_severity": batch.by_severity, "seconds": batch.seconds, "error": batch.error,
        },
        "files": [
            {
                "name": file.name, "format": file.format, "lines_in": file.lines_in, "parsed": file.parsed,
                "rejected": file.rejected, "rejected_by_reason": file.rejected_by_reason, "warnings": file.warnings,
                "error": file.error,
            }
            for file in report.files
        ],
        "channels": [
            {
                "channel": one.channel, "eligible": one.eligible, "delivered": one.delivered, "joined": one.joined,
                "awaiting_release": one.awaiting, "suppressed": one.suppressed, "pending": one.pending, "dead": one.dead,
                "paused": report.paused.get(one.channel),
            }
            for one in report.accounts
        ],
        "not_available": list(report.not_available),
        "tickets": [
            {"key": one.key, "url": one.url, "summary": one.summary, "priority": one.priority}
            for one in report.tickets
        ],
        "breached_at_intake": report.intake,
        "awaiting_release": report.awaiting,
        "suppressed": dict(report.suppressed),
        "balanced": report.balanced,
        "lines": list(report.lines),
    }  # fmt: skip
