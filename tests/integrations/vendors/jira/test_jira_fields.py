"""Projects that ask for more: fields to be filled in, the reporter, types that are no tickets; named as people see them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from soc.errors import FailureReason, PermanentDeliveryError
from soc.integrations.registry import InvalidConfiguration, validate
from soc.integrations.vendors.jira import JiraConnector
from tests.integrations.everyone import BY_NAME
from tests.integrations.examples import OPEN, sent_json
from tests.integrations.vendors.jira.example import CLOUD, CREATED, SCREEN, jira_read

IMPACT: dict[str, Any] = {
    "fieldId": "customfield_10050", "name": "Business impact", "required": True, "hasDefaultValue": False,
    "schema": {"type": "option", "custom": "com.atlassian.jira.plugin.system.customfieldtypes:select"},
    "allowedValues": [{"id": "1", "value": "High"}, {"id": "2", "value": "Low"}],
}  # fmt: skip
REPORTER: dict[str, Any] = {
    "fieldId": "reporter",
    "name": "Reporter",
    "required": True,
    "schema": {"type": "user"},
}
PEOPLE = [
    {
        "accountId": "5b10ac8d82e05b22cc7d4ef5",
        "emailAddress": "lee@acme.org",
        "displayName": "Lee",
        "name": "lee",
    }
]
REFUSED = {"errorMessages": [], "errors": {"customfield_10050": "Business impact is required."}}


def jira(
    *fields: dict[str, Any],
    sent: list[httpx.Request] | None = None,
    answer: httpx.Response | None = None,
    types: list[dict[str, Any]] | None = None,
    example: str = "jira cloud",
    **changes: Any,
) -> JiraConnector:
    def handler(request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path.endswith("/issue"):
            (sent if sent is not None else []).append(request)
            return answer or httpx.Response(201, json=CREATED)
        if path.endswith("/issuetypes") and types is not None:
            return httpx.Response(200, json={"issueTypes": types, "total": len(types)})
        if "/issuetypes/" in path:
            rows = [*SCREEN, *fields]
            return httpx.Response(200, json={"fields": rows, "total": len(rows)})
        if path.endswith("/user/search"):
            asked = request.url.params.get("query") or request.url.params.get("username") or ""
            return httpx.Response(200, json=[p for p in PEOPLE if asked.casefold() in str(p).casefold()])
        if path.endswith("/myself"):
            return httpx.Response(
                200, json={"accountId": "me-1", "name": "soc-bot", "displayName": "SOC Bot"}
            )
        return jira_read(request)

    connector = BY_NAME[example].connector(handler, **changes)
    assert isinstance(connector, JiraConnector)
    return connector


def opened(*fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    sent: list[httpx.Request] = []
    jira(*fields, sent=sent, **more).deliver(OPEN, delivery_id="del-1")
    found: dict[str, Any] = sent_json(sent[0])["fields"]
    return found


def test_a_required_list_is_filled_from_the_configuration_by_the_name_that_people_see() -> None:
    assert opened(IMPACT, field_values={"business  impact": "high"})["customfield_10050"] == {"id": "1"}


def test_until_then_test_and_refusal_name_the_field_and_its_values_and_nothing_is_sent() -> None:
    sent: list[httpx.Request] = []
    connector = jira(IMPACT, sent=sent)
    report = connector.check()
    with pytest.raises(PermanentDeliveryError) as caught:
        connector.deliver(OPEN, delivery_id="del-1")
    assert (report.ok, sent, caught.value.reason) == (False, [], FailureReason.SETTINGS)
    for text in (f"{report.summary} {report.hint}", str(caught.value)):
        assert "“Business impact” (High, Low)" in text
        assert "JIRA_FIELD_VALUES" in text
        assert "customfield_10050" not in text
        assert text.count("(High, Low)") == 1


def test_a_field_that_jira_asks_for_only_when_it_refuses_is_named_and_is_no_message_s_fault() -> None:
    hidden = {**IMPACT, "required": False}
    connector = jira(hidden, answer=httpx.Response(400, json=REFUSED))
    with pytest.raises(PermanentDeliveryError) as caught:
        connector.deliver(OPEN, delivery_id="del-1")
    assert caught.value.reason is FailureReason.SETTINGS
    assert "Business impact" in caught.value.message
    assert "customfield" not in str(caught.value)


def test_a_refusal_of_what_was_sent_is_that_message_s_own() -> None:
    errors = {"errorMessages": [], "errors": {"summary": "Summary can't exceed 255 characters."}}
    with pytest.raises(PermanentDeliveryError) as caught:
        jira(
            IMPACT, answer=httpx.Response(400, json=errors), field_values={"Business impact": "Low"}
        ).deliver(OPEN, delivery_id="del-1")
    assert caught.value.reason is FailureReason.CLIENT


def of(kind: str, **more: Any) -> dict[str, Any]:
    schema = {"type": kind, **{k: v for k, v in more.items() if k in ("items", "custom")}}
    rest = {k: v for k, v in more.items() if k not in ("items", "custom")}
    return {"fieldId": "customfield_1", "name": "It", "required": True, "schema": schema, **rest}


REGIONS = [{"id": "7", "value": "Europe", "children": [{"id": "71", "value": "Berlin"}]}]
OPTIONS = IMPACT["allowedValues"]
NAMED = [{"id": "3", "name": "1.0"}]


@pytest.mark.parametrize(
    ("field", "given", "sent"),
    [
        (of("option", allowedValues=OPTIONS), "2", {"id": "2"}),
        (of("array", items="option", allowedValues=OPTIONS), ["High", "low"], [{"id": "1"}, {"id": "2"}]),
        (of("array", items="option", allowedValues=OPTIONS), "High, Low", [{"id": "1"}, {"id": "2"}]),
        (
            of("option-with-child", allowedValues=REGIONS),
            "Europe > Berlin",
            {"id": "7", "child": {"id": "71"}},
        ),
        (
            of("option-with-child", allowedValues=REGIONS),
            ["Europe", "Berlin"],
            {"id": "7", "child": {"id": "71"}},
        ),
        (of("user"), "lee@acme.org", {"accountId": "5b10ac8d82e05b22cc7d4ef5"}),
        (of("user"), "me", {"accountId": "me-1"}),
        (of("array", items="user"), ["Lee"], [{"accountId": "5b10ac8d82e05b22cc7d4ef5"}]),
        (of("number"), "2,5", 2.5),
        (of("number"), 3, 3),
        (of("date"), "2026-01-31", "2026-01-31"),
        (of("datetime"), "2026-01-31T18:00:00+00:00", "2026-01-31T18:00:00.000+0000"),
        (of("string"), "text", "text"),
        (of("string"), 7, "7"),
        (of("array", items="string", custom="x:labels"), ["a b", "c"], ["a-b", "c"]),
        (of("version", allowedValues=NAMED), "1.0", {"id": "3"}),
        (of("array", items="version", allowedValues=NAMED), "1.0", [{"id": "3"}]),
        (of("array", items="component", allowedValues=NAMED), ["1.0"], [{"id": "3"}]),
        (of("group"), "soc", {"name": "soc"}),
        (of("any", custom="x:cmdb-object-cftype"), [{"id": "w:1"}], [{"id": "w:1"}]),
        (of("option"), {"value": "As it is"}, {"value": "As it is"}),
    ],
)
def test_every_type_of_field_gets_its_value_in_jira_s_form(
    field: dict[str, Any], given: Any, sent: Any
) -> None:
    assert opened(field, field_values={"It": given})["customfield_1"] == sent


def test_long_text_is_rich_in_cloud_and_plain_in_data_center_and_a_user_is_a_name_there() -> None:
    text = of("string", custom="x:textarea")
    assert opened(text, field_values={"It": "why"})["customfield_1"]["type"] == "doc"
    assert opened(text, field_values={"It": "why"}, example="jira data center")["customfield_1"] == "why"
    assert opened(of("user"), field_values={"It": "lee"}, example="jira data center")["customfield_1"] == {
        "name": "lee"
    }


@pytest.mark.parametrize(
    ("field", "given", "words"),
    [
        (IMPACT, "Huge", "it takes High, Low"),
        (of("number"), "many", "takes a number"),
        (of("date"), "soon", "takes a date"),
        (of("user"), "nobody@acme.org", "names nobody"),
        (of("option-with-child", allowedValues=REGIONS), "Europe > Paris", "it takes Berlin"),
    ],
)
def test_a_value_that_does_not_fit_is_named_with_what_fits(
    field: dict[str, Any], given: Any, words: str
) -> None:
    connector = jira(field, field_values={field["name"]: given})
    report = connector.check()
    assert not report.ok
    assert f"“{field['name']}”" in report.summary
    assert words in report.summary


def test_a_reporter_that_is_required_is_the_account_itself_or_whom_the_settings_name() -> None:
    assert opened(REPORTER)["reporter"] == {"accountId": "me-1"}
    assert opened(REPORTER, reporter="lee@acme.org")["reporter"] == {"accountId": "5b10ac8d82e05b22cc7d4ef5"}
    assert "reporter" not in opened({**REPORTER, "hasDefaultValue": True})
    assert not jira(REPORTER, reporter="nobody@acme.org").check().ok


def kinds(*rows: tuple[str, str, bool, int]) -> list[dict[str, Any]]:
    return [
        {
            "id": str(n),
            "name": name,
            "untranslatedName": original,
            "subtask": subtask,
            "hierarchyLevel": level,
        }
        for n, (name, original, subtask, level) in enumerate(rows)
    ]


EPIC, TASK, BUG = ("Epic", "Epic", False, 1), ("Aufgabe", "Task", False, 0), ("Fehler", "Bug", False, 0)
SUB = ("Unteraufgabe", "Subtask", True, -1)


@pytest.mark.parametrize(
    ("types", "settings", "wanted"),
    [
        (kinds(EPIC, TASK, SUB), {}, "1"),
        (kinds(EPIC, SUB, BUG, TASK), {}, "3"),
        (kinds(EPIC, BUG, ("Störung", "Incident", False, 0)), {}, "2"),
        (kinds(EPIC, BUG, TASK), {"issue_type": "Bug"}, "1"),
        (kinds(EPIC, BUG, TASK), {"issue_type": "Fehler"}, "1"),
        ([{"id": "1", "name": "Epos"}, {"id": "2", "name": "Aufgabe"}], {}, "2"),
    ],
)
def test_a_type_is_taken_by_name_or_untranslated_name_never_an_epic(
    types: Any, settings: Any, wanted: str
) -> None:
    assert opened(types=types, **settings)["issuetype"] == {"id": wanted}
    report = jira(types=types, **settings).check()
    assert report.ok
    assert report.details["used_types"]


def test_the_test_says_which_type_is_taken_instead() -> None:
    warnings = " ".join(jira(types=kinds(EPIC, TASK)).check().warnings)
    assert "no issue type “Incident”; “Aufgabe” is used instead" in warnings


def test_a_project_of_epics_and_sub_tasks_takes_no_ticket() -> None:
    connector = jira(types=kinds(EPIC, SUB))
    with pytest.raises(PermanentDeliveryError, match="no issue type that a ticket can have") as caught:
        connector.deliver(OPEN, delivery_id="del-1")
    assert caught.value.reason is FailureReason.SETTINGS
    assert not connector.check().ok


def test_a_type_that_a_person_chose_and_the_project_lacks_ends_the_test() -> None:
    report = jira(types=kinds(EPIC, TASK), issue_type="Breach").check()
    assert not report.ok
    assert "no type “Breach”" in report.summary
    assert "Aufgabe (Task)" in report.summary
    assert "Epic" not in report.summary
    with pytest.raises(InvalidConfiguration, match="no Epic"):
        validate("jira", {**CLOUD, "issue_type": "Epic"})


def test_links_for_people_come_from_what_jira_says_of_itself() -> None:
    gateway = "https://api.atlassian.com/ex/jira/11223344-a1b2-3b33-c444-def123456789"

    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/serverInfo"):
            return httpx.Response(
                200, json={"baseUrl": "https://acme.atlassian.net", "deploymentType": "Cloud"}
            )
        if request.url.path.endswith("/issue"):
            return httpx.Response(201, json={"id": "10001", "key": "SOC-1"})
        return jira_read(request)

    connector = BY_NAME["jira cloud"].connector(handler, base_url=gateway)
    assert connector.deliver(OPEN, delivery_id="del-1").url == "https://acme.atlassian.net/browse/SOC-1"


def test_several_settings_fit_in_one_line_of_an_environment_file() -> None:
    config = validate("jira", {**CLOUD, "field_values": "Business impact=High; Region=Europe > Berlin"})
    assert getattr(config, "field_values", {}) == {"Business impact": "High", "Region": "Europe > Berlin"}


def test_a_screen_that_has_changed_since_it_was_read_costs_no_message() -> None:
    fields, bodies = [SCREEN], list[set[str]]()

    def handler(request: httpx.Request) -> httpx.Response:
        if "/issuetypes/" in request.url.path:
            return httpx.Response(200, json={"fields": fields[0], "total": len(fields[0])})
        if not request.url.path.endswith("/issue"):
            return jira_read(request)
        bodies.append(set(sent_json(request)["fields"]))
        off = bodies[-1] - {"project", "issuetype"} - {one["fieldId"] for one in fields[0]}
        errors = {name: f"Field '{name}' cannot be set." for name in off}
        return httpx.Response(400, json={"errors": errors}) if off else httpx.Response(201, json=CREATED)

    connector = BY_NAME["jira cloud"].connector(handler)
    connector.deliver(OPEN, delivery_id="del-1")
    fields[0] = [
        one for one in SCREEN if one["fieldId"] != "duedate"
    ]  # an administrator takes it off the screen
    assert connector.deliver(OPEN, delivery_id="del-2").key == "SOC-12"
    assert ["duedate" in sent for sent in bodies] == [True, True, False]


def test_a_value_under_a_name_that_is_nearly_the_field_s_is_told_and_a_value_that_is_off_is_not_offered() -> (
    None
):
    switched_off = {
        **IMPACT,
        "allowedValues": [{"id": "1", "value": "High", "disabled": True}, {"id": "2", "value": "Low"}],
    }
    report = jira(switched_off, field_values={"Busines impact": "Low"}).check()
    assert "“Business impact” (Low)" in report.summary
    assert "There is no field “Busines impact”; “Business impact” is meant?" in report.hint


def test_a_project_with_several_types_of_its_own_has_one_chosen_by_a_person() -> None:
    own = [{"id": "1", "name": "Alert", "subtask": False}, {"id": "2", "name": "Change", "subtask": False}]
    report = jira(types=[*own, {"id": "3", "name": "Epic", "subtask": False}]).check()
    assert report.summary.endswith("several others: Alert, Change.")
    assert "Choose one of them" in report.hint
