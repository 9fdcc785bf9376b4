"""Changed alerts: of several that wait the last one is told, at most one in three seconds, and never an older one after it."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlmodel import select

from soc.delivery import ledger
from soc.domain.delivery import DeliveryState
from soc.domain.incident import Incident
from soc.domain.message import Receipt, Standing, UpdateAlert
from soc.store.db import write_session
from soc.store.migrate import migrate
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.incidents.incidents import to_incident
from tests.rows import NIGHT, add_incident

#: Of one alert Slack is told of at most one change in so long.
SLACK_TAKES = timedelta(seconds=3)


def plan(session: Any, incident: Incident, number: int, *, now: datetime) -> None:
    message = UpdateAlert(
        incident=incident, standing=Standing(owner=f"person {number}"), channel="C1", ts="1.0"
    )
    intent = ledger.Intent(
        key=f"slack:update_alert:inc-1:{number}", integration="slack", message=message, actor=ledger.Actor.system("t"),
        incident_id="inc-1", batch_id="b",
    )  # fmt: skip
    ledger.plan(session, [intent], now=now)


def test_however_states_come_and_sends_end_the_last_one_is_told_last_and_not_too_often() -> None:
    """Random changes, sends of random length, some with an outcome that nobody knows."""
    migrate()
    chance = random.Random(7)
    with write_session() as session:
        incident = to_incident(add_incident(session, "inc-1"))
        now, number, told, ends = NIGHT, 0, [], {}
        for _ in range(240):
            now += timedelta(seconds=chance.choice([0.1, 0.4, 1.0]))
            if number < 40 and chance.random() < 0.4:
                number += 1
                plan(session, incident, number, now=now)
            for row in session.exec(select(DeliveryRow)).all():
                if row.id in ends and ends[row.id] <= now:
                    del ends[row.id]
                    state = (
                        DeliveryState.UNKNOWN
                        if number < 40 and chance.random() < 0.3
                        else DeliveryState.DELIVERED
                    )
                    if state is DeliveryState.DELIVERED:
                        ledger.deliver(session, row, Receipt(remote_id="1.0", key="C1"), now=now)
                    else:
                        ledger.retry(
                            session, row, DeliveryState.RETRY, at=now + timedelta(seconds=1), now=now
                        )
                elif row.next_try_at is not None and row.next_try_at <= now and row.id not in ends:
                    step = ledger.begin(
                        session, row.id, row.try_number, executor="e", settle=timedelta(seconds=1), now=now
                    )
                    if isinstance(step, ledger.Send):
                        told.append((now, step.message))
                        ends[row.id] = now + timedelta(seconds=chance.choice([0.1, 2.0, 5.0]))
            session.flush()
        rows = session.exec(select(DeliveryRow)).all()
        states = {row.key.rpartition(":")[2]: row.state for row in rows}
    gaps = [later - earlier for (earlier, _), (later, _) in pairwise(told)]
    assert min(gaps) >= SLACK_TAKES
    owners = [int(message.standing.owner.split()[1]) for _, message in told]
    assert owners == sorted(owners)
    assert (owners[-1], states[str(number)]) == (number, "delivered")
    assert set(states.values()) == {"delivered", "cancelled"}
    assert len(told) < number / 2
