"""Rules: when an incident is acted upon, and over which channels."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, JsonValue, StrictBool, StrictInt, StringConstraints
from sqlmodel import Session

from soc.access.scopes import Scope
from soc.api.asked_once import Asked
from soc.api.guard import actor_of
from soc.api.inputs import BatchFilter, GivenId, Limit, Offset, RowId
from soc.api.lists import SOME_KIND, Answer, Cursor, Listed, sorts_of
from soc.api.problems import at
from soc.api.scopes import needs
from soc.domain.rule import EVERY_CHANNEL
from soc.domain.rule import Rule as DomainRule
from soc.rules import changing
from soc.rules import preview as previewing
from soc.rules.preview import LAST, MOST
from soc.rules.review import review_rules
from soc.store.db import read_session, write_session
from soc.store.nouns.rules.rules import RULE_SORTS, RuleRow, get_row, list_changes, page_rules
from soc.store.nouns.rules.rules import list_rules as stored_rules

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


class RuleNotice(Answer):
    """Something to know about a rule among the others."""

    text: str = Field(examples=["Some incidents also meet “Severity score ≥ 9”; each channel is told once."])
    grave: bool = Field(description="The rule does not do what somebody may think.", examples=[False])


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
    notices: list[RuleNotice] = Field(
        default=[], description="That it never matches, adds nothing to others, or meets them."
    )


class RuleList(Listed[Rule]):
    """A page of rules."""


class PreviewRequest(RuleRequest):
    """A rule to try; with `rule_id` in the place of that one."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{**_EXAMPLE, "last": 500}]})

    rule_id: GivenId | None = None
    last: StrictInt = Field(
        default=LAST, ge=1, le=MOST, description="How many of the newest incidents are looked at."
    )


class ChannelPreview(Answer):
    """How many of the incidents a channel is told of."""

    channel: str = Field(examples=[SOME_KIND])
    today: int = Field(description="By the rules as they are.", examples=[11])
    then: int = Field(description="With the change.", examples=[14])


class RulePreview(Answer):
    """What the change would have meant for the newest incidents. Nothing is changed, nobody is told."""

    sentence: str = Field(
        examples=["Of the last 500 incidents this rule would have matched 14; 3 more tickets than today."]
    )
    incidents: int = Field(description="How many were looked at.", examples=[500])
    matched: int = Field(description="How many of them meet this rule.", examples=[14])
    eligible_today: int = Field(description="How many meet any rule as the rules are.", examples=[11])
    eligible_then: int = Field(description="How many would meet any rule.", examples=[14])
    tickets: int = Field(description="How many tickets more than today, or fewer.", examples=[3])
    channels: list[ChannelPreview]
    examples: list[str] = Field(description="Ids of the newest that meet it.", examples=[["inc-7k2m9q4x1c"]])
    notices: list[RuleNotice]


class RuleChange(Answer):
    """What was done to a rule. `before` and `after` are empty where it was not there."""

    rule_id: str = Field(examples=["severity-9"])
    act: str = Field(examples=["changed"])
    before: dict[str, JsonValue] = Field(examples=[{**_EXAMPLE, "min_score": 8}])
    after: dict[str, JsonValue] = Field(examples=[_EXAMPLE])
    created_at: datetime = Field(examples=["2026-01-14T22:03:11Z"])
    made_by: str = Field(description="Who did it.", examples=["person:page@unsaid"])


class RuleChanges(BaseModel):
    """The newest changes, newest first."""

    items: list[RuleChange]


def _shown(session: Session, *rows: RuleRow) -> list[Rule]:
    """The rows with what there is to say of each."""
    notices = review_rules(stored_rules(session))
    return [
        Rule.model_validate(
            {**row.model_dump(), "notices": list(notices.get(row.id, ()))}, from_attributes=True
        )
        for row in rows
    ]


def _one(session: Session, rule_id: str) -> Rule:
    session.flush()
    return _shown(session, get_row(session, rule_id))[0]


def _asked(request: RuleRequest, rule_id: str) -> DomainRule:
    return DomainRule(id=rule_id, **request.model_dump(include=set(RuleRequest.model_fields)))


@router.get("", dependencies=[needs(Scope.READ)], summary="Rules, in the order in which they are asked")
def list_rules(
    sort: _Sort = "position", cursor: Cursor = "", offset: Offset = 0, limit: Limit = 50
) -> RuleList:
    """A rule that comes earlier is asked earlier; every rule is asked."""
    with read_session() as session:
        page = page_rules(session, sort=sort, cursor=cursor, offset=offset, limit=limit)
        return RuleList.of(page, _shown(session, *page.rows))


@router.post("", dependencies=[needs(Scope.LEAD)], status_code=201, summary="Add a rule")
def create_rule(data: RuleRequest, request: Request, response: Response, once: Asked) -> Rule:
    """It is asked after the others."""
    with write_session() as session:
        done = once.claim(session) if once else None
        if done is None:
            made = changing.add_rule(session, _asked(data, "new"), actor=actor_of(request))
            done = {"id": made.id}
            if once:
                once.keep(session, done)
        response.headers["Location"] = at(request, f"/rules/{done['id']}")
        return _one(session, done["id"])


@router.post("/reorder", dependencies=[needs(Scope.LEAD)], summary="Ask the rules in another order")
def reorder_rules(data: RuleOrder, request: Request, once: Asked) -> RuleList:
    """Names every rule once."""
    with write_session() as session:
        if once is None or once.claim(session) is None:
            changing.reorder_rules(session, data.rule_ids, actor=actor_of(request))
        page = page_rules(session, limit=500)
        return RuleList.of(page, _shown(session, *page.rows))


@router.post("/preview", dependencies=[needs(Scope.ACT)], summary="What a rule would have matched")
def preview_rule(data: PreviewRequest) -> RulePreview:
    """By the newest incidents that are stored. Nothing is changed, and nobody is told."""
    with read_session() as session:
        if data.rule_id is not None:
            get_row(session, data.rule_id)
        rule = _asked(data, data.rule_id or "new")
        changing.check_rule(rule)
        found = previewing.preview_rule(session, rule, last=data.last)
    return RulePreview.model_validate(
        {
            **{name: getattr(found, name) for name in RulePreview.model_fields},
            "examples": [one for one, _ in found.examples],
        },
        from_attributes=True,
    )


@router.get("/changes", dependencies=[needs(Scope.READ)], summary="What was done to the rules")
def list_rule_changes(rule_id: BatchFilter = "", limit: Limit = 50) -> RuleChanges:
    """Of one rule or of all, newest first; those of a rule that is gone too."""
    with read_session() as session:
        rows = list_changes(session, rule_id=rule_id, limit=limit)
        return RuleChanges(items=[RuleChange.model_validate(row) for row in rows])


@router.get("/{rule_id}", dependencies=[needs(Scope.READ)], summary="One rule")
def get_rule(rule_id: RowId) -> Rule:
    """With its place, and who wrote it last."""
    with read_session() as session:
        return _one(session, rule_id)


@router.put("/{rule_id}", dependencies=[needs(Scope.LEAD)], summary="Replace a rule")
def update_rule(rule_id: RowId, data: RuleRequest, request: Request) -> Rule:
    """What was decided before stays as it was decided."""
    with write_session() as session:
        changing.replace_rule(session, _asked(data, rule_id), actor=actor_of(request))
        return _one(session, rule_id)


@router.post("/{rule_id}/enable", dependencies=[needs(Scope.LEAD)], summary="Switch a rule on")
def enable_rule(rule_id: RowId, request: Request) -> Rule:
    """From the next batch on; a rule that is on stays as it is."""
    with write_session() as session:
        changing.switch_rule(session, rule_id, enabled=True, actor=actor_of(request))
        return _one(session, rule_id)


@router.post("/{rule_id}/disable", dependencies=[needs(Scope.LEAD)], summary="Switch a rule off")
def disable_rule(rule_id: RowId, request: Request) -> Rule:
    """From the next batch on; it is still asked, and says that it is off."""
    with write_session() as session:
        changing.switch_rule(session, rule_id, enabled=False, actor=actor_of(request))
        return _one(session, rule_id)


@router.delete("/{rule_id}", dependencies=[needs(Scope.LEAD)], status_code=204, summary="Take a rule away")
def remove_rule(rule_id: RowId, request: Request) -> None:
    """What was decided before stays; the log says who took it away."""
    with write_session() as session:
        changing.remove_rule(session, rule_id, actor=actor_of(request))
