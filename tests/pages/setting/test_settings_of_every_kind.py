"""The form over nested settings: headers, lists of secrets, mappings, JSON, StackStorm's own list, the preview."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from soc.configuration import save, test
from soc.domain.actor import AT_A_PAGE
from soc.domain.severity import Severity
from soc.integrations.in_force import load_config
from soc.integrations.kit.base import ConnectionReport
from soc.integrations.kit.redaction import MASK
from soc.integrations.registry import KINDS, secret_values
from soc.integrations.vendors.pagerduty import PagerDutyConfig
from soc.integrations.vendors.pagerduty.config import EventSeverity
from soc.integrations.vendors.stackstorm import StackStormConfig
from soc.integrations.vendors.webhook import WebhookConfig
from soc.ui.forms import live_choice
from soc.ui.kit import buttons
from tests.pages.conftest import OpenPage, grids, handed_over, read
from tests.pages.night import add_night

SECRET = "planted-Secret-42"
SIGNING = "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo="
WEBHOOK = {
    "url": "https://hooks.example.com/in",
    "headers": {"Authorization": SECRET, "X-Team": "soc-team-42"},
    "signing_secrets": [SIGNING],
}
STACKSTORM = {"base_url": "https://st2.example.com", "api_key": SECRET}
ACTIONS = [
    {"ref": "core.local", "pack": "core", "name": "local", "description": "Run it", "enabled": True,
     "parameters": {"cmd": {"type": "string", "required": True, "description": "The command"}}},
    {"ref": "ops.page", "pack": "ops", "name": "page", "description": "Page them", "enabled": True, "parameters": {}},
    {"ref": "ops.off", "pack": "ops", "name": "off", "description": "", "enabled": False, "parameters": {}},
]  # fmt: skip


@pytest.fixture(autouse=True)
def _tests_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """No vendor is asked, and nobody has to wait until a second click is a click of its own."""
    monkeypatch.setattr(buttons, "GRACE", 0.0)
    monkeypatch.setattr(
        test,
        "test_configuration",
        lambda kind, data=None, **_: ConnectionReport(ok=True, kind=kind, summary="Fine."),
    )  # fmt: skip


def field(page: AppTest, label: str, kind: str = "text_input") -> Any:
    return next(one for one in page.get(kind) if one.label == label)


def press(page: AppTest, label: str) -> AppTest:
    return next(button for button in page.button if button.label == label).click().run()


def webhook() -> WebhookConfig:
    config = load_config("webhook")
    assert isinstance(config, WebhookConfig)
    return config


def headers() -> dict[str, str]:
    return {name: value.get_secret_value() for name, value in webhook().headers.items()}


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_kind_has_its_section_and_draws_every_setting(open_page: OpenPage, kind: str) -> None:
    page = open_page("integrations", kind=KINDS[kind].title)
    assert not page.error
    text = read(page)
    drawn = ("text_input", "text_area", "selectbox", "toggle", "number_input")
    labels = {one.label for name in drawn for one in page.get(name)}
    model = KINDS[kind].config.model_fields
    missing = {f.title for n, f in model.items() if n != "practice" and f.title not in labels}
    assert all(f"**{title}**" in text for title in missing)


def test_stored_headers_are_rows_with_their_names_and_never_their_values(open_page: OpenPage) -> None:
    save.save_configuration("webhook", WEBHOOK, actor=AT_A_PAGE)
    page = open_page("integrations", kind="Webhook")
    assert {"Authorization", "X-Team"} <= {one.value for one in page.text}
    assert field(page, "Value of Authorization").value == ""
    assert MASK in field(page, "Value of Authorization").placeholder
    assert SECRET not in handed_over(page)
    assert SIGNING not in handed_over(page)


def test_headers_that_were_left_alone_stay_and_others_change_go_and_come(open_page: OpenPage) -> None:
    save.save_configuration("webhook", WEBHOOK, actor=AT_A_PAGE)
    page = open_page("integrations", kind="Webhook")
    field(page, "Value of X-Team").input("night")
    field(page, "Name of new header 1").input("X-Shift")
    field(page, "Value of new header 1").input("late")
    press(page, "Save")
    assert headers() == {"Authorization": SECRET, "X-Team": "night", "X-Shift": "late"}
    next(box for box in page.checkbox if box.label == "Remove").check()
    press(page, "Save")
    assert set(headers()) == {"X-Team", "X-Shift"}


def test_another_header_row_keeps_what_was_typed(open_page: OpenPage) -> None:
    page = open_page("integrations", kind="Webhook")
    field(page, "URL").input("https://hooks.example.com/in")
    field(page, "Name of new header 1").input("X-One")
    field(page, "Value of new header 1").input("1")
    press(page, "Add a header")
    field(page, "Name of new header 2").input("X-Two")
    field(page, "Value of new header 2").input("2")
    press(page, "Save")
    assert headers() == {"X-One": "1", "X-Two": "2"}


def test_headers_can_be_pasted_as_the_guides_json(open_page: OpenPage) -> None:
    page = open_page("integrations", kind="Webhook")
    field(page, "URL").input("https://hooks.example.com/in")
    field(page, "Headers as JSON", "text_area").input(f'{{"Authorization": "Bearer {SECRET}"}}')
    press(page, "Save")
    assert headers() == {"Authorization": f"Bearer {SECRET}"}
    assert SECRET not in handed_over(page)


def test_headers_that_are_no_json_are_refused_without_repeating_them(open_page: OpenPage) -> None:
    page = open_page("integrations", kind="Webhook")
    field(page, "URL").input("https://hooks.example.com/in")
    field(page, "Headers as JSON", "text_area").input(f"Authorization: {SECRET}")
    press(page, "Save")
    assert "Headers: its JSON is no object of names and texts" in read(page)
    assert load_config("webhook") is None
    assert SECRET not in "".join(str(one.value) for one in page.error)


def test_a_new_signing_secret_joins_the_stored_one_and_the_old_can_go(open_page: OpenPage) -> None:
    save.save_configuration("webhook", WEBHOOK, actor=AT_A_PAGE)
    page = open_page("integrations", kind="Webhook")
    new = SIGNING.replace("QUJD", "WFla")
    field(page, "New secret 1").input(new)
    press(page, "Save")
    assert [one.get_secret_value() for one in webhook().signing_secrets] == [SIGNING, new]
    [box for box in page.checkbox if box.label == "Remove"][2].check()
    press(page, "Save")
    assert [one.get_secret_value() for one in webhook().signing_secrets] == [new]


def test_a_mapping_offers_what_the_vendor_knows(open_page: OpenPage) -> None:
    page = open_page("integrations", kind="PagerDuty")
    boxes = [box for box in page.selectbox if box.label.lower() in set(Severity)]
    assert {tuple(box.options) for box in boxes} == {tuple(one.value for one in EventSeverity)}
    assert [box.value for box in boxes] == ["critical", "error", "warning", "info", "info"]
    boxes[2].select("error")
    field(page, "Integration key").input("a" * 32)
    press(page, "Save")
    config = load_config("pagerduty")
    assert isinstance(config, PagerDutyConfig)
    assert config.severity_mapping[Severity.MEDIUM] == "error"


def test_action_parameters_are_json_and_say_where_they_are_none(open_page: OpenPage) -> None:
    save.save_configuration("stackstorm", STACKSTORM, actor=AT_A_PAGE)
    page = open_page("integrations", kind="StackStorm")
    field(page, "Action parameters", "text_area").input("{'cmd': 1}")
    press(page, "Save")
    assert "Action parameters: is no valid JSON (line 1)" in read(page)
    field(page, "Action parameters", "text_area").input('{"cmd": "uptime"}')
    press(page, "Save")
    config = load_config("stackstorm")
    assert isinstance(config, StackStormConfig)
    assert config.action_parameters == {"cmd": "uptime"}


def test_pack_and_action_are_chosen_from_the_live_list(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_choice, "ask", lambda *_: ACTIONS)
    save.save_configuration("stackstorm", STACKSTORM, actor=AT_A_PAGE)
    page = open_page("integrations", kind="StackStorm")
    press(page, "List its actions")
    choice = field(page, "Choose among 2 actions", "selectbox")
    choice.select("core.local – Run it").run()
    assert (field(page, "Pack").value, field(page, "Action").value) == ("core", "local")
    assert grids(page)[0].column("Parameter") == ["cmd"]
    press(page, "Save")
    config = load_config("stackstorm")
    assert isinstance(config, StackStormConfig)
    assert config.provider == "core.local"


def test_without_a_list_pack_and_action_are_typed(open_page: OpenPage) -> None:
    save.save_configuration(
        "stackstorm", {**STACKSTORM, "pack_name": "ops", "action_name": "page"}, actor=AT_A_PAGE
    )
    page = open_page("integrations", kind="StackStorm")
    press(page, "List its actions")  # nobody listens there
    assert page.error
    assert (field(page, "Pack").value, field(page, "Action").value) == ("ops", "page")


def test_a_template_is_previewed_against_a_real_incident_without_saving(open_page: OpenPage) -> None:
    add_night()
    page = open_page("integrations", kind="Webhook")
    field(page, "Body template", "text_area").input('{"text": {{ incident_data.title | tojson }}}')
    press(page, "Preview the body")
    assert '{"text": "Port scan from one address"}' in read(page)
    assert load_config("webhook") is None


@pytest.mark.parametrize(
    ("template", "said"),
    [("{{ nothing.here }}", "is undefined"), ("{% set x = 1 %}", "does not work"), ("no json", "no valid JSON")],
)  # fmt: skip
def test_a_template_that_fails_says_why(open_page: OpenPage, template: str, said: str) -> None:
    add_night()
    page = open_page("integrations", kind="Webhook")
    field(page, "Body template", "text_area").input(template)
    press(page, "Preview the body")
    assert said in read(page)


def test_a_preview_without_any_incident_says_what_to_do(open_page: OpenPage) -> None:
    page = open_page("integrations", kind="Webhook")
    press(page, "Preview the body")
    assert "Process some logs first" in read(page)


def test_a_secret_of_no_kind_is_ever_handed_over(open_page: OpenPage) -> None:
    for kind, data in {"webhook": WEBHOOK, "stackstorm": STACKSTORM}.items():
        save.save_configuration(kind, data, actor=AT_A_PAGE)
        text = handed_over(open_page("integrations", kind=KINDS[kind].title))
        config = load_config(kind)
        assert config is not None
        assert not [secret for secret in secret_values(config) if secret in text]
