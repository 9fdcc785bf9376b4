"""A service desk's own SLA is read beside ours: where both end apart, the readiness report says by how much."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from sqlmodel import Session

from soc.domain.acts import Visibility
from soc.domain.severity import Priority
from soc.integrations.kit.panels import Finding, Readiness
from soc.integrations.vendors.jira import JiraConnector
from soc.integrations.vendors.jira import kind as declared
from soc.integrations.vendors.jira.looking.desk import kind_of
from soc.store.db import write_session
from soc.tickets.acts import Asked, add_note, set_priority
from tests.integrations.examples import ESCALATION
from tests.tickets.both_sides import ANA, BothSides


@pytest.fixture
def desk(both: BothSides, monkeypatch: pytest.MonkeyPatch) -> BothSides:
    """A service desk with our ticket in it, of High, whose clocks run."""
    client = httpx.Client(transport=both.counted)
    monkeypatch.setattr(declared, "shared_client", lambda: client)
    both.jira.desk = True
    with write_session() as session:
        _raise(session)
    both.settle()
    return both


def _raise(session: Session) -> None:
    set_priority(session, "inc-1", Priority.HIGH, Asked(ANA, "k"))


@pytest.mark.parametrize("is_desk", [False, True])
def test_what_is_internal_is_read_by_the_role_alone_and_at_a_desk_by_its_property(
    both: BothSides, is_desk: bool
) -> None:
    both.jira.desk = is_desk
    config = both.config.model_copy(update={"comment_role": "Administrators"})
    both.connector = JiraConnector(config, http=httpx.Client(transport=both.counted))
    with write_session() as session:
        add_note(session, "inc-1", "for us", Asked(ANA, "a"))
        add_note(session, "inc-1", "for all", Asked(ANA, "b"), visibility=Visibility.PUBLIC)
    both.settle()
    of_ours = ESCALATION.tickets[0].model_copy(update={"remote_id": both.issue("SOC-1").id})
    told = ESCALATION.model_copy(update={"way": "comment", "tickets": (of_ours,)})
    both.connector.deliver(told, delivery_id="dlv-e")
    role = None if is_desk else {"type": "role", "value": "Administrators"}
    ours, everybody, escalated = both.issue("SOC-1").comments
    assert (ours.visibility, everybody.visibility, escalated.visibility) == (role, None, role)
    assert escalated.properties["sd.public.comment"] == {"internal": True}


def _said(both: BothSides) -> dict[str, Finding]:
    found = declared.look(both.connector)
    return {one.subject: one for one in found if "SLA" in one.subject}


def test_only_more_than_a_minute_is_drift(desk: BothSides) -> None:
    desk.jira.desk_sla_shift = 60
    said = _said(desk)["SLA of SOC-1: Time to resolution"]  # whose target is another one there
    assert said.state is Readiness.WARNING
    assert "SLA of SOC-1: Time to first response" not in _said(desk)
    desk.jira.desk_sla_shift = 61
    drift = _said(desk)["SLA of SOC-1: Time to first response"]
    assert (drift.state, drift.consequence) == (
        Readiness.WARNING,
        "In Jira it ends at 2026-01-15T13:01:01Z, ours at 2026-01-15T13:00:00Z: 61 s apart.",
    )


def test_a_clock_that_was_answered_on_one_side_alone_is_drift(desk: BothSides) -> None:
    with write_session() as session:
        add_note(session, "inc-1", "mine", Asked(ANA, "n"), visibility=Visibility.INTERNAL)
    desk.step(5)
    drift = _said(desk)["SLA of SOC-1: Time to first response"]
    assert drift.consequence == "In Jira it runs, while ours has ended here."


def test_a_project_that_is_no_desk_and_an_issue_that_is_no_request_are_left_out(desk: BothSides) -> None:
    desk.jira.desk = False
    assert _said(desk) == {}
    desk.jira.desk = True
    desk.travel.shift(timedelta(minutes=20))
    desk.issue("SOC-1").hidden = True
    assert _said(desk) == {}


def test_jira_s_names_say_which_clock_it_is() -> None:
    names = (
        "Time to first response",
        "Time to resolution",
        "Time to resolve",
        "Time to approve normal change",
    )
    assert [kind and kind.value for kind in map(kind_of, names)] == [
        "response",
        "resolution",
        "resolution",
        None,
    ]
