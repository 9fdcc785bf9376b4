"""What a restored backup has as not sent is looked up before it is sent; where nobody can look, a person says."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from soc import clock
from soc.delivery import ledger, replay
from soc.delivery.idempotency import key_of
from soc.delivery.ledger import Intent
from soc.domain.actor import AT_A_PAGE, AT_THE_SHELL, Actor
from soc.domain.delivery import DeliveryState
from soc.domain.message import CallAction, SendAlert
from soc.store.db import read_session, write_session
from soc.store.nouns.deliveries.attempts import list_attempts
from soc.store.nouns.deliveries.deliveries import get_delivery
from soc.store.nouns.deliveries.restorations import add_restoration
from soc.store.nouns.incidents.incidents import get_incident, to_incident
from tests.rows import add_batch, add_incident

LOST = timedelta(hours=3)


def _restore(outbox: Any, *, taken_at: datetime | None = None) -> None:
    """The store of now was in a backup; three hours later it is restored."""
    taken_at = taken_at or clock.now()
    outbox.travel.shift(LOST)
    with write_session() as session:
        add_restoration(session, taken_at=taken_at, version="1", made_by=str(AT_THE_SHELL), now=clock.now())


def _cannot_be_asked(outbox: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox.vendor, "shows", lambda _message: False)
    outbox.vendor.blind_look_ups = 99


def test_what_was_sent_after_the_backup_is_found_and_not_sent_again(outbox: Any) -> None:
    planned = outbox.plan()
    outbox.vendor.kept.append(planned)  # by the installation that was lost
    _restore(outbox)
    outbox.work_to_the_end()
    assert outbox.row(planned).state == DeliveryState.DELIVERED
    assert outbox.vendor.kept == [planned]
    with read_session() as session:
        told = [(one.kind, one.outcome, one.reason) for one in list_attempts(session, planned)]
    assert told == [("send", "unknown", "restored"), ("reconcile", "found", "")]


def test_what_was_not_sent_is_sent_once_it_was_looked_for_as_often_as_the_vendor_needs(outbox: Any) -> None:
    planned = outbox.plan()
    _restore(outbox)
    outbox.work_to_the_end()
    assert outbox.vendor.kept == [planned]
    assert outbox.vendor.look_ups == outbox.vendor.reconcile_rounds
    assert outbox.row(planned).state == DeliveryState.DELIVERED


def test_it_is_looked_for_from_before_the_backup_on(outbox: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    began = clock.now()
    planned = outbox.plan()
    seen: list[datetime] = []
    monkeypatch.setattr(
        outbox.vendor, "reconcile", lambda _message, *, delivery_id, since: seen.append(since)
    )
    _restore(outbox)
    outbox.work_to_the_end()
    assert outbox.row(planned).state == DeliveryState.DELIVERED
    assert seen
    assert max(seen) <= began


@pytest.mark.parametrize("state", ["retry", "unknown", "dead", "cancelled", "suppressed"])
def test_whatever_had_not_arrived_is_looked_for_when_its_turn_comes(outbox: Any, state: str) -> None:
    planned = outbox.plan()
    with write_session() as session:
        get_delivery(session, planned).state = state
    outbox.vendor.kept.append(planned)
    _restore(outbox)
    with write_session() as session:
        back = replay.revive(session, planned, actor=AT_A_PAGE, now=clock.now())
    outbox.tries = [back] if back else outbox.tries
    outbox.work_to_the_end()
    assert outbox.row(planned).state == DeliveryState.DELIVERED
    assert outbox.vendor.kept == [planned]


def test_where_the_vendor_cannot_be_asked_a_person_looks_and_a_replay_sends_it(
    outbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned = outbox.plan()
    _cannot_be_asked(outbox, monkeypatch)
    _restore(outbox)
    outbox.work_to_the_end()
    row = outbox.row(planned)
    assert (row.state, row.reason, outbox.vendor.kept) == ("dead", "restored", [])
    assert "Look for it there; if it is missing, replay." in row.hint
    with write_session() as session:
        back = replay.revive(session, planned, actor=AT_A_PAGE, now=clock.now())
    assert back is not None
    outbox.tries = [back]
    outbox.work_to_the_end()
    assert (outbox.row(planned).state, outbox.vendor.kept) == ("delivered", [planned])


def test_every_restore_makes_it_doubtful_anew(outbox: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    planned = outbox.plan()
    _cannot_be_asked(outbox, monkeypatch)
    for _ in range(2):
        _restore(outbox)
        with write_session() as session:
            back = replay.revive(session, planned, actor=AT_A_PAGE, now=clock.now())
        outbox.tries = [back] if back else outbox.tries
        outbox.work_to_the_end()
        assert (outbox.row(planned).state, outbox.vendor.kept) == ("dead", [])


def _message(session: Any, incident_id: str) -> SendAlert:
    return SendAlert(incident=to_incident(get_incident(session, incident_id)))


BY_RULE, BY_TICK = Actor.rule("r"), Actor.system("escalation")


@pytest.mark.parametrize(
    ("incident", "actor", "later", "doubted"),
    [
        ("inc-old", BY_RULE, timedelta(days=9), "restored"),
        ("inc-old", AT_A_PAGE, timedelta(0), "about restored"),
        ("inc-new", BY_RULE, timedelta(0), None),
        ("", BY_TICK, timedelta(minutes=5), "restored"),
        ("", BY_TICK, timedelta(hours=2), None),
        ("", AT_A_PAGE, timedelta(0), None),
    ],
)
def test_what_is_planned_anew_is_doubted_where_the_lost_time_may_have_told_it(
    outbox: Any, incident: str, actor: Actor, later: timedelta, doubted: str | None
) -> None:
    """A batch that is read once more, a person's new wish, what a schedule catches up with; and what is really new."""
    with write_session() as session:
        add_incident(session, "inc-old", batch_id="b-old", created_at=clock.now())
    _restore(outbox)
    outbox.travel.shift(timedelta(seconds=1) + later)
    with write_session() as session:
        if incident == "inc-new":
            add_batch(session, "b-new", created_at=clock.now())
            add_incident(session, "inc-new", batch_id="b-new", created_at=clock.now())
        known = get_incident(session, incident) if incident else None
        message: Any = (
            _message(session, incident) if incident else CallAction(name="x", subject="", request={})
        )
        intent = Intent(
            "the-key", "slack", message, actor,
            incident_id=known.id if known else None, batch_id=known.batch_id if known else None,
        )  # fmt: skip
        [one] = ledger.plan(session, [intent], now=clock.now())
        ledger.begin(session, one.delivery_id, 1, executor="test", settle=timedelta(0), now=clock.now())
    with read_session() as session:
        reasons = [one.reason for one in list_attempts(session, one.delivery_id)]
        state = get_delivery(session, one.delivery_id).state
    assert (state, reasons) == (("unknown", [doubted]) if doubted else ("sending", [""]))


def test_what_a_person_asks_for_anew_is_sent_where_nobody_can_look(
    outbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with write_session() as session:
        add_incident(session, "inc-old", batch_id="b-old", created_at=clock.now())
    _cannot_be_asked(outbox, monkeypatch)
    _restore(outbox)
    outbox.travel.shift(timedelta(seconds=1))
    with write_session() as session:
        message = _message(session, "inc-old")
        intent = Intent(key_of("webhook", message), "webhook", message, AT_A_PAGE, incident_id="inc-old")
        outbox.tries = ledger.plan(session, [intent], now=clock.now())
    delivery_id = outbox.tries[0].delivery_id
    outbox.work_to_the_end()
    assert (outbox.row(delivery_id).state, outbox.vendor.kept) == ("delivered", [delivery_id])


def test_a_clock_that_was_ahead_makes_nothing_of_the_backup_look_new(outbox: Any) -> None:
    """A machine five hours ahead wrote it: by its time it was made after the restore."""
    planned = outbox.plan()
    with write_session() as session:
        get_delivery(session, planned).created_at = clock.now() + timedelta(hours=5)
    outbox.vendor.kept.append(planned)
    _restore(outbox)
    outbox.work_to_the_end()
    assert (outbox.row(planned).state, outbox.vendor.kept) == ("delivered", [planned])
