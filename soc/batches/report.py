"""What came of a batch, in the words of the setup guide's “Processing Results Display”, and its accounts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from soc.analysis import export_events
from soc.batches.folders import events_of
from soc.batches.run import SWITCHED
from soc.domain.delivery import DeliveryState
from soc.integrations.registry import KINDS, Kind, switched
from soc.store.db import read_session
from soc.store.nouns.batches import ACTIVE, BatchRow, BatchState, get_batch
from soc.store.nouns.deliveries import count_by_state, count_suppressed, list_channels
from soc.store.nouns.incidents import IncidentRow
from soc.store.nouns.tickets import TicketRow, list_batch_tickets


@dataclass(frozen=True)
class ChannelAccount:
    """eligible = delivered + suppressed + pending + dead, for one channel."""

    channel: str
    eligible: int
    delivered: int
    suppressed: int
    pending: int
    dead: int

    @property
    def balanced(self) -> bool:
        return self.eligible == self.delivered + self.suppressed + self.pending + self.dead


@dataclass(frozen=True)
class BatchReport:
    """`lines` is the display; `suppressed` counts what was not sent by its reason."""

    batch: BatchRow
    lines: tuple[str, ...]
    tickets: tuple[TicketRow, ...]
    alerts_sent: int
    tickets_created: int
    summaries_sent: int
    pending: int
    dead: int
    suppressed: Mapping[str, int] = field(default_factory=dict)
    accounts: tuple[ChannelAccount, ...] = ()

    @property
    def balanced(self) -> bool:
        """Lines in = parsed + rejected, and every channel's account adds up."""
        lines = self.batch.lines_in == self.batch.parsed + self.batch.rejected
        return lines and all(account.balanced for account in self.accounts)


def build_report(batch_id: str) -> BatchReport:
    """Raises NotFound."""
    with read_session() as session:
        batch = get_batch(session, batch_id)
        opened = list_batch_tickets(session, batch_id)
        accounts = tuple(
            _account(
                batch, channel, count_by_state(session, batch_id=batch_id, integration=channel, action=action)
            )
            for channel, action in list_channels(session, batch_id, always=SWITCHED).items()
        )
        summaries = count_by_state(session, batch_id=batch_id, action="send_summary")
        suppressed = count_suppressed(session, batch_id=batch_id)
    by_channel = {account.channel: account for account in accounts}
    alerts = sum(by_channel[kind.name].delivered for kind in switched() if kind.tells == "send_alert")
    return BatchReport(
        batch=batch,
        lines=_display(
            batch,
            alerts=alerts,
            summaries=summaries[DeliveryState.DELIVERED.value],
            opened=opened,
            accounts=accounts,
        ),
        tickets=tuple(ticket for ticket, _ in opened),
        alerts_sent=alerts,
        tickets_created=len(opened),
        summaries_sent=summaries[DeliveryState.DELIVERED.value],
        pending=sum(account.pending for account in accounts),
        dead=sum(account.dead for account in accounts),
        suppressed=suppressed,
        accounts=accounts,
    )


def _account(batch: BatchRow, channel: str, counts: Mapping[str, int]) -> ChannelAccount:
    counts = Counter(counts)
    final = (DeliveryState.DELIVERED, DeliveryState.SUPPRESSED, DeliveryState.DEAD, DeliveryState.CANCELLED)
    return ChannelAccount(
        channel=channel,
        eligible=batch.eligible,
        delivered=counts[DeliveryState.DELIVERED],
        suppressed=counts[DeliveryState.SUPPRESSED] + counts[DeliveryState.CANCELLED],
        pending=sum(number for state, number in counts.items() if state not in final),
        dead=counts[DeliveryState.DEAD],
    )


def _plural(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def _display(
    batch: BatchRow,
    *,
    alerts: int,
    summaries: int,
    opened: Sequence[tuple[TicketRow, IncidentRow]],
    accounts: Sequence[ChannelAccount],
) -> tuple[str, ...]:
    if batch.state == BatchState.FAILED:
        return (f"❌ Processing failed: {batch.error}",)
    if batch.state in ACTIVE:
        return (f"⏳ {batch.lines_done:,} lines so far",)
    lines = [f"✅ Processed {batch.lines_in} logs successfully!"]
    if batch.rejected:
        lines.append(
            f"⚠️ {_plural(batch.rejected, 'line was', 'lines were')} not understood and kept as rejected"
        )
    lines.append("")
    on = [kind for kind in switched() if kind.switch is not None and getattr(batch, kind.switch.column)]
    lines += [_told(kind, alerts=alerts, opened=len(opened)) for kind in on]
    lines += [
        f"📊 {_plural(summaries, 'Batch summary', 'Batch summaries')} sent to {kind.title}"
        for kind in on
        if "send_summary" in kind.takes
    ]
    for account in accounts:
        if account.pending:
            lines.append(f"⏳ {KINDS[account.channel].title}: {account.pending} still to be delivered")
        if account.dead:
            lines.append(f"❌ {KINDS[account.channel].title}: {account.dead} not delivered (see Deliveries)")
    if opened:
        lines += ["", tickets_heading(), *(_ticket_line(*one) for one in opened)]
    return tuple(lines)


def tickets_heading() -> str:
    """The guide's words over the list of tickets."""
    spoken = [kind.switch.spoken for kind in switched() if kind.switch and kind.tells == "open_ticket"]
    return f"{' and '.join(spoken)} Incidents Created:"


def _told(kind: Kind, *, alerts: int, opened: int) -> str:
    spoken = kind.switch.spoken if kind.switch is not None else kind.title
    if kind.tells == "open_ticket":
        return f"🎫 Created {_plural(opened, f'{spoken} incident', f'{spoken} incidents')}"
    return f"📤 Sent {_plural(alerts, 'critical alert', 'critical alerts')} to {spoken}"


def _ticket_line(ticket: TicketRow, incident: IncidentRow) -> str:
    """`• SOC-123: [CRITICAL] Security Alert - Multiple Login Failures`, as the guide prints it."""
    return f"• {ticket.key}: [{incident.severity.upper()}] {incident.classification} - {incident.title}"


def export_batch_events(batch_id: str, target: Path) -> int:
    """Write the batch's events to one Parquet file, a row a line; returns the number of rows."""
    return export_events(events_of(batch_id), target)
