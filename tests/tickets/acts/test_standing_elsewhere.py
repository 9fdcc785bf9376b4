"""Acts where a ticket stands elsewhere than its incident, and what each act says of itself."""

from __future__ import annotations

from datetime import timedelta

import pytest

from soc.domain.actor import Actor
from soc.domain.acts import Ending
from soc.domain.incident import IncidentStatus
from soc.domain.severity import Priority
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.incidents.incidents import get_incident
from soc.store.nouns.tickets.tickets import find_ticket
from soc.tickets import acts
from soc.tickets.acts import Asked, Outcome
from tests.rows import NIGHT, add_person, add_ticket

KIM = Actor.said("per-kim")
INCIDENT = "inc-SOC-1"


@pytest.fixture(autouse=True)
def _ticket() -> None:
    migrate()
    with write_session() as session:
        add_ticket(session, "SOC-1")
        add_person(session, "per-kim")


def asked(key: str) -> Asked:
    return Asked(KIM, key, at=NIGHT + timedelta(minutes=5))


def move(status: IncidentStatus, key: str) -> Outcome:
    return acts.perform(lambda session: acts.set_status(session, INCIDENT, status, asked(key)))


def rank(priority: Priority, key: str) -> Outcome:
    return acts.perform(lambda session: acts.set_priority(session, INCIDENT, priority, asked(key)))


def alter_ticket(**columns: object) -> None:
    with write_session() as session:
        ticket = find_ticket(session, INCIDENT)
        assert ticket is not None
        session.add(ticket.sqlmodel_update(columns))


def test_a_ticket_that_stands_elsewhere_is_moved_to_where_its_incident_stands_already() -> None:
    assert move(IncidentStatus.IN_PROGRESS, "a").ending is Ending.DONE
    assert move(IncidentStatus.IN_PROGRESS, "b").ending is Ending.ALREADY
    alter_ticket(status="Open", status_category="new")
    outcome = move(IncidentStatus.IN_PROGRESS, "c")
    assert (outcome.ending, outcome.said) == (Ending.DONE, "It is in progress now.")
    with read_session() as session:
        ticket = find_ticket(session, INCIDENT)
        assert ticket is not None
        assert ticket.status_category == "indeterminate"
        assert get_incident(session, INCIDENT).status == IncidentStatus.IN_PROGRESS


@pytest.mark.parametrize("there", [Priority.HIGHEST, Priority.LOWEST])
def test_a_ticket_of_another_priority_gets_its_incident_s(there: Priority) -> None:
    rank(Priority.MEDIUM, "a")
    assert rank(Priority.MEDIUM, "b").ending is Ending.ALREADY
    alter_ticket(priority=there.value)
    assert rank(Priority.MEDIUM, "c").ending is Ending.DONE
    with read_session() as session:
        ticket = find_ticket(session, INCIDENT)
        assert ticket is not None
        assert ticket.priority == "Medium"


def test_who_gets_it_and_who_gives_it_back_is_said() -> None:
    said = [
        acts.perform(lambda session, to=to: acts.assign(session, INCIDENT, to, asked(f"to {to}"))).said  # type: ignore[misc]
        for to in ("per-kim", "")
    ]
    assert said == ["Assigned to Kim.", "Nobody has it now."]
