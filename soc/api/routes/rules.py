"""Rules: when an incident is acted upon, and over which channels."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, JsonValue, StrictBool, StrictInt, StringConstraints

from soc.access.scopes import Scope
from soc.api.asked_once import Asked
from soc.api.guard import actor_of
from soc.api.inputs import GivenId, Limit, Offset, RowId
from soc.api.lists import Answer, Cursor, Listed, sorts_of
from soc.api.problems import at
from soc.api.scopes import needs
from soc.domain.rule import EVERY_CHANNEL
from soc.domain.rule import Rule as DomainRule
from soc.rules import changing
from soc.store.db import read_session, write_session
from soc.store.nouns.rules import RULE_SORTS, RuleRow, get_row, page_rules

router = APIRouter(prefix="/rules", tags=["rules"])
_Sort = Annotated[str, sorts_of(RULE_SORTS)]
_EXAMPLE: dict[str, JsonValue] = {
    "name": "Severity score ≥ 9", "min_score": 9, "class_contains": "", "actions": ["*"], "enabled": True,
}  # fmt: skip
_Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$"),
]


class RuleRequest(BaseModel):
    """Matches an incident whose score and class meet both conditions."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    name: _Line
    min_score: StrictInt = Field(ge=1, le=10)
    class_contains: Annotated[str, StringConstraints(max_length=100, pattern=r"^[^\x00]*$")] = Field(
        default="", description="Compared without regard to case; empty: any class."
    )
    actions: list[GivenId] = Field(
        default=[EVERY_CHANNEL], max_length=50, description="The channels that are told; * is every one."
    )
    enabled: StrictBool = True


class RuleOrder(BaseModel):
    """Every rule's id, in the order in which they are to be asked."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"rule_ids": ["severity-9", "security-8", "critical-8"]}]},
    )

    rule_ids: list[GivenId] = Field(max_length=10_000)


class Rule(Answer):
    """A rule and its place."""

    id: str = Field(examples=["severity-9"])
    name: str = Field(examples=["Severity score ≥ 9"])
    position: int = Field(examples=[1])
    enabled: bool = Field(examples=[True])
    min_score: int = Field(examples=[9])
    class_contains: str = Field(examples=[""])
    actions: list[str] = Field(examples=[["*"]])
    changed_by: str = Field(description="Who wrote it last.", examples=["system:defaults@itself"])


class RuleList(Listed[Rule]):
    """A page of rules."""


def _shown(row: RuleRow) -> Rule:
    return Rule.model_validate(row)


def _asked(request: RuleRequest, rule_id: str) -> DomainRule:
    return DomainRule(id=rule_id, **request.model_dump())


@router.get("", dependencies=[needs(Scope.READ)], summary="Rules, in the order in which they are asked")
def list_rules(
    sort: _Sort = "position", cursor: Cursor = "", offset: Offset = 0, limit: Limit = 50
) -> RuleList:
    """A rule that comes earlier is asked earlier; every rule is asked."""
    with read_session() as session:
        page = page_rules(session, sort=sort, cursor=cursor, offset=offset, limit=limit)
        return RuleList.of(page, map(_shown, page.rows))


@router.post("", dependencies=[needs(Scope.ADMIN)], status_code=201, summary="Add a rule")
def create_rule(data: RuleRequest, request: Request, response: Response, once: Asked) -> Rule:
    """It is asked after the others."""
    with write_session() as session:
        done = once.claim(session) if once else None
        if done is None:
            made = changing.add_rule(session, _asked(data, "new"), actor=actor_of(request))
            session.flush()
            done = {"id": made.id}
            if once:
                once.keep(session, done)
        response.headers["Location"] = at(request, f"/rules/{done['id']}")
        return _shown(get_row(session, done["id"]))


@router.post("/reorder", dependencies=[needs(Scope.ADMIN)], summary="Ask the rules in another order")
def reorder_rules(data: RuleOrder, request: Request, once: Asked) -> RuleList:
    """Names every rule once."""
    with write_session() as session:
        if once is None or once.claim(session) is None:
            changing.reorder_rules(session, data.rule_ids, actor=actor_of(request))
        page = page_rules(session, limit=500)
        return RuleList.of(page, map(_shown, page.rows))


@router.get("/{rule_id}", dependencies=[needs(Scope.READ)], summary="One rule")
def get_rule(rule_id: RowId) -> Rule:
    """With its place, and who wrote it last."""
    with read_session() as session:
        return _shown(get_row(session, rule_id))


@router.put("/{rule_id}", dependencies=[needs(Scope.ADMIN)], summary="Replace a rule")
def update_rule(rule_id: RowId, data: RuleRequest, request: Request) -> Rule:
    """What was decided before stays as it was decided."""
    with write_session() as session:
        changing.replace_rule(session, _asked(data, rule_id), actor=actor_of(request))
        session.flush()
        return _shown(get_row(session, rule_id))


@router.delete("/{rule_id}", dependencies=[needs(Scope.ADMIN)], status_code=204, summary="Take a rule away")
def remove_rule(rule_id: RowId, request: Request) -> None:
    """What was decided before stays; the log says who took it away."""
    with write_session() as session:
        changing.remove_rule(session, rule_id, actor=actor_of(request))
