"""What people do at a vendor: kept once, done once by the person that it was, told to them alone where it was not done."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlmodel import select

from soc.access.people import add_person
from soc.domain.actor import AT_THE_SHELL, Actor
from soc.domain.acts import Heard, Verdict, Wish
from soc.domain.message import SendAlert
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.incidents.incidents import IncidentRow, get_incident, to_incident
from soc.store.nouns.incidents.investigation_notes import list_notes
from soc.store.nouns.installation.audit import AuditRow
from soc.store.nouns.people.people import PersonRow, find_by_slack_id
from soc.store.nouns.vendors.interactions import InteractionRow, read_interaction
from soc.tickets.interactions.arming import arm_lost_interactions
from soc.tickets.interactions.intake import take_in
from soc.tickets.interactions.receiving import keep_heard
from soc.tickets.interactions.working import MOST_TRIES, work_interaction
from tests.rows import NIGHT, add_delivery, add_incident

ROSTER = {"UANA": ("Ana", "analyst", True), "ULEE": ("Lee", "lead", True), "UEXE": ("Exe", "executive", True), "UOLD": ("Old", "analyst", False)}  # fmt: skip
PLACE = {"channel": "C1", "ts": "1.0", "thread": ""}


@pytest.fixture(autouse=True)
def _alert() -> Iterator[None]:
    migrate()
    with time_machine.travel(NIGHT, tick=False), write_session() as session:
        for who, (name, role, active) in ROSTER.items():
            given = {"name": name, "role": role, "slack_id": who, "active": active}
            add_person(session, given, actor=AT_THE_SHELL, now=NIGHT)
        incident = to_incident(add_incident(session, "inc-1", score=9))
        add_delivery(
            session, "dlv-alert", integration="slack", action="send_alert", incident_id="inc-1", subject="inc-1", batch_id="b",
            state="delivered", receipt={"remote_id": "1.0", "key": "C1"},
            payload=SendAlert(incident=incident).model_dump(mode="json"),
        )  # fmt: skip
    with time_machine.travel(NIGHT, tick=False):
        yield


def hear(wish: Wish, who: str, key: str = "", **more: Any) -> str:
    """Kept; its id."""
    heard = Heard(key or f"{wish}-{who}", wish, who, "inc-1", **{"place": PLACE, **more})
    with write_session() as session:
        return keep_heard(session, "slack", [heard], practice=False, now=NIGHT)[0][0]


def act(wish: Wish, who: str, key: str = "", **more: Any) -> InteractionRow:
    which = hear(wish, who, key, **more)
    work_interaction(which, 1)
    with read_session() as session:
        return read_interaction(session, which)


def incident() -> IncidentRow:
    with read_session() as session:
        return get_incident(session, "inc-1")


def person(who: str) -> PersonRow:
    with read_session() as session:
        found = find_by_slack_id(session, who)
    assert found is not None
    return found


def told(action: str) -> list[DeliveryRow]:
    with read_session() as session:
        query = select(DeliveryRow).where(DeliveryRow.action == action)
        return list(session.exec(query.order_by(DeliveryRow.created_at, DeliveryRow.key)).all())


def test_what_is_sent_twice_is_kept_once_and_done_once() -> None:
    heard = [Heard("same", Wish.ADD_NOTE, "UANA", "inc-1", {"note": "Seen."}, PLACE)] * 2
    for _ in range(3):
        take_in("slack", heard, practice=False)()
    with read_session() as session:
        (row,) = session.exec(select(InteractionRow)).all()
    for _ in range(3):  # its workflow, recovered after a crash, and again
        work_interaction(row.id, row.number)
    with read_session() as session:
        assert [note.text for note in list_notes(session, "inc-1")] == ["Seen."]
    assert len(told("tell_thread")) == 1


def test_the_first_of_two_wins_and_the_second_is_told_who_that_was() -> None:
    assert act(Wish.ACKNOWLEDGE, "UANA").state == "done"
    assert act(Wish.ASSIGN, "UANA", said={"owner": ""}).state == "done"
    late = act(Wish.ACKNOWLEDGE, "ULEE")
    later = act(Wish.ASSIGN, "ULEE", said={"owner": ""})  # the alert that was pressed showed nobody
    assert (late.state, later.state) == ("moot", "moot")
    assert late.outcome.startswith("Ana acknowledged it at 2026-01-14 22:00")
    assert later.outcome.startswith("Ana has it")
    assert {row.payload["text"] for row in told("tell_person")} == {late.outcome, later.outcome}
    ana = person("UANA")
    assert (incident().owner, incident().acknowledged_by) == (ana.id, str(Actor.proved(ana.id, by="slack")))
    assert act(Wish.ASSIGN, "ULEE", "knows", said={"owner": ana.id}).state == "done"  # it showed Ana


def test_nobody_unknown_gone_or_without_the_role_does_anything_and_each_is_told_so_alone_and_audited() -> (
    None
):
    for who in ("UNOBODY", "UEXE", "UOLD", ""):
        for wish in (Wish.ACKNOWLEDGE, Wish.ADD_NOTE, Wish.CLOSE, Wish.CREATE_TICKET, Wish.ASSIGN):
            row = act(wish, who, said={"note": "x", "verdict": Verdict.BENIGN, "owner": ""})
            assert (row.state, row.person_id == "") == ("refused", who in ("UNOBODY", ""))
    after = incident()
    assert (after.owner, after.acknowledged_at, after.status, after.changed_by) == ("", None, "open", "")
    assert len(told("tell_person")) == 20
    assert told("tell_thread") == told("update_alert") == told("open_ticket") == []
    with read_session() as session:
        entries = [row.action for row in session.exec(select(AuditRow)).all()]
    assert entries.count("refuse") == 20


def test_a_form_closes_it_with_verdict_and_note_and_everybody_sees_it_below_the_alert() -> None:
    said = {"verdict": Verdict.RULE_WRONG.value, "note": "A <!channel> test"}
    assert act(Wish.CLOSE, "ULEE", said=said).state == "done"
    assert (incident().status, incident().verdict) == ("closed", Verdict.RULE_WRONG)
    (line,), (change,) = told("tell_thread"), told("update_alert")
    assert "False positive: rule wrong, by Lee" in line.payload["text"]
    assert change.payload["standing"]["over"] is True
    wrong = act(Wish.CLOSE, "UANA", "wrong", said={"verdict": "nonsense"})
    assert (wrong.state, "verdict" in wrong.outcome) == ("refused", True)


def test_what_lost_its_workflow_gets_its_next_try_and_is_given_up_after_some() -> None:
    which = hear(Wish.ACKNOWLEDGE, "UANA")

    def sweep(state: str | None) -> int:
        states = {} if state is None else {f"interaction-{which}-{number}": state for number in range(1, 20)}
        return arm_lost_interactions(lambda _: states, alive={"PENDING"}, silent=timedelta(0))

    with time_machine.travel(NIGHT + timedelta(minutes=1), tick=True):
        assert sweep("PENDING") == 0
        assert sweep(None) == 1  # the engine never heard of it: the same number
        for _ in range(MOST_TRIES - 1):
            assert sweep("SUCCESS") == 1  # it ran and broke off
        work_interaction(which, 1)  # an older try does nothing any more
        assert incident().acknowledged_at is None
        assert sweep("SUCCESS") == 0
    with read_session() as session:
        assert read_interaction(session, which).state == "failed"
    assert len(told("tell_person")) == 1


def test_a_form_that_nobody_opened_in_time_asks_to_press_again_and_opens_nothing() -> None:
    row = act(Wish.ASK_NOTE, "UANA", opens="pass")
    assert (row.state, "again" in row.outcome) == ("moot", True)


def test_an_alert_whose_change_was_called_off_is_changed_by_the_next_act_that_says_the_same() -> None:
    act(Wish.ASSIGN, "UANA", said={"owner": ""})
    with write_session() as session:
        (change,) = told("update_alert")
        row = session.get_one(DeliveryRow, change.id)
        row.state = "cancelled"
        incident = get_incident(session, "inc-1")
        incident.owner = ""
        session.add_all([row, incident])
    act(Wish.ASSIGN, "UANA", "again", said={"owner": ""})
    first, second = told("update_alert")
    assert first.payload["standing"] == second.payload["standing"]
    assert (first.state, second.state) == ("cancelled", "pending")
