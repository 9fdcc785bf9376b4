"""Acts on many incidents: shown beforehand, one group, taken back within ten seconds, and then told to nobody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from sqlmodel import select

from soc import clock
from soc.domain.actor import Actor
from soc.domain.acts import ActKind, Ending, Verdict
from soc.errors import ConfigurationError, NotFound
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.deliveries.deliveries import list_deliveries
from soc.store.nouns.incidents.acts import list_acts
from soc.store.nouns.incidents.incidents import get_incident
from soc.store.nouns.incidents.investigation_notes import list_notes
from soc.store.nouns.installation.audit import AuditRow
from soc.tickets import acts
from soc.tickets.acts import Asked, bulk
from soc.tickets.acts.bulk import Wish
from tests.rows import NIGHT, add_delivery, add_incident, add_person, add_ticket

KIM, LEE = Actor.said("per-kim"), Actor.said("per-lee")
IDS = ("inc-1", "inc-2", "inc-3")
CLOSE = Wish(ActKind.CLOSE, verdict=Verdict.RULE_WRONG, note="Our own scanner.")


@pytest.fixture(autouse=True)
def _three() -> Iterator[None]:
    with time_machine.travel(NIGHT + timedelta(hours=1), tick=False):
        migrate()
        with write_session() as session:
            add_person(session, "per-kim")
            add_person(session, "per-lee")
            for number in (1, 2, 3):
                add_ticket(session, f"SOC-{number}", incident_id=add_incident(session, f"inc-{number}").id)
            add_delivery(session, "alert", integration="pagerduty", action="send_alert", incident_id="inc-1",
                         batch_id="b", state="delivered")  # fmt: skip
        acts.perform(
            lambda session: acts.close(session, "inc-3", Verdict.BENIGN, Asked(LEE, "lee", at=NIGHT))
        )
        yield


def states() -> list[tuple[str, str, str]]:
    with read_session() as session:
        rows = [get_incident(session, one) for one in IDS]
        return [(row.status, row.owner, row.verdict) for row in rows]


def test_a_preview_says_what_would_come_of_it_and_does_nothing() -> None:
    before = states()
    seen = bulk.preview((*IDS, "inc-none"), CLOSE, actor=KIM)
    assert [one.ending for one in seen] == [Ending.DONE, Ending.DONE, Ending.TAKEN, Ending.REFUSED]
    assert states() == before
    with read_session() as session:
        assert list_acts(session, "inc-1") == [] == list_notes(session, "inc-1")
    for wrong in ((), ["inc-1"] * 2 + [f"inc-{n}" for n in range(501)]):
        with pytest.raises(ConfigurationError):
            bulk.preview(wrong, CLOSE, actor=KIM)


def test_many_are_one_group_of_the_audit_and_nobody_is_told_for_ten_seconds() -> None:
    now = clock.now()
    done = bulk.do_many(IDS, CLOSE, Asked(KIM, "night"))
    assert (done.count(Ending.DONE), done.count(Ending.TAKEN)) == (2, 1)
    with read_session() as session:
        entries = session.exec(select(AuditRow).where(AuditRow.group_id == done.group)).all()
        told = [one for one in list_deliveries(session, incident_id="inc-1") if one.id != "alert"]
    assert {(one.action, one.subject_id) for one in entries} >= {("close", "inc-1"), ("close", "inc-2")}
    assert told
    assert all(one.next_try_at and one.next_try_at >= now + timedelta(seconds=10) for one in told)
    again = bulk.do_many(IDS, CLOSE, Asked(KIM, "night"))
    assert [one.new for one in again.outcomes] == [False] * 3


def test_what_is_taken_back_in_time_is_as_it_was_and_told_to_nobody() -> None:
    before = states()
    done = bulk.do_many(IDS, CLOSE, Asked(KIM, "night"))
    back = bulk.undo(done.group, actor=LEE)
    assert [one.ending for one in back] == [Ending.DONE] * 2
    assert states() == before
    with read_session() as session:
        waiting = [one.state for one in list_deliveries(session, incident_id="inc-1") if one.id != "alert"]
        (note,) = list_notes(session, "inc-1")
    assert set(waiting) == {"cancelled"}
    assert note.gone_at is not None
    assert [one.ending for one in bulk.undo(done.group, actor=LEE)] == [Ending.ALREADY] * 2
    bulk.do_many(IDS, CLOSE, Asked(KIM, "again"))  # and it can be done, and told, anew
    with read_session() as session:
        ends = [one for one in list_deliveries(session, incident_id="inc-1") if one.action == "resolve_alert"]
    assert sorted(one.state for one in ends) == ["cancelled", "pending"]


def test_what_somebody_changed_since_stays_and_what_is_old_is_not_taken_back() -> None:
    done = bulk.do_many(IDS[:2], Wish(ActKind.ASSIGN, owner="per-kim"), Asked(KIM, "night"))
    acts.perform(lambda session: acts.assign(session, "inc-2", "per-lee", Asked(LEE, "mine")))
    with (
        time_machine.travel(clock.now() + timedelta(seconds=11)),
        pytest.raises(ConfigurationError, match="too late"),
    ):
        bulk.undo(done.group, actor=KIM)
    assert [one.ending for one in bulk.undo(done.group, actor=KIM)] == [Ending.DONE, Ending.REFUSED]
    assert [owner for _, owner, _ in states()[:2]] == ["", "per-lee"]
    with pytest.raises(NotFound):
        bulk.undo("grp-none", actor=KIM)
