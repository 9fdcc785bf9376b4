"""What keeps messages from going out now, so that every page can say it: read cheaply, worst first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from soc.delivery.breaker import BreakerState
from soc.domain.delivery import DeliveryState
from soc.integrations.in_force import Standing, standing_of
from soc.integrations.registry import KINDS
from soc.store.db import read_session
from soc.store.nouns.deliveries.deliveries import DeliveryCount, count_unfinished
from soc.store.nouns.vendors.health import IntegrationHealthRow, list_health
from soc.store.unchanged import while_unchanged


class Concern(StrEnum):
    """In the order of their gravity: the first three need a person."""

    PAUSED = "paused"
    SETTINGS = "settings"
    DEAD = "dead"
    HELD = "held"
    AWAY = "away"
    FAILING = "failing"
    REFUSED = "refused"


#: Nothing goes on by itself.
NEEDS_A_PERSON = frozenset({Concern.PAUSED, Concern.SETTINGS, Concern.DEAD, Concern.HELD})


@dataclass(frozen=True)
class Attention:
    """One integration's trouble. `number` messages are concerned; `why` is what the vendor or the product said last."""

    kind: str
    concern: Concern
    number: int
    since: datetime | None = None
    why: str = ""
    #: When a pause is looked into by itself.
    again_at: datetime | None = None


@while_unchanged
def read_attention() -> Sequence[Attention]:
    """Every trouble of an integration, the gravest first; nothing when all is well."""
    with read_session() as session:
        health = {row.kind: row for row in list_health(session)}
        standing = {kind: standing_of(kind, session) for kind in KINDS}
        counts = count_unfinished(session)
    found: list[Attention] = []
    for kind in KINDS:
        row = health.get(kind) or IntegrationHealthRow(kind=kind)
        found += _troubles(row, standing[kind], _numbers(counts, kind))
    order = list(Concern)
    return sorted(found, key=lambda one: order.index(one.concern))


def trouble_of(kind: str) -> Sequence[Attention]:
    """One integration's, the gravest first."""
    return [one for one in read_attention() if one.kind == kind]


def _numbers(counts: Sequence[DeliveryCount], kind: str) -> Mapping[str, int]:
    """By state; `held` is of all states together."""
    numbers: Counter[str] = Counter()
    for one in counts:
        if one.integration == kind:
            numbers[one.state] += one.deliveries
            numbers["held"] += one.held
    return numbers


def _troubles(row: IntegrationHealthRow, standing: Standing, numbers: Mapping[str, int]) -> list[Attention]:
    dead = numbers.get(DeliveryState.DEAD, 0)
    waiting = sum(
        numbers.get(state, 0) for state in (DeliveryState.PENDING, DeliveryState.RETRY, DeliveryState.UNKNOWN)
    )
    found = [Attention(row.kind, Concern.DEAD, dead, why=row.last_error)] if dead else []
    if standing.wrong and standing.enabled:
        return [*found, Attention(row.kind, Concern.SETTINGS, waiting, why=standing.wrong)]
    if not standing.enabled:
        return [*found, Attention(row.kind, Concern.HELD, waiting)] if waiting else found
    if row.paused:
        found.append(
            Attention(row.kind, Concern.PAUSED, waiting, row.paused_at, row.paused_reason, row.next_probe_at)
        )
    elif row.breaker != BreakerState.CLOSED:
        found.append(Attention(row.kind, Concern.AWAY, waiting, row.last_failure_at, row.last_error))
    elif waiting and _is_after(row.last_failure_at, row.last_success_at) and _tried(numbers):
        found.append(
            Attention(row.kind, Concern.FAILING, _tried(numbers), row.last_failure_at, row.last_error)
        )
    elif row.last_check.get("ok") is False and _is_after(row.last_check_at, row.last_success_at):
        why = str(row.last_check.get("summary", ""))
        found.append(Attention(row.kind, Concern.REFUSED, waiting, row.last_check_at, why))
    elif numbers.get("held"):
        found.append(Attention(row.kind, Concern.HELD, numbers["held"]))
    return found


def _tried(numbers: Mapping[str, int]) -> int:
    return numbers.get(DeliveryState.RETRY, 0) + numbers.get(DeliveryState.UNKNOWN, 0)


def _is_after(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and (other is None or other < one)
