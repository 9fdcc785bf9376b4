"""One combined notice a recipient: made of the lines that wait, within the cap an hour, handed to the outbox ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlmodel import Session

from soc.delivery import ledger
from soc.delivery.ledger import Intent, Try
from soc.domain.escalation.settle import HOUR, Notice, combine, free_at
from soc.domain.escalation.states import LineState, Stands
from soc.domain.message import EscalatedTicket, Escalation
from soc.errors import NotFound
from soc.escalation.carriers import CHANNELS, Channel
from soc.escalation.settling import TICK
from soc.ids import new_id
from soc.links import incident_url
from soc.store.nouns.escalation import escalation_lines
from soc.store.nouns.escalation import escalations as stored
from soc.store.nouns.escalation.chains import find_version
from soc.store.nouns.escalation.escalations import EscalationLineRow, EscalationNoticeRow
from soc.store.nouns.incidents.incidents import IncidentRow
from soc.store.nouns.people.people import PersonRow, get_person
from soc.store.nouns.tickets.tickets import TicketRow

#: So many steps that became moot are named in a notice.
_MOST_SKIPPED = 20
_DEFAULT_CAP = 6


def list_recipients(session: Session) -> Mapping[str, Sequence[str]]:
    """Who has lines that wait, and over which channels."""
    found: dict[str, list[str]] = {}
    for one in escalation_lines.list_waiting_recipients(session):
        found.setdefault(one.recipient, []).append(one.channel)
    return found


def tell(session: Session, recipient: str, channels: Sequence[str], *, now: datetime) -> list[Try]:
    """Plan the recipient's notice over each channel; where the cap is reached the lines wait, to be folded later."""
    by_channel = {channel: escalation_lines.lock_waiting(session, recipient, channel) for channel in channels}
    lines = [line for some in by_channel.values() for line in some]
    if not lines:
        return []
    told = escalation_lines.list_told_at(session, recipient, since=now - HOUR)
    if free_at(told, _cap(session, lines), now=now) is not None:
        for line in lines:
            line.held = True
            session.add(line)
        return []
    tries: list[Try] = []
    for channel, some in by_channel.items():
        for group in _apart(channel, some):
            wanted = {(recipient, channel): [(line, line.held) for line in group]}
            for notice in combine(wanted):
                tries += _send(session, notice, now=now)
    return tries


def _apart(channel: str, lines: Sequence[EscalationLineRow]) -> list[list[EscalationLineRow]]:
    """What goes into one notice each: all together, or, where a channel speaks on tickets, each ticket's alone. Practice and
    real tickets never share one: their channels differ.
    """
    if channel not in CHANNELS or not lines:
        return [list(lines)] if lines else []
    if not CHANNELS[channel].way.each_ticket:
        return [list(lines)]
    groups: dict[int, list[EscalationLineRow]] = {}
    for line in lines:
        groups.setdefault(line.ticket_id, []).append(line)
    return list(groups.values())


def _cap(session: Session, lines: Sequence[EscalationLineRow]) -> int:
    """The smallest of the chains that have something to say."""
    steps = stored.read_steps(session, {line.step_id for line in lines})
    versions = {(step.chain_id, step.chain_version) for step in steps}
    chains = [find_version(session, chain_id, version) for chain_id, version in versions]
    return min((chain.cap_an_hour for chain in chains if chain is not None), default=_DEFAULT_CAP)


def _send(session: Session, notice: Notice[EscalationLineRow], *, now: datetime) -> list[Try]:
    channel = CHANNELS.get(notice.channel)
    every = (*notice.lines, *notice.folded)
    if channel is None:  # an integration of an earlier version
        for line in every:
            line.state, line.why = LineState.CANCELLED.value, "its channel is no more"
            session.add(line)
        return []
    notice_id = new_id("ntc")
    steps = {step.id: step for step in stored.read_steps(session, {line.step_id for line in every})}
    tickets = stored.read_tickets(session, {line.ticket_id for line in every})
    person = _person(session, notice.recipient)
    told = [_ticket(*tickets[line.ticket_id], line, steps[line.step_id].title) for line in notice.lines]
    only = told[0].incident_id if len(every) == 1 else None
    message = Escalation(
        subject=notice_id,
        way=channel.way.name,
        recipient=person.name if person else "",
        address=getattr(person, channel.way.needs) if person and channel.way.needs else "",
        tickets=tuple(told),
        folded=tuple(tickets[line.ticket_id][0].key for line in notice.folded),
        skipped=tuple(dict.fromkeys(filter(None, (line.skipped for line in every))))[:_MOST_SKIPPED],
        note=" ".join(dict.fromkeys(filter(None, (line.note for line in every))))[:2000],
        url=incident_url(only) if only else "",
    )
    intent = Intent(
        key=f"{channel.kind.name}:escalation:{notice_id}",
        integration=channel.kind.name,
        message=message,
        actor=TICK,
        incident_id=only,
        practice=all(ticket.practice for ticket, _ in tickets.values()),
        score=message.score,
    )
    tries = ledger.plan(session, [intent], now=now)
    session.add(
        EscalationNoticeRow(
            id=notice_id, recipient=notice.recipient, channel=notice.channel, delivery_id=tries[0].delivery_id, told_at=now,
            tickets=len(every), made_by=str(TICK), stands=_stands(channel),
        )
    )  # fmt: skip
    session.flush()
    for line in every:
        line.state, line.notice_id = LineState.TOLD.value, notice_id
        session.add(line)
    session.flush()
    return tries


def _stands(channel: Channel) -> Stands:
    """What the notice begins there: something open where the kind can be told of its end."""
    return Stands.OPEN if "end_escalation" in channel.kind.takes else Stands.NOTHING


def _person(session: Session, recipient: str) -> PersonRow | None:
    try:
        return get_person(session, recipient) if recipient and ":" not in recipient else None
    except NotFound:
        return None


def _ticket(ticket: TicketRow, incident: IncidentRow, line: EscalationLineRow, title: str) -> EscalatedTicket:
    return EscalatedTicket(
        ticket_id=ticket.id or 0, incident_id=incident.id, key=ticket.key, remote_id=ticket.remote_id, url=ticket.url,
        title=incident.title, priority=ticket.priority, score=incident.score, step=title, why=line.said,
    )  # fmt: skip
