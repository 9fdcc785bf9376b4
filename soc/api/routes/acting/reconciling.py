"""What differs between tickets here and at their vendor, now: each is read there, and nothing is changed."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, field_validator

from soc.access.scopes import Scope
from soc.api import lanes
from soc.api.lists import Answer
from soc.api.scopes import needs
from soc.tickets.sync.difference import Difference, compare_sides

router = APIRouter(tags=["tickets"])


class ReconcileRequest(BaseModel):
    """How many tickets are read: each is a request to the vendor."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"dry_run": True, "tickets": 50}]}
    )

    dry_run: Literal[True] = Field(
        default=True,
        description="It only reports: what differs is merged by the poll each minute, conflicts are decided.",
        examples=[True],
    )
    tickets: int = Field(
        default=50,
        strict=True,
        ge=1,
        le=500,
        description="Those that were not read for longest come first.",
        examples=[50],
    )

    @field_validator("dry_run", mode="before")
    @classmethod
    def _is_a_switch(cls, value: object) -> object:
        """A literal takes 1 for true."""
        if not isinstance(value, bool):
            raise ValueError("true is the only value")
        return value


class Differing(Answer):
    """A field (or `comment`, the `ticket` itself, or `more` of it, as attachments) that is otherwise here than there."""

    key: str = Field(description="The ticket's key at its vendor.", examples=["SOC-12"])
    field: str = Field(examples=["priority"])
    ours: str | list[str] | None = Field(examples=["High"])
    theirs: str | list[str] | None = Field(examples=["Medium"])
    why: str = Field(
        description="`on its way`, `waits for a person`, `not read yet`, `not synced` (it stays there alone), `unexplained`, or why it cannot be read.",
        examples=["on its way"],
    )


class Reconciled(Answer):
    """Every difference that was found. `unexplained` of them should not be there."""

    differences: list[Differing]
    unexplained: int = Field(examples=[0])
    tickets: int = Field(
        description="How many were read: where it is 0 nothing was compared, for want of tickets or of a connected vendor.",
        examples=[50],
    )


@router.post(
    "/reconcile",
    dependencies=[needs(Scope.ACT)],
    summary="Report what differs between tickets here and at their vendor",
)
@lanes.in_lane("reconcile")
def reconcile_tickets(request: ReconcileRequest) -> Reconciled:
    """Tickets that are open, or may yet be reopened. 502 or 503 where the vendor cannot be asked."""
    compared = compare_sides(most=request.tickets)
    found = compared.differences
    return Reconciled(
        differences=[_shown(one) for one in found],
        unexplained=sum(one.why == "unexplained" for one in found),
        tickets=compared.tickets,
    )


def _shown(one: Difference) -> Differing:
    sides = {name: _plain(getattr(one, name)) for name in ("ours", "theirs")}
    return Differing(key=one.key, field=one.field, why=one.why, **sides)


def _plain(value: str | tuple[str, ...] | None) -> str | list[str] | None:
    return list(value) if isinstance(value, tuple) else value
