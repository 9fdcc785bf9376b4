"""Incidents: what was found, why, and what was done about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import Field, computed_field

from soc.access.scopes import Scope
from soc.api.inputs import (
    BatchFilter,
    ClassFilter,
    Limit,
    Offset,
    OwnerFilter,
    RowId,
    SeverityFilter,
    StatusFilter,
    TeamFilter,
    TextFilter,
)
from soc.api.lists import PAGE, SOME_KIND, Answer, Cursor, Listed, Since, Until, sorts_of
from soc.api.routes.deliveries import Delivery
from soc.api.scopes import needs
from soc.domain.acts import Verdict
from soc.domain.classification import Classification
from soc.domain.incident import IncidentStatus, Origin
from soc.domain.severity import Severity
from soc.links import incident_url
from soc.store.db import read_session
from soc.store.nouns.deliveries.deliveries import list_deliveries as stored_deliveries
from soc.store.nouns.incidents.families import list_merged
from soc.store.nouns.incidents.incidents import INCIDENT_SORTS, IncidentFilter, page_incidents
from soc.store.nouns.incidents.incidents import get_incident as stored_incident
from soc.store.nouns.incidents.parts import find_part, list_parts
from soc.store.nouns.rules.decisions import list_decisions
from soc.tickets.whose import owners_named

router = APIRouter(prefix="/incidents", tags=["incidents"])
_Sort = Annotated[str, sorts_of(INCIDENT_SORTS)]


class IncidentReason(Answer):
    """One contribution to the verdict; `start` and `end` are byte offsets of `words` in the raw line."""

    signature: str = Field(examples=["ssh-failed-password"])
    title: str = Field(examples=["Failed password"])
    words: str = Field(examples=["Failed password for root"])
    start: int = Field(examples=[41])
    end: int = Field(examples=[65])
    weight: int = Field(examples=[6])
    attack: str = Field(default="", description="The ATT&CK technique.", examples=["T1110"])


class IncidentSample(Answer):
    """One line of the incident, cut at 2,000 characters."""

    file: str = Field(examples=["auth.log"])
    line_no: int = Field(examples=[120])
    offset: int = Field(examples=[9041])
    text: str = Field(
        examples=["Jan 14 22:01:07 bastion sshd[811]: Failed password for root from 203.0.113.9"]
    )


class Incident(Answer):
    """Near-identical lines that are one piece of work. `count` is in lines."""

    id: str = Field(examples=["inc-0bqr4mj9p4g2"])
    batch_id: str = Field(examples=["bat-7k2m9q4x1c"])
    created_at: datetime = Field(examples=["2026-01-14T22:03:11Z"])
    title: str = Field(examples=["Multiple login failures"])
    source: str = Field(examples=["sshd"])
    classification: Classification
    score: int = Field(ge=1, le=10, examples=[9])
    severity: Severity
    confidence: float = Field(examples=[0.9])
    rule_id: str = Field(description="The signature that named it.", examples=["ssh-brute-force"])
    template_id: str = Field(examples=["tpl-3f2a"])
    template: str = Field(examples=["Failed password for <*> from <*>"])
    entity: str = Field(description="The address or host the lines share.", examples=["203.0.113.9"])
    count: int = Field(examples=[412])
    first_seen: datetime | None = Field(examples=["2026-01-14T21:58:02Z"])
    last_seen: datetime | None = Field(examples=["2026-01-14T22:01:07Z"])
    message: str = Field(examples=["Failed password for root from 203.0.113.9"])
    reasons: list[IncidentReason]
    samples: list[IncidentSample]
    status: IncidentStatus
    origin: Origin
    eligible: bool = Field(description="Whether a rule matched it.", examples=[True])
    awaiting_release: bool = Field(
        default=False, description="Nobody is told of it until somebody releases it.", examples=[False]
    )
    owner: str = Field(description="The person who has it, or empty.", examples=["per-7k2m9q4x1c"])
    acknowledged_at: datetime | None = Field(examples=["2026-01-14T22:05:00Z"])
    acknowledged_by: str = Field(
        description="Who acknowledged it, or empty.", examples=["person:per-7k2m9q4x1c@said"]
    )
    priority: str = Field(
        description="The priority that a person chose; empty: that of its score.", examples=[""]
    )
    verdict: Verdict | Literal[""] = Field(
        description="What it turned out to be; empty while nobody has said.", examples=[""]
    )
    duplicate_of: str = Field(description="The incident that it repeats, or empty.", examples=[""])
    merged_into: str = Field(
        description="The incident that it was merged into, or empty: what comes for it comes there.",
        examples=[""],
    )
    closed_at: datetime | None = Field(examples=[None])
    changed_by: str = Field(
        description="Who changed it last, or empty.", examples=[f"vendor:{SOME_KIND}@report"]
    )

    @computed_field(description=PAGE, examples=["https://soc.example/incidents?incident=inc-0bqr4mj9p4g2"])  # type: ignore[prop-decorator]
    @property
    def url(self) -> str:
        return incident_url(self.id)


class Decision(Answer):
    """What one rule said of the incident."""

    rule_id: str = Field(examples=["severity-9"])
    rule_name: str = Field(examples=["Severity score ≥ 9"])
    matched: bool = Field(examples=[True])
    explanation: str = Field(examples=["score 9 ≥ 9"])
    actions: list[str] = Field(examples=[["*"]])
    created_at: datetime = Field(examples=["2026-01-14T22:03:11Z"])
    made_by: str = Field(examples=["rule:severity-9@decision"])


class IncidentDetail(Incident):
    """An incident with the rules' decisions, its deliveries, what was merged into it and what was split off it."""

    merged: list[str] = Field(
        description="The incidents that are one with it, also by way of others.",
        examples=[["inc-7k2m9q4x1c"]],
    )
    split_from: str = Field(
        description="The incident that it was split off, or empty.", examples=["inc-7k2m9q4x1c"]
    )
    parts: list[str] = Field(
        description="The incidents that were split off it; each has its own lines.",
        examples=[["inc-7k2m9q4x1c"]],
    )
    decisions: list[Decision]
    deliveries: list[Delivery]


class IncidentList(Listed[Incident]):
    """A page of incidents."""


@router.get("", dependencies=[needs(Scope.READ)], summary="Incidents, most severe first")
def list_incidents(
    batch_id: BatchFilter = "",
    severity: SeverityFilter = "",
    classification: ClassFilter = "",
    status: StatusFilter = "",
    eligible: bool | None = None,
    awaiting_release: bool | None = None,
    entity: TextFilter = "",
    text: TextFilter = "",
    owner: OwnerFilter = "",
    team: TeamFilter = "",
    unjudged: bool = False,
    since: Since = None,
    until: Until = None,
    sort: _Sort = "-score",
    cursor: Cursor = "",
    offset: Offset = 0,
    limit: Limit = 50,
) -> IncidentList:
    """`text` looks in title, message and source; `since` and `until` bound when it was found; `unjudged`: ended without a
    verdict.
    """
    chosen = IncidentFilter(
        batch_id=batch_id,
        severities=(severity,) if severity else (),
        classifications=(classification,) if classification else (),
        statuses=(status,) if status else (),
        eligible=eligible,
        awaiting_release=awaiting_release,
        entity=entity,
        text=text,
        since=since,
        until=until,
        unjudged=unjudged,
    )
    with read_session() as session:
        chosen = replace(chosen, owners=owners_named(session, owner, team))
        page = page_incidents(session, chosen, sort=sort, cursor=cursor, offset=offset, limit=limit)
        return IncidentList.of(page, map(Incident.model_validate, page.rows))


@router.get("/{incident_id}", dependencies=[needs(Scope.READ)], summary="One incident")
def get_incident(incident_id: RowId) -> IncidentDetail:
    """With the rules' decisions and its deliveries."""
    with read_session() as session:
        row = stored_incident(session, incident_id)
        return IncidentDetail(
            **Incident.model_validate(row).model_dump(),
            merged=[one.id for one in list_merged(session, incident_id)],
            split_from=part.incident_id if (part := find_part(session, incident_id)) is not None else "",
            parts=[one.id for one in list_parts(session, incident_id)],
            decisions=[Decision.model_validate(one) for one in list_decisions(session, incident_id)],
            deliveries=[
                Delivery.model_validate(one) for one in stored_deliveries(session, incident_id=incident_id)
            ],
        )
