"""What trying given up deliveries again would send, before anybody does it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from soc.delivery.replay import MOST_AT_ONCE
from soc.domain.message import message_title
from soc.integrations.registry import kind_of, titles
from soc.store.db import read_session
from soc.store.nouns.deliveries import DeliveryRow
from soc.store.nouns.health import read_health
from soc.store.nouns.incidents import list_ended
from soc.store.nouns.outbox import count_dead, get_dead, list_doubtful


@dataclass(frozen=True)
class WouldSend:
    """`dead`: how many of the integration were given up; `rows` those that go out at once, the oldest first.

    `looked_up`: ids of those that may have arrived, which are looked for at the vendor first. `over`: how many are of incidents
    that are over by now. `paused`: why they would be held, "" where they would not.
    """

    integration: str
    dead: int
    rows: Sequence[DeliveryRow]
    looked_up: frozenset[str]
    over: int
    paused: str

    def messages(self) -> dict[str, int]:
        """How many of each message, by the message's name, the most frequent first."""
        return dict(Counter(row.action for row in self.rows).most_common())

    def words(self) -> list[str]:
        """In sentences for people."""
        told = ", ".join(f"{number:,} × {message_title(name)}" for name, number in self.messages().items())
        said = [f"{titles([self.integration])}: {told or 'nothing was given up'}."]
        if self.dead > len(self.rows):
            said.append(f"The oldest {len(self.rows):,} of {self.dead:,} at once.")
        if self.looked_up:
            said.append(
                f"{len(self.looked_up):,} may have arrived: looked up at the vendor before anything is sent."
            )
        if self.over:
            said.append(f"{self.over:,} of incidents that are over by now.")
        if self.paused:
            said.append(f"It is paused, so they will wait: {self.paused}")
        return said


def preview_replay_all(integration: str) -> WouldSend:
    """What `replay_all` would do now; nothing is changed. Raises NotFound."""
    kind_of(integration)
    with read_session() as session:
        rows = get_dead(session, integration, limit=MOST_AT_ONCE)
        health = read_health(session, integration)
        ended = list_ended(session, [row.incident_id for row in rows if row.incident_id])
        return WouldSend(
            integration=integration,
            dead=count_dead(session, integration),
            rows=rows,
            looked_up=frozenset(list_doubtful(session, [row.id for row in rows])),
            over=sum(row.incident_id in ended for row in rows),
            paused=health.paused_reason if health.paused else "",
        )
