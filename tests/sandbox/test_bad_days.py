"""What a vendor's people change behind the product's back, by `/admin/settings`: fields, types, channels, services, clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from soc.sandbox.jira import catalogue
from soc.sandbox.server import SandboxServer

Json = dict[str, Any]


def setting(admin: httpx.Client, **wanted: Any) -> None:
    assert admin.post("/admin/settings", json=wanted).status_code == 200


def screen(jira: httpx.Client) -> dict[str, Json]:
    answer = jira.get("issue/createmeta/SOC/issuetypes/10001").json()
    return {row["fieldId"]: row for row in answer.get("fields", answer.get("values"))}


def test_a_field_that_the_project_asks_for_is_refused_until_it_has_a_value_it_takes(
    admin: httpx.Client, jira: httpx.Client, ticket: Json
) -> None:
    setting(admin, required_fields=["Business impact", "Responsible person", "Sites"])
    assert screen(jira)["customfield_10050"]["allowedValues"][0] == {"id": "10201", "value": "High"}
    refused = jira.post("issue", json={"fields": ticket})
    assert refused.status_code == 400
    assert "Business impact is required." in refused.text
    person = {"accountId": catalogue.LEAD.account_id}
    full = {**ticket, "customfield_10050": {"value": "High"}, "customfield_10052": person}
    sites = [{"value": "Berlin"}, {"id": "10213"}]
    assert (
        jira.post("issue", json={"fields": {**full, "customfield_10053": [{"value": "Mars"}]}}).status_code
        == 400
    )
    made = jira.post("issue", json={"fields": {**full, "customfield_10053": sites}})
    shown = jira.get(f"issue/{made.json()['key']}").json()["fields"]
    assert [site["value"] for site in shown["customfield_10053"]] == ["Berlin", "Lord Howe"]


def test_a_reporter_is_asked_for_or_refused(admin: httpx.Client, jira: httpx.Client, ticket: Json) -> None:
    named = {**ticket, "reporter": {"accountId": catalogue.BOT.account_id}}
    setting(admin, reporter="required")
    assert screen(jira)["reporter"]["required"]
    assert not screen(jira)["reporter"]["hasDefaultValue"]
    assert [jira.post("issue", json={"fields": one}).status_code for one in (ticket, named)] == [400, 201]
    setting(admin, reporter="not_settable")
    assert "reporter" not in screen(jira)
    assert [jira.post("issue", json={"fields": one}).status_code for one in (ticket, named)] == [201, 400]


def test_a_project_whose_first_type_is_an_epic_has_no_incident(
    admin: httpx.Client, jira_dc: httpx.Client, plain_ticket: Json
) -> None:
    setting(admin, epic_first=True)
    types = jira_dc.get("issue/createmeta/SOC/issuetypes").json()["values"]
    assert [(one["name"], one["subtask"]) for one in types[:3]] == [
        ("Epic", False),
        ("Sub-task", True),
        ("Task", False),
    ]
    asked = [jira_dc.post("issue", json={"fields": {**plain_ticket, "issuetype": {"name": name}}}).status_code
             for name in ("Security Incident", "Sub-task", "Task")]  # fmt: skip
    assert asked == [400, 400, 201]


def test_a_token_with_scopes_speaks_to_the_gateway_whose_links_lead_to_the_site(
    sandbox: SandboxServer, jira: httpx.Client
) -> None:
    gateway = f"{sandbox.url}/ex/jira/{catalogue.CLOUD_ID}/rest/api/3"
    scoped = (catalogue.BOT.email, catalogue.SCOPED_TOKEN)
    assert httpx.get(f"{gateway}/myself", auth=scoped).status_code == 200
    assert httpx.get(f"{gateway}/myself", auth=(catalogue.BOT.email, catalogue.TOKEN)).status_code == 401
    assert jira.get("myself", auth=scoped).status_code == 401
    assert httpx.get(f"{gateway}/serverInfo").json()["baseUrl"] == sandbox.jira_url


def test_an_archived_channel_and_a_disabled_service_say_so(
    admin: httpx.Client, slack: httpx.Client, events: httpx.Client, pagerduty: httpx.Client, trigger: Json
) -> None:
    setting(admin, archived_channels=["soc-alerts"], disabled_services=["PPRCSVC1"])
    post = {"channel": "#soc-alerts", "text": "x"}
    assert slack.post("chat.postMessage", json=post).json()["error"] == "is_archived"
    listed = slack.get("conversations.list").json()["channels"]
    assert next(c for c in listed if c["name"] == "soc-alerts")["is_archived"]
    refused = events.post("enqueue", json=trigger)
    assert refused.status_code == 400
    assert "disabled" in refused.text
    assert pagerduty.get("/services/PPRCSVC1").json()["service"]["status"] == "disabled"


def test_the_vendors_clock_shows_in_every_date_and_stamp(
    admin: httpx.Client, jira: httpx.Client, slack: httpx.Client, ticket: Json
) -> None:
    setting(admin, clock_offset=-3600)
    answer = jira.post("issue", json={"fields": ticket})
    ahead = datetime.now(UTC) - parsedate_to_datetime(answer.headers["date"])
    assert timedelta(minutes=59) < ahead < timedelta(minutes=61)
    assert len(answer.headers.get_list("date")) == 1
    posted = slack.post("chat.postMessage", json={"channel": "#soc-alerts", "text": "x"}).json()
    assert 3500 < datetime.now(UTC).timestamp() - float(posted["ts"]) < 3700


def test_the_console_sets_the_same_and_what_is_left_empty_is_as_at_the_start(admin: httpx.Client) -> None:
    setting(admin, events_per_minute=3)
    form = {"required_fields": "Sites, Business impact", "epic_first": "True", "events_per_minute": ""}
    assert admin.post("/console/settings", data=form).status_code == 303
    now = admin.get("/admin/settings").json()
    assert now["required_fields"] == ["Sites", "Business impact"]
    assert (now["epic_first"], now["events_per_minute"]) == (True, None)
    page = admin.get("/").text
    assert "value='Sites, Business impact'" in page
    assert admin.post("/console/settings", data={"reporter": "nobody"}).status_code == 400
