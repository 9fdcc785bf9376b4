"""A pause is looked into by itself, rarer and rarer, and ends where the vendor works again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from soc import clock
from soc.configuration.probe import probe_paused
from soc.configuration.save import save_configuration
from soc.domain.actor import AT_THE_SHELL, Actor
from soc.integrations.kit.base import ConnectionReport
from soc.integrations.vendors.jira import JiraConnector
from soc.integrations.vendors.webhook import WebhookConnector
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.vendors.health import pause, read_health, record_success

NIGHT = datetime(2026, 1, 14, 22, 0, tzinfo=UTC)
CLOUD: dict[str, Any] = {"base_url": "https://jira.example.com", "username": "a@b.c", "api_token": "a-token"}
MINUTE = timedelta(minutes=1)


class Vendor:
    """What the connection test says, and when it was asked (minutes after the pause)."""

    def __init__(self, travel: time_machine.Traveller) -> None:
        self.travel, self.works, self.asked = travel, False, list[int]()

    def check(self, _connector: object) -> ConnectionReport:
        self.asked.append(int((clock.now() - NIGHT) / MINUTE))
        return ConnectionReport(ok=self.works, kind="jira", summary="asked")

    def minutes(self, number: int) -> None:
        for _ in range(number):
            self.travel.shift(MINUTE)
            probe_paused()


@pytest.fixture
def vendor(monkeypatch: pytest.MonkeyPatch) -> Iterator[Vendor]:
    migrate()
    with time_machine.travel(NIGHT, tick=False) as travel:
        found = Vendor(travel)
        for connector in (JiraConnector, WebhookConnector):
            monkeypatch.setattr(connector, "check", lambda self: found.check(self))
        yield found


def paused(kind: str = "jira") -> bool:
    with read_session() as session:
        return read_health(session, kind).paused


def stop(kind: str = "jira") -> None:
    with write_session() as session:
        pause(session, kind, reason="gone", actor=Actor.vendor(kind), now=clock.now())


def test_it_is_asked_after_5_then_15_then_every_60_minutes(vendor: Vendor) -> None:
    save_configuration("jira", CLOUD, actor=AT_THE_SHELL)
    stop()
    vendor.minutes(145)
    assert vendor.asked == [5, 20, 80, 140]
    assert paused()


def test_where_it_works_again_it_goes_on_by_itself(vendor: Vendor) -> None:
    save_configuration("jira", CLOUD, actor=AT_THE_SHELL)
    stop()
    vendor.minutes(6)
    vendor.works = True
    vendor.minutes(30)
    assert (vendor.asked, paused()) == ([5, 20], False)


def test_a_probe_that_passes_while_deliveries_are_refused_does_not_begin_at_five_minutes_again(
    vendor: Vendor,
) -> None:
    save_configuration("jira", CLOUD, actor=AT_THE_SHELL)
    vendor.works = True
    stop()
    vendor.minutes(5)
    stop()
    vendor.minutes(15)
    stop()
    vendor.minutes(60)
    assert vendor.asked == [5, 20, 80]
    with write_session() as session:
        record_success(session, "jira", now=clock.now())
    stop()
    vendor.minutes(5)
    assert vendor.asked[-1] == 85


def test_a_password_is_never_tried_by_itself_and_a_receiver_gets_no_event(vendor: Vendor) -> None:
    dc = {"instance_type": "on_premise", "base_url": "https://jira.example.com", "api_token": "a-word"}
    save_configuration("jira", {**dc, "username": "bot"}, actor=AT_THE_SHELL)
    save_configuration("webhook", {"url": "https://hooks.example.com/x"}, actor=AT_THE_SHELL)
    stop()
    stop("webhook")
    vendor.minutes(90)
    assert vendor.asked == []
    save_configuration("jira", dc, actor=AT_THE_SHELL)
    stop()
    vendor.minutes(61)
    assert vendor.asked, "a personal access token locks nobody out"
