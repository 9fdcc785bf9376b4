"""Rows about people and what they decide: each read in its order, with what it leaves out, and its own words for "not there"."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

import pytest
from sqlmodel import Session

from soc.domain.actor import AT_A_PAGE
from soc.domain.people import Role
from soc.domain.roster.duty import Absence, Duty
from soc.domain.roster.shifts import Shift
from soc.errors import Conflict, NotFound
from soc.store.nouns.combined import handovers, work
from soc.store.nouns.combined.handovers import HandoverRow
from soc.store.nouns.escalation import chains
from soc.store.nouns.people import people, roster, teams
from soc.store.nouns.people.roster import AbsenceRow, AssignmentRow, ShiftRow
from soc.store.nouns.people.roster_rules import lock_rules, read_rules
from soc.store.nouns.people.teams import TeamRow
from soc.store.nouns.rules import rules, suppressions
from soc.store.nouns.rules.rules import RuleChangeRow
from soc.store.nouns.rules.suppressions import SuppressionRow
from soc.store.nouns.tickets import ticket_changes
from soc.store.nouns.tickets.ticket_changes import TicketChangeRow
from soc.store.nouns.tickets.ticket_conflicts import (
    ConflictFilter,
    TicketConflictRow,
    count_conflicts,
    find_open,
    get_conflict,
    list_conflicts_of,
    list_disputed,
    list_open_fields,
    page_conflicts,
    settle,
)
from soc.store.nouns.vendors import versions
from soc.store.nouns.vendors.versions import IntegrationVersionRow
from tests.rows import NIGHT, add_incident, add_person, add_ticket

MINUTE, TICK = timedelta(minutes=1), timedelta(microseconds=1)


def _keep(session: Session, *rows: Any) -> None:
    for row in rows:  # in their order, whatever points to what
        session.add(row)
        session.flush()


def test_shifts_and_absences_make_the_duty_of_the_people_who_are_asked_for(session: Session) -> None:
    for name in ("kim", "lea", "max"):
        add_person(session, f"per-{name}")
    early: dict[str, Any] = {
        "weekdays": "01",
        "start": "06:00",
        "end": "14:00",
        "zone": "UTC",
        "made_by": "x",
    }
    late = {**early, "start": "14:00", "end": "22:00", "since": "2026-01-05", "until": "2026-02-01"}
    _keep(
        session, ShiftRow(id="s2", person_id="per-kim", **late), ShiftRow(id="s1", person_id="per-kim", **early),
        ShiftRow(id="s3", person_id="per-max", **early),
    )  # fmt: skip
    for name, person, begin, end in (
        ("a1", "kim", -9, 0), ("a2", "kim", 5, 9), ("a3", "lea", 1, 2), ("a4", "kim", -9, 1),
    ):  # fmt: skip
        days = {"start": NIGHT + begin * MINUTE, "end": NIGHT + end * MINUTE}
        _keep(session, AbsenceRow(id=name, person_id=f"per-{person}", note=name, made_by="x", **days))
    assert [row.id for row in roster.list_shifts(session)] == ["s1", "s2", "s3"]
    assert [row.id for row in roster.list_shifts(session, person_id="per-max")] == ["s3"]
    assert [row.id for row in roster.list_absences(session)] == ["a1", "a4", "a3", "a2"]
    assert [row.id for row in roster.list_absences(session, person_id="per-kim", since=NIGHT)] == ["a4", "a2"]
    first = Shift(frozenset({0, 1}), time(6), time(14), "UTC")
    second = Shift(frozenset({0, 1}), time(14), time(22), "UTC", date(2026, 1, 5), date(2026, 2, 1))
    duties = roster.read_duties(session, {"per-kim": "Asia/Tokyo", "per-lea": "UTC"}, now=NIGHT)
    away = (
        Absence(NIGHT - 9 * MINUTE, NIGHT + MINUTE, "a4"),
        Absence(NIGHT + 5 * MINUTE, NIGHT + 9 * MINUTE, "a2"),
    )
    assert duties == {
        "per-kim": Duty((first, second), away, "Asia/Tokyo"),
        "per-lea": Duty((), (Absence(NIGHT + MINUTE, NIGHT + 2 * MINUTE, "a3"),), "UTC"),
    }


def test_who_has_how_much_and_was_given_what_last(session: Session) -> None:
    ids = {}
    for key, owner, due, resolved in (
        ("A", "per-kim", 2, None), ("B", "per-kim", 1, None), ("C", "per-kim", 0, NIGHT), ("D", "", 0, None),
        ("E", "per-lea", 0, None),
    ):  # fmt: skip
        ids[key] = (
            add_ticket(session, key, owner=owner, due_at=NIGHT + due * MINUTE, resolved_at=resolved).id or 0
        )
    assert dict(roster.count_held(session)) == {"per-kim": 2, "per-lea": 1}
    assert [row.key for row in roster.list_held(session, "per-kim")] == ["B", "A"]
    assert [row.key for row in roster.list_held(session, "per-kim", limit=1)] == ["B"]
    for key, person, way, minutes in (
        ("A", "per-kim", "in turn", 1), ("B", "per-lea", "in turn", 2), ("C", "", "in turn", 3), ("D", "per-kim", "least", 3),
    ):  # fmt: skip
        _keep(
            session,
            AssignmentRow(
                ticket_id=ids[key], incident_id=f"inc-{key}", person_id=person, way=way, why=key, made_by="x",
                created_at=NIGHT + minutes * MINUTE,
            ),
        )  # fmt: skip
    assert roster.read_last_given(session)["per-kim"] == NIGHT + 3 * MINUTE
    assert roster.read_last_given(session)["per-lea"] == NIGHT + 2 * MINUTE
    assert [roster.find_last_turn(session, way) for way in ("in turn", "least", "none")] == [
        "per-lea",
        "per-kim",
        "",
    ]
    listed: Callable[..., str] = lambda **asked: "".join(  # noqa: E731
        row.why for row in roster.list_assignments(session, **asked)
    )
    assert (listed(), listed(limit=2), listed(person_id="per-kim")) == ("DCBA", "DC", "DA")
    assert listed(ticket_ids=[ids["A"], ids["B"]], person_id="per-kim") == "A"


def test_a_person_s_own_work_is_what_runs_out_next_and_then_what_has_no_ticket(session: Session) -> None:
    for name, values in {
        "inc-A": {}, "inc-B": {}, "inc-I": {}, "grave": {"score": 9}, "light": {"score": 5}, "over": {"status": "closed"},
        "other": {"owner": "per-lea"}, "nobody": {"owner": ""},
    }.items():  # fmt: skip
        add_incident(session, name, **{"owner": "per-kim", **values})
    add_ticket(session, "A", due_at=NIGHT + 2 * MINUTE)
    add_ticket(session, "B", due_at=NIGHT + MINUTE)
    add_ticket(session, "I", due_at=NIGHT - MINUTE, sla_state="breached at intake")
    owned = [one[0] for one in work.list_owned(session, "per-kim", limit=9)]
    assert (owned, work.count_owned(session, "per-kim")) == (
        ["inc-B", "inc-A", "inc-I", "grave", "light"],
        5,
    )
    assert len(work.list_owned(session, "per-kim", limit=2)) == 2
    assert work.count_owned(session, "per-max") == 0


def test_a_hand_over_is_accepted_once_and_again_by_the_same_person(session: Session) -> None:
    for name, minutes in (("h1", 0), ("h2", 1), ("h3", 1)):
        at = NIGHT + minutes * MINUTE
        _keep(session, HandoverRow(id=name, created_at=at, since=NIGHT, made_by="x"))
    assert [row.id for row in handovers.list_handovers(session)] == ["h3", "h2", "h1"]
    assert [row.id for row in handovers.list_handovers(session, limit=1)] == ["h3"]
    assert [row.id for row in handovers.page_handovers(session, limit=2).rows] == ["h3", "h2"]
    assert handovers.last_accepted(session) is None
    row = handovers.accept(session, "h1", "per-kim", actor=AT_A_PAGE, now=NIGHT)
    assert (row.accepted_at, row.accepted_person, row.changed_by) == (NIGHT, "per-kim", str(AT_A_PAGE))
    again = handovers.accept(session, "h1", "per-kim", actor=AT_A_PAGE, now=NIGHT + MINUTE)
    assert again.accepted_at == NIGHT
    with pytest.raises(Conflict, match="Somebody else"):
        handovers.accept(session, "h1", "per-lea", actor=AT_A_PAGE, now=NIGHT)
    handovers.accept(session, "h2", "per-lea", actor=AT_A_PAGE, now=NIGHT)
    last = handovers.last_accepted(session)
    assert last is not None
    assert (last.id, last.accepted_person) == ("h2", "per-lea")


def test_a_conflict_waits_until_it_is_decided(session: Session) -> None:
    one, two = add_ticket(session, "A").id or 0, add_ticket(session, "B").id or 0
    known: dict[str, Any] = {"reason": "r", "made_by": "x", "updated_at": NIGHT}
    for ticket, field, delivery, minutes, resolved in (
        (one, "priority", "dlv-1", 0, None), (one, "status", "", 1, None), (one, "labels", "dlv-2", 2, NIGHT),
        (two, "priority", "dlv-3", 2, None),
    ):  # fmt: skip
        at = NIGHT + minutes * MINUTE
        _keep(
            session,
            TicketConflictRow(
                ticket_id=ticket,
                field=field,
                delivery_id=delivery,
                created_at=at,
                resolved_at=resolved,
                **known,
            ),
        )
    assert (list_disputed(session, one), list_open_fields(session, one)) == (
        {"dlv-1"},
        {"priority", "status"},
    )
    assert [row.field for row in list_conflicts_of(session, [one])] == ["priority", "status"]
    assert [row.ticket_id for row in page_conflicts(session).rows] == [two, one, one, one]
    for chosen, number in (
        ({}, 4), ({"ticket_id": one}, 3), ({"field": "priority"}, 2), ({"is_open": True}, 3), ({"is_open": False}, 1),
        ({"ticket_id": one, "field": "priority", "is_open": True}, 1),
    ):  # fmt: skip
        assert count_conflicts(session, ConflictFilter(**chosen)) == number, chosen
        assert page_conflicts(session, ConflictFilter(**chosen)).total == number
    assert (count_conflicts(session), find_open(session, one, "labels")) == (3, None)
    found = find_open(session, one, "priority")
    assert found is not None
    settle(get_conflict(session, found.id or 0), decision="ours", actor=AT_A_PAGE, now=NIGHT + 9 * MINUTE)
    session.flush()
    assert (found.resolved_at, found.updated_at) == (NIGHT + 9 * MINUTE, NIGHT + 9 * MINUTE)
    assert (found.decision, found.changed_by, find_open(session, one, "priority")) == (
        "ours",
        str(AT_A_PAGE),
        None,
    )


def test_a_ticket_s_history_is_kept_once_and_listed_newest_first(session: Session) -> None:
    one, two = add_ticket(session, "A").id or 0, add_ticket(session, "B").id or 0

    def change(ticket: int, name: str, minutes: int, **values: Any) -> TicketChangeRow:
        known = {"kind": "change", "at": NIGHT + minutes * MINUTE, "seen_at": NIGHT, **values}
        return TicketChangeRow(ticket_id=ticket, remote_id=name, **known)

    ticket_changes.keep_changes(
        session, [change(one, "1", 0, ours=True), change(one, "2", 2), change(two, "3", 3)]
    )
    ticket_changes.keep_changes(session, [change(one, "1", 9), change(one, "c", 1, kind="comment")])
    assert [row.remote_id for row in ticket_changes.list_changes(session, one)] == ["2", "c", "1"]
    assert [row.remote_id for row in ticket_changes.list_changes(session, one, limit=1)] == ["2"]
    assert ticket_changes.known_changes(session, one) == {"1": True, "2": False}
    assert ticket_changes.known_changes(session, one, "comment") == {"c": False}


def test_lists_of_people_rules_and_suppressions_show_what_is_asked_for(session: Session) -> None:
    _keep(session, TeamRow(id="night", name="Night", created_at=NIGHT, made_by="x"))
    for name, values in {
        "per-c": {"role": "lead", "team_id": "night"}, "per-b": {}, "per-a": {"active": False}, "per-d": {"team_id": "night"},
    }.items():  # fmt: skip
        add_person(session, name, **values)
    listed: Callable[..., str] = lambda **asked: "".join(  # noqa: E731
        row.id[-1] for row in people.list_people(session, **asked)
    )
    assert (listed(), listed(active_only=False), listed(role=Role.LEAD)) == ("bcd", "abcd", "c")
    assert (listed(team_id="night"), listed(team_id="night", role=Role.ANALYST)) == ("cd", "d")
    assert [row.id[-1] for row in people.page_people(session).rows] == list("abcd")
    for rule in ("r1", "r2", "r1"):
        _keep(session, RuleChangeRow(rule_id=rule, act="change", created_at=NIGHT, made_by="x"))
    assert [row.rule_id for row in rules.list_changes(session)] == ["r1", "r2", "r1"]
    assert [row.rule_id for row in rules.list_changes(session, rule_id="r1", limit=1)] == ["r1"]
    assert [row.id for row in rules.list_changes(session, rule_id="r2")] == [2]
    empty = dict.fromkeys(("reason", "owner", "entity", "source", "signature", "class_contains"), "")
    for name, ends in (("over", 0), ("later", 9), ("next", 1)):
        bounds = {"starts_at": NIGHT - MINUTE, "ends_at": NIGHT + ends * MINUTE, "created_at": NIGHT}
        reason = {**empty, "reason": "scan", "owner": "x", "source": "s"}
        _keep(session, SuppressionRow(id=name, kind="suppression", made_by="x", **bounds, **reason))
    assert [row.id for row in suppressions.page_suppressions(session).rows] == ["later", "next", "over"]
    _keep(session, IntegrationVersionRow(kind="jira", version=1, made_by="x", created_at=NIGHT))
    assert versions.next_version(session, "jira") == 2
    assert versions.next_version(session, "slack") == 1


def test_what_is_not_there_is_said_by_its_name(session: Session) -> None:
    reads: dict[str, Callable[[], Any]] = {
        "no shift x": lambda: roster.get_shift(session, "x"),
        "no absence x": lambda: roster.get_absence(session, "x"),
        "no hand-over x": lambda: handovers.get_handover(session, "x"),
        "no chain x": lambda: chains.get_chain(session, "x"),
        "no chain y": lambda: chains.delete_chain(session, "y"),
        "no person x": lambda: people.get_person(session, "x"),
        "no team x": lambda: teams.get_team(session, "x"),
        "no rule x": lambda: rules.get_rule(session, "x"),
        "no rule y": lambda: rules.delete_rule(session, "y"),
        "no suppression x": lambda: suppressions.get_suppression(session, "x"),
        "jira has no version 7": lambda: versions.get_version(session, "jira", 7),
        "no conflict 7": lambda: get_conflict(session, 7),
        "no conflict 0": lambda: get_conflict(session, 0),
        f"no conflict {2**31}": lambda: get_conflict(session, 2**31),
    }
    for said, read in reads.items():
        with pytest.raises(NotFound, match=said):
            read()


def test_the_rules_of_giving_out_are_the_usual_ones_until_somebody_writes_others(session: Session) -> None:
    assert (read_rules(session).automatic, read_rules(session).security_team) == (True, "Security")
    for team in ("Blue", "Red"):
        locked = lock_rules(session)
        locked.automatic, locked.security_team = False, team
        session.flush()
        assert (read_rules(session).automatic, read_rules(session).security_team) == (False, team)
