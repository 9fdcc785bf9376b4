"""Overview: two buttons for a newcomer, today's numbers for everybody else."""

from __future__ import annotations

import pytest

from soc import clock
from soc.batches import samples
from soc.configuration import practice
from soc.domain.actor import AT_A_PAGE, Actor
from soc.errors import ConfigurationError
from soc.integrations.kit.base import ConnectionReport
from soc.store.db import write_session
from soc.store.nouns.vendors.integrations import save_integration
from tests.pages.conftest import OpenPage, read
from tests.pages.night import add_night


def connect_practice(*, actor: Actor = AT_A_PAGE) -> dict[str, ConnectionReport]:
    with write_session() as session:
        for kind in ("jira", "slack"):
            save_integration(session, kind, {}, {}, practice=True, now=clock.now(), actor=AT_A_PAGE)
    return {kind: ConnectionReport(ok=True, kind=kind, summary="Connected.") for kind in ("jira", "slack")}


def test_a_new_installation_says_how_to_begin_and_shows_no_numbers(open_page: OpenPage) -> None:
    page = open_page("overview")
    assert [button.label for button in page.button] == [
        "Practise with the sandbox",
        "Process the sample night",
    ]
    assert not page.metric


def test_practising_connects_the_sandbox_and_says_that_it_is_practice(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(practice, "connect_sandbox", connect_practice)
    page = open_page("overview")
    page.button(key="button-connect-sandbox").click().run()
    assert "The sandbox is connected: practice Jira and Slack." in read(page)
    assert "Practice data — connected to the built-in sandbox" in read(page)
    assert page.button(key="button-connect-sandbox").disabled


def test_the_sample_night_is_handed_in_with_what_is_connected(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, object]] = []
    monkeypatch.setattr(samples, "submit_samples", lambda **words: asked.append(words) or "bat-0000000001")
    connect_practice()
    open_page("overview").button(key="button-sample-night").click().run()
    assert len(asked) == 1
    assert set(asked[0]["on"]) == {"jira", "slack"}


def test_a_sandbox_that_does_not_start_says_why(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*, actor: Actor) -> None:
        raise ConfigurationError("The sandbox cannot listen on port 8610.", hint="Stop what uses the port.")

    monkeypatch.setattr(practice, "connect_sandbox", refuse)
    page = open_page("overview")
    page.button(key="button-connect-sandbox").click().run()
    assert "The sandbox cannot listen on port 8610." in read(page)
    assert "Stop what uses the port." in read(page)


def test_today_adds_up_and_every_number_leads_on(open_page: OpenPage) -> None:
    add_night()
    text = read(open_page("overview"))
    assert "Lines today 48,210 48,203 parsed + 7 rejected" in text or "48,203 parsed + 7 rejected" in text
    assert "4 met a rule" in text
    assert "1 overdue" in text
    assert "2 need a person" in text  # one was given up, one is held


def test_a_running_batch_is_followed_from_here(open_page: OpenPage) -> None:
    add_night()
    page = open_page("overview")
    assert "Follow this batch" in read(page)
    assert page.progress[0].value == 42
