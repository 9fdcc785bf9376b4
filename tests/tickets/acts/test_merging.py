"""Several incidents become one: closed as duplicates, clocks cancelled, everything reached from the one that is left."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from sqlmodel import select

from soc import clock
from soc.domain.actor import AT_A_PAGE, Actor
from soc.domain.acts import Ending, Verdict
from soc.domain.audit import Subject, SubjectKind
from soc.domain.incident import IncidentStatus
from soc.domain.message import OpenTicket, Receipt
from soc.errors import ConfigurationError
from soc.sla.ledger import opened
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.deliveries.deliveries import DeliveryRow, list_deliveries
from soc.store.nouns.incidents.families import list_merged, survivor_of
from soc.store.nouns.incidents.incidents import IncidentRow, get_incident, to_incident
from soc.store.nouns.incidents.investigation_notes import list_notes
from soc.store.nouns.installation.audit import list_of_subject
from soc.store.nouns.sla.sla_clocks import SlaClockRow, SlaEventRow
from soc.store.nouns.tickets.tickets import TicketRow, find_ticket
from soc.tickets import acts
from soc.tickets.acts import Asked, bulk
from soc.tickets.asking import ask_for_ticket
from soc.tickets.joining import Seen, asked_again, belongs_to, seen_again
from soc.tickets.opening import follow_delivery
from tests.rows import NIGHT, add_incident, add_person, add_ticket

KIM, LEE = Actor.said("per-kim"), Actor.said("per-lee")
ONE, TWO, THREE = "inc-1", "inc-2", "inc-3"


@pytest.fixture(autouse=True)
def travel() -> Iterator[time_machine.Traveller]:
    """Three incidents of an hour ago with tickets; the second is answered, the third ran out."""
    with time_machine.travel(NIGHT, tick=False) as traveller:
        migrate()
        with write_session() as session:
            add_person(session, "per-kim")
            add_person(session, "per-lee")
            for number, score in ((1, 7), (2, 5), (3, 9)):
                add_incident(session, f"inc-{number}", score=score, count=10 * number)
                priority = {7: "High", 5: "Medium", 9: "Highest"}[score]
                ticket = add_ticket(session, f"SOC-{number}", incident_id=f"inc-{number}", priority=priority,
                                    remote_id=str(number))  # fmt: skip
                opened(session, ticket, at=NIGHT, actor=AT_A_PAGE)
        acts.perform(lambda session: acts.add_note(session, TWO, "Seen before.", Asked(KIM, "note")))
        traveller.shift(timedelta(minutes=65))
        yield traveller


def row(incident_id: str) -> IncidentRow:
    with read_session() as session:
        return get_incident(session, incident_id)


def clocks(number: int) -> dict[str, str]:
    with read_session() as session:
        rows = session.exec(select(SlaClockRow).where(SlaClockRow.ticket_id == number))
        return {one.clock: one.state for one in rows}


def test_the_merged_are_closed_as_duplicates_and_their_clocks_end_with_the_reason() -> None:
    done = bulk.do_merge(ONE, [TWO, THREE], Asked(KIM, "one"))
    assert [one.ending for one in done.outcomes] == [Ending.DONE] * 3
    for merged in (row(TWO), row(THREE)):
        assert (merged.status, merged.verdict, merged.duplicate_of) == ("closed", "duplicate", ONE)
    assert clocks(2) == {"response": "met", "resolution": "cancelled"}  # what was met stays met
    assert clocks(3) == {"response": "missed", "resolution": "cancelled"}
    with read_session() as session:
        reasons = {one.reason for one in session.exec(select(SlaEventRow)) if one.kind == "cancel"}
        assert reasons == {"merged into SOC-1"}
        assert {one.id for one in list_merged(session, ONE)} == {TWO, THREE}
        for one in (ONE, TWO, THREE):  # the history of each says it, in one group
            entries = list_of_subject(session, Subject(SubjectKind.INCIDENT, one))
            assert [entry.group_id for entry in entries if entry.action == "merge"] == [done.group]
            assert any("erged into" in note.text for note in list_notes(session, one))
            assert not any("()" in note.text for note in list_notes(session, one))
    assert row(ONE).status == "open"
    assert (row(ONE).priority, clocks(1)["response"]) == ("Highest", "met")  # as urgent as the most urgent


def test_vendors_are_told_to_close_it_as_a_duplicate_and_the_same_key_merges_once() -> None:
    bulk.do_merge(ONE, [TWO], Asked(KIM, "one"))
    again = bulk.do_merge(ONE, [TWO], Asked(KIM, "one"))
    assert [(one.ending, one.new) for one in again.outcomes] == [(Ending.DONE, False)] * 2
    with read_session() as session:
        told = {one.action: one.payload for one in list_deliveries(session, incident_id=TWO, limit=50)
                if "erged into SOC-1" in str(one.payload) or one.action == "move_ticket"}  # fmt: skip
        assert told["move_ticket"]["resolution"] == "Duplicate"
        assert told["comment_ticket"]["duplicates"] == "SOC-1"
        assert len(list_notes(session, ONE)) == 1


def test_a_preview_says_what_would_happen_and_an_undo_leaves_everything_as_it_was() -> None:
    before = [row(one).model_dump() for one in (ONE, TWO, THREE)], clocks(2), clocks(3)
    seen = bulk.preview_merge(ONE, [TWO, THREE], actor=KIM)
    assert "closed as its duplicate, its clocks end, 20 lines and 1 note are read there" in seen[0].said
    assert ([row(one).model_dump() for one in (ONE, TWO, THREE)], clocks(2), clocks(3)) == before
    done = bulk.do_merge(ONE, [TWO, THREE], Asked(KIM, "one"))
    back = bulk.undo(done.group, actor=KIM)
    assert [one.ending for one in back] == [Ending.DONE] * 3
    after = [{**row(one).model_dump(), "changed_by": ""} for one in (ONE, TWO, THREE)]
    assert (after, clocks(2), clocks(3)) == before
    with read_session() as session:
        states = {one.state for one in list_deliveries(session, limit=99) if one.action == "move_ticket"}
        assert states == {"cancelled"}
        assert all(note.gone_at for note in list_notes(session, ONE))


def test_itself_circles_and_what_was_merged_are_refused_with_words_and_the_second_is_told_who_was_first() -> (
    None
):
    def said(into: str, other: str, who: Actor = KIM) -> tuple[Ending, str]:
        (outcome, *_) = bulk.preview_merge(into, [other], actor=who)
        return outcome.ending, outcome.said

    assert said(ONE, ONE) == (Ending.REFUSED, "An incident cannot be merged into itself.")
    bulk.do_merge(TWO, [ONE], Asked(KIM, "a"))
    assert said(ONE, TWO) == (Ending.REFUSED, "SOC-1 was merged into it: that would be a circle.")
    assert said(ONE, THREE) == (Ending.REFUSED, "SOC-1 was merged into SOC-2 itself: merge into that.")
    assert said(TWO, ONE)[0] is Ending.ALREADY
    taken = said(THREE, ONE, LEE)
    assert taken[0] is Ending.TAKEN
    assert taken[1].startswith("Kim merged it into SOC-2 at 2026-01-14 23:05 UTC.")
    assert said(THREE, ONE)[0] is Ending.REFUSED
    bulk.do_merge(THREE, [TWO], Asked(KIM, "b"))
    assert said(ONE, THREE) == (Ending.REFUSED, "SOC-1 was merged into it: that would be a circle.")
    acts.perform(lambda session: acts.close(session, THREE, Verdict.BENIGN, Asked(KIM, "c")))
    add = "inc-4"
    with write_session() as session:
        add_incident(session, add)
    assert "is closed: reopen it first" in said(THREE, add)[1]


def test_what_comes_for_a_merged_one_comes_to_the_one_that_is_left() -> None:
    bulk.do_merge(TWO, [ONE], Asked(KIM, "a"))
    bulk.do_merge(THREE, [TWO], Asked(KIM, "b"))
    now = clock.now()
    with write_session() as session:
        assert survivor_of(session, ONE) == THREE
        joining = belongs_to(session, ONE, now=now)
        assert joining is not None
        assert (joining.known, joining.ticket) == (THREE, "SOC-3")
        seen_again(session, joining, Seen("batch b", 9, "again"), now=now)
        assert asked_again(session, ONE, now=now).incident_id == THREE
        assert "SOC-3" in ask_for_ticket(session, ONE, actor=KIM, now=now).said
    assert (row(ONE).status, row(TWO).status, row(THREE).status) == ("closed", "closed", "open")
    refused = acts.perform(lambda session: acts.acknowledge(session, ONE, Asked(LEE, "ack")))
    assert refused.said == "It was merged into SOC-2: act on that."


def test_a_merged_one_that_is_reopened_stands_by_itself_again_in_a_new_cycle() -> None:
    bulk.do_merge(ONE, [TWO], Asked(KIM, "a"))
    asked = Asked(Actor.vendor("jira"), "there", via="jira")
    acts.perform(lambda session: acts.set_status(session, TWO, IncidentStatus.OPEN, asked))
    assert (row(TWO).merged_into, row(TWO).verdict, row(TWO).status) == ("", "", "open")
    with read_session() as session:
        assert list_merged(session, ONE) == []
        assert (
            max(one.cycle for one in session.exec(select(SlaClockRow).where(SlaClockRow.ticket_id == 2))) == 2
        )


def test_what_was_closed_and_judged_before_keeps_its_verdict_and_its_end() -> None:
    acts.perform(lambda session: acts.close(session, TWO, Verdict.TRUE_POSITIVE, Asked(KIM, "close")))
    ended = row(TWO).closed_at
    clock_before = clocks(2)
    bulk.do_merge(ONE, [TWO], Asked(KIM, "a"))
    merged = row(TWO)
    assert (merged.verdict, merged.closed_at, merged.merged_into) == ("true_positive", ended, ONE)
    assert clocks(2) == clock_before == {"response": "met", "resolution": "met"}


def test_nothing_is_merged_where_nobody_is_named() -> None:
    with pytest.raises(ConfigurationError, match="Too few or too many"):
        bulk.preview_merge(ONE, [], actor=KIM)


def test_a_ticket_that_opens_after_its_incident_was_merged_is_closed_at_once() -> None:
    with write_session() as session:
        late = add_incident(session, "inc-late", created_at=clock.now())
    bulk.do_merge(ONE, ["inc-late"], Asked(KIM, "a"))
    with write_session() as session:
        message = OpenTicket(incident=to_incident(late), due="2026-01-15")
        row_ = DeliveryRow(
            id="dlv-late", key="late", integration="jira", action="open_ticket", state="delivered", incident_id="inc-late",
            batch_id="b", payload=message.model_dump(mode="json"), created_at=NIGHT, updated_at=NIGHT, made_by=str(KIM),
        )  # fmt: skip
        follow_delivery(
            session, row_, Receipt(key="SOC-9", remote_id="9", url="https://jira.example.com/browse/SOC-9")
        )
        ticket = find_ticket(session, "inc-late")
        assert isinstance(ticket, TicketRow)
        assert (ticket.status_category, ticket.sla_state) == ("done", "cancelled")
        assert [one.action for one in list_deliveries(session, incident_id="inc-late")] == ["move_ticket"]
