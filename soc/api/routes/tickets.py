"""Tickets that were opened from this product, with their SLA clocks."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import Field, computed_field

from soc import clock
from soc.access.scopes import Scope
from soc.api.inputs import (
    BatchFilter,
    KindFilter,
    Limit,
    Offset,
    OwnerFilter,
    PriorityFilter,
    SlaFilter,
    TeamFilter,
    TextFilter,
)
from soc.api.lists import PAGE, SOME_KIND, Answer, Cursor, Listed, Since, Until, sorts_of
from soc.api.scopes import needs
from soc.domain.severity import Priority
from soc.domain.sla import SlaState
from soc.links import incident_url
from soc.store.db import read_session
from soc.store.nouns.tickets.tickets import TICKET_SORTS, TicketFilter, TicketRow, page_tickets, read_state
from soc.store.nouns.tickets.tickets import get_ticket as stored_ticket
from soc.tickets.acts.members import members_of_ticket
from soc.tickets.whose import owners_named

router = APIRouter(prefix="/tickets", tags=["tickets"])
_Sort = Annotated[str, sorts_of(TICKET_SORTS)]
_Number = Annotated[int, Path(ge=1, le=2**31 - 1)]


class Ticket(Answer):
    """`sla` is where its clock stands now; `due_at` is when its time is up."""

    id: int = Field(examples=[7])
    incident_id: str = Field(examples=["inc-0bqr4mj9p4g2"])
    integration: str = Field(examples=[SOME_KIND])
    key: str = Field(examples=["SOC-123"])
    remote_id: str = Field(examples=["10042"])
    url: str = Field(examples=["https://your-domain.atlassian.net/browse/SOC-123"])
    summary: str = Field(examples=["[CRITICAL] Security Alert - Multiple login failures"])
    priority: Priority
    status: str = Field(examples=["In Progress"])
    status_category: str = Field(examples=["indeterminate"])
    assignee: str = Field(examples=["Kim Sato"])
    owner: str = Field(description="The person here who has it, or empty.", examples=["per-7k2m9q4x1c"])
    practice: bool = Field(examples=[False])
    not_synced: str = Field(
        description="What of it stays at its vendor alone, or empty.", examples=["attachment report.pdf"]
    )
    created_at: datetime = Field(examples=["2026-01-14T22:03:14Z"])
    due_at: datetime = Field(examples=["2026-01-14T23:03:14Z"])
    resolved_at: datetime | None = Field(examples=[None])
    breached_at: datetime | None = Field(examples=[None])
    synced_at: datetime | None = Field(examples=["2026-01-14T22:10:00Z"])
    made_by: str = Field(description="Who had it opened.", examples=["rule:severity-9@decision"])
    changed_by: str = Field(
        description="Who changed it last, or empty.", examples=[f"vendor:{SOME_KIND}@report"]
    )
    sla: SlaState

    @computed_field(  # type: ignore[prop-decorator]
        description=f"The incident. {PAGE}",
        examples=["https://soc.example/incidents?incident=inc-0bqr4mj9p4g2"],
    )
    @property
    def incident_url(self) -> str:
        return incident_url(self.incident_id)


class TicketWhole(Ticket):
    """With its sets, as they are here."""

    labels: list[str] = Field(examples=[["phishing", "soc-automated"]])
    components: list[str] = Field(examples=[["Security"]])
    watchers: list[str] = Field(description="People of the roster.", examples=[["per-7k2m9q4x1c"]])
    other_watchers: int = Field(description="How many more only its vendor knows.", examples=[0])


class TicketList(Listed[Ticket]):
    """A page of tickets."""


def shown_ticket(row: TicketRow, now: datetime | None = None) -> Ticket:
    """The ticket with where its clock stands at that moment (now)."""
    moment = now or clock.now()
    return Ticket.model_validate({**row.model_dump(), "sla": read_state(row, now=moment)})


@router.get("", dependencies=[needs(Scope.READ)], summary="Tickets, newest first")
def list_tickets(
    open_only: bool = False,
    integration: KindFilter = "",
    key: TextFilter = "",
    batch_id: BatchFilter = "",
    priority: PriorityFilter = "",
    sla: SlaFilter = "",
    practice: bool | None = None,
    owner: OwnerFilter = "",
    team: TeamFilter = "",
    since: Since = None,
    until: Until = None,
    sort: _Sort = "-created_at",
    cursor: Cursor = "",
    offset: Offset = 0,
    limit: Limit = 50,
) -> TicketList:
    """`since` and `until` bound when it was opened; sorted by `due_at`, the most overdue comes first."""
    now = clock.now()
    chosen = TicketFilter(
        integration=integration,
        key=key,
        batch_id=batch_id,
        priorities=(priority,) if priority else (),
        states=(SlaState(sla),) if sla else (),
        is_open=True if open_only else None,
        practice=practice,
        since=since,
        until=until,
    )
    with read_session() as session:
        chosen = replace(chosen, owners=owners_named(session, owner, team))
        page = page_tickets(session, chosen, sort=sort, cursor=cursor, offset=offset, limit=limit, now=now)
        return TicketList.of(page, (shown_ticket(row, now) for row in page.rows))


@router.get("/{ticket_id}", dependencies=[needs(Scope.READ)], summary="One ticket")
def get_ticket(ticket_id: _Number) -> TicketWhole:
    """By its number here; `key` filters the list by the vendor's own."""
    with read_session() as session:
        row = stored_ticket(session, ticket_id)
        sets = members_of_ticket(session, ticket_id, row.integration)
        return TicketWhole(
            **shown_ticket(row).model_dump(exclude={"incident_url"}), labels=list(sets.labels),
            components=list(sets.components), watchers=list(sets.watchers), other_watchers=sets.others,
        )  # fmt: skip
