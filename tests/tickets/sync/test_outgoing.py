from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
import time_machine
from sqlmodel import select

from soc.domain.acts import Verdict, Visibility
from soc.domain.incident import IncidentStatus
from soc.domain.severity import Priority
from soc.sandbox.faults import Fault
from soc.store.db import read_session, write_session
from soc.store.nouns.tickets.ticket_conflicts import TicketConflictRow
from soc.tickets.acts import Asked, add_note, close, set_priority, set_status
from soc.tickets.outgoing import FieldsChanged, StatusChanged, tell
from tests.tickets.both_sides import ANA, START, BothSides


def _act(work: object, *rest: object, key: str = "k", **more: object) -> None:
    with write_session() as session:
        work(session, "inc-1", *rest, Asked(ANA, key), **more)  # type: ignore[operator]


def _conflicts() -> list[TicketConflictRow]:
    with read_session() as session:
        return list(session.exec(select(TicketConflictRow)).all())


def test_what_is_done_here_is_done_there_once_and_known_again_by_its_mark(both: BothSides) -> None:
    _act(set_priority, Priority.HIGH)
    _act(set_status, IncidentStatus.IN_PROGRESS)
    _act(add_note, "looked at the proxy\n<!channel> *bold*", visibility=Visibility.INTERNAL)
    _act(close, Verdict.RULE_WRONG, key="k2", note="the rule is wrong")
    both.settle()
    issue = both.issue("SOC-1")
    assert (issue.priority, issue.status, issue.resolution) == ("2", "6", "10001")
    assert "soc-verdict-false-positive-rule" in issue.labels
    assert "soc-automated" in issue.labels
    assert len(issue.comments) == 2
    assert all(one.properties["soc.origin"]["delivery"] for one in issue.comments)
    mine = {one.id for one in both.deliveries()}
    assert {entry["mark"]["extraData"]["delivery"] for entry in issue.history} <= mine
    assert len(issue.history) == 4
    assert not _conflicts()
    assert both.ticket().status == "Closed"


def test_a_lost_answer_is_looked_up_and_nothing_is_done_twice(both: BothSides) -> None:
    both.app.state.faults.switch_on(Fault(kind="server_error", vendor="jira", on="writes", times=1, skip=1))
    both.counted.lose_answers({"/issue/10001", "/issue/10001/transitions", "/issue/10001/comment"})
    _act(set_priority, Priority.HIGHEST)
    _act(set_status, IncidentStatus.IN_PROGRESS)
    _act(add_note, "once")
    both.settle()
    issue = both.issue("SOC-1")
    assert (issue.priority, issue.status, len(issue.comments), len(issue.history)) == ("1", "3", 1, 2)
    assert {one.state for one in both.deliveries()} == {"delivered"}


def test_what_somebody_changed_there_meanwhile_is_not_overwritten(both: BothSides) -> None:
    _act(set_priority, Priority.HIGH)
    both.settle()
    both.ask("PUT", "issue/SOC-1", "soc-bot", {"fields": {"priority": {"name": "Low"}}})  # a shared account
    _act(set_priority, Priority.HIGHEST, key="again")
    both.settle()
    assert both.issue("SOC-1").priority == "4"
    (conflict,) = _conflicts()
    assert (conflict.field, conflict.ours["value"], conflict.theirs["value"]) == (
        "priority",
        "Highest",
        "Low",
    )
    assert conflict.their_name
    assert conflict.their_at


def test_members_of_sets_are_added_and_taken_out_without_losing_anybodys(cloud: BothSides) -> None:
    with write_session() as session:
        tell(session, cloud.ticket(), FieldsChanged({"labels": ("red",)}, id="1"), ANA)
    cloud.ask("PUT", "issue/SOC-1", "analyst", {"update": {"labels": [{"add": "blue"}]}})
    cloud.settle()
    assert set(cloud.issue("SOC-1").labels) == {"soc-incident-inc-1", "soc-automated", "red", "blue"}


@pytest.mark.parametrize(
    ("faults", "words"),
    [
        ({"closing_field": "Root cause"}, "Root cause"),
        ({"blocked_transitions": ["Resolve Issue", "Close Issue"]}, "offers no transition"),
    ],
)
def test_a_move_that_the_workflow_does_not_take_names_what_is_missing_and_is_tried_once(
    cloud: BothSides, faults: dict[str, object], words: str
) -> None:
    for name, value in faults.items():
        setattr(cloud.jira, name, value)
    with write_session() as session:
        tell(session, cloud.ticket(), StatusChanged("done", "Closed"), ANA)
    cloud.settle()
    (conflict,) = _conflicts()
    assert words in conflict.reason
    (delivery,) = cloud.deliveries()
    assert (delivery.state, delivery.sends) == ("dead", 1)


def test_changes_of_one_ticket_keep_their_order_and_a_distance(cloud: BothSides) -> None:
    for number in range(5):
        _act(add_note, f"note {number}", key=f"k{number}")
    cloud.settle()
    texts = [one.properties["soc.origin"]["delivery"] for one in cloud.issue("SOC-1").comments]
    assert texts == [one.id for one in cloud.deliveries()]
    sent = [one.sent_at for one in cloud.deliveries() if one.sent_at]
    assert min(b - a for a, b in pairwise(sent)) >= timedelta(seconds=1)


@pytest.mark.parametrize(
    ("limit", "free"),
    [
        ("jira-burst-based", {("change_ticket", "inc-2")}),
        ("jira-per-issue-on-write", {("change_ticket", "inc-2"), ("comment_ticket", "inc-2")}),
        ("jira-quota-global-based", set()),
    ],
)
def test_each_of_the_three_limits_lets_wait_what_it_names(limit: str, free: set[tuple[str, str]]) -> None:
    with time_machine.travel(START, tick=False) as travel:
        both = BothSides(travel, tickets=2)
        both.counted.refuse("POST", 429, {"retry-after": "60", "ratelimit-reason": limit})
        _act(add_note, "first")
        both.deliver()
        both.step(3)
        with write_session() as session:
            set_priority(session, "inc-1", Priority.HIGH, Asked(ANA, "the same ticket, another call"))
            set_priority(session, "inc-2", Priority.LOW, Asked(ANA, "another ticket, another call"))
            add_note(session, "inc-2", "another ticket, the same call", Asked(ANA, "o"))
        for _ in range(5):
            both.deliver()
            both.step(2)
        done = {(one.action, one.incident_id) for one in both.deliveries() if one.state == "delivered"}
        assert done == free
        both.step(60)
        both.settle()
        assert {one.state for one in both.deliveries()} == {"delivered"}
