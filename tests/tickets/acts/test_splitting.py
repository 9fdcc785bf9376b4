"""An incident becomes two: each line in one of them, the part as old and as urgent as the whole, its ticket linked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
import time_machine
from sqlmodel import select

from soc import clock
from soc.batches.reading.lines import count_lines, read_cut, read_lines, read_values
from soc.batches.report import export_batch_events
from soc.configuration.save import save_configuration
from soc.domain.actor import AT_A_PAGE, Actor
from soc.domain.acts import Ending, Verdict
from soc.domain.event import Selection
from soc.domain.message import OpenTicket, Receipt, read_message
from soc.errors import ConfigurationError, NotFound
from soc.sla.ledger import opened
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.combined.search import find_incidents
from soc.store.nouns.deliveries.deliveries import list_deliveries
from soc.store.nouns.incidents.families import survivor_of
from soc.store.nouns.incidents.incidents import IncidentRow, get_incident
from soc.store.nouns.incidents.investigation_notes import list_notes
from soc.store.nouns.incidents.parts import list_parts
from soc.store.nouns.incidents.search_terms import add_terms
from soc.store.nouns.sla.sla_clocks import SlaClockRow
from soc.store.nouns.tickets.tickets import find_ticket
from soc.tickets import acts
from soc.tickets.acts import Asked, bulk
from soc.tickets.acts.splitting import do_split, preview_split
from soc.tickets.opening import follow_delivery
from tests.lines import write_lines
from tests.rows import NIGHT, add_incident, add_person, add_ticket

KIM, LEE = Actor.said("per-kim"), Actor.said("per-lee")
ONE = "inc-1"
#: The addresses of the incident's lines, a minute apart; the last line names no time and no address.
LINES = ("203.0.113.1", "203.0.113.1", "203.0.113.2", "203.0.113.2", "203.0.113.2", None)
WHO = [
    {"type": "ip", "value": "203.0.113.2"}, {"type": "ip", "value": "203.0.113.1"}, {"type": "user", "value": "U2"},
    {"type": "user", "value": "u1"}, {"type": "host", "value": "in-no-line"},
]  # fmt: skip
SECOND = Selection({"source.ip": ("203.0.113.2",)})


@pytest.fixture(autouse=True)
def travel() -> Iterator[time_machine.Traveller]:
    """An incident of six lines, found an hour ago, with a ticket that nobody has answered, in Lee's hands."""
    with time_machine.travel(NIGHT, tick=False) as traveller:
        migrate()
        with write_session() as session:
            add_person(session, "per-kim")
            add_person(session, "per-lee")
            add_incident(session, ONE, count=6, first_seen=NIGHT, last_seen=NIGHT + timedelta(minutes=4), owner="per-lee",
                         samples=[{"file": "a.log", "line_no": 3, "offset": 20, "text": "line 3"}],
                         entity="203.0.113.2", entities=WHO)  # fmt: skip
            ticket = add_ticket(session, "SOC-1", incident_id=ONE, owner="per-lee")
            opened(session, ticket, at=NIGHT, actor=AT_A_PAGE)
        write_lines(ONE, LINES)
        traveller.shift(timedelta(minutes=30))
        yield traveller


def save_jira() -> None:
    values = {"base_url": "https://jira.example.com", "username": "a@b.c", "api_token": "hunter2-token"}
    save_configuration("jira", values, actor=AT_A_PAGE)


def row(incident_id: str) -> IncidentRow:
    with read_session() as session:
        return get_incident(session, incident_id)


def numbers(incident_id: str) -> list[int]:
    return read_lines("b", incident_id=incident_id)["line_no"].to_list()


def split(which: Selection = SECOND, key: str = "one", who: Actor = KIM, title: str = "") -> bulk.Bulk:
    return do_split(read_cut(ONE, which), Asked(who, key), title=title)


def test_each_line_is_in_one_of_the_two_and_the_part_is_as_old_and_as_urgent() -> None:
    done = split(title="Second attacker")
    whole, part = (row(one.incident_id) for one in done.outcomes)
    assert (numbers(ONE), numbers(part.id)) == ([1, 2, 6], [3, 4, 5])
    assert (whole.count, part.count, count_lines("b", incident_id=part.id)) == (3, 3, 3)
    assert (part.first_seen, part.last_seen) == (NIGHT + timedelta(minutes=2), NIGHT + timedelta(minutes=4))
    assert whole.last_seen == NIGHT + timedelta(minutes=1)
    assert [one["line_no"] for one in (*whole.samples, *part.samples)] == [1, 2, 6, 3, 4, 5]
    assert (part.title, part.entity, part.status, part.owner) == (
        "Second attacker",
        "203.0.113.2",
        "open",
        "per-lee",
    )
    assert (part.created_at, part.score, part.merged_into, part.verdict) == (
        whole.created_at,
        whole.score,
        "",
        "",
    )
    with read_session() as session:
        texts = [list_notes(session, one.id)[0].text for one in (whole, part)]
    assert texts[0] == f"3 lines were split off into “Second attacker” ({part.id}): source.ip 203.0.113.2."
    assert texts[1] == f"Split off SOC-1 ({ONE}): source.ip 203.0.113.2, 3 lines."


def who(incident_id: str) -> list[str]:
    return [str(one["value"]) for one in row(incident_id).entities]


def test_each_of_the_two_names_those_of_its_own_lines_and_is_found_by_them() -> None:
    def found(text: str) -> set[str]:
        with read_session() as session:
            return {one.id for one in find_incidents(session, text).incidents}

    with write_session() as session:
        add_terms(session, [get_incident(session, ONE).model_dump()])
    assert found("203.0.113.2") == {ONE}
    done = split()
    part = done.outcomes[1].incident_id
    assert who(ONE) == ["203.0.113.1", "u1", "in-no-line"]
    assert who(part) == ["203.0.113.2", "U2", "in-no-line"]
    assert (row(ONE).entity, row(part).entity, found("203.0.113.2")) == ("", "203.0.113.2", {part})
    bulk.undo(done.group, actor=KIM)
    assert (who(ONE), row(ONE).entity) == ([one["value"] for one in WHO], "203.0.113.2")
    assert ONE in found("203.0.113.2")


def test_one_that_went_on_in_another_batch_goes_on_naming_everybody() -> None:
    with write_session() as session:
        get_incident(session, ONE).count = 9
    split()
    assert (row(ONE).count, row(ONE).entity, len(who(ONE))) == (6, "203.0.113.2", len(WHO))


def test_a_part_is_split_on_and_the_exported_lines_name_the_incident_that_each_is_in_now(
    tmp_path: Path,
) -> None:
    part = split().outcomes[1].incident_id
    later = Selection(since=NIGHT + timedelta(minutes=3))
    second = do_split(read_cut(part, later), Asked(KIM, "two")).outcomes[1].incident_id
    assert (numbers(ONE), numbers(part), numbers(second)) == ([1, 2, 6], [3], [4, 5])
    assert read_values(second, "source.ip") == [("203.0.113.2", 2)]
    export_batch_events("b", tmp_path / "all.csv")
    named = pl.read_csv(tmp_path / "all.csv")["incident_id"].to_list()
    assert named == [ONE, ONE, part, second, second, ONE]


def test_its_ticket_is_asked_for_after_ten_seconds_once_a_key_and_names_the_ticket_of_the_whole() -> None:
    save_jira()
    first, again = split(), split()
    assert [(one.incident_id, one.ending) for one in first.outcomes] == [
        (one.incident_id, one.ending) for one in again.outcomes
    ]
    assert not any(one.new for one in again.outcomes)
    with read_session() as session:
        asked = [one for one in list_deliveries(session, limit=99) if one.action == "open_ticket"]
        assert len(asked) == 1 == len(list_parts(session, ONE))
    message = read_message(asked[0].payload)
    assert isinstance(message, OpenTicket)
    assert (message.incident.id, message.parted_from) == (first.outcomes[1].incident_id, "SOC-1")
    assert asked[0].next_try_at is not None
    assert asked[0].next_try_at >= clock.now() + timedelta(seconds=10)


def clocks(incident_id: str) -> dict[str, tuple[str, datetime]]:
    with read_session() as session:
        ticket = find_ticket(session, incident_id)
        assert ticket is not None
        found = session.exec(select(SlaClockRow).where(SlaClockRow.ticket_id == ticket.id)).all()
        return {one.clock: (one.state, one.started_at) for one in found}


def test_a_split_answers_both_and_the_part_s_clocks_began_with_the_whole_s(
    travel: time_machine.Traveller,
) -> None:
    save_jira()
    part = split().outcomes[1].incident_id
    assert clocks(ONE)["response"][0] == "met"
    travel.shift(timedelta(minutes=2))
    with write_session() as session:
        [asked] = [one for one in list_deliveries(session, limit=99) if one.action == "open_ticket"]
        follow_delivery(
            session, asked, Receipt(key="SOC-2", remote_id="2", url="https://jira.example.com/browse/SOC-2")
        )
    assert clocks(part)["response"] == ("met", NIGHT)
    assert clocks(part)["resolution"][1] == NIGHT


def test_a_preview_changes_nothing_and_an_undo_leaves_everything_as_it_was(
    travel: time_machine.Traveller,
) -> None:
    save_jira()
    before = row(ONE).model_dump(), clocks(ONE), numbers(ONE)
    seen = preview_split(read_cut(ONE, SECOND), actor=KIM)
    assert [one.said for one in seen] == [
        "3 lines become an incident of their own, 3 lines stay.",
        "3 lines, as urgent as what it was split off; its ticket will be opened.",
    ]
    assert (row(ONE).model_dump(), clocks(ONE), numbers(ONE)) == before
    done = split()
    assert [one.ending for one in bulk.undo(done.group, actor=KIM)] == [Ending.DONE] * 2
    assert ({**row(ONE).model_dump(), "changed_by": ""}, clocks(ONE), numbers(ONE)) == before
    part = row(done.outcomes[1].incident_id)
    assert (part.status, part.count, part.merged_into) == ("closed", 0, ONE)
    with read_session() as session:
        assert survivor_of(session, part.id) == ONE
        assert list_parts(session, ONE) == []
        assert {one.state for one in list_deliveries(session, limit=99)} == {"cancelled"}
        assert all(note.gone_at for one in (ONE, part.id) for note in list_notes(session, one))
    assert split(key="again").outcomes[0].ending is Ending.DONE


def test_where_one_of_the_two_moved_on_neither_is_taken_back() -> None:
    done = split()
    part = done.outcomes[1].incident_id
    acts.perform(lambda session: acts.close(session, part, Verdict.BENIGN, Asked(LEE, "close")))
    back = bulk.undo(done.group, actor=KIM)
    assert [one.ending for one in back] == [Ending.REFUSED] * 2
    assert (numbers(ONE), row(ONE).count) == ([1, 2, 6], 3)


def test_what_cannot_be_split_is_refused_with_words_and_the_second_of_two_is_told_who_was_first() -> None:
    def said(which: Selection, who: Actor = KIM) -> tuple[Ending, str]:
        outcome = preview_split(read_cut(ONE, which), actor=who)[0]
        return outcome.ending, outcome.said

    none = Selection({"source.ip": ("203.0.113.9",)})
    assert said(none) == (Ending.REFUSED, "None of its lines is that (source.ip 203.0.113.9).")
    every = Selection({"file": ("a.log",)})
    assert said(every) == (Ending.REFUSED, "All of its lines are that (file a.log): nothing would be left.")
    stale = read_cut(ONE, SECOND)
    split()
    taken = do_split(stale, Asked(LEE, "late")).outcomes
    assert [one.ending for one in taken] == [Ending.TAKEN]
    assert taken[0].said.startswith("Kim split it at 2026-01-14 22:30 UTC, while you chose.")
    acts.perform(lambda session: acts.close(session, ONE, Verdict.BENIGN, Asked(KIM, "close")))
    assert said(Selection({"line_no": ("1",)})) == (Ending.REFUSED, "It is closed: reopen it first.")


def test_a_selection_says_which_lines_or_is_refused() -> None:
    for wrong in (
        {},
        {"fields": {"incident_id": ("x",)}},
        {"fields": {"file": ()}},
        {"since": NIGHT, "until": NIGHT},
    ):
        with pytest.raises(ConfigurationError):
            Selection(**wrong)  # type: ignore[arg-type]
    which = Selection({"line_no": ("1", "2", "3", "4", "5")}, since=NIGHT)
    assert Selection.read(which.kept()) == which
    assert which.words() == "line_no 1 or 2 or 3 or 2 more, from 2026-01-14 22:00:00 UTC"
    with pytest.raises(NotFound):
        read_cut("inc-none", which)
