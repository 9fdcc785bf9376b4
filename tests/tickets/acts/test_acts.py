"""Acts on an incident and its ticket: done once a key, the first of two wins, and each says what came of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlmodel import Session

from soc.domain.actor import Actor
from soc.domain.acts import Ending, Verdict
from soc.domain.audit import Subject, SubjectKind
from soc.domain.incident import IncidentStatus
from soc.domain.severity import Priority
from soc.errors import ConfigurationError, NotFound
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.deliveries.deliveries import list_deliveries
from soc.store.nouns.incidents.acts import columns_of, list_acts
from soc.store.nouns.incidents.incidents import IncidentRow, get_incident
from soc.store.nouns.incidents.investigation_notes import find_note, list_notes, list_wordings
from soc.store.nouns.installation.audit import list_of_subject
from soc.store.nouns.tickets.tickets import TicketRow, find_ticket
from soc.tickets import acts
from soc.tickets.acts import Asked, Outcome
from tests.rows import NIGHT, add_delivery, add_person, add_ticket

KIM = Actor.said("per-kim")
LEE = Actor.proved("per-lee", by="slack")
JIRA = Actor.vendor("jira")
INCIDENT = "inc-SOC-1"
LATER = NIGHT + timedelta(minutes=5)


@pytest.fixture(autouse=True)
def _ticket() -> None:
    migrate()
    with write_session() as session:
        add_ticket(session, "SOC-1")
        add_person(session, "per-kim", email="kim@example.com")
        add_person(session, "per-lee")
        add_person(session, "per-old", active=False)


def by(actor: Actor, key: str, **more: Any) -> Asked:
    return Asked(actor, key, **{"at": LATER, **more})


def do(work: Callable[..., Outcome], *args: Any, **named: Any) -> Outcome:
    return acts.perform(lambda session: work(session, INCIDENT, *args, **named))


def rows() -> tuple[IncidentRow, TicketRow]:
    with read_session() as session:
        ticket = find_ticket(session, INCIDENT)
        assert ticket is not None
        return get_incident(session, INCIDENT), ticket


def test_a_double_click_acts_once_and_is_answered_alike() -> None:
    first, second = (do(acts.add_note, "Seen.", by(KIM, "click")) for _ in range(2))
    assert (first.ending, first.new, second.ending, second.new) == (Ending.DONE, True, Ending.DONE, False)
    assert (first.said, first.act_id) == (second.said, second.act_id)
    with read_session() as session:
        assert len(list_notes(session, INCIDENT)) == len(list_acts(session, INCIDENT)) == 1


def test_the_first_to_acknowledge_wins_and_the_second_is_told_who() -> None:
    assert do(acts.acknowledge, by(KIM, "a")).ending is Ending.DONE
    second = do(acts.acknowledge, by(LEE, "b"))
    assert (second.ending, second.by) == (Ending.TAKEN, str(KIM))
    assert second.said == "Kim acknowledged it at 2026-01-14 22:05 UTC already."
    assert do(acts.acknowledge, by(Actor.proved("per-kim", by="slack"), "c")).ending is Ending.ALREADY
    assert (rows()[0].acknowledged_by, rows()[0].acknowledged_at) == (str(KIM), LATER)


def test_what_was_acknowledged_can_be_again_once_it_is_released_or_reopened() -> None:
    do(acts.acknowledge, by(KIM, "a"))
    with write_session() as session:
        assert acts.release(session, INCIDENT, actor=Actor.system("expiry"))
        assert not acts.release(session, INCIDENT, actor=Actor.system("expiry"))
    assert do(acts.acknowledge, by(LEE, "b")).ending is Ending.DONE
    do(acts.close, Verdict.BENIGN, by(LEE, "c"))
    assert do(acts.acknowledge, by(KIM, "d")).ending is Ending.REFUSED
    do(acts.set_status, IncidentStatus.OPEN, by(KIM, "e"))
    assert (rows()[0].acknowledged_at, rows()[0].verdict, rows()[1].reopened) == (None, "", 1)
    assert do(acts.acknowledge, by(KIM, "f")).ending is Ending.DONE


def test_who_takes_what_was_free_when_he_looked_is_told_that_another_has_it() -> None:
    assert do(acts.assign, "Kim@example.com", by(KIM, "a"), expected="").ending is Ending.DONE
    second = do(acts.assign, "per-lee", by(LEE, "b"), expected="")
    assert (second.ending, second.by) == (Ending.TAKEN, str(KIM))
    assert second.said == "Kim has it, assigned by Kim at 2026-01-14 22:05 UTC."
    assert do(acts.assign, "per-lee", by(LEE, "c")).ending is Ending.DONE
    assert (rows()[0].owner, rows()[1].owner) == ("per-lee", "per-lee")
    assert do(acts.assign, "per-lee", by(KIM, "d")).ending is Ending.ALREADY
    for nobody, error in (
        ("per-none", NotFound),
        ("x@example.com", NotFound),
        ("per-old", ConfigurationError),
    ):
        with pytest.raises(error):
            do(acts.assign, nobody, by(KIM, f"e{nobody}"))


def test_an_end_needs_a_verdict_here_and_none_where_a_vendor_tells_of_it() -> None:
    with pytest.raises(ConfigurationError, match="turned out"):
        do(acts.close, None, by(KIM, "a"))
    assert do(acts.set_status, IncidentStatus.CLOSED, by(KIM, "b")).ending is Ending.REFUSED
    told = do(acts.close, None, by(JIRA, "c", via="jira", source="77"))
    assert (told.ending, rows()[0].status, rows()[0].verdict) == (Ending.DONE, "closed", "")
    late = do(acts.close, Verdict.TRUE_POSITIVE, by(KIM, "d"), note="It was real.")
    assert (late.ending, rows()[0].verdict, rows()[1].resolved_at) == (Ending.DONE, "true_positive", LATER)
    again = do(acts.close, Verdict.RULE_WRONG, by(LEE, "e"))
    assert (again.ending, again.by) == (Ending.TAKEN, str(KIM))
    assert "True positive" in again.said
    assert do(acts.set_verdict, Verdict.RULE_WRONG, by(LEE, "f")).ending is Ending.DONE


def test_a_duplicate_names_another_incident_that_is_here() -> None:
    with write_session() as session:
        add_ticket(session, "SOC-2")
    for wrong, error in (("", ConfigurationError), ("SOC-1", ConfigurationError), ("SOC-9", NotFound)):
        with pytest.raises(error):
            do(acts.close, Verdict.DUPLICATE, by(KIM, f"a{wrong}"), duplicate_of=wrong)
    do(acts.close, Verdict.DUPLICATE, by(KIM, "b"), duplicate_of="SOC-2")
    assert (rows()[0].verdict, rows()[0].duplicate_of) == ("duplicate", "inc-SOC-2")


def test_what_is_refused_leaves_nothing_behind() -> None:
    with pytest.raises(ConfigurationError):
        do(acts.add_note, "  \n", by(KIM, "a"))
    with pytest.raises(NotFound):
        acts.perform(lambda session: acts.acknowledge(session, "inc-none", by(KIM, "b")))
    with read_session() as session:
        assert list_acts(session, INCIDENT) == []


def test_closing_ends_what_its_alerts_began_and_each_end_after_a_reopening_is_told_anew() -> None:
    with write_session() as session:
        add_delivery(
            session, "alert", integration="pagerduty", action="send_alert", incident_id=INCIDENT, batch_id="b",
            state="delivered",
        )  # fmt: skip
    ended = "deliver-pagerduty"
    assert [one.queue for one in do(acts.close, Verdict.BENIGN, by(KIM, "a")).tries].count(ended) == 1
    do(acts.set_status, IncidentStatus.IN_PROGRESS, by(KIM, "b"))
    assert (rows()[1].status, rows()[1].status_category) == ("In Progress", "indeterminate")
    assert [one.queue for one in do(acts.close, Verdict.BENIGN, by(KIM, "c")).tries].count(ended) == 1
    with read_session() as session:
        ends = [
            one for one in list_deliveries(session, incident_id=INCIDENT) if one.action == "resolve_alert"
        ]
    assert len({one.key for one in ends}) == 2


def test_a_note_keeps_every_wording_and_a_vendor_s_comment_is_one_note() -> None:
    do(acts.add_note, "First", by(JIRA, "a", via="jira"), remote_id="501")
    assert do(acts.add_note, "First", by(JIRA, "b", via="jira"), remote_id="501").ending is Ending.ALREADY
    with read_session() as session:
        note = find_note(session, integration="jira", remote_id="501")
    assert note is not None
    assert note.origin == "jira"
    acts.perform(lambda session: acts.edit_note(session, note.id, "Second", by(LEE, "c")))
    with write_session() as session:
        acts.mark_gone(session, note.id, by(JIRA, "d"))
    with read_session() as session:
        assert [(one.version, one.text) for one in list_wordings(session, note.id)] == [
            (1, "First"),
            (2, "Second"),
        ]
        (kept,) = list_notes(session, INCIDENT)
    assert (kept.text, kept.changed_by, kept.gone_at) == ("Second", str(JIRA), LATER)


def test_a_priority_that_a_person_chose_is_the_tickets_and_moves_the_time_only_when_asked() -> None:
    due = rows()[1].due_at
    with time_machine.travel(LATER, tick=False):
        assert do(acts.set_priority, Priority.LOW, by(KIM, "a"), reaim=False).ending is Ending.DONE
        assert (rows()[0].priority, rows()[1].priority, rows()[1].due_at) == ("Low", "Low", due)
        do(acts.set_priority, Priority.MEDIUM, by(KIM, "b"))
    assert rows()[1].due_at == NIGHT + timedelta(hours=24)


def test_an_act_keeps_what_it_changed_and_only_that() -> None:
    do(acts.assign, "per-kim", by(KIM, "a", group="g"))
    with read_session() as session:
        (kept,) = list_acts(session, INCIDENT)
    assert kept.before == {"incident": {"owner": ""}, "1": {"owner": ""}}
    assert columns_of(kept.after) == {"incident": {"owner": "per-kim"}, "1": {"owner": "per-kim"}}
    assert (kept.made_by, kept.group, kept.created_at) == (str(KIM), "g", LATER)


def test_each_act_that_was_done_is_one_entry_of_the_audit_and_none_that_was_not() -> None:
    do(acts.acknowledge, by(KIM, "a", group="g"))
    for key in ("a", "b"):
        do(acts.acknowledge, by(LEE, key))
    do(acts.close, Verdict.BENIGN, by(LEE, "c"), note="Ours.")
    with read_session() as session:
        entries = list_of_subject(session, Subject(SubjectKind.INCIDENT, INCIDENT))
    assert sorted(one.action for one in entries) == ["acknowledge", "close"]


def test_who_follows_sees_what_was_done_in_its_transaction_and_nothing_else() -> None:
    seen: list[tuple[str, str, str]] = []

    def follow(session: Session, happened: acts.Happened) -> list[Any]:
        seen.extend((happened.act, one.field, one.after) for one in happened.changes)
        return []

    acts.follow_acts(follow)
    try:
        for key in ("a", "a", "b"):
            do(acts.assign, "per-kim", by(KIM, key))
    finally:
        acts.asked._followers.remove(follow)
    assert seen == [("assign", "owner", "per-kim")]


def test_a_moment_is_kept_to_the_microsecond() -> None:
    odd = datetime(2026, 1, 14, 22, 7, 1, 234_567, tzinfo=UTC)
    do(acts.acknowledge, by(KIM, "a", at=odd))
    with read_session() as session:
        assert list_acts(session, INCIDENT)[0].after["incident"]["acknowledged_at"] == odd.isoformat()
