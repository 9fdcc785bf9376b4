from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest
import time_machine

from soc import clock
from soc.delivery import ledger
from soc.delivery.attempt import attempt
from soc.delivery.ledger import Intent, Try
from soc.delivery.local import outcomes
from soc.domain.actor import AT_A_PAGE
from soc.domain.classification import Classification
from soc.domain.incident import Incident
from soc.domain.message import OpenTicket
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.batches.batches import BatchRow, BatchState
from soc.store.nouns.deliveries.deliveries import DeliveryRow, get_delivery
from soc.store.nouns.incidents.incident_writing import add_incidents
from soc.tickets.opening import follow_delivery

NIGHT = datetime(2026, 1, 14, 22, 0, tzinfo=UTC)


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


fakes = _load("fakes")


class Outbox:
    """One planned delivery, a vendor, and a clock that jumps to the next try."""

    def __init__(self, travel: time_machine.Traveller) -> None:
        self.travel = travel
        self.vendor = fakes.FakeVendor()
        self.tries: list[Try] = []

    def plan(self) -> str:
        incident = Incident(
            id="inc-1", batch_id="bat-1", title="Failed logins", source="SecuritySystem",
            classification=Classification.SECURITY_ALERT, score=9, confidence=0.9, rule_id="auth", template_id="t",
            template="t", entity="", count=1, first_seen=None, last_seen=None, message="CRITICAL", reasons=(), samples=(),
        )  # fmt: skip
        with write_session() as session:
            session.add(
                BatchRow(
                    id="bat-1",
                    name="b",
                    state=BatchState.FINISHED,
                    created_at=NIGHT,
                    idempotency_key="k",
                    made_by=str(AT_A_PAGE),
                )
            )
            session.flush()
            add_incidents(session, [incident], eligible={"inc-1"}, now=NIGHT)
            intent = Intent(
                key="jira:open_ticket:inc-1", integration="jira", incident_id="inc-1", batch_id="bat-1", score=9,
                message=OpenTicket(incident=incident, due="2026-01-14"), actor=AT_A_PAGE,
            )  # fmt: skip
            self.tries = ledger.plan(session, [intent], now=clock.now())
        return self.tries[0].delivery_id

    def work(self, *, wait: bool = True) -> bool:
        """Run the next try, at its time; False when none is due any more."""
        if not self.tries:
            return False
        one = self.tries.pop(0)
        if wait and one.at > clock.now():
            self.travel.move_to(one.at)
        self.tries += attempt(
            one.delivery_id,
            one.number,
            executor="test",
            follow=follow_delivery,
            connectors=self.vendor.borrow,
        )
        return True

    def work_to_the_end(self, *, most: int = 40) -> None:
        while most and self.work():
            most -= 1

    def row(self, delivery_id: str) -> DeliveryRow:
        with read_session() as session:
            return get_delivery(session, delivery_id)


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    """What one test could not write down waits for no other."""
    yield
    outcomes._kept.clear()
    outcomes.waiting.clear()


@pytest.fixture
def outbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Outbox]:
    migrate()
    # a limit is counted by PostgreSQL's own clock, which no test can stop
    monkeypatch.setattr("soc.delivery.rate_limit.shared_clock", lambda _session: clock.now().timestamp())
    with time_machine.travel(NIGHT, tick=False) as travel:
        yield Outbox(travel)
