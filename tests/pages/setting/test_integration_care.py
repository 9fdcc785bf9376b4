"""An integration over time: its health, its versions and the way back, readiness, export and import, certificates."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from soc import clock
from soc.configuration import save, test
from soc.configuration.transfer import export_configurations
from soc.domain.actor import AT_A_PAGE
from soc.integrations.in_force import load_config
from soc.integrations.kit.base import ConnectionReport
from soc.integrations.vendors.jira import JiraConfig
from soc.integrations.vendors.jira.readiness import Finding, Readiness
from soc.settings import get_settings
from soc.store.db import write_session
from soc.store.nouns.deliveries.attempts import AttemptRow
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.installation.notes import NoteRow
from soc.store.nouns.vendors.health import pause, read_health
from soc.store.nouns.vendors.versions import list_versions
from soc.ui.kit import buttons
from soc.ui.kit.unchecked import unchecked_integrations
from soc.ui.views import readiness_view
from soc.ui.views.setup import transfer_view
from tests.pages.conftest import OpenPage, grids, handed_over, read

SECRET = "planted-Secret-42"
JIRA = {"base_url": "https://jira.example.com", "username": "soc@example.com", "api_token": SECRET}
PASSPHRASE = "a long enough passphrase"


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buttons, "GRACE", 0.0)


@pytest.fixture
def saved(store: Any) -> None:
    save.save_configuration("jira", JIRA, author="ana", actor=AT_A_PAGE)


def press(page: AppTest, label: str) -> AppTest:
    return next(button for button in page.button if button.label == label).click().run()


def project_key() -> str:
    config = load_config("jira")
    assert isinstance(config, JiraConfig)
    return config.project_key


def add_tries(*outcomes: tuple[str, str], seconds: float = 0.25) -> None:
    """Tries of Jira in the last hour: outcome and reason each."""
    now = clock.now()
    with write_session() as session:
        for number, (outcome, reason) in enumerate(outcomes):
            delivery = DeliveryRow(
                id=f"dlv-{number:012}", key=f"k{number}", integration="jira", action="open_ticket",
                state="delivered", created_at=now, updated_at=now, made_by=str(AT_A_PAGE),
            )  # fmt: skip
            session.add(delivery)
            session.flush()
            started = now - timedelta(minutes=number + 1)
            session.add(
                AttemptRow(
                    delivery_id=delivery.id,
                    number=1,
                    kind="send",
                    outcome=outcome,
                    reason=reason,
                    started_at=started,
                    finished_at=started + timedelta(seconds=seconds),
                )
            )


def numbers(page: AppTest) -> dict[str, str]:
    return {metric.label: str(metric.value) for metric in page.metric}


# Health


def test_an_integration_that_was_never_used_is_calm(open_page: OpenPage, saved: None) -> None:
    page = open_page("integrations")
    assert "Nothing was sent to Jira in this time" in read(page)
    assert not page.metric
    assert not page.warning


def test_health_shows_success_latency_uptime_and_kinds_of_error(open_page: OpenPage, saved: None) -> None:
    add_tries(("delivered", ""), ("delivered", ""), ("retry", "timeout"), ("delivered", ""))
    page = open_page("integrations")
    assert numbers(page)["Success rate"] == "75.0 %"
    assert numbers(page)["Latency p50"] == numbers(page)["Latency p95"] == "250 ms"
    assert "timeout 1" in read(page)


def test_a_rate_is_never_rounded_up_to_all(open_page: OpenPage, saved: None) -> None:
    from soc.ui.views.health_view import _share

    assert [_share(value) for value in (None, 0.0, 0.99996, 1.0)] == ["–", "0 %", "99.9 %", "100 %"]


@pytest.mark.parametrize(
    ("state", "said"), [("open", "breaker open until"), ("half-open", "breaker half-open")]
)
def test_the_breaker_says_what_it_does(open_page: OpenPage, saved: None, state: str, said: str) -> None:
    with write_session() as session:
        health = read_health(session, "jira")
        health.breaker, health.breaker_until = state, clock.now() + timedelta(minutes=5)
        health.throttled_until = clock.now() + timedelta(minutes=9)
        session.add(health)
    text = read(open_page("integrations"))
    assert said in text
    assert "throttled until" in text


def test_a_pause_says_why_and_what_to_do(open_page: OpenPage, saved: None) -> None:
    with write_session() as session:
        pause(session, "jira", reason="Jira refused the token (401).", now=clock.now(), actor=AT_A_PAGE)
    text = read(open_page("integrations"))
    assert "Jira is paused" in text
    assert "Jira refused the token (401). What to do:" in text


# Test, then save


@pytest.mark.parametrize("works", [True, False])
def test_a_candidate_is_saved_only_if_its_test_passes(
    open_page: OpenPage, saved: None, monkeypatch: pytest.MonkeyPatch, works: bool
) -> None:
    monkeypatch.setattr(
        test, "test_configuration", lambda kind, data=None, *, actor: ConnectionReport(ok=works, kind=kind, summary="Looked.")
    )  # fmt: skip
    page = open_page("integrations")
    next(field for field in page.text_input if field.label == "Project key").input("NIGHT")
    text = read(press(page, "Test, then save"))
    assert project_key() == ("NIGHT" if works else "SOC")
    assert ("Saved." if works else "Not saved:") in text
    # what was not saved is never green
    assert ["Saved." in str(one.value) for one in page.success][:1] == ([True] if works else [])
    assert any("Not saved:" in str(one.value) for one in page.error) is not works
    assert "Looked." in text


# Versions


def test_versions_say_who_changed_what_with_secrets_masked(open_page: OpenPage, saved: None) -> None:
    save.save_configuration(
        "jira", {**JIRA, "project_key": "NIGHT", "api_token": "another-42"}, author="bob", actor=AT_A_PAGE
    )
    page = open_page("integrations")
    newest = grids(page)[0].rows[0]
    assert (newest["version"], newest["who"]) == ("2 (now)", "bob")
    assert "Project key: SOC → NIGHT" in newest["changed"]
    assert "another-42" not in str(grids(page)[0].rows) + handed_over(page)


def test_rolling_back_shows_the_difference_before_it_does_it(open_page: OpenPage, saved: None) -> None:
    save.save_configuration("jira", {**JIRA, "project_key": "NIGHT"}, author="bob", actor=AT_A_PAGE)
    page = open_page("integrations")
    assert "Roll back to version 1" not in read(page)
    page.selectbox(key="version-jira").select_index(0).run()
    rows = page.table[-1].value
    assert list(rows.iloc[0]) == ["Project key", "NIGHT", "SOC"]
    assert project_key() == "NIGHT"
    press(page, "Roll back to version 1")
    assert project_key() == "SOC"
    with write_session() as session:
        assert list_versions(session, "jira")[0].note == "rolled back to version 1"
    assert next(field for field in page.text_input if field.label == "Project key").value == "SOC"


# Readiness


def test_readiness_is_checked_on_demand_and_says_what_would_fail(
    open_page: OpenPage, saved: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = Finding("Permission “Create issues”", Readiness.FAILS, "No ticket can be opened.", "Give it.")

    def check(kind: str) -> list[Finding]:
        with write_session() as session:
            row = {
                "subject": found.subject,
                "state": "fails",
                "consequence": found.consequence,
                "remedy": "Give it.",
            }
            value = {"checked_at": clock.now().isoformat(), "about": [], "findings": [row]}
            session.add(NoteRow(name=f"{kind}-readiness", value=value))
        return [found]

    monkeypatch.setattr(readiness_view, "check_readiness", check)
    page = open_page("integrations")
    assert "Not checked yet." in read(page)
    text = read(press(page, "Check now"))
    assert "Permission “Create issues”" in text
    assert "No ticket can be opened." in text
    assert "Give it." in text
    assert "The settings were changed since." in text


# Export and import


def unfolded(open_page: OpenPage) -> AppTest:
    """The page with its last part open: folded it draws nothing."""
    page = open_page("integrations")
    assert not [one for one in page.button if one.label == "Make the file"]
    page.session_state["transfer"] = True
    return page.run()


def test_an_export_is_made_on_demand_and_holds_no_plain_secret(open_page: OpenPage, saved: None) -> None:
    page = unfolded(open_page)
    page.text_input(key="export-passphrase").input(PASSPHRASE).run()
    press(page, "Make the file")
    assert SECRET not in page.session_state["exported-configurations"]
    assert "sealed" in json.loads(page.session_state["exported-configurations"])["integrations"]["jira"]


def test_a_short_passphrase_is_refused(open_page: OpenPage, saved: None) -> None:
    page = unfolded(open_page)
    page.text_input(key="export-passphrase").input("short").run()
    assert "The passphrase is too short." in read(press(page, "Make the file"))


def test_an_import_says_what_it_would_replace_and_then_does(open_page: OpenPage, saved: None) -> None:
    document = json.dumps(export_configurations(passphrase=PASSPHRASE, actor=AT_A_PAGE)).encode()
    save.save_configuration("jira", {**JIRA, "project_key": "NIGHT"}, actor=AT_A_PAGE)
    page = unfolded(open_page)
    page.file_uploader[0].upload("conf.json", document, "application/json").run()
    assert "Would replace the settings of: Jira." in read(page)
    page.text_input(key="import-passphrase-0").input(PASSPHRASE).run()
    assert "Imported: Jira." in read(press(page, "Import them"))
    assert project_key() == "SOC"


@pytest.mark.parametrize(
    "raw", [b"\xff\xfe\x00", b"[]", b'{"format": "other"}', b'{"integrations": {"jira": 1}}']
)
def test_a_file_that_is_no_export_is_refused(raw: bytes) -> None:
    with pytest.raises(transfer_view.ConfigurationError, match="no exported configuration"):
        transfer_view.read_document(raw)


# Certificates


def test_every_page_says_loudly_that_certificates_are_not_checked(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOC_ALLOW_INSECURE_TLS", "true")
    get_settings.cache_clear()
    save.save_configuration(
        "webhook", {"url": "https://hooks.example.com/in", "verify_ssl": False}, actor=AT_A_PAGE
    )
    save.save_configuration(
        "stackstorm",
        {"base_url": "https://st2.example.com", "api_key": SECRET, "ignore_ssl": True},
        actor=AT_A_PAGE,
    )
    for name in ("overview", "tickets", "integrations"):
        said = read(open_page(name))
        assert "Certificate checking is switched off for StackStorm and Webhook" in said
    save.save_configuration(
        "webhook",
        {"url": "https://hooks.example.com/in", "verify_ssl": False, "enabled": False},
        actor=AT_A_PAGE,
    )
    assert unchecked_integrations() == ["StackStorm"]


def test_nothing_is_said_where_certificates_are_checked(open_page: OpenPage) -> None:
    save.save_configuration("webhook", {"url": "https://hooks.example.com/in"}, actor=AT_A_PAGE)
    assert "Certificate checking" not in read(open_page("overview"))
