"""Policies are changed: saved as a new version, ordered, taken away; each with its audit, and tried on the open tickets first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import holidays
from pydantic import ValidationError
from sqlmodel import Session

from soc import clock
from soc.audit.write import record
from soc.domain.actor import Actor
from soc.domain.audit import Subject, SubjectKind
from soc.domain.sla.policy import DEFAULT_POLICY, Policy
from soc.errors import ConfigurationError, Conflict
from soc.sla.aiming import policy_applied
from soc.sla.preview import open_tickets
from soc.store.nouns.sla.policies import SlaPolicyRow
from soc.store.nouns.sla.sla_policies import (
    SlaPolicyInForceRow,
    get_in_force,
    list_in_force,
    list_versions,
    put_version,
    read_body,
)
from soc.wrong_values import said_of

#: The public holidays of these years, counted from the one in which a policy is saved, are written into it.
_YEARS_BACK, _YEARS_AHEAD = 2, 10
#: A list of policies is read through for every ticket that is opened.
MOST = 50


def read_policy(document: Mapping[str, Any]) -> Policy:
    """A policy as somebody wrote it. Raises ConfigurationError that says what is wrong, and what to write."""
    try:
        return Policy.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        where = " → ".join(str(part) for part in first["loc"])
        said = str(first["ctx"]["error"]) if "error" in first.get("ctx", {}) else said_of(first)
        raise ConfigurationError(
            f"The policy was not taken: {f'{where}: ' if where else ''}{said}.",
            hint="Change that and save again; the policy in force stays until then.",
        ) from None


def with_holidays(policy: Policy) -> Policy:
    """The same with its country's public holidays written in, so that a newer list moves no clock. Raises ConfigurationError."""
    time = policy.time
    if not time.country:
        return policy
    this = clock.now().year
    try:
        found = holidays.country_holidays(
            time.country.upper(),
            subdiv=time.subdivision or None,
            years=range(this - _YEARS_BACK, this + _YEARS_AHEAD + 1),
        )
    except NotImplementedError:
        where = f"{time.country}-{time.subdivision}" if time.subdivision else time.country
        raise ConfigurationError(
            f"No public holidays are known for “{where}”.",
            hint="Write a country's two letters (DE, US, AU) and, if you like, one of its parts (BE, NY); or list the days.",
        ) from None
    own: Iterable[date] = (day for day in time.holidays if day not in found)
    kept = tuple(sorted({*found.keys(), *own}))
    return policy.model_copy(update={"time": time.model_copy(update={"holidays": kept})})


def save_policy(
    session: Session,
    policy: Policy,
    *,
    actor: Actor,
    expected: int | None = None,
    apply_to_open: bool = False,
) -> int:
    """It is in force from now on; returns its version. Tickets that are open keep theirs unless `apply_to_open`.

    `expected` is the version that was looked at (0: none): somebody saved another meanwhile → Conflict. The same again is no
    new version. Raises ConfigurationError.
    """
    policy = with_holidays(policy)
    in_force = list_in_force(session)
    current = next(((one, version) for one, version in in_force if one.id == policy.id), None)
    if expected is not None and expected != (current[1] if current else 0):
        raise Conflict(
            f"The policy “{policy.id}” was changed meanwhile.",
            hint="Look at it as it is now, and save again.",
        )
    if current is None and len(in_force) >= MOST:
        raise ConfigurationError(f"There are {MOST} policies already.", hint="Take one away first.")
    version = current[1] if current else 0
    if current is None or current[0] != policy:
        version = put_version(session, policy, actor=actor)
        before = current[0].model_dump(mode="json") if current else {}
        _tell(session, policy.id, "save policy", before, policy.model_dump(mode="json"), actor=actor)
        if policy.id == DEFAULT_POLICY:
            _keep_thresholds(session, policy, actor=actor)
    if apply_to_open:
        asked = [one for one, _ in list_in_force(session)]
        for ticket in [one for one, chosen in open_tickets(session, asked) if chosen.id == policy.id]:
            policy_applied(session, ticket, policy, version, at=clock.now(), actor=actor)
    return version


def _tell(
    session: Session,
    policy_id: str,
    action: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    actor: Actor,
) -> None:
    changed = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    record(
        session,
        actor,
        action,
        Subject(SubjectKind.POLICY, policy_id),
        before={name: before[name] for name in changed if name in before},
        after={name: after[name] for name in changed if name in after},
    )


def _keep_thresholds(session: Session, policy: Policy, *, actor: Actor) -> None:
    """The default policy's response times, also where they stood before there were policies."""
    for priority, target in policy.targets.items():
        row = session.get(SlaPolicyRow, priority.value)
        if row is not None and row.minutes != target.response:
            row.minutes, row.changed_by = target.response, str(actor)
            session.add(row)
    session.flush()


def remove_policy(session: Session, policy_id: str, *, actor: Actor) -> None:
    """No new ticket gets it; those that have it keep it. Raises NotFound, ConfigurationError."""
    policy, _ = get_in_force(session, policy_id)
    if policy_id == DEFAULT_POLICY:
        raise ConfigurationError(
            "The default policy cannot be taken away: every priority must be covered.",
            hint="Change its times instead, or put a policy of its own before it.",
        )
    row = session.get_one(SlaPolicyInForceRow, policy_id)
    session.delete(row)
    _tell(session, policy_id, "remove policy", policy.model_dump(mode="json"), {}, actor=actor)
    session.flush()


def order_policies(session: Session, ids: Sequence[str], *, actor: Actor) -> None:
    """Ask them in this order; the default stays the last. Raises ConfigurationError unless each is named once."""
    known = [policy.id for policy, _ in list_in_force(session)]
    wanted = [one for one in ids if one != DEFAULT_POLICY]
    if sorted([*wanted, DEFAULT_POLICY]) != sorted(known):
        raise ConfigurationError(
            "This is not every policy, once each.", hint="List the policies, and send all of their ids."
        )
    for position, policy_id in enumerate(wanted, start=1):
        row = session.get_one(SlaPolicyInForceRow, policy_id)
        row.position, row.changed_by = position, str(actor)
        session.add(row)
    session.flush()
    _tell(
        session,
        DEFAULT_POLICY,
        "order policies",
        {"order": known},
        {"order": [*wanted, DEFAULT_POLICY]},
        actor=actor,
    )


def restore_policy(session: Session, policy_id: str, version: int, *, actor: Actor) -> int:
    """An earlier version is in force again, as a new one. Raises ConfigurationError where there is no such version."""
    row = next((one for one in list_versions(session, policy_id) if one.version == version), None)
    if row is None:
        raise ConfigurationError(
            f"The policy “{policy_id}” has no version {version}.", hint="List its versions."
        )
    return save_policy(session, read_body(row.body), actor=actor)
