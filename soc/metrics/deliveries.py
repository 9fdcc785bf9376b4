"""How deliveries stand: by integration and state, and how many of those that ended arrived."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from soc.domain.delivery import DeliveryState
from soc.store.db import read_session
from soc.store.nouns.deliveries import deliveries as store
from soc.store.nouns.deliveries.deliveries import DeliveryFilter, count_by_integration
from soc.store.unchanged import while_unchanged

#: These ended by being sent, or by every try to send them being used up.
_TRIED = (DeliveryState.DELIVERED.value, DeliveryState.DEAD.value)


@dataclass(frozen=True)
class DeliveryNumbers:
    """One integration's deliveries. `states` has every state; `held` wait for a person (no next try is planned)."""

    integration: str
    states: Mapping[str, int]
    held: int

    @property
    def total(self) -> int:
        return sum(self.states.values())

    @property
    def success(self) -> float | None:
        """Delivered / (delivered + dead), None while neither happened."""
        ended = sum(self.states[state] for state in _TRIED)
        return self.states[DeliveryState.DELIVERED.value] / ended if ended else None


@while_unchanged
def read_deliveries(*, since: datetime | None = None, batch_id: str = "") -> tuple[DeliveryNumbers, ...]:
    """By integration, in the order of their names; only integrations that have deliveries."""
    with read_session() as session:
        counts = count_by_integration(session, since=since, batch_id=batch_id)
    found: dict[str, dict[str, int]] = {}
    held: Counter[str] = Counter()
    for one in counts:
        states = found.setdefault(one.integration, dict.fromkeys((state.value for state in DeliveryState), 0))
        states[one.state] = one.deliveries
        held[one.integration] += one.held
    return tuple(
        DeliveryNumbers(integration=name, states=found[name], held=held[name]) for name in sorted(found)
    )


def count_deliveries(
    *,
    states: tuple[str, ...] = (),
    integration: str = "",
    incident_id: str = "",
    batch_id: str = "",
    owners: tuple[str, ...] | None = None,
) -> int:
    """How many deliveries match, for paging."""
    chosen = DeliveryFilter(
        states=states, integration=integration, incident_id=incident_id, batch_id=batch_id, owners=owners
    )
    with read_session() as session:
        return store.count_deliveries(session, chosen)
