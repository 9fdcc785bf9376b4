"""A configuration as it is saved: what of the saved one may be used again, and what is said of the change."""

from __future__ import annotations

from typing import Any

import pytest
import structlog

from soc.configuration.save import candidate, disconnect, save_configuration
from soc.configuration.state import every_state, integration_state, shown_state
from soc.configuration.versions import difference, restore_configuration
from soc.domain.actor import AT_A_PAGE, AT_THE_SHELL
from soc.errors import ConfigurationError, Conflict
from soc.integrations.in_force import load_config
from soc.integrations.kit.redaction import MASK
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.vendors.health import pause
from soc.store.nouns.vendors.integrations import save_integration
from soc.store.nouns.vendors.versions import get_version
from tests.rows import NIGHT

JIRA: dict[str, Any] = {
    "base_url": "https://jira.example.com",
    "username": "a@b.c",
    "api_token": "hunter2-token",
}


@pytest.fixture(autouse=True)
def _store() -> None:
    migrate()


def test_an_integration_nobody_configured_stands_so() -> None:
    state = integration_state("jira")
    assert (state.configured, state.source, state.enabled, state.practice) == (False, "", False, False)
    assert (state.paused_reason, state.last_check, state.last_check_at, state.masked) == ("", None, None, {})


def test_a_saved_integration_says_so_and_why_it_is_paused() -> None:
    save_configuration("jira", JIRA, actor=AT_A_PAGE)
    state = integration_state("jira")
    assert (state.configured, state.source, state.enabled, state.practice) == (True, "store", True, False)
    assert state.masked["base_url"] == JIRA["base_url"]
    with write_session() as session:
        pause(session, "jira", reason="refused", actor=AT_A_PAGE, now=NIGHT)
    assert integration_state("jira").paused_reason == "refused"
    save_configuration("jira", {**JIRA, "enabled": False}, actor=AT_A_PAGE)
    state = integration_state("jira")
    assert (state.configured, state.enabled, state.paused_reason) == (True, False, "")


def test_what_is_no_integration_is_refused_with_those_there_are() -> None:
    with pytest.raises(ConfigurationError, match="no integration “fax”") as refused:
        candidate("fax", {})
    assert "jira" in refused.value.hint


def test_practice_is_never_claimed_and_kept_only_at_its_own_address() -> None:
    assert not candidate("jira", {**JIRA, "practice": True}).practice
    with write_session() as session:
        public = {"base_url": JIRA["base_url"], "username": JIRA["username"]}
        save_integration(
            session, "jira", public, {"api_token": "t"}, practice=True, actor=AT_A_PAGE, now=NIGHT
        )
    assert candidate("jira", JIRA).practice
    assert not candidate("jira", {**JIRA, "base_url": "https://elsewhere.example.com"}).practice


def test_a_saved_secret_is_not_used_for_another_address() -> None:
    save_configuration("jira", JIRA, actor=AT_A_PAGE)
    kept = candidate("jira", {**JIRA, "api_token": MASK})
    assert difference(load_config("jira"), kept) == []
    with pytest.raises(ConfigurationError, match="The address has changed"):
        candidate("jira", {**JIRA, "api_token": MASK, "base_url": "https://elsewhere.example.com"})


@pytest.mark.parametrize("fallback", ["jira", "fax"])
def test_a_fallback_is_another_integration(fallback: str) -> None:
    with pytest.raises(ConfigurationError, match="names no other integration") as refused:
        candidate("jira", {**JIRA, "fallback": fallback})
    assert "jira" not in refused.value.hint


def test_a_change_is_told_field_by_field_and_of_a_secret_only_that_it_changed() -> None:
    before = candidate("jira", JIRA)
    after = candidate("jira", {**JIRA, "username": "c@d.e", "api_token": "another-token"})
    assert difference(before, after) == [
        {"field": "username", "before": "a@b.c", "after": "c@d.e"},
        {"field": "api_token", "before": MASK, "after": f"{MASK} (changed)"},
    ]
    assert difference(before, before) == []
    first = {change["field"]: change["before"] for change in difference(None, before)}
    assert (first["api_token"], first["base_url"]) == ("", None)


def test_saves_and_the_way_back_are_in_the_log_without_values() -> None:
    with structlog.testing.capture_logs() as said:
        save_configuration("jira", JIRA, actor=AT_A_PAGE)
        save_configuration("jira", {**JIRA, "username": "c@d.e"}, actor=AT_THE_SHELL, author="Ana", note="n")
        restore_configuration("jira", 1, actor=AT_A_PAGE, author="Eve")
        disconnect("jira", actor=AT_THE_SHELL)
    told = [one for one in said if "configuration" in one["event"]]
    assert [(one.get("version"), one.get("restored"), one["actor"]) for one in told] == [
        (1, None, str(AT_A_PAGE)), (2, None, str(AT_THE_SHELL)), (None, 1, str(AT_A_PAGE)), (None, None, str(AT_THE_SHELL)),
    ]  # fmt: skip
    assert (told[1]["fields"], told[1]["practice"], told[1]["enabled"]) == (["username"], False, True)
    assert "hunter2" not in str(said)
    with read_session() as session:
        versions = [get_version(session, "jira", number) for number in (2, 3)]
    assert [(row.author, row.note) for row in versions] == [("Ana", "n"), ("Eve", "rolled back to version 1")]
    assert versions[1].changes == [{"field": "username", "before": "c@d.e", "after": "a@b.c"}]


def test_a_save_made_from_settings_that_are_no_longer_in_force_is_refused() -> None:
    opened = integration_state("jira").version
    save_configuration("jira", JIRA, actor=AT_A_PAGE, drawn=opened)
    with pytest.raises(Conflict, match="changed by somebody else"):
        save_configuration("jira", {**JIRA, "username": "late@d.e"}, actor=AT_A_PAGE, drawn=opened)
    assert integration_state("jira").masked["username"] == JIRA["username"]
    save_configuration("jira", JIRA, actor=AT_A_PAGE, drawn=integration_state("jira").version)


def test_what_this_version_does_not_take_is_shown_beside_the_others_and_can_be_replaced() -> None:
    save_configuration("webhook", {"url": "https://hooks.example/in"}, actor=AT_A_PAGE)
    with write_session() as session:  # as an earlier version kept it
        save_integration(
            session,
            "jira",
            {**JIRA, "base_url": "ftp://jira"},
            {},
            practice=False,
            actor=AT_A_PAGE,
            now=NIGHT,
        )
    with pytest.raises(ConfigurationError):
        integration_state("jira")
    state = shown_state("jira")
    assert (state.configured, state.source, state.version, state.masked) == (False, "store", 1, {})
    assert "Base URL" in state.wrong
    assert (every_state()["webhook"].configured, every_state()["jira"].wrong) == (True, state.wrong)
    save_configuration("jira", JIRA, actor=AT_A_PAGE, drawn=state.version)
    assert (shown_state("jira").configured, shown_state("jira").wrong) == (True, "")
