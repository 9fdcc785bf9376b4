"""What came of a batch, in the words of the setup guide's “Processing Results Display”, and its accounts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from soc.analysis import export_events
from soc.batches.reading.folders import events_of
from soc.batches.telling.planning import SWITCHED, not_configured, switched_off
from soc.domain.delivery import FINAL_STATES, DeliveryState
from soc.integrations.in_force import standing_of
from soc.integrations.registry import KINDS, Kind, switched
from soc.level import Level
from soc.store.db import read_session
from soc.store.nouns.batches.batches import ACTIVE, BatchFileRow, BatchRow, BatchState, get_batch, list_files
from soc.store.nouns.combined.waiting import count_awaiting
from soc.store.nouns.deliveries.deliveries import count_by_state, count_suppressed, list_channels
from soc.store.nouns.incidents.incidents import IncidentRow
from soc.store.nouns.incidents.parts import list_moved
from soc.store.nouns.sla.sla_intake import count_intake_of
from soc.store.nouns.tickets.ticket_lists import list_batch_tickets
from soc.store.nouns.tickets.tickets import TicketRow
from soc.store.nouns.vendors.health import read_health


@dataclass(frozen=True)
class ChannelAccount:
    """eligible = delivered + joined + awaiting release + suppressed + pending + dead, for one channel."""

    channel: str
    eligible: int
    delivered: int
    joined: int
    awaiting: int
    suppressed: int
    pending: int
    dead: int

    @property
    def balanced(self) -> bool:
        told = self.delivered + self.joined + self.awaiting
        return self.eligible == told + self.suppressed + self.pending + self.dead


@dataclass(frozen=True)
class BatchReport:
    """`lines` is the display; `suppressed` counts what was not sent by its reason.

    `not_available` are the channels that were switched on and could not be told at all (not configured, off);
    `paused` those that messages wait for, with why.
    """

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
    files: tuple[BatchFileRow, ...] = ()
    not_available: tuple[str, ...] = ()
    paused: Mapping[str, str] = field(default_factory=dict)
    #: Tickets that were late before anybody here could know.
    intake: int = 0
    #: Incidents that nobody is told of until somebody releases them.
    awaiting: int = 0

    @property
    def refused(self) -> tuple[BatchFileRow, ...]:
        """The files that could not be read, each with its error."""
        return tuple(file for file in self.files if file.error)

    @property
    def nothing_read(self) -> bool:
        """No line of it was understood, though something was handed in."""
        given = self.batch.lines_in or self.refused
        return self.batch.state == BatchState.FINISHED and not self.batch.parsed and bool(given)

    @property
    def balanced(self) -> bool:
        """Lines in = parsed + rejected, and every channel's account adds up."""
        lines = self.batch.lines_in == self.batch.parsed + self.batch.rejected
        return lines and all(account.balanced for account in self.accounts)

    @property
    def level(self) -> Level:
        """Good is only a batch that was read and of which everybody was told."""
        state = self.batch.state
        if state == BatchState.FAILED or self.nothing_read:
            return Level.BAD
        if state in ACTIVE or state == BatchState.STOPPED:
            return Level.NOTE
        troubled = (
            self.awaiting
            or self.dead
            or self.refused
            or self.not_available
            or self.paused
            or not self.balanced
        )
        if state == BatchState.HELD or troubled:
            return Level.WARNING
        return Level.NOTE if self.pending else Level.GOOD


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
        files = list_files(session, batch_id)
        intake = count_intake_of(session, batch_id)
        awaiting = count_awaiting(session, batch_id)
        paused = {
            account.channel: health.paused_reason
            for account in accounts
            if account.pending and (health := read_health(session, account.channel)).paused
        }
    by_channel = {account.channel: account for account in accounts}
    alerts = sum(by_channel[kind.name].delivered for kind in switched() if kind.tells == "send_alert")
    report = BatchReport(
        batch=batch,
        lines=(),
        tickets=tuple(ticket for ticket, _ in opened),
        alerts_sent=alerts,
        tickets_created=len(opened),
        summaries_sent=summaries[DeliveryState.DELIVERED.value],
        pending=sum(account.pending for account in accounts),
        dead=sum(account.dead for account in accounts),
        suppressed=suppressed,
        accounts=accounts,
        files=tuple(files),
        intake=intake,
        awaiting=awaiting,
        not_available=tuple(
            kind.name
            for kind in _switched_on(batch)
            if _is_missing(kind, by_channel[kind.name], suppressed, batch)
        ),
        paused=paused,
    )
    return replace(report, lines=_display(report, opened))


def _switched_on(batch: BatchRow) -> list[Kind]:
    return [kind for kind in switched() if kind.switch is not None and getattr(batch, kind.switch.column)]


def _is_missing(kind: Kind, account: ChannelAccount, suppressed: Mapping[str, int], batch: BatchRow) -> bool:
    """As it was when the messages were planned; where there were none, as it is now."""
    if account.delivered or account.joined or account.awaiting or account.pending or account.dead:
        return False
    if batch.eligible:
        return any(reason in suppressed for reason in (not_configured(kind), switched_off(kind)))
    if batch.state in ACTIVE:
        return False
    return not standing_of(kind.name).enabled


def _account(batch: BatchRow, channel: str, counts: Mapping[str, int]) -> ChannelAccount:
    counts = Counter(counts)
    return ChannelAccount(
        channel=channel,
        eligible=batch.eligible,
        delivered=counts[DeliveryState.DELIVERED],
        joined=counts[DeliveryState.JOINED],
        awaiting=counts[DeliveryState.AWAITING],
        suppressed=counts[DeliveryState.SUPPRESSED] + counts[DeliveryState.CANCELLED],
        pending=sum(number for state, number in counts.items() if state not in FINAL_STATES),
        dead=counts[DeliveryState.DEAD],
    )


def _plural(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def _display(report: BatchReport, opened: Sequence[tuple[TicketRow, IncidentRow]]) -> tuple[str, ...]:
    batch = report.batch
    if batch.state == BatchState.FAILED:
        return (f"❌ Processing failed: {batch.error}",)
    if batch.state == BatchState.STOPPED:
        return ("⏹️ Stopped: nothing of it was stored. It can be run again.",)
    if batch.state == BatchState.HELD:
        return (f"❓ Held: {batch.error}",)
    if batch.state == BatchState.RETRY:
        return (f"⏳ Tried again at {batch.next_try_at:%H:%M:%S} UTC: {batch.error}",)
    if batch.state in ACTIVE:
        return (f"⏳ {batch.lines_done:,} lines so far",)
    lines = [*_read(report), ""]
    on = _switched_on(batch)
    lines += [_told(kind, report) for kind in on]
    lines += [
        f"📊 {_plural(report.summaries_sent, 'Batch summary', 'Batch summaries')} sent to {kind.title}"
        for kind in on
        if "send_summary" in kind.takes and kind.name not in report.not_available
    ]
    if joined := max((account.joined for account in report.accounts), default=0):
        lines.append(f"🔁 Joined {_plural(joined, 'incident', 'incidents')} to what was told before")
    if report.awaiting:
        lines.append(awaiting_line(report))
    for account in report.accounts:
        lines += _undelivered(account, report.paused)
    if report.intake:
        was = "was" if report.intake == 1 else "were"
        lines.append(
            f"⏱️ {_plural(report.intake, 'ticket', 'tickets')} {was} breached at intake: counted apart, never escalated"
        )
    if opened:
        lines += ["", tickets_heading(), *(_ticket_line(*one) for one in opened)]
    return tuple(lines)


def _read(report: BatchReport) -> list[str]:
    """What became of the lines. Where none was understood, nothing was processed, whatever was tried."""
    batch = report.batch
    if report.nothing_read:
        lines = ["❌ Nothing was processed: no line could be read"]
    else:
        lines = [f"✅ Processed {batch.lines_in} logs successfully!"]
    if report.refused and len(report.files) > 1:
        whole = _plural(len(report.files), "file", "files")
        lines.append(f"❌ {len(report.refused):,} of {whole} could not be read")
    if batch.rejected:
        lines.append(
            f"⚠️ {_plural(batch.rejected, 'line was', 'lines were')} not understood and kept as rejected"
        )
    return lines


def _undelivered(account: ChannelAccount, paused: Mapping[str, str]) -> list[str]:
    title, lines = KINDS[account.channel].title, []
    if account.channel in paused:
        why = f": {paused[account.channel]}" if paused[account.channel] else ""
        lines.append(f"⏸️ {title} is paused{why} {account.pending} waiting until it is mended")
    elif account.pending:
        lines.append(f"⏳ {title}: {account.pending} still to be delivered")
    if account.dead:
        lines.append(f"❌ {title}: {account.dead} not delivered (see Deliveries)")
    return lines


def awaiting_line(report: BatchReport) -> str:
    many = _plural(report.awaiting, "incident awaits", "incidents await")
    return f"✋ {many} release: {report.batch.flood_cap:,} of a batch are told at once, the gravest first"


def tickets_heading() -> str:
    """The guide's words over the list of tickets."""
    names = [spoken(kind) for kind in switched() if kind.tells == "open_ticket"]
    return f"{' and '.join(names)} Incidents Created:"


def spoken(kind: Kind) -> str:
    """The vendor in the guide's words."""
    return kind.switch.spoken if kind.switch is not None else kind.title


def not_available_line(kind: Kind) -> str:
    """The guide's words for an integration that is not configured or switched off."""
    return f"{spoken(kind)} integration not available"


def _told(kind: Kind, report: BatchReport) -> str:
    name = spoken(kind)
    if kind.name in report.not_available:
        return f"❌ {not_available_line(kind)}"
    if kind.tells == "open_ticket":
        return f"🎫 Created {_plural(report.tickets_created, f'{name} incident', f'{name} incidents')}"
    return f"📤 Sent {_plural(report.alerts_sent, 'critical alert', 'critical alerts')} to {name}"


def _ticket_line(ticket: TicketRow, incident: IncidentRow) -> str:
    """`• SOC-123: [CRITICAL] Security Alert - Multiple Login Failures`, as the guide prints it."""
    return f"• {ticket.key}: [{incident.severity.upper()}] {incident.classification} - {incident.title}"


def export_batch_events(batch_id: str, target: Path) -> int:
    """Write the batch's events to one file (`.parquet`, `.csv`, `.jsonl`), a row a line; returns the number of rows."""
    with read_session() as session:
        moved = list_moved(session, batch_id)
    return export_events(events_of(batch_id), target, moved=moved)
