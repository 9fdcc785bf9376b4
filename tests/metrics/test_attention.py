"""What every page says of an integration that does not deliver, and nothing when all is well."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from soc import clock
from soc.configuration.save import save_configuration
from soc.domain.actor import AT_A_PAGE
from soc.metrics.attention import NEEDS_A_PERSON, Concern, read_attention
from soc.store.db import write_session
from soc.store.migrate import migrate
from soc.store.nouns.vendors.health import health_to_change
from tests.rows import add_delivery, keep_wrong

SLACK = {"bot_token": "xoxb-1-2-abcdefghijklm", "channel": "#soc"}


@pytest.fixture(autouse=True)
def _slack() -> None:
    migrate()
    save_configuration("slack", SLACK, actor=AT_A_PAGE)


def health(**values: Any) -> None:
    with write_session() as session:
        row = health_to_change(session, "slack")
        for name, value in values.items():
            setattr(row, name, value)
        session.add(row)


def deliveries(*states: str, **values: Any) -> None:
    with write_session() as session:
        for number, state in enumerate(states):
            known = {"integration": "slack", "state": state, "next_try_at": clock.now()}
            add_delivery(session, f"dlv-{number}", **{**known, **values})


def seen() -> list[tuple[str, Concern, int]]:
    return [(one.kind, one.concern, one.number) for one in read_attention()]


def test_nothing_is_said_when_all_is_well() -> None:
    deliveries("delivered", "pending", "suppressed")
    health(last_success_at=clock.now(), last_failure_at=clock.now() - timedelta(minutes=1))
    assert seen() == []


def test_a_pause_is_said_with_what_waits_and_why() -> None:
    deliveries("pending", "retry", "unknown", next_try_at=None)
    health(paused=True, paused_at=clock.now(), paused_reason="The token is refused.")
    [one] = read_attention()
    assert (one.concern, one.number, one.why) == (Concern.PAUSED, 3, "The token is refused.")
    assert one.since is not None
    assert one.concern in NEEDS_A_PERSON


def test_what_was_given_up_needs_a_person_and_comes_with_the_rest() -> None:
    deliveries("dead", "dead", "retry")
    health(breaker="open", last_failure_at=clock.now())
    assert seen() == [("slack", Concern.DEAD, 2), ("slack", Concern.AWAY, 1)]


def test_failing_is_said_before_the_breaker_opens_and_until_something_arrives() -> None:
    deliveries("retry")
    health(last_failure_at=clock.now(), last_error="503")
    assert seen() == [("slack", Concern.FAILING, 1)]
    health(last_success_at=clock.now() + timedelta(seconds=1))
    assert seen() == []


def test_a_refused_test_counts_until_something_is_delivered() -> None:
    health(last_check={"ok": False, "summary": "refused"}, last_check_at=clock.now())
    assert seen() == [("slack", Concern.REFUSED, 0)]
    health(last_success_at=clock.now() + timedelta(seconds=1))
    assert seen() == []


def test_messages_to_an_integration_that_is_switched_off_are_held() -> None:
    deliveries("pending", next_try_at=None)
    save_configuration("slack", {**SLACK, "enabled": False}, actor=AT_A_PAGE)
    assert seen() == [("slack", Concern.HELD, 1)]


def test_settings_of_the_environment_that_cannot_be_used_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIRA_SERVER_URL", "not an address")
    monkeypatch.setenv("JIRA_USERNAME", "soc@example.com")
    monkeypatch.setenv("JIRA_API_TOKEN", "x" * 20)
    assert [(kind, concern) for kind, concern, _ in seen()] == [("jira", Concern.SETTINGS)]


def test_saved_settings_that_this_version_does_not_take_are_said_with_what_waits() -> None:
    deliveries("pending", "retry")
    keep_wrong("slack")
    assert seen() == [("slack", Concern.SETTINGS, 2)]
    assert "Timeout" in read_attention()[0].why
