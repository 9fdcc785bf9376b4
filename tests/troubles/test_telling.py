"""What is wrong with the product is told over another channel that works, once, and so is its end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import structlog
import time_machine
from sqlmodel import select

from soc import clock
from soc.configuration.save import disconnect, save_configuration
from soc.delivery.breaker import BreakerState
from soc.domain.actor import AT_A_PAGE
from soc.settings import get_settings
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.installation.executors import Process, beat, mark_gone, register
from soc.store.nouns.vendors.health import clear_pause, pause, read_health
from soc.store.nouns.vendors.integrations import read_integration
from soc.troubles import telling
from soc.troubles.finding import AT_ONCE, GONE, Trouble
from soc.troubles.telling import AGAIN, MOST_AN_HOUR, tell_outage, watch_product

NIGHT = datetime(2026, 1, 14, 22, 0, tzinfo=UTC)
SLACK = {"bot_token": "xoxb-token"}
WEBHOOK = {"url": "https://receiver.example/soc"}
A_LOOK = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def night(monkeypatch: pytest.MonkeyPatch) -> Iterator[time_machine.Traveller]:
    """A stopped clock, an installation with Slack and a webhook."""
    migrate()
    monkeypatch.setattr(telling, "_untold", {})
    with time_machine.travel(NIGHT, tick=False) as travel:
        save_configuration("slack", SLACK, actor=AT_A_PAGE)
        save_configuration("webhook", WEBHOOK, actor=AT_A_PAGE)
        yield travel


def _told() -> list[tuple[str, str, bool]]:
    """Over which channel, what, and whether it is over; in the order in which it was planned."""
    with read_session() as session:
        rows = session.exec(select(DeliveryRow).where(DeliveryRow.action == "tell_trouble")).all()
    by_time = sorted(rows, key=lambda row: (row.created_at, row.key))
    return [(row.integration, row.payload["title"], row.payload["over"]) for row in by_time]


def _pause(kind: str) -> None:
    with write_session() as session:
        pause(session, kind, reason="The credentials were refused.", actor=AT_A_PAGE, now=clock.now())


def _looks(night: time_machine.Traveller, number: int) -> None:
    for _ in range(number):
        watch_product()
        night.shift(A_LOOK)


SLACK_PAUSED = "Slack is paused: its messages wait until its settings are mended"
WEBHOOK_PAUSED = "Webhook is paused: its messages wait until its settings are mended"


def test_a_paused_channel_is_told_of_once_over_another_one_and_so_is_its_end(
    night: time_machine.Traveller,
) -> None:
    _pause("slack")
    _looks(night, 1)
    assert _told() == []  # it may pass by itself
    _looks(night, 4)
    assert _told() == [("webhook", SLACK_PAUSED, False)]
    with write_session() as session:
        clear_pause(session, "slack", actor=AT_A_PAGE)
    _looks(night, 3)
    assert _told() == [("webhook", SLACK_PAUSED, False), ("webhook", SLACK_PAUSED, True)]


def test_nothing_is_ever_told_of_a_channel_over_itself(night: time_machine.Traveller) -> None:
    _pause("slack")
    _pause("webhook")
    _looks(night, 5)
    assert _told() == []  # there is no third one, and nothing goes round in a circle
    with write_session() as session:
        clear_pause(session, "slack", actor=AT_A_PAGE)
    _looks(night, 2)
    assert _told() == [("slack", WEBHOOK_PAUSED, False)]


def test_with_one_channel_nobody_is_told_of_it(night: time_machine.Traveller) -> None:
    disconnect("webhook", actor=AT_A_PAGE)
    _pause("slack")
    _looks(night, 5)
    assert _told() == []


def test_what_ended_before_it_was_told_is_not_told(night: time_machine.Traveller) -> None:
    _pause("slack")
    watch_product()
    with write_session() as session:
        clear_pause(session, "slack", actor=AT_A_PAGE)
    _looks(night, 3)
    assert _told() == []


def test_what_comes_and_goes_is_told_once_an_hour(night: time_machine.Traveller) -> None:
    for _ in range(10):
        _pause("slack")
        _looks(night, 3)
        with write_session() as session:
            clear_pause(session, "slack", actor=AT_A_PAGE)
        _looks(night, 2)
    assert [over for *_, over in _told()] == [False, True]
    night.shift(AGAIN)
    _pause("slack")
    _looks(night, 3)
    assert [over for *_, over in _told()] == [False, True, False]


def test_no_more_than_so_many_are_told_in_an_hour_and_the_others_later(
    night: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = [Trouble(f"machine:host-{number:02}", f"On host-{number:02}", AT_ONCE) for number in range(14)]
    monkeypatch.setattr(telling, "find_troubles", lambda: many)
    _looks(night, 3)
    assert len(_told()) == MOST_AN_HOUR
    night.shift(AGAIN)
    _looks(night, 1)
    assert len({title for _, title, _ in _told()}) == len(_told()) == 14


def test_a_worker_that_stays_away_is_told_of_and_one_that_is_restarted_is_not(
    night: time_machine.Traveller,
) -> None:
    one = Process("host-1", host="host", pid=7, version="1", role="worker")
    with write_session() as session:
        run = register(session, one, now=clock.now())
    with write_session() as session:
        assert mark_gone(session, "host-1", run, 1, now=clock.now())
    _looks(night, GONE // A_LOOK)
    assert _told() == []
    _looks(night, 1)
    assert _told() == [("slack", "Worker host-1 on host is gone", False)]
    with write_session() as session:
        register(session, one, now=clock.now())
    _looks(night, 1)
    assert _told()[1:] == [("slack", "Worker host-1 on host is gone", True)]


def _give_up(kind: str) -> None:
    at = clock.now()
    with write_session() as session:
        session.add(
            DeliveryRow(
                id=f"dlv-{kind}", key=kind, integration=kind, action="send_alert", state="dead", created_at=at, updated_at=at,
                made_by=str(AT_A_PAGE),
            )
        )  # fmt: skip


def _answers(kind: str, breaker: BreakerState) -> None:
    with write_session() as session:
        health = read_health(session, kind)
        health.breaker = breaker.value
        session.add(health)


def _make_practice(*kinds: str) -> None:
    with write_session() as session:
        for kind in kinds:
            row = read_integration(session, kind)
            assert row is not None
            row.practice = True
            session.add(row)


SLACK_AWAY = "Slack does not answer"
SLACK_DEAD = "Slack has messages that were given up"


def test_a_message_given_up_hides_no_outage(night: time_machine.Traveller) -> None:
    _give_up("slack")
    _looks(night, 3)
    assert _told() == [("webhook", SLACK_DEAD, False)]
    _answers("slack", BreakerState.OPEN)
    _looks(night, 7)
    assert _told()[1:] == [("webhook", SLACK_AWAY, False)]


def test_an_outage_is_not_over_because_a_message_was_given_up(night: time_machine.Traveller) -> None:
    _answers("slack", BreakerState.OPEN)
    _looks(night, 7)
    _give_up("slack")
    _looks(night, 3)
    assert _told() == [("webhook", SLACK_AWAY, False), ("webhook", SLACK_DEAD, False)]
    _answers("slack", BreakerState.CLOSED)
    _looks(night, 1)
    assert _told()[2:] == [("webhook", SLACK_AWAY, True)]


def test_what_is_wrong_with_a_machine_is_not_over_when_its_last_process_falls_silent(
    night: time_machine.Traveller,
) -> None:
    one = Process("host-1", host="host", pid=7, version="1", role="worker")
    with write_session() as session:
        run = register(session, one, now=clock.now())
    with write_session() as session:
        assert beat(session, "host-1", run, trouble="Its disk is nearly full.", now=clock.now())
    _looks(night, 1)
    assert _told() == [("slack", "On host: Its disk is nearly full.", False)]
    with write_session() as session:
        assert mark_gone(session, "host-1", run, 2, now=clock.now())
    _looks(night, 1)
    assert len(_told()) == 1
    with write_session() as session:  # another one of the machine says that all is well
        register(session, one._replace(name="host-2"), now=clock.now())
    _looks(night, 1)
    assert _told()[1:] == [("slack", "On host: Its disk is nearly full.", True)]


def test_an_outage_of_the_database_is_told_by_one_of_those_who_saw_it(night: time_machine.Traveller) -> None:
    began = clock.now()
    night.shift(timedelta(minutes=3))
    tell_outage(began, ended=clock.now())
    tell_outage(began + timedelta(seconds=4), ended=clock.now())
    assert _told() == [("slack", "The database did not answer for 3 min", False)]
    _looks(night, 2)
    assert len(_told()) == 1  # it was over when it was told


def test_what_an_outage_of_the_database_opened_at_a_vendor_is_ended_at_the_next_look(
    night: time_machine.Traveller,
) -> None:
    disconnect("slack", actor=AT_A_PAGE)  # the webhook's receiver may hold it open, too
    began, title = clock.now(), "The database did not answer for 3 min"
    night.shift(timedelta(minutes=3))
    tell_outage(began, ended=clock.now())
    tell_outage(began + timedelta(seconds=4), ended=clock.now())
    assert _told() == [("webhook", title, False)]
    _looks(night, 2)
    assert _told()[1:] == [("webhook", title, True)]


def test_practice_is_not_told_while_a_real_channel_is_only_away(night: time_machine.Traveller) -> None:
    _make_practice("webhook")
    _answers("slack", BreakerState.OPEN)
    with structlog.testing.capture_logs() as said:
        _looks(night, 9)
    assert _told() == []
    assert [one["cause"] for one in said if one["event"] == "trouble_untold"] == ["integration:slack:away"]
    _answers("slack", BreakerState.CLOSED)
    _pause("webhook")
    _looks(night, 3)
    assert _told() == [("slack", WEBHOOK_PAUSED, False)]


def test_where_all_is_practice_it_is_told_there(night: time_machine.Traveller) -> None:
    _make_practice("slack", "webhook")
    _pause("slack")
    _looks(night, 3)
    assert _told() == [("webhook", SLACK_PAUSED, False)]


def test_it_can_be_switched_off(night: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOC_TELL_TROUBLES", "false")
    get_settings.cache_clear()
    _pause("slack")
    _looks(night, 5)
    tell_outage(NIGHT, ended=clock.now())
    assert _told() == []


def test_while_all_is_well_nothing_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every process reads its figures anew after a write."""

    def written() -> None:
        raise AssertionError("something was written")

    monkeypatch.setattr(telling, "write_session", written)
    watch_product()
    _pause("slack")
    with pytest.raises(AssertionError):
        watch_product()
