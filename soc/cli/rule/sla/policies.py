"""`soc sla policies …`: SLA policies from the shell."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from soc import clock
from soc.cli.given import read_document, refused_where_wrong
from soc.cli.say import give, open_store, result
from soc.clock import describe
from soc.domain.actor import AT_THE_SHELL
from soc.domain.sla.event import ClockKind
from soc.domain.sla.policy import Policy
from soc.sla import policies
from soc.sla import preview as previewing
from soc.store.db import read_session, write_session
from soc.store.nouns.sla.sla_policies import get_in_force, list_in_force, list_versions

#: So many of a preview's clocks are written out.
SHOWN = 50


def print_policies() -> None:
    open_store()
    with read_session() as session:
        found = list_in_force(session)
    for place, (policy, version) in enumerate(found, start=1):
        result(f"{place:>3}  {policy.id:16}  v{version:<3}  {in_words(policy)}")
    give({"items": [{**policy.model_dump(mode="json"), "version": version} for policy, version in found]})


def in_words(policy: Policy) -> str:
    """“Highest 1 h / 8 h, High 4 h / 24 h …; day and night”."""
    times = ", ".join(
        f"{priority} {describe(target.of(ClockKind.RESPONSE))} / {describe(target.of(ClockKind.RESOLUTION))}"
        for priority, target in policy.targets.items()
    )
    hours = f"hours in {policy.time.zone}" if policy.time.week else "day and night"
    return f"{policy.title}: {times}; {hours}"


def print_policy(policy_id: str) -> None:
    open_store()
    with read_session() as session:
        policy, version = get_in_force(session, policy_id)
        versions = [
            (row.version, row.made_at.isoformat(), row.made_by) for row in list_versions(session, policy_id)
        ]
    result(f"{policy.id}, version {version}: {in_words(policy)}")
    result(policy.model_dump_json(indent=2))
    for number, made_at, made_by in versions:
        result(f"version {number}: {made_at} by {made_by}")
    give(policy.model_dump(mode="json"))


def _read(file: str) -> Policy:
    """Ends with REFUSED for what is no policy. Raises ConfigurationError for a path that leads nowhere."""
    document = read_document(Path(file), what="policy", hint="Begin with: soc sla policy default --json")
    with refused_where_wrong():
        return policies.read_policy(document)


def preview(file: str) -> None:
    open_store()
    policy = _read(file)
    with refused_where_wrong():
        policy = policies.with_holidays(policy)
        with read_session() as session:
            found = previewing.preview_policy(session, policy)
    result(found.sentence)
    for one in found.moved[:SHOWN]:
        result(f"  {one.ticket:12} {one.clock:10} {clock.isoformat(one.today)} → {clock.isoformat(one.then)}")
    if len(found.moved) > SHOWN:
        result(f"  {len(found.moved) - SHOWN:,} more; --json shows all.")
    give(
        {
            "sentence": found.sentence, "open": found.open, "taken": found.taken,
            "violated_today": found.violated_today, "violated_then": found.violated_then,
            "moved": [{"ticket": one.ticket, "clock": one.clock.value, "today": one.today.isoformat(),
                       "then": one.then.isoformat()} for one in found.moved],
        }
    )  # fmt: skip


def save(file: str, *, apply_to_open: bool) -> None:
    open_store()
    policy = _read(file)
    with refused_where_wrong(), write_session() as session:
        version = policies.save_policy(session, policy, actor=AT_THE_SHELL, apply_to_open=apply_to_open)
    result(f"{policy.id} is in force in version {version}.")
    give({"id": policy.id, "version": version})


def order(policy_ids: Sequence[str]) -> None:
    open_store()
    with write_session() as session:
        policies.order_policies(session, policy_ids, actor=AT_THE_SHELL)
    print_policies()


def remove(policy_id: str) -> None:
    open_store()
    with write_session() as session:
        policies.remove_policy(session, policy_id, actor=AT_THE_SHELL)
    result(f"{policy_id} was taken away; tickets that have it keep it.")
    give({"id": policy_id})
