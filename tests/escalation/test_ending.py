"""What an escalation began at a vendor that keeps it open is ended: acknowledged, then resolved; each once, and not before it arrived."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine

from soc import clock
from soc.configuration.save import save_configuration
from soc.delivery import ledger
from soc.delivery.ledger import Send
from soc.domain.actor import AT_A_PAGE
from soc.domain.acts import ActKind, Verdict
from soc.domain.message import Receipt
from soc.escalation import chains
from soc.store.db import read_session, write_session
from soc.store.nouns.deliveries.deliveries import DeliveryRow, list_deliveries
from soc.store.nouns.deliveries.outbox import lock_delivery
from soc.store.nouns.tickets.tickets import get_ticket
from soc.tickets import acts
from soc.tickets.acts import Asked, bulk
from soc.tickets.acts.bulk import Wish
from tests.escalation.world import ANA, at, deliveries, make_world, open_tickets
from tests.rows import NIGHT

KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def travel() -> Iterator[time_machine.Traveller]:
    """The first step pages everybody at once: one notice of all tickets."""
    with time_machine.travel(NIGHT, tick=False) as traveller:
        make_world(connected=False)
        save_configuration("pagerduty", {"integration_key": KEY}, actor=AT_A_PAGE)
        with write_session() as session:
            guide = chains.read_chains(session)[0]
            page = guide.steps[0].model_copy(update={"channels": ("pagerduty",), "tell": ()})
            steps = (page, *guide.steps[1:])
            chains.replace_chain(session, guide.model_copy(update={"steps": steps}), actor=ANA, now=NIGHT)
        yield traveller


def _arrive(paged: DeliveryRow) -> None:
    with write_session() as session:
        ledger.deliver(session, lock_delivery(session, paged.id), Receipt(remote_id="1"), now=clock.now())


def _ends() -> list[DeliveryRow]:
    with read_session() as session:
        rows = [row for row in list_deliveries(session, limit=500) if row.action == "end_escalation"]
    return sorted(rows, key=lambda row: (row.created_at, row.key))


def _outcomes() -> list[str]:
    return [row.payload["outcome"] for row in _ends()]


def _begins(row: DeliveryRow, number: int = 1) -> bool:
    """Whether this try of it would send now."""
    with write_session() as session:
        step = ledger.begin(session, row.id, number, executor="e", settle=timedelta(), now=clock.now())
    return isinstance(step, Send)


def _act(work: object, incident: str, *args: object) -> None:
    asked = Asked(ANA, f"{incident}-{clock.now()}")
    acts.perform(lambda session: work(session, incident, *args, asked))  # type: ignore[operator]


def test_it_is_acknowledged_when_somebody_looks_into_all_of_it_and_resolved_when_all_is_done(
    travel: time_machine.Traveller,
) -> None:
    open_tickets(2)
    at(travel, 30)
    (paged,) = deliveries()
    assert len(paged.payload["tickets"]) == 2
    assert _begins(paged)
    _arrive(paged)
    _act(acts.acknowledge, "inc-SOC-1")
    assert _ends() == []  # nobody looks into the other one
    travel.shift(60)
    _act(acts.add_note, "inc-SOC-2", "It is the backup job.")  # an answer, too
    (end,) = _ends()
    assert (end.integration, end.payload["outcome"], end.payload["by"]) == (
        "pagerduty",
        "acknowledged",
        "Ana",
    )
    assert (end.payload["subject"], end.payload["keys"]) == (paged.payload["subject"], ["SOC-1", "SOC-2"])
    _act(acts.close, "inc-SOC-1", Verdict.BENIGN)
    at(travel, 32)
    assert _outcomes() == ["acknowledged"]
    with write_session() as session:  # closed where no act of ours tells of it
        get_ticket(session, 2).resolved_at = clock.now()
    at(travel, 33)
    at(travel, 34)
    assert _outcomes() == ["acknowledged", "resolved"]


def test_the_end_waits_for_a_beginning_that_is_being_sent(travel: time_machine.Traveller) -> None:
    open_tickets()
    at(travel, 30)
    (paged,) = deliveries()
    assert _begins(paged)
    travel.shift(1)
    _act(acts.acknowledge, "inc-SOC-1")
    (end,) = _ends()
    assert not _begins(end)
    _arrive(paged)
    travel.shift(2)
    assert _begins(end, 2)


def test_a_page_that_was_never_sent_is_not_ended(travel: time_machine.Traveller) -> None:
    open_tickets()
    at(travel, 30)
    travel.shift(1)
    _act(acts.acknowledge, "inc-SOC-1")
    (paged,), (end,) = deliveries(), _ends()
    assert (paged.state, _begins(end)) == ("cancelled", False)
    assert (_ends()[0].state, _ends()[0].reason) == ("cancelled", "what it ends never arrived")


@pytest.mark.parametrize(
    ("wish", "outcome"),
    [
        (Wish(ActKind.ACKNOWLEDGE), "acknowledged"),
        (Wish(ActKind.ADD_NOTE, note="Seen."), "acknowledged"),
        (Wish(ActKind.CLOSE, verdict=Verdict.BENIGN), "resolved"),
    ],
)
def test_an_end_that_is_taken_back_with_its_act_is_planned_anew_with_the_next_one(
    travel: time_machine.Traveller, wish: Wish, outcome: str
) -> None:
    open_tickets()
    at(travel, 30)
    (paged,) = deliveries()
    assert _begins(paged)
    _arrive(paged)
    travel.shift(60)
    done = bulk.do_many(["inc-SOC-1"], wish, Asked(ANA, "oops"))
    travel.shift(5)
    bulk.undo(done.group, actor=ANA)
    at(travel, 32)  # a tick finds nothing to end: nobody looks into it
    assert [(row.payload["outcome"], row.state) for row in _ends()] == [(outcome, "cancelled")]
    bulk.do_many(["inc-SOC-1"], wish, Asked(ANA, "meant"))
    assert [row.state for row in _ends()] == ["cancelled", "pending"]
