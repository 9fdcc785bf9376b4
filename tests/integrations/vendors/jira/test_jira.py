"""The Jira connector: opening, finding again, reading back, and the guide's troubleshooting cases."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest

from soc.domain.classification import Classification
from soc.domain.message import OpenTicket
from soc.errors import FailureReason, PermanentDeliveryError, UnknownOutcome
from soc.integrations.kit.base import TroubleCase
from soc.integrations.vendors.jira import JiraConnector
from tests.integrations.everyone import BY_NAME
from tests.integrations.examples import OPEN, SECRET, SINCE, Handler, an_incident, sent_json
from tests.integrations.vendors.jira.example import CREATED, ISSUE_TYPES, SCREEN, jira_read

CLOUD, DATA_CENTER = BY_NAME["jira cloud"], BY_NAME["jira data center"]


def jira(handler: Handler, example: Any = CLOUD, **changes: Any) -> JiraConnector:
    connector = example.connector(handler, **changes)
    assert isinstance(connector, JiraConnector)
    return connector


def instead(path: str, answer: httpx.Response) -> Handler:
    """A complete Jira, except for the one path."""
    return lambda request: answer if request.url.path.endswith(path) else jira_read(request)


def created(
    sent: list[httpx.Request], example: Any = CLOUD, read: Handler = jira_read, **changes: Any
) -> JiraConnector:
    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/issue"):
            sent.append(request)
            return httpx.Response(201, json=CREATED)
        return read(request)

    return jira(handler, example, **changes)


def test_a_ticket_is_opened_in_cloud_with_adf_and_the_incidents_property() -> None:
    sent: list[httpx.Request] = []
    receipt = created(sent).deliver(OPEN, delivery_id="del-1")
    body = sent_json(sent[0])
    assert str(sent[0].url) == "https://soc.atlassian.net/rest/api/3/issue"
    assert sent[0].headers["authorization"].startswith("Basic ")
    assert body["fields"]["issuetype"] == {"id": "10004"}
    assert body["fields"]["description"]["type"] == "doc"
    assert body["properties"] == [
        {"key": "soc-incident", "value": {"id": OPEN.incident.id, "delivery": "del-1"}}
    ]
    assert (receipt.remote_id, receipt.key) == ("10012", "SOC-12")
    assert receipt.url == "https://soc.atlassian.net/browse/SOC-12"


def test_data_center_gets_version_2_a_bearer_token_and_plain_text() -> None:
    sent: list[httpx.Request] = []
    created(sent, DATA_CENTER).deliver(OPEN, delivery_id="del-1")
    assert str(sent[0].url) == "https://jira.example/jira/rest/api/2/issue"
    assert sent[0].headers["authorization"] == f"Bearer {SECRET}"
    assert isinstance(sent_json(sent[0])["fields"]["description"], str)


def test_the_issue_type_falls_back_to_what_the_project_has() -> None:
    def types(*names: str) -> Handler:
        rows = [{"id": str(n), "name": name, "subtask": "Sub" in name} for n, name in enumerate(names)]
        return instead("/issuetypes", httpx.Response(200, json={"issueTypes": rows, "total": len(rows)}))

    security = OPEN
    error = OpenTicket(incident=an_incident(classification=Classification.ERROR), due="2026-01-15")
    for names, message, wanted in (
        (("Bug", "Incident", "security incident"), security, "2"),
        (("Bug", "Incident"), security, "1"),
        (("Bug", "Incident", "Security Incident"), error, "1"),
        (("Sub-task", "Aufgabe"), security, "1"),
    ):
        sent: list[httpx.Request] = []
        created(sent, read=types(*names)).deliver(message, delivery_id="del-1")
        assert sent_json(sent[0])["fields"]["issuetype"] == {"id": wanted}


def test_a_field_that_the_create_screen_lacks_is_not_sent() -> None:
    rows = [row for row in SCREEN if row["fieldId"] not in ("duedate", "priority")]
    sent: list[httpx.Request] = []
    read = instead("/issuetypes/10004", httpx.Response(200, json={"fields": rows, "total": len(rows)}))
    receipt = created(sent, read=read).deliver(OPEN, delivery_id="del-1")
    assert not {"duedate", "priority"} & set(sent_json(sent[0])["fields"])
    assert receipt.extra == {"left_out": "priority, due date"}


def test_the_project_is_read_once_and_again_after_a_refusal() -> None:
    asked: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path.rsplit("/", 1)[1])
        if request.url.path.endswith("/issue"):
            return httpx.Response(400 if asked.count("issue") == 2 else 201, json=CREATED)
        return jira_read(request)

    connector = jira(handler)
    connector.deliver(OPEN, delivery_id="del-1")
    with pytest.raises(PermanentDeliveryError):
        connector.deliver(OPEN, delivery_id="del-2")
    connector.deliver(OPEN, delivery_id="del-2")
    assert asked == ["serverInfo", "issuetypes", "10004", "issue", "issue", "issuetypes", "10004", "issue"]


def test_an_old_data_center_without_createmeta_by_project_still_opens_tickets() -> None:
    def read(request: httpx.Request) -> httpx.Response:
        return httpx.Response(404) if "createmeta" in request.url.path else jira_read(request)

    sent: list[httpx.Request] = []
    created(sent, DATA_CENTER, read=read).deliver(OPEN, delivery_id="del-1")
    assert sent_json(sent[0])["fields"]["issuetype"] == {"id": "10004"}


@pytest.mark.parametrize(
    ("example", "method", "path"), [(CLOUD, "POST", "/3/search/jql"), (DATA_CENTER, "GET", "/2/search")]
)
def test_a_ticket_is_found_again_by_its_incidents_label(example: Any, method: str, path: str) -> None:
    asked: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        if "/search" in request.url.path:
            asked.append(request)
            return httpx.Response(
                200, json={"issues": [{**CREATED, "id": "10013", "key": "SOC-13"}, CREATED]}
            )
        return jira_read(request)

    receipt = jira(handler, example).reconcile(OPEN, delivery_id="del-1", since=SINCE)
    jql = sent_json(asked[0])["jql"] if method == "POST" else asked[0].url.params["jql"]
    assert (asked[0].method, asked[0].url.path.endswith(path)) == (method, True)
    assert jql.startswith('project = "SOC" AND labels = "soc-incident-inc-7k2m9q4x1c"')
    assert receipt is not None
    assert (receipt.key, receipt.extra) == ("SOC-12", {"duplicates": "SOC-13"})


def test_without_labels_on_the_screen_the_description_is_searched() -> None:
    rows = [row for row in SCREEN if row["fieldId"] != "labels"]
    asked: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/issuetypes/10004"):
            return httpx.Response(200, json={"fields": rows, "total": len(rows)})
        if "/search" in request.url.path:
            asked.append(sent_json(request)["jql"])
        return jira_read(request)

    assert jira(handler).reconcile(OPEN, delivery_id="del-1", since=SINCE) is None
    assert 'description ~ "\\"inc-7k2m9q4x1c\\""' in asked[0]


def test_two_look_ups_each_after_the_settle_time_are_asked_for() -> None:
    connector = jira(jira_read, settle_seconds=45)
    assert (connector.reconcile_rounds, connector.settle.total_seconds()) == (2, 45)


def test_an_answer_without_a_ticket_leaves_the_outcome_unknown() -> None:
    connector = jira(instead("/issue", httpx.Response(201, json={"warning": "queued"})))
    with pytest.raises(UnknownOutcome):
        connector.deliver(OPEN, delivery_id="del-1")


def _issue(key: str, **fields: Any) -> dict[str, Any]:
    status = {"name": "Offen", "statusCategory": {"key": "new"}}
    return {"id": key[4:], "key": key, "fields": {"summary": "s", "status": status, **fields}}


def test_tickets_are_read_back_with_what_the_sla_needs() -> None:
    done = {"name": "Fertig", "statusCategory": {"key": "done"}}
    issue = _issue(
        "SOC-1", status=done, priority={"name": "High"}, assignee={"displayName": "Ana", "accountId": "5b"},
        created="2026-01-15T10:30:00.000+0100", updated="2026-01-15T12:00:00.000+0000", duedate="2026-01-16",
        labels=["x", "soc-incident-inc-1"],
    )  # fmt: skip
    [ticket] = jira(instead("/search/jql", httpx.Response(200, json={"issues": [issue]}))).fetch_tickets(
        ["SOC-1"]
    )
    assert (ticket.status, ticket.status_category, ticket.priority) == ("Fertig", "done", "High")
    assert (ticket.assignee, ticket.incident_id, ticket.due) == ("Ana", "inc-1", date(2026, 1, 16))
    assert ticket.created_at == datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
    assert ticket.resolved_at == datetime(2026, 1, 15, 12, 0, tzinfo=UTC), (
        "no resolution set: the last change counts"
    )


def test_a_deleted_ticket_does_not_hide_the_others() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        jql = sent_json(request)["jql"]
        if '"SOC-3"' in jql:
            return httpx.Response(
                400, json={"errorMessages": ["An issue with key 'SOC-3' does not exist for field 'key'."]}
            )
        keys = [part.strip('" ') for part in jql[jql.index("(") + 1 : jql.index(")")].split(",")]
        return httpx.Response(200, json={"issues": [_issue(key) for key in keys]})

    found = jira(handler).fetch_tickets([f"SOC-{n}" for n in range(1, 6)])
    assert [ticket.key for ticket in found] == ["SOC-1", "SOC-2", "SOC-4", "SOC-5"]


def test_open_tickets_are_paged_by_token_in_cloud_and_by_offset_in_data_center() -> None:
    def cloud(request: httpx.Request) -> httpx.Response:
        first = "nextPageToken" not in sent_json(request)
        more = {"nextPageToken": "t", "isLast": False} if first else {"isLast": True}
        return httpx.Response(200, json={"issues": [_issue("SOC-1" if first else "SOC-2")], **more})

    def center(request: httpx.Request) -> httpx.Response:
        start = int(request.url.params.get("startAt", "0"))
        return httpx.Response(200, json={"issues": [_issue(f"SOC-{start + 1}")], "total": 2})

    for connector in (jira(cloud), jira(center, DATA_CENTER)):
        assert [ticket.key for ticket in connector.search_open()] == ["SOC-1", "SOC-2"]


def test_a_connection_check_tells_server_project_and_permissions() -> None:
    report = jira(jira_read).check()
    assert report.ok
    assert report.details["server_info"]["server_title"] == "Jira"
    assert report.details["project_info"]["name"] == "Security Operations Center"
    assert "CREATE_ISSUES" in report.details["permissions"]
    assert report.warnings == ()


UNAVAILABLE = "“JIRA integration not available”"
NO_PROJECT = httpx.Response(
    404, json={"errorMessages": ["No project could be found with key 'SOC'."], "errors": {}}
)
NO_CREATE = httpx.Response(200, json={"permissions": {"BROWSE_PROJECTS": {"havePermission": True}}})
TROUBLES = [
    ("wrong token", "/myself", httpx.Response(401, text="Client must be authenticated"),
     "JIRA integration not available", UNAVAILABLE, "valid (not expired)", TroubleCase.NOT_AVAILABLE),
    ("missing project", "/project/SOC", NO_PROJECT,
     "Project not found", "“Project not found”", "JIRA_PROJECT_KEY", TroubleCase.PROJECT_NOT_FOUND),
    ("no permission", "/mypermissions", NO_CREATE,
     "Permission denied", "“Permission denied”", "allowed to create issues", TroubleCase.PERMISSION_DENIED),
    ("forbidden", "/myself", httpx.Response(403, json={"errorMessages": ["no"]}),
     "Permission denied", "“Permission denied”", "issue types", TroubleCase.PERMISSION_DENIED),
    ("login page", "/serverInfo", httpx.Response(200, html="<!DOCTYPE html><title>Log in</title>"),
     "web page (a login page", UNAVAILABLE, "base URL", TroubleCase.NOT_AVAILABLE),
    ("another server", "/serverInfo", httpx.Response(200, json={"hello": "world"}),
     "JIRA integration not available", UNAVAILABLE, "base URL", TroubleCase.NOT_AVAILABLE),
]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "answer", "summary", "guide", "action", "case"),
    [t[1:] for t in TROUBLES],
    ids=[t[0] for t in TROUBLES],
)
def test_each_trouble_names_the_guides_case_and_what_to_do(
    path: str, answer: httpx.Response, summary: str, guide: str, action: str, case: TroubleCase
) -> None:
    report = jira(instead(path, answer)).check()
    assert not report.ok
    assert summary in report.summary
    assert guide in report.hint
    assert action in report.hint
    assert report.case is case


def test_no_network_is_the_guides_not_available() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route")

    report = jira(handler).check()
    assert report.summary.startswith("JIRA integration not available")
    assert "ensure the Jira instance is accessible" in report.hint
    assert report.case is TroubleCase.NOT_AVAILABLE


@pytest.mark.parametrize(
    ("status", "body", "hint"),
    [
        (400, {"errorMessages": [], "errors": {"priority": "not valid"}}, "refuses the field priority"),
        (
            400,
            {"errorMessages": [], "errors": {"project": "Specify a valid project ID or key"}},
            "JIRA_PROJECT_KEY",
        ),
        (404, {"errorMessages": ["No project could be found with key 'SOC'."]}, "JIRA_PROJECT_KEY"),
        (404, {}, "Base URL"),
        (403, {"errorMessages": ["You do not have permission"]}, "“Permission denied”"),
    ],
)
def test_a_refused_ticket_says_which_setting_to_change(status: int, body: dict[str, Any], hint: str) -> None:
    with pytest.raises(PermanentDeliveryError) as caught:
        jira(instead("/issue", httpx.Response(status, json=body))).deliver(OPEN, delivery_id="del-1")
    assert hint in caught.value.hint
    assert (caught.value.reason is FailureReason.AUTH) == (status == 403)


def test_a_search_that_names_a_missing_project_says_so() -> None:
    text = "The value 'SOC' does not exist for the field 'project'."
    answer = httpx.Response(400, json={"errorMessages": [text], "errors": {}})
    with pytest.raises(PermanentDeliveryError, match="JIRA_PROJECT_KEY"):
        jira(instead("/search/jql", answer)).reconcile(OPEN, delivery_id="del-1", since=SINCE)


def test_a_user_who_may_create_nothing_is_denied_and_not_a_missing_project() -> None:
    with pytest.raises(PermanentDeliveryError, match="Permission denied") as caught:
        jira(instead("/issuetypes", httpx.Response(200, json={"issueTypes": [], "total": 0}))).deliver(
            OPEN, delivery_id="d"
        )
    assert caught.value.reason is FailureReason.AUTH


def test_a_check_warns_of_what_will_be_left_out() -> None:
    rows = [row for row in SCREEN if row["fieldId"] != "duedate"]
    read = instead("/issuetypes/10003", httpx.Response(200, json={"fields": rows, "total": len(rows)}))
    report = jira(read, components="Nope", issue_type="Incident", security_issue_type="").check()
    text = " ".join(report.warnings)
    assert report.ok
    for part in ("has no due date", "no component Nope"):
        assert part in text


def test_a_check_notices_the_wrong_instance_type() -> None:
    assert "set the instance type to Jira Cloud" in " ".join(jira(jira_read, DATA_CENTER).check().warnings)


def test_issue_types_and_screens_are_paged() -> None:
    rows = [{"id": str(n), "name": f"Type {n}"} for n in range(60)] + ISSUE_TYPES

    def read(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/issuetypes"):
            start = int(request.url.params["startAt"])
            return httpx.Response(200, json={"issueTypes": rows[start : start + 50], "total": len(rows)})
        return jira_read(request)

    sent: list[httpx.Request] = []
    created(sent, read=read).deliver(OPEN, delivery_id="del-1")
    assert sent_json(sent[0])["fields"]["issuetype"] == {"id": "10004"}
