"""The search: incidents by whatever an analyst has at hand."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field, computed_field

from soc.access.scopes import Scope
from soc.api.inputs import Limit, OwnerFilter, TeamFilter
from soc.api.lists import PAGE, Answer, Cursor, Listed, offset_cursor, read_offset
from soc.api.scopes import needs
from soc.domain.classification import Classification
from soc.domain.incident import IncidentStatus
from soc.domain.severity import Severity
from soc.links import incident_url
from soc.store.db import read_session
from soc.store.nouns.combined.search import find_incidents
from soc.store.nouns.tickets.ticket_lists import list_keys_of
from soc.tickets.whose import owners_named

router = APIRouter(tags=["incidents"])
_Query = Annotated[
    str,
    Query(
        max_length=200,
        pattern=r"^[^\x00]*$",
        description=(
            "Words that must all be found: an incident's id, a ticket's key, an ATT&CK technique, an address, its "
            "beginning or a network, a user, a host, words of the title. Each may be the beginning of a word; nothing "
            "in it is a wildcard."
        ),
        examples=["T1110 203.0.113.0/24"],
    ),
]


class FoundTicket(Answer):
    """A ticket of the incident."""

    key: str = Field(examples=["SOC-123"])
    url: str = Field(examples=["https://your-domain.atlassian.net/browse/SOC-123"])


class FoundIncident(Answer):
    """What identifies an incident; the whole of it is at `/incidents/{id}`."""

    id: str = Field(examples=["inc-0bqr4mj9p4g2"])
    title: str = Field(examples=["Multiple login failures"])
    severity: Severity
    score: int = Field(ge=1, le=10, examples=[9])
    classification: Classification
    source: str = Field(examples=["sshd"])
    entity: str = Field(description="The address or host the lines share.", examples=["203.0.113.9"])
    count: int = Field(description="In lines.", examples=[412])
    status: IncidentStatus
    batch_id: str = Field(examples=["bat-7k2m9q4x1c"])
    created_at: datetime = Field(examples=["2026-01-14T22:03:11Z"])
    tickets: list[FoundTicket]

    @computed_field(  # type: ignore[prop-decorator]
        description=PAGE, examples=["https://soc.example/incidents?incident=inc-0bqr4mj9p4g2"]
    )
    @property
    def url(self) -> str:
        return incident_url(self.id)


class FoundList(Listed[FoundIncident]):
    """A page of what was found."""


@router.get("/search", dependencies=[needs(Scope.READ)], summary="Find incidents, the last found first")
def search_incidents(
    q: _Query, owner: OwnerFilter = "", team: TeamFilter = "", cursor: Cursor = "", limit: Limit = 50
) -> FoundList:
    """An empty query finds nothing."""
    offset = read_offset(cursor) if cursor else 0
    with read_session() as session:
        owners = owners_named(session, owner, team)
        found = find_incidents(session, q, owners=owners, offset=offset, limit=limit)
        keys = list_keys_of(session, [row.id for row in found.incidents])
    items = [
        FoundIncident.model_validate(
            {
                **row.model_dump(),
                "tickets": [FoundTicket(key=key, url=url) for key, url in keys.get(row.id, ())],
            }
        )
        for row in found.incidents
    ]
    following = offset + len(items)
    more = bool(items) and following < found.total
    return FoundList(items=items, total=found.total, next=offset_cursor(following) if more else None)
