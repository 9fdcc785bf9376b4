from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlmodel import select

from soc.domain.acts import Visibility
from soc.domain.incident import IncidentStatus
from soc.domain.severity import Priority
from soc.sandbox.jira.life import acts as people
from soc.store.db import read_session, write_session
from soc.store.nouns.incidents.acts import ActRow
from soc.store.nouns.incidents.incidents import IncidentRow
from soc.store.nouns.incidents.investigation_notes import InvestigationNoteRow
from soc.store.nouns.tickets.ticket_conflicts import TicketConflictRow
from soc.tickets.acts import Asked, add_note, set_priority, set_status
from tests.tickets.both_sides import ANA, BothSides


def _act(work: Callable[..., object], *rest: object, key: str = "k", **more: object) -> None:
    with write_session() as session:
        work(session, "inc-1", *rest, Asked(ANA, key), **more)


def _conflicts() -> list[TicketConflictRow]:
    with read_session() as session:
        return list(session.exec(select(TicketConflictRow).order_by(TicketConflictRow.id)).all())


def _notes() -> list[InvestigationNoteRow]:
    with read_session() as session:
        return list(session.exec(select(InvestigationNoteRow)).all())


def _incident() -> IncidentRow:
    with read_session() as session:
        return session.exec(select(IncidentRow)).one()


def _moves(both: BothSides, number: str, person: str = "analyst") -> None:
    both.ask("POST", "issue/SOC-1/transitions", person, {"transition": {"id": number}})


def test_what_somebody_does_there_is_done_here_and_not_told_back(both: BothSides) -> None:
    both.jira.search_lag, both.jira.user_zone = 90, "America/New_York"
    both.sync()
    _moves(both, "4")
    both.ask(
        "PUT", "issue/SOC-1", "analyst", {"fields": {"priority": {"name": "High"}, "labels": ["a", "b"]}}
    )
    both.minute(3)
    ticket = both.ticket()
    assert (ticket.status, ticket.status_category, ticket.priority) == (
        "In Progress",
        "indeterminate",
        "High",
    )
    assert _incident().status == IncidentStatus.IN_PROGRESS
    with read_session() as session:
        made = {one.made_by for one in session.exec(select(ActRow)).all()}
    assert all(one.startswith("person:jira ") for one in made)
    both.minute(15)
    assert both.deliveries() == []
    assert len(both.issue("SOC-1").history) == 2


def test_our_own_writes_are_no_news_though_people_share_the_account(both: BothSides) -> None:
    both.jira.search_lag = 90
    both.sync()
    _act(set_status, IncidentStatus.IN_PROGRESS)
    _act(set_priority, Priority.HIGHEST)
    _act(add_note, "one of ours")
    both.settle()
    _moves(both, "5", "soc-bot")
    both.ask("PUT", "issue/SOC-1", "soc-bot", {"fields": {"priority": {"name": "Low"}}})
    both.minute(15)
    assert (both.ticket().status, both.ticket().priority) == ("Resolved", "Low")
    assert len(both.issue("SOC-1").history) == 4
    assert len(_notes()) == 1
    with read_session() as session:
        told = [one for one in session.exec(select(ActRow)).all() if one.via]
    assert {one.act for one in told} == {"set_status", "set_priority"}
    assert len(told) == 2
    assert not _conflicts()


def test_both_sides_changed_waits_for_a_person_with_both_values(both: BothSides) -> None:
    both.sync()
    both.ask("PUT", "issue/SOC-1", "lead", {"fields": {"priority": {"name": "Low"}}})
    _act(set_priority, Priority.HIGHEST)
    both.minute(2)
    (conflict,) = _conflicts()
    assert (conflict.ours["value"], conflict.theirs["value"], conflict.base["value"]) == (
        "Highest",
        "Low",
        "Medium",
    )
    assert conflict.their_name == "Lee Ader (practice)"
    assert both.issue("SOC-1").priority == "4"
    assert both.ticket().priority == "Highest"
    both.ask("PUT", "issue/SOC-1", "lead", {"fields": {"priority": {"name": "Highest"}}})
    both.minute(2)
    assert [one.decision for one in _conflicts()] == ["settled"]


def test_comments_go_both_ways_and_a_deleted_one_marks_ours(both: BothSides) -> None:
    both.sync()
    number = both.ask("POST", "issue/SOC-1/comment", "analyst", {"body": _body(both, "from there")}).json()[
        "id"
    ]
    _act(add_note, "from here", visibility=Visibility.PUBLIC)
    both.minute(2)
    assert {one.text for one in _notes()} == {"from there", "from here"}
    assert all(one.remote_id for one in _notes())
    assert len(both.issue("SOC-1").comments) == 2
    both.step(5)
    both.ask("PUT", f"issue/SOC-1/comment/{number}", "analyst", {"body": _body(both, "worded anew")})
    both.minute(2)
    assert {one.text for one in _notes()} == {"worded anew", "from here"}
    for comment in list(both.issue("SOC-1").comments):
        both.ask("DELETE", f"issue/SOC-1/comment/{comment.id}", "analyst")
    both.minute(2)
    assert len(_notes()) == 2
    assert all(one.gone_at for one in _notes())


def _body(both: BothSides, text: str) -> object:
    if both.config.instance_type == "on_premise":
        return text
    return {
        "type": "doc",
        "version": 1,
        "content": [{"type": "paragraph", "content": [{"type": "text", "text": text}]}],
    }


def test_what_of_a_comment_plain_text_cannot_say_is_named(cloud: BothSides) -> None:
    media = {"type": "mediaSingle", "content": [{"type": "media", "attrs": {"type": "file", "id": "x"}}]}
    body = {**_body(cloud, "see"), "content": [*_body(cloud, "see")["content"], media]}  # type: ignore[index,dict-item]
    cloud.ask("POST", "issue/SOC-1/comment", "analyst", {"body": body})
    cloud.minute(2)
    assert _notes()[0].text == "see\n[not synced, see the ticket: image or file]"


def test_a_ticket_that_was_moved_keeps_its_incident_by_its_id(both: BothSides) -> None:
    both.sync()
    new = people.move_to_other_project(both.jira, "SOC-1")
    both.minute(2)
    assert both.ticket().key == new
    _act(set_priority, Priority.HIGH)
    both.settle()
    assert both.issue(new).priority == "2"


def test_deleted_archived_and_out_of_sight_are_told_apart(both: BothSides) -> None:
    both.sync()
    people.archive(both.jira, "SOC-1")
    both.minute(61)
    assert both.ticket().absence == "archived"
    people.restore(both.jira, "SOC-1")
    both.minute(61)
    assert both.ticket().absence == ""
    both.jira.no_permission = True
    both.minute(61)
    assert both.ticket().absence == "hidden"
    both.jira.no_permission = False
    both.minute(61)
    assert both.ticket().absence == ""
    people.delete(both.jira, "SOC-1")
    both.minute(61)
    assert both.ticket().absence == "deleted"
    assert [one.theirs["value"] for one in _conflicts()] == ["archived", "hidden", "deleted"]
    assert [one.decision for one in _conflicts()] == ["settled", "settled", ""]


def test_an_edit_made_while_the_product_was_away_for_hours_is_found(cloud: BothSides) -> None:
    cloud.jira.search_lag = 90
    cloud.sync()
    cloud.ask("PUT", "issue/SOC-1", "analyst", {"fields": {"priority": {"name": "Low"}}})
    cloud.travel.shift(timedelta(hours=5))
    cloud.minute(1)
    assert cloud.ticket().priority == "Low"
