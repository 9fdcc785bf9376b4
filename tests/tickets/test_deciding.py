from __future__ import annotations

import pytest
from sqlmodel import select

from soc.domain.incident import IncidentStatus
from soc.domain.severity import Priority
from soc.errors import Conflict
from soc.store.db import read_session, write_session
from soc.store.nouns.tickets.ticket_conflicts import TicketConflictRow
from soc.tickets.acts import Asked, set_priority, set_status
from soc.tickets.sync import difference
from soc.tickets.sync.deciding import Decision, decide
from soc.tickets.sync.difference import compare_sides
from tests.tickets.both_sides import ANA, BothSides


@pytest.fixture
def clashed(both: BothSides, monkeypatch: pytest.MonkeyPatch) -> BothSides:
    """Highest here, Low there."""
    monkeypatch.setattr(difference, "borrow", both.borrow)
    monkeypatch.setattr(difference, "takers", lambda _message: ("jira",))
    both.sync()
    both.ask("PUT", "issue/SOC-1", "lead", {"fields": {"priority": {"name": "Low"}}})
    with write_session() as session:
        set_priority(session, "inc-1", Priority.HIGHEST, Asked(ANA, "k"))
    both.minute(2)
    return both


def _conflict() -> TicketConflictRow:
    with read_session() as session:
        return session.exec(select(TicketConflictRow)).one()


@pytest.mark.parametrize(("decision", "here", "there"), [("ours", "Highest", "1"), ("theirs", "Low", "4")])
def test_the_side_that_a_person_chooses_holds_on_both(
    clashed: BothSides, decision: Decision, here: str, there: str
) -> None:
    assert [one.why for one in compare_sides().differences] == ["waits for a person"]
    with write_session() as session:
        decide(session, _conflict().id or 0, decision, actor=ANA)
    clashed.minute(3)
    assert (clashed.ticket().priority, clashed.issue("SOC-1").priority) == (here, there)
    assert (_conflict().decision, _conflict().changed_by) == (decision, str(ANA))
    assert list(compare_sides().differences) == []
    with write_session() as session, pytest.raises(Conflict):
        decide(session, _conflict().id or 0, "ours", actor=ANA)


def test_a_move_that_jira_did_not_take_can_be_given_up_or_tried_once_more(cloud: BothSides) -> None:
    cloud.sync()
    cloud.jira.blocked_transitions = ("Start Progress",)
    with write_session() as session:
        set_status(session, "inc-1", IncidentStatus.IN_PROGRESS, Asked(ANA, "k"))
    cloud.minute(1)
    cloud.jira.blocked_transitions = ()
    with write_session() as session:
        decide(session, _conflict().id or 0, "ours", actor=ANA)
    cloud.minute(2)
    assert cloud.issue("SOC-1").status == "3"


def test_a_report_names_what_differs_and_why_and_changes_nothing(
    cloud: BothSides, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(difference, "borrow", cloud.borrow)
    monkeypatch.setattr(difference, "takers", lambda _message: ("jira",))
    cloud.sync()
    cloud.step(5)
    cloud.ask("PUT", "issue/SOC-1", "lead", {"fields": {"labels": ["x"]}})
    assert [(one.field, one.why) for one in compare_sides().differences] == [("labels", "not read yet")]
    cloud.minute(1)
    assert list(compare_sides().differences) == []
    with write_session() as session:
        set_priority(session, "inc-1", Priority.HIGH, Asked(ANA, "k"))
    assert [(one.field, one.why) for one in compare_sides().differences] == [("priority", "on its way")]
