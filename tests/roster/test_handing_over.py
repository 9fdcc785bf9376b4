"""Shifts and absences are changed with their audit; all that one person holds goes to another, but what somebody took."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from soc.domain.audit import Subject, SubjectKind
from soc.domain.severity import Priority
from soc.errors import ConfigurationError, NotFound
from soc.roster import assigning, changing, handing_over
from soc.roster.standing import read_members
from soc.store.db import read_session, write_session
from soc.store.nouns.installation.audit import list_of_subject
from soc.store.nouns.people.roster import list_assignments, list_held
from tests.escalation.world import ANA, make_world, open_tickets
from tests.rows import NIGHT, add_person


def test_a_shift_is_added_once_its_words_can_be_read_and_taken_away_with_an_audit() -> None:
    make_world(connected=False)
    with write_session() as session:
        row = changing.add_shift(
            session, "per-ana", weekdays=changing.read_days("Fri-Mon"), start=changing.read_time("22:00"),
            end=changing.read_time("06:00"), zone="Europe/Berlin", actor=ANA,
        )  # fmt: skip
        changing.remove_shift(session, row.id, actor=ANA)
    assert row.weekdays == "0456"
    with read_session() as session:
        entries = list_of_subject(session, Subject(SubjectKind.ROSTER, row.id))
    assert len(entries) == 2
    for days, begin in (("Foo", "08:00"), ("", "08:00"), ("Mon", "8 am")):
        with pytest.raises(ConfigurationError), write_session() as session:
            changing.add_shift(
                session,
                "per-ana",
                weekdays=changing.read_days(days),
                start=changing.read_time(begin),
                end=time(9),
                actor=ANA,
            )
    with pytest.raises(NotFound), write_session() as session:
        changing.add_absence(session, "per-none", start=NIGHT, end=NIGHT + timedelta(days=1), actor=ANA)


def test_what_opens_is_given_out_in_turn_and_handed_over_at_once() -> None:
    make_world(connected=False)
    with write_session() as session:
        add_person(session, "per-ben", team_id="team-1")
    tickets = open_tickets(4, priority="Low")
    for ticket in tickets:
        with write_session() as session:
            assigning.assign_opened(session, ticket, now=NIGHT)
    with read_session() as session:
        assert [row.person_id for row in reversed(list_assignments(session))] == ["per-ana", "per-ben"] * 2
        assert {one.person.id: one.held for one in read_members(session, now=NIGHT)}["per-ben"] == 2
    done = handing_over.hand_over("per-ben", "per-lea", actor=ANA, key="k")
    assert (done.moved, done.kept) == (("SOC-2", "SOC-4"), ())
    with read_session() as session:
        assert list_held(session, "per-ben") == []
        assert assigning.preview(session, Priority.HIGHEST, now=NIGHT).person_id == "per-lea"
