"""What a hand-over says, read from the store in one view: what is missing stands on top."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from soc import clock
from soc.domain.message import message_title
from soc.domain.roster.handover import Outlook, missing
from soc.domain.sla import SlaState
from soc.handover.document import HandoverDocument, Line, Open, Section, from_json
from soc.integrations.registry import KINDS
from soc.metrics.attention import NEEDS_A_PERSON, Concern, read_attention
from soc.metrics.forecast import AtRisk, judge
from soc.sla.clocks import read_clock, words_of_time
from soc.store.db import read_session
from soc.store.nouns.combined import handovers as store
from soc.store.nouns.combined.handovers import (
    Case,
    last_accepted,
    list_cases,
    list_reopened,
    list_silent,
    read_titles,
)
from soc.store.nouns.deliveries.deliveries import TROUBLE, DeliveryFilter, DeliveryRow, page_deliveries
from soc.store.nouns.incidents.incidents import IncidentFilter, count_incidents, list_incidents
from soc.store.nouns.installation.audit import newest_head
from soc.store.nouns.people.people import list_people
from soc.store.nouns.rules.suppressions import list_hiding
from soc.store.nouns.sla.sla_intake import list_late_batches
from soc.store.nouns.tickets.ticket_conflicts import ConflictFilter, page_conflicts
from soc.store.nouns.tickets.ticket_lists import list_by_clock
from soc.store.nouns.tickets.tickets import TicketFilter, TicketRow, count_tickets, get_ticket
from soc.store.unchanged import while_unchanged

#: Without an earlier hand-over a shift began so long ago.
SHIFT = timedelta(hours=12)
#: So many of each list are told, and their number in all.
SHOWN, CASES = 25, 100
#: A source is silent that brought incidents on so many of the last days, and none for so long.
SILENT, DAYS, OF_DAYS = timedelta(hours=24), 3, timedelta(days=14)


def read_handover(
    *, remark: str = "", since: datetime | None = None, now: datetime | None = None
) -> HandoverDocument:
    """As things stand now. `since`: when the shift began (the last accepted hand-over)."""
    moment = now or clock.now()
    with read_session() as session:
        last = last_accepted(session)
        began = since or (last.created_at if last is not None else moment - SHIFT)
        names = {one.id: one.name for one in list_people(session, active_only=False)}
        cases, total, lacking = list_cases(session, now=moment, limit=CASES)
        sections = [
            _tickets(session, "New", TicketFilter(since=began), moment),
            _reopened(session, began),
            _late_at_intake(session, began),
            _at_risk(session, moment),
            _tickets(session, "Out of time", TicketFilter(states=(SlaState.VIOLATED,)), moment),
            _undelivered(session),
            _conflicts(session),
            _unjudged(session),
            _silent(session, moment),
            _expiring(session, moment, names),
        ]
        audit = _audit(session)
    return HandoverDocument(
        at=moment,
        since=began,
        remark=remark,
        total=total,
        lacking=lacking,
        open=[_open(one, names, moment) for one in cases],
        sections=[*sections, _integrations(), audit],
    )


def _open(case: Case, names: Mapping[str, str], now: datetime) -> Open:
    outlook = Outlook(case.hypothesis or "", case.next_step or "", case.by_when, case.blocker or "")
    return Open(
        incident_id=case.incident_id,
        title=case.title,
        key=case.key,
        severity=case.severity,
        entity=case.entity,
        owner=case.owner,
        owner_name=names.get(case.owner, case.owner),
        due_at=case.due_at,
        outlook=outlook,
        version=case.version or 0,
        missing=missing(case.owner, outlook, now=now),
    )


def _lines(session: Session, told: Sequence[tuple[TicketRow, str]]) -> list[Line]:
    """Each ticket by what its incident is about, as our pages call it; its summary at the vendor keeps the guide's form."""
    titles = read_titles(session, [row.incident_id for row, _ in told])
    return [
        Line(
            f"{row.key} {titles.get(row.incident_id, row.summary)}",
            words,
            "tickets",
            (("ticket", str(row.id)),),
        )
        for row, words in told
    ]


def _left(row: TicketRow, now: datetime) -> str:
    found = read_clock(row, now=now)
    return words_of_time(found.state, found.left)


def _tickets(session: Session, title: str, chosen: TicketFilter, now: datetime) -> Section:
    rows = list_by_clock(session, chosen, now=now, limit=SHOWN)
    lines = _lines(session, [(row, f"{row.priority}, {row.status}, {_left(row, now)}") for row in rows])
    return Section(title, count_tickets(session, chosen, now=now), lines)


def _at_risk(session: Session, now: datetime) -> Section:
    """Whether each can still be saved: what is left, what it usually takes, who is free."""
    chosen = TicketFilter(states=(SlaState.AT_RISK,))
    found = judge(session, list_by_clock(session, chosen, now=now, limit=SHOWN), now=now)
    told = [(one.ticket, f"{one.ticket.priority}: {one.saving.words}{_chance(one)}") for one in found]
    lines = _lines(session, told)
    return Section("At risk", count_tickets(session, chosen, now=now), lines)


def _chance(one: AtRisk) -> str:
    return "" if one.chance is None else f"; by its like it runs out with {one.chance:.0%}"


def _late_at_intake(session: Session, since: datetime) -> Section:
    """One line a batch."""
    found = list_late_batches(session, since=since)
    lines = [Line(one.name, one.words, "tickets", (("batch", one.batch_id),)) for one in found[:SHOWN]]
    return Section("Breached at intake", sum(one.tickets for one in found), lines)


def _reopened(session: Session, since: datetime) -> Section:
    rows = list_reopened(session, since=since, limit=500)
    told = [(row, f"{row.priority}, {row.status}") for row in rows[:SHOWN]]
    return Section("Reopened", len(rows), _lines(session, told))


def _undelivered(session: Session) -> Section:
    page = page_deliveries(session, DeliveryFilter(states=TROUBLE), sort="-updated_at", limit=SHOWN)
    return Section("Not delivered", page.total, [_message(row) for row in page.rows])


def _message(row: DeliveryRow) -> Line:
    title = KINDS[row.integration].title if row.integration in KINDS else row.integration
    why = " ".join(part for part in (row.error or row.reason, row.hint) if part)
    words = f"{row.state}: {why}" if why else row.state
    return Line(f"{title}: {message_title(row.action)}", words, "deliveries", (("delivery", row.id),))


def _conflicts(session: Session) -> Section:
    page = page_conflicts(session, ConflictFilter(is_open=True), limit=SHOWN)
    told = [(get_ticket(session, one.ticket_id), f"{one.field}: {one.reason}") for one in page.rows]
    return Section("Conflicts with the vendor", page.total, _lines(session, told))


def _unjudged(session: Session) -> Section:
    chosen, said = IncidentFilter(unjudged=True), "verdict missing"
    rows = list_incidents(session, chosen, limit=SHOWN)
    lines = [Line(row.title, f"{row.severity}, {said}", "incidents", (("incident", row.id),)) for row in rows]
    return Section("Closed without a verdict", count_incidents(session, chosen), lines)


def _silent(session: Session, now: datetime) -> Section:
    rows = list_silent(session, since=now - OF_DAYS, until=now - SILENT, days=DAYS, limit=500)
    lines = [
        Line(
            one.source,
            f"no incident for {clock.describe(now - one.last)}; of the last {OF_DAYS.days} days {one.days} had some",
            "incidents",
            (("text", one.source),),
        )
        for one in rows[:SHOWN]
    ]
    return Section("Silent sources", len(rows), lines)


def _audit(session: Session) -> Section:
    """Where the audit's chain stands: a head that leaves with each hand-over, for `soc audit verify --heads`."""
    head = newest_head(session)
    lines = [] if head is None else [Line(f"Head of entry {head.seq}", head.line())]
    return Section("Audit", len(lines), lines)


def _expiring(session: Session, now: datetime, names: Mapping[str, str]) -> Section:
    """What is hidden now and will be seen again within the next shift."""
    found = [
        one for one in list_hiding(session, since=now) if one.starts_at <= now and one.ends_at <= now + SHIFT
    ]
    lines = [
        Line(
            one.reason,
            f"{one.kind}, ends in {clock.describe(one.ends_at - now)}, of {names.get(one.owner, one.owner)}",
        )
        for one in found[:SHOWN]
    ]
    return Section("Suppressions that expire", len(found), lines)


def _integrations() -> Section:
    """Paused and whatever else needs a person; dead messages are told above."""
    found = [
        one for one in read_attention() if one.concern in NEEDS_A_PERSON and one.concern is not Concern.DEAD
    ]
    lines = [
        Line(
            KINDS[one.kind].title,
            " ".join(
                part
                for part in (one.concern.value, f"{one.number:,} waiting" if one.number else "", one.why)
                if part
            ),
            "integrations",
            (("kind", KINDS[one.kind].title),),
        )
        for one in found
    ]
    return Section("Integrations that need a person", len(found), lines)


def read_kept(handover_id: str) -> tuple[store.HandoverRow, HandoverDocument]:
    """A hand-over that was given, as it was then. Raises NotFound."""
    with read_session() as session:
        row = store.get_handover(session, handover_id)
    return row, from_json(row.document)


#: The same for a page, which asks at every run: as things stand, at most a few seconds ago.
kept_handover = while_unchanged(read_handover)
