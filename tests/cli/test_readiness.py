"""`soc readiness`: what the page's check says, and 8 where something would fail."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from typer.testing import CliRunner

from soc.cli.commands import app
from soc.cli.endings import Ending
from soc.configuration.practice import connect_sandbox, stop_sandbox
from soc.configuration.readiness import last_readiness
from soc.configuration.save import save_configuration
from soc.domain.actor import AT_A_PAGE
from soc.integrations.jira import get_jira_manager
from soc.integrations.kit import addresses
from soc.sandbox import server as sandbox
from soc.store.db import write_session
from soc.store.migrate import migrate
from tests.rows import add_ticket


@pytest.fixture(scope="module")
def practice() -> Iterator[sandbox.SandboxServer]:
    with sandbox.SandboxServer(port=0, state_path=None) as server:
        entry = f"{sandbox.DEFAULT_HOST}:{server.port}"
        addresses.allow(entry)
        yield server
        addresses.disallow(entry)


def _save(practice: sandbox.SandboxServer, **more: object) -> None:
    migrate()
    data = {"base_url": practice.jira_url, "username": sandbox.JIRA_EMAIL, "api_token": sandbox.JIRA_TOKEN}
    save_configuration("jira", {**data, **more}, actor=AT_A_PAGE)


def _run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["readiness", *words])
    return done.exit_code, done.output


def test_a_project_that_is_ready_ends_well_and_what_was_found_is_kept(
    practice: sandbox.SandboxServer,
) -> None:
    _save(practice)
    code, output = _run()
    assert (code, "✅ Jira: Project SOC" in output) == (Ending.DONE, True), output
    assert last_readiness("jira") is not None


def test_a_project_that_would_take_nothing_ends_with_eight(practice: sandbox.SandboxServer) -> None:
    _save(practice, project_key="GONE")
    code, output = _run("jira")
    assert (code, "Not ready. Jira: 1 would fail" in output) == (Ending.CHECK_FAILED, True), output
    document = json.loads(CliRunner().invoke(app, ["readiness", "--json"]).stdout)
    assert document["ending"] == "check-failed"
    assert document["findings"]["jira"][0]["state"] == "fails"


@pytest.mark.parametrize("words", [(), ("jira",), ("slack",)])
def test_what_cannot_be_checked_is_not_called_ready(words: tuple[str, ...]) -> None:
    assert _run(*words)[0] == Ending.NOT_AVAILABLE


def test_a_jira_that_is_switched_off_is_not_called_ready(practice: sandbox.SandboxServer) -> None:
    _save(practice, enabled=False)
    code, output = _run("jira")
    assert (code, "it is switched off" in output) == (Ending.NOT_AVAILABLE, True), output


@pytest.mark.parametrize(
    "words", [("readiness",), ("config", "test", "jira"), ("roster", "accounts"), ("reconcile", "--dry-run")]
)
def test_the_practice_vendors_answer_a_command_in_a_process_of_its_own(
    words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate()
    try:
        connect_sandbox(actor=AT_A_PAGE)
    finally:
        stop_sandbox()
    if "reconcile" in words:  # it asks about tickets, of which there has to be one
        with write_session() as session:
            add_ticket(session, practice=True)
    monkeypatch.setattr(addresses, "_in_process", {})
    done = CliRunner().invoke(app, list(words))
    assert "not allowed" not in done.output
    assert done.exit_code == Ending.DONE, done.output


def test_the_practice_jira_answers_a_script_in_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    migrate()
    try:
        connect_sandbox(actor=AT_A_PAGE)
        monkeypatch.setattr(addresses, "_in_process", {})
        assert get_jira_manager().test_connection()["status"] == "success"
    finally:
        stop_sandbox()


def test_a_kind_that_there_is_not_is_not_found() -> None:
    assert _run("telex")[0] == Ending.NOT_FOUND
