"""SLA policies: listed, tried, saved, ordered, taken away."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from sqlmodel import Session

from soc.access.scopes import Scope
from soc.api.asked_once import Asked
from soc.api.guard import actor_of
from soc.api.routes.sla.models import (
    PolicyAnswer,
    PolicyList,
    PolicyOrder,
    PolicyPreview,
    PolicyPreviewRequest,
    PolicyRequest,
    PolicyVersion,
    PolicyVersions,
)
from soc.api.scopes import needs
from soc.domain.sla.policy import (
    Policy,
)
from soc.sla import policies
from soc.sla.preview import preview_policy
from soc.store.db import read_session, write_session
from soc.store.nouns.sla.sla_policies import get_in_force, list_in_force, list_versions
from soc.store.paging import Page

router = APIRouter(tags=["sla"])
_Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
_PolicyId = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]


def _shown(policy: Policy, version: int) -> PolicyAnswer:
    return PolicyAnswer.model_validate({**policy.model_dump(), "version": version})


def _all_in_force(session: Session) -> PolicyList:
    items = [_shown(*one) for one in list_in_force(session)]
    return PolicyList.of(Page((), len(items)), items)


def _asked(data: PolicyRequest, policy_id: str) -> Policy:
    named = data.model_dump(mode="json", exclude={"expected_version", "apply_to_open", "id"})
    return policies.read_policy({**named, "id": policy_id})


@router.get("/sla/policies", dependencies=[needs(Scope.READ)], summary="SLA policies in their order")
def list_sla_policies() -> PolicyList:
    """The first that takes a ticket wins."""
    with read_session() as session:
        return _all_in_force(session)


@router.post(
    "/sla/policies/preview", dependencies=[needs(Scope.ACT)], summary="What an SLA policy would mean"
)
def preview_sla_policy(data: PolicyPreviewRequest) -> PolicyPreview:
    """For the tickets that are open now. Nothing is changed."""
    with read_session() as session:
        found = preview_policy(session, policies.with_holidays(_asked(data, data.id)))
    return PolicyPreview.model_validate(found, from_attributes=True)


@router.post(
    "/sla/policies/order", dependencies=[needs(Scope.LEAD)], summary="Ask the policies in another order"
)
def order_sla_policies(data: PolicyOrder, request: Request, once: Asked) -> PolicyList:
    """Names every policy once."""
    with write_session() as session:
        if once is None or once.claim(session) is None:
            policies.order_policies(session, data.policy_ids, actor=actor_of(request))
        return _all_in_force(session)


@router.get("/sla/policies/{policy_id}", dependencies=[needs(Scope.READ)], summary="One SLA policy")
def get_sla_policy(policy_id: _PolicyId) -> PolicyAnswer:
    """The version in force."""
    with read_session() as session:
        return _shown(*get_in_force(session, policy_id))


@router.get(
    "/sla/policies/{policy_id}/versions",
    dependencies=[needs(Scope.READ)],
    summary="Versions of an SLA policy",
)
def list_sla_policy_versions(policy_id: _PolicyId) -> PolicyVersions:
    """Every one that ever was."""
    with read_session() as session:
        rows = list_versions(session, policy_id)
        if not rows:
            get_in_force(session, policy_id)
        return PolicyVersions(
            items=[
                PolicyVersion(
                    version=row.version,
                    made_at=row.made_at,
                    made_by=row.made_by,
                    policy=PolicyAnswer.model_validate({**row.body, "version": row.version}),
                )
                for row in rows
            ]
        )


@router.put("/sla/policies/{policy_id}", dependencies=[needs(Scope.LEAD)], summary="Save an SLA policy")
def save_sla_policy(policy_id: _PolicyId, data: PolicyRequest, request: Request) -> PolicyAnswer:
    """A new version of it; tickets that are open keep theirs unless `apply_to_open`."""
    with write_session() as session:
        policies.save_policy(
            session,
            _asked(data, policy_id),
            actor=actor_of(request),
            expected=data.expected_version,
            apply_to_open=data.apply_to_open,
        )
        return _shown(*get_in_force(session, policy_id))


@router.delete(
    "/sla/policies/{policy_id}",
    dependencies=[needs(Scope.LEAD)],
    status_code=204,
    summary="Take an SLA policy away",
)
def remove_sla_policy(policy_id: _PolicyId, request: Request) -> None:
    """Tickets that have it keep it."""
    with write_session() as session:
        policies.remove_policy(session, policy_id, actor=actor_of(request))
