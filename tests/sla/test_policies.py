"""Policies are saved, ordered, taken away and put back; what they would do to open tickets is counted before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from sqlmodel import Session

from soc.domain.actor import Actor, Known
from soc.domain.audit import Subject, SubjectKind
from soc.domain.severity import Priority
from soc.domain.sla.policy import GUIDE_POLICY, Policy, Target, WorkingTime
from soc.errors import ConfigurationError, Conflict, NotFound
from soc.sla import ledger, policies
from soc.sla.preview import preview_policy
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.installation.audit import list_of_subject
from soc.store.nouns.sla.policies import SlaPolicyRow
from soc.store.nouns.sla.sla_policies import list_in_force
from soc.store.nouns.tickets.tickets import TicketRow
from tests.rows import NIGHT, add_incident, add_ticket

HOUR = timedelta(hours=1)
KIM = Actor.person("kim", Known.SHELL)
WEEK = {"monday": ("09:00-17:00",)}


@pytest.fixture(autouse=True)
def _store() -> Iterator[None]:
    with time_machine.travel(NIGHT, tick=False):
        migrate()
        yield


@pytest.fixture
def session() -> Iterator[Session]:
    with write_session() as opened:
        yield opened


def policy(name: str = "bank", minutes: int = 30, **values: Any) -> Policy:
    targets = dict.fromkeys(Priority, Target(response=minutes, resolution=2 * minutes))
    return Policy(**{"id": name, "title": name.title(), "targets": targets, **values})


def save(session: Session, one: Policy, **values: Any) -> int:
    return policies.save_policy(session, one, actor=KIM, **values)


def told(name: str) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """The newest first; the audit is written as a transaction ends."""
    with read_session() as session:
        entries = list_of_subject(session, Subject(SubjectKind.POLICY, name))
    return [(one.action, dict(one.before), dict(one.after)) for one in entries]


def in_force(session: Session) -> list[tuple[str, int]]:
    return [(one.id, version) for one, version in list_in_force(session)]


def ticket(session: Session, key: str, priority: str = "High", **values: Any) -> TicketRow:
    add_incident(session, f"inc-{key}", source=values.pop("source", "s"))
    row = add_ticket(session, key, incident_id=f"inc-{key}", priority=priority, **values)
    ledger.opened(session, row, at=NIGHT, actor=KIM)
    return row


def test_what_changed_is_told_and_the_version_that_was_looked_at_must_still_hold() -> None:
    with write_session() as session:
        assert [save(session, policy(), expected=0), save(session, policy(), expected=1)] == [1, 1]
        assert save(session, policy(pauses_in=("Waiting",)), expected=1) == 2
        for looked_at in (0, 1, 3):
            with pytest.raises(Conflict, match="was changed meanwhile"):
                save(session, policy(), expected=looked_at)
        with pytest.raises(Conflict):
            save(session, policy("other"), expected=1)
    second, first = told("bank")
    assert second == ("save policy", {"pauses_in": []}, {"pauses_in": ["Waiting"]})
    assert (first[0], first[1], first[2]["title"]) == ("save policy", {}, "Bank")


def test_an_earlier_version_comes_back_as_a_new_one(session: Session) -> None:
    save(session, policy())
    save(session, policy(minutes=40))
    assert policies.restore_policy(session, "bank", 1, actor=KIM) == 3
    assert (policy(), 3) in list_in_force(session)
    with pytest.raises(ConfigurationError, match="no version 4"):
        policies.restore_policy(session, "bank", 4, actor=KIM)


def test_they_are_asked_in_the_order_that_was_given_the_default_last() -> None:
    with write_session() as session:
        for name in ("a", "b", "c"):
            save(session, policy(name))
        policies.order_policies(session, ["c", "default", "a", "b"], actor=KIM)
        assert [name for name, _ in in_force(session)] == ["c", "a", "b", "default"]
        for wrong in (["a", "b"], ["a", "b", "c", "d"], ["a", "a", "b", "c"]):
            with pytest.raises(ConfigurationError, match="once each"):
                policies.order_policies(session, wrong, actor=KIM)
    orders = {"order": ["a", "b", "c", "default"]}, {"order": ["c", "a", "b", "default"]}
    assert told("default")[0] == ("order policies", *orders)


def test_one_is_taken_away_and_the_default_never() -> None:
    with write_session() as session:
        save(session, policy())
        policies.remove_policy(session, "bank", actor=KIM)
        assert in_force(session) == [("default", 1)]
        with pytest.raises(NotFound):
            policies.remove_policy(session, "bank", actor=KIM)
        with pytest.raises(ConfigurationError, match="cannot be taken away"):
            policies.remove_policy(session, "default", actor=KIM)
        assert save(session, policy()) == 2, "its versions go on"
    action, before, after = told("bank")[1]
    assert (action, before["title"], after) == ("remove policy", "Bank", {})


def test_there_are_no_more_than_can_be_asked(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policies, "MOST", 2)
    save(session, policy("a"))
    with pytest.raises(ConfigurationError, match="There are 2 policies already"):
        save(session, policy("b"))
    assert save(session, policy("a", minutes=5)) == 2, "one of them may still change"


def test_a_country_s_holidays_are_written_in_and_own_days_stay(session: Session) -> None:
    own = date(2026, 1, 15)
    time = WorkingTime(week=WEEK, country="de", subdivision="BE", holidays=(own,))
    kept = policies.with_holidays(policy(time=time)).time.holidays
    assert kept == tuple(sorted(set(kept)))
    assert {own, date(2026, 3, 8), date(2026, 12, 25)} <= set(kept)
    assert (kept[0].year, kept[-1].year) == (2024, 2036)
    assert date(2026, 1, 6) not in kept, "Epiphany is none in Berlin"
    assert policies.with_holidays(policy()) == policy()
    for place, said in (({"country": "XX"}, "“XX”"), ({"country": "DE", "subdivision": "QQ"}, "“DE-QQ”")):
        with pytest.raises(ConfigurationError, match=f"No public holidays are known for {said}"):
            policies.with_holidays(policy(time=WorkingTime(week=WEEK, **place)))


def test_what_is_wrong_with_a_policy_is_said_with_its_place() -> None:
    body = policy().model_dump(mode="json")
    with pytest.raises(ConfigurationError, match=r"^The policy was not taken: title: is empty"):
        policies.read_policy({**body, "title": ""})
    with pytest.raises(
        ConfigurationError, match=r"^The policy was not taken: time: “Mars” is no time zone: write one"
    ):
        policies.read_policy({**body, "time": {"zone": "Mars"}})
    assert policies.read_policy(body) == policy()


def test_the_default_s_response_times_stand_where_they_were_read_before(session: Session) -> None:
    targets = {**GUIDE_POLICY.targets, Priority.HIGH: Target(response=17, resolution=90)}
    save(session, GUIDE_POLICY.model_copy(update={"targets": targets}))
    kept = [session.get_one(SlaPolicyRow, one.value).minutes for one in (Priority.HIGHEST, Priority.HIGH)]
    assert kept == [60, 17]
    save(session, policy(minutes=99))
    assert session.get_one(SlaPolicyRow, "High").minutes == 17


def test_a_preview_counts_what_is_taken_what_moves_and_what_runs_out(session: Session) -> None:
    assert "No ticket is open" in preview_policy(session, policy()).sentence
    ticket(session, "SOC-1", source="ids")  # High: 4 h, 24 h
    late = ticket(session, "SOC-2", "Highest", source="ids")  # 1 h, 8 h
    ticket(session, "SOC-3")
    done = ticket(session, "SOC-4", source="ids")
    ledger.status_changed(
        session, done, status="Done", category="done", before_category="new", at=NIGHT, actor=KIM
    )
    done.resolved_at = NIGHT
    session.flush()
    with time_machine.travel(NIGHT + 2 * HOUR, tick=False):
        seen = preview_policy(session, policy(minutes=9 * 60, match={"sources": ["ids"]}))
        fewer = preview_policy(session, policy(minutes=9 * 60, match={"sources": ["ids"]}), most=1)
    assert (seen.open, seen.taken, seen.violated_today, seen.violated_then) == (3, 2, 1, 1)
    assert [(one.ticket, str(one.clock), one.today - NIGHT, one.then - NIGHT) for one in seen.moved] == [
        ("SOC-2", "resolution", 8 * HOUR, 18 * HOUR),
        ("SOC-1", "resolution", 24 * HOUR, 18 * HOUR),
        ("SOC-1", "response", 4 * HOUR, 9 * HOUR),
    ]
    assert {one.policy for one in seen.moved} == {"default"}
    assert [(one.ticket_id, one.priority) for one in fewer.moved] == [(late.id, "Highest")]
    assert "1 clocks end earlier and 2 later, and 1 instead of 1 have run out" in seen.sentence


def test_a_preview_asks_at_the_policy_s_own_place(session: Session) -> None:
    save(session, policy("first", match={"sources": ["ids"]}))
    ticket(session, "SOC-1", source="ids")
    ticket(session, "SOC-2")
    assert preview_policy(session, policy("second")).taken == 1, "what the first takes it does not get"
    assert preview_policy(session, policy("first")).taken == 2
    assert preview_policy(session, GUIDE_POLICY).taken == 1


def test_open_tickets_follow_only_where_it_is_asked_for(session: Session) -> None:
    row = ticket(session, "SOC-1")
    save(session, policy(minutes=30))
    assert row.due_at == NIGHT + 4 * HOUR
    save(session, policy(minutes=20), apply_to_open=True)
    assert row.due_at == NIGHT + HOUR / 3
