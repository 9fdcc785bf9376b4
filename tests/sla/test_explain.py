"""What moved a ticket's clocks is told with the names of those who did it, the response's clock first."""

from __future__ import annotations

from datetime import timedelta

from soc.domain.actor import Actor
from soc.sla import ledger
from soc.sla.explain import explain_ticket
from soc.store.db import write_session
from soc.store.migrate import migrate
from tests.rows import NIGHT, add_person, add_ticket


def test_the_clock_of_the_answer_is_told_first_and_whoever_stopped_it_by_name() -> None:
    migrate()
    kim = Actor.said("per-kim")
    with write_session() as session:
        add_person(session, "per-kim", name="Kim")
        ticket = add_ticket(session)
        ledger.opened(session, ticket, at=NIGHT, actor=Actor.system("batch"))
        ledger.person_acted(
            session, ticket, at=NIGHT + timedelta(minutes=5), actor=kim, act="acknowledged it"
        )
        told = explain_ticket(session, ticket)
    heads = [line.split(":")[0] for line in told if line.startswith("The ")]
    assert heads == ["The response clock", "The resolution clock"]
    assert any(line.endswith(": Kim ends it: acknowledged it.") for line in told)
