"""Practice vendors that begin at another address: what leads there leads to the new one, and nothing else is touched."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from soc.domain.actor import Actor
from soc.store.nouns.combined.practice import lead_elsewhere
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.tickets.tickets import TicketRow
from tests.rows import add_delivery, add_ticket

OLD, NEW = "http://127.0.0.1:8610", "http://127.0.0.1:9001"
MOVER = Actor.system("practice")


@pytest.mark.parametrize(
    ("practice", "url", "expected"),
    [
        (True, f"{OLD}/browse/SOC-1", f"{NEW}/browse/SOC-1"),
        (False, f"{OLD}/browse/SOC-1", f"{OLD}/browse/SOC-1"),
        (True, f"{OLD}1/browse/SOC-1", f"{OLD}1/browse/SOC-1"),
        (True, "http://127.0.0.1:8%10/browse/SOC-1", "http://127.0.0.1:8%10/browse/SOC-1"),
    ],
)
def test_a_ticket_s_link_moves_with_the_practice_vendor_it_was_made_at(
    session: Session, practice: bool, url: str, expected: str
) -> None:
    add_ticket(session, practice=practice, url=url)
    lead_elsewhere(session, OLD, NEW, actor=MOVER)
    session.expire_all()
    ticket = session.get_one(TicketRow, 1)
    assert (ticket.url, ticket.changed_by) == (expected, str(MOVER) if url != expected else "")


def test_a_delivery_s_addresses_move_and_what_people_wrote_stays(session: Session) -> None:
    kept = {"url": f"{OLD}/x", "list": [f"{OLD}/y", {"deep": f"{OLD}/z"}], "note": f"see {OLD}/x", "n": 7}
    moved = {"url": f"{NEW}/x", "list": [f"{NEW}/y", {"deep": f"{NEW}/z"}], "note": f"see {OLD}/x", "n": 7}
    add_delivery(session, "a", practice=True, receipt=kept, payload=kept)
    add_delivery(session, "b", practice=False, receipt=kept, payload=kept)
    lead_elsewhere(session, OLD, NEW, actor=MOVER)
    session.expire_all()
    rows = {one: session.get_one(DeliveryRow, one) for one in "ab"}
    assert (rows["a"].receipt, rows["a"].payload) == (moved, moved)
    assert (rows["b"].receipt, rows["b"].payload) == (kept, kept)
