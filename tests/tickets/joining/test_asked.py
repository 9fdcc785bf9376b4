"""A ticket that is asked for once more: whose ticket it is from now on, and what the call that asks for it leaves behind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from sqlmodel import col, select

from soc import clock
from soc.access.once import Once
from soc.configuration.save import save_configuration
from soc.delivery.actions import PlannedCall
from soc.delivery.ledger import Try
from soc.domain.actor import AT_A_PAGE, Actor
from soc.domain.message import CallAction, read_message
from soc.integrations.kit.bodies import kept_id
from soc.integrations.vendors.jira.bodies import ACTIONS, CreateTicket
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.deliveries.deliveries import get_delivery
from soc.store.nouns.incidents.incidents import IncidentRow, get_incident
from soc.store.nouns.incidents.investigation_notes import list_notes
from soc.store.nouns.installation.audit import AuditRow
from soc.store.nouns.tickets.tickets import find_ticket
from soc.tickets.asking import Opening, ask_for_ticket
from soc.tickets.joining import Way, asked, asked_again, keep_following
from soc.tickets.joining.asked import AskedAgain, call_for_ticket
from tests.rows import NIGHT, add_incident, add_person, add_ticket

DAY = timedelta(days=1)
ONE = "inc-1"
CI = Actor.key("ci")


@pytest.fixture(autouse=True)
def enqueued(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Try]]:
    """What was given to the engine."""
    migrate()
    given: list[Try] = []
    monkeypatch.setattr(asked, "enqueue_tries", given.extend)
    with time_machine.travel(NIGHT, tick=False):
        yield given


def ticket(key: str, incident_id: str = ONE, ended: timedelta | None = None, **incident: object) -> None:
    """Of an incident; done so long ago, where that is given."""
    with write_session() as session:
        resolved = NIGHT - ended if ended is not None else None
        closed = {"status": "resolved", "closed_at": resolved} if resolved else {}
        add_incident(session, incident_id, **{**closed, **incident})
        done = {"resolved_at": resolved, "status": "Resolved", "status_category": "done"} if resolved else {}
        add_ticket(session, key, incident_id=incident_id, remote_id=key[-1], **done)


def again(incident_id: str = ONE) -> tuple[str, str, Way | None]:
    with read_session() as session:
        found = asked_again(session, incident_id, now=NIGHT)
    return found.incident_id, found.follows, found.joining.way if found.joining is not None else None


def test_what_nobody_opened_a_ticket_for_is_asked_for_by_its_own_id() -> None:
    assert again("never-heard-of") == ("never-heard-of", "", None)
    with write_session() as session:
        add_incident(session, ONE)
    assert again() == (ONE, "", None)


def test_open_or_done_lately_it_is_the_ticket_that_there_is_and_later_one_that_follows_the_newest() -> None:
    ticket("SOC-1")
    ticket("SOC-2", "inc-2", 7 * DAY)
    ticket("SOC-3", "inc-3", 8 * DAY)
    ticket("SOC-4", "inc-3~2", 8 * DAY)
    assert again() == (ONE, "", Way.JOINED)
    assert again("inc-2") == ("inc-2", "", Way.REOPENED)
    assert again("inc-3") == ("inc-3~3", "SOC-4", Way.FOLLOWS)


def test_what_was_merged_is_asked_for_at_what_it_is_one_with_wherever_in_the_row_it_was_merged() -> None:
    ticket("SOC-1", ONE, 9 * DAY, merged_into="inc-2")
    ticket("SOC-2", "inc-2", 9 * DAY)
    ticket("SOC-3", "inc-2~2", 9 * DAY, merged_into="inc-4")
    ticket("SOC-4", "inc-4", 9 * DAY)
    ticket("SOC-5", "inc-4~2")
    assert again() == ("inc-4~2", "", Way.JOINED)


def test_an_incident_that_follows_is_the_same_with_nothing_done_about_it() -> None:
    ticket("SOC-1", ONE, 9 * DAY, title="Failed logins", owner="per-kim", acknowledged_by="x", acknowledged_at=NIGHT,
           verdict="duplicate", duplicate_of="inc-9", merged_into="inc-9", joined_to="inc-8", count=7, awaiting_release=True)  # fmt: skip
    with write_session() as session:
        kept = keep_following(session, ONE, "inc-1~2", actor=CI, now=NIGHT + DAY)
        assert (kept.title, kept.count, kept.batch_id, kept.created_at) == (
            "Failed logins",
            7,
            "b",
            NIGHT + DAY,
        )
        assert (kept.status, kept.changed_by, kept.closed_at, kept.awaiting_release) == (
            "open",
            str(CI),
            None,
            False,
        )
        assert kept.owner == kept.acknowledged_by == kept.verdict == kept.duplicate_of == ""
        assert kept.merged_into == kept.joined_to == ""
        assert kept.acknowledged_at is None
    with read_session() as session:
        entry = session.exec(select(AuditRow).where(AuditRow.action == "follow")).one()
        assert (entry.subject_id, entry.made_by, entry.after) == ("inc-1~2", str(CI), {"follows": ONE})


def call(severity: str = "high", who: Actor = CI, key: str = "", incident_id: str = ONE) -> PlannedCall:
    request = CreateTicket.model_validate(
        {"incident_id": incident_id, "incident_data": {"severity": severity}}
    )
    return call_for_ticket(
        "jira", ACTIONS[0], request, actor=who, once=Once(key, who, ("x",)) if key else None
    )


def message(planned: PlannedCall) -> CallAction:
    with read_session() as session:
        found = read_message(get_delivery(session, planned.delivery_id).payload)
    assert isinstance(found, CallAction)
    return found


def notes(incident_id: str = ONE) -> list[str]:
    with read_session() as session:
        return [one.text for one in list_notes(session, incident_id)]


def jira(**values: object) -> None:
    known = {"base_url": "https://jira.example.com", "username": "a@b.c", "api_token": "t"}
    save_configuration("jira", {**known, **values}, actor=AT_A_PAGE)


def test_the_first_call_says_until_when_it_is_to_be_answered_and_joins_nothing(enqueued: list[Try]) -> None:
    jira(project_zone="Pacific/Kiritimati")  # 14 hours ahead: the day after
    first = call()
    assert (first.new, first.kind, len(first.tries), enqueued) == (True, "jira", 1, [])
    said = message(first)
    assert (said.subject, said.follows, said.ends) == (ONE, "", clock.isoformat(NIGHT + timedelta(hours=4)))
    assert (said.due, notes()) == ("2026-01-15", [])


def test_a_call_for_what_is_open_leaves_one_comment_with_who_called_each_time_that_something_new_is_asked() -> (
    None
):
    jira()
    ticket("SOC-1", score=9)
    assert call("high").new
    assert notes() == [
        "Seen again on 2026-01-14 22:00 UTC in a call of the API (ci). No second ticket was opened."
    ]
    assert not call("high").new
    assert len(notes()) == 1
    assert "Seen again on" in notes()[0]
    with write_session() as session:
        add_person(session, "per-kim")
    call("low", Actor.said("per-kim"))
    assert [("Seen again 2 times" in one, "(Kim)" in one) for one in notes()] == [(True, True)]
    with read_session() as session:
        assert get_incident(session, ONE).priority == ""  # a call raises nothing by its own


def test_a_keyed_call_that_is_repeated_is_the_first_one_whatever_became_of_the_ticket_since(
    enqueued: list[Try],
) -> None:
    jira()
    ticket("SOC-1")
    first = call(key="k-1")
    with write_session() as session:
        found = find_ticket(session, ONE)
        assert found is not None
        found.resolved_at, found.status_category = NIGHT, "done"
        session.add(found)
    repeated = call(key="k-1")
    assert (repeated.delivery_id, repeated.new, len(notes())) == (first.delivery_id, False, 1)
    assert call(key="k-2").new
    with read_session() as session:
        reopened = find_ticket(session, ONE)
    assert reopened is not None
    assert (reopened.resolved_at, reopened.reopened) == (None, 1)
    assert enqueued  # and the vendor hears of it


def test_what_was_done_lately_is_open_again_even_where_the_very_same_was_asked_before() -> None:
    jira()
    call()
    ticket_of_call()
    assert not call().new
    with read_session() as session:
        assert get_incident(session, ONE).status == "open"
    assert [one.endswith("It is open again.") for one in notes()] == [True]


def ticket_of_call() -> None:
    """The ticket that the call opened; done an hour ago."""
    with write_session() as session:
        row = session.get_one(IncidentRow, ONE)
        row.status, row.closed_at = "resolved", NIGHT - timedelta(hours=1)
        add_ticket(
            session,
            "SOC-1",
            incident_id=ONE,
            resolved_at=row.closed_at,
            status="Resolved",
            status_category="done",
        )


def test_what_was_done_long_ago_is_followed_by_an_incident_of_its_own() -> None:
    jira()
    ticket("SOC-1", ONE, 30 * DAY)
    planned = call()
    said = message(planned)
    assert (said.subject, said.request["incident_id"], said.follows) == ("inc-1~2", "inc-1~2", "SOC-1")
    assert notes() == []
    with read_session() as session:
        ids = session.exec(select(IncidentRow.id).order_by(col(IncidentRow.id))).all()
        assert list(ids) == [ONE, "inc-1~2"]


def test_an_id_that_no_address_holds_joins_and_is_followed_like_any_other() -> None:
    jira()
    for given, here, next_one in (
        ("a/b c", kept_id("a/b c"), f"{kept_id('a/b c')}~2"),
        ("x" * 59, "x" * 59, kept_id("x" * 59 + "~2")),
    ):
        ticket(f"SOC-{len(given)}", here)
        assert message(call(incident_id=given)).follows == ""
        assert len(notes(here)) == 1
        with write_session() as session:
            done = find_ticket(session, here)
            assert done is not None
            done.resolved_at = NIGHT - 30 * DAY
            session.add(done)
        assert (message(call(incident_id=given)).follows, again(here)[0]) == (done.key, next_one)
        assert again(here)[1:] == (
            "",
            None,
        )  # the one that follows is known from now on, its ticket on its way


def test_a_person_who_asks_for_a_ticket_gets_the_one_there_is_in_words_with_their_name() -> None:
    def ask(incident_id: str) -> Opening:
        with write_session() as session:
            return ask_for_ticket(session, incident_id, actor=Actor.proved("per-kim", by="slack"), now=NIGHT)

    jira()
    with write_session() as session:
        add_person(session, "per-kim")
    ticket("SOC-1")
    ticket("SOC-2", "inc-2", DAY)
    ticket("SOC-3", "inc-3", 30 * DAY)
    there = ask(ONE)
    assert (there.said, there.new, there.tries) == ("It has its ticket already: SOC-1.", False, ())
    back = ask("inc-2")
    assert (back.said, back.new) == ("Joined to SOC-2, which was done 1 d ago and is open again.", True)
    assert back.tries
    assert "in the words of Kim. No second" in notes("inc-2")[0]
    assert [(one.said, one.new, len(one.tries)) for one in (ask("inc-3"), ask("inc-3~2"))] == [
        ("Its ticket is being opened.", True, 1),
        ("Its ticket is being opened already.", False, 0),
    ]
    assert AskedAgain(ONE, None).follows == ""
