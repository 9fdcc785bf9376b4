"""The practice Jira accepts and refuses what a real one does."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

Json = dict[str, Any]


def create(client: httpx.Client, fields: Json) -> str:
    response = client.post("issue", json={"fields": fields})
    assert response.status_code == 201, response.text
    key: str = response.json()["key"]
    return key


def search(client: httpx.Client, jql: str, **more: Any) -> list[str]:
    """Keys found by Cloud's search."""
    response = client.post("search/jql", json={"jql": jql, "fields": ["key"], **more})
    assert response.status_code == 200, response.text
    return [issue["key"] for issue in response.json()["issues"]]


def test_a_wrong_token_gets_plain_text_401(jira: httpx.Client) -> None:
    response = jira.get("myself", auth=("soc-bot@example.com", "wrong"))
    assert response.status_code == 401
    assert response.headers["content-type"].startswith("text/plain")


def test_cloud_refuses_bearer_and_data_center_takes_it(jira: httpx.Client, jira_dc: httpx.Client) -> None:
    bearer = {"authorization": "Bearer practice-jira-token"}
    assert httpx.get(f"{jira.base_url}myself", headers=bearer).status_code == 401
    assert jira_dc.get("myself").json()["name"] == "soc-bot"


def test_a_created_ticket_reads_back_as_it_was_sent(jira: httpx.Client, ticket: Json) -> None:
    fields = jira.get(f"issue/{create(jira, ticket)}").json()["fields"]
    assert fields["summary"] == ticket["summary"]
    assert fields["description"] == ticket["description"]
    assert fields["labels"] == ticket["labels"]
    assert fields["priority"]["name"] == "Highest"
    assert fields["status"]["statusCategory"]["key"] == "new"
    assert fields["duedate"] == "2026-01-15"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("summary", None),
        ("summary", "two\nlines"),
        ("summary", "x" * 256),
        ("description", "plain text where a document is wanted"),
        ("description", {"type": "doc", "version": 1, "content": [{"type": "text", "text": "a"}]}),
        ("labels", ["two words"]),
        ("labels", ["x" * 256]),
        ("components", [{"name": "Nowhere"}]),
        ("priority", {"name": "Urgent"}),
        ("issuetype", {"name": "Epic fail"}),
        ("project", {"key": "NONE"}),
        ("duedate", "15.01.2026"),
        ("duedate", "2026-02-30"),
        ("customfield_10042", "x"),
    ],
)
def test_a_bad_field_is_refused_by_its_name(jira: httpx.Client, ticket: Json, field: str, value: Any) -> None:
    response = jira.post("issue", json={"fields": {**ticket, field: value}})
    assert response.status_code == 400
    assert list(response.json()["errors"]) == [field]
    assert response.json()["errorMessages"] == []


def test_an_empty_text_node_and_a_too_long_text_are_refused(jira: httpx.Client, ticket: Json) -> None:
    for text in ("", "x" * 32768):
        node = {"type": "paragraph", "content": [{"type": "text", "text": text}]}
        fields = {**ticket, "description": {"type": "doc", "version": 1, "content": [node]}}
        assert jira.post("issue", json={"fields": fields}).status_code == 400


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b'{"fields": 7}', b"[" * 5000, b'{"nonsense": 1}'])
def test_a_body_that_is_not_an_issue_is_refused(jira: httpx.Client, body: bytes) -> None:
    response = jira.post("issue", content=body, headers={"content-type": "application/json"})
    assert response.status_code == 400
    assert response.json()["errorMessages"]


def test_version_2_speaks_plain_text_about_the_same_tickets(
    jira: httpx.Client, jira_dc: httpx.Client, ticket: Json, plain_ticket: Json
) -> None:
    first, second = create(jira, ticket), create(jira_dc, plain_ticket)
    assert jira_dc.get(f"issue/{first}").json()["fields"]["description"] == "Failed login for root"
    assert jira.get(f"issue/{second}").json()["fields"]["description"]["type"] == "doc"
    assert jira_dc.post("issue", json={"fields": ticket}).status_code == 400


def test_bulk_creates_the_good_ones_and_names_the_bad(jira: httpx.Client, ticket: Json) -> None:
    updates = [{"fields": ticket}, {"fields": {**ticket, "labels": ["a b"]}}, {"fields": ticket}]
    answer = jira.post("issue/bulk", json={"issueUpdates": updates}).json()
    assert [issue["key"] for issue in answer["issues"]] == ["SOC-1", "SOC-2"]
    assert answer["errors"][0]["failedElementNumber"] == 1
    assert jira.post("issue/bulk", json={"issueUpdates": [{"fields": ticket}] * 51}).status_code == 400


def test_watchers_are_a_set_that_one_is_added_to_and_taken_out_of(
    jira: httpx.Client, jira_dc: httpx.Client, ticket: Json
) -> None:
    key = create(jira, ticket)

    def watching() -> int:
        found = jira.get(f"issue/{key}/watchers").json()
        fields = jira.get(f"issue/{key}", params={"fields": "watches"}).json()["fields"]
        assert found["watchCount"] == fields["watches"]["watchCount"] == len(found["watchers"])
        return len(found["watchers"])

    ana, lee = [one["accountId"] for one in jira.get("user/search", params={"query": ""}).json()][-2:]
    before = jira.get(f"issue/{key}").json()["fields"]["updated"]
    for account in (ana, lee, ana):
        assert jira.post(f"issue/{key}/watchers", json=account).status_code == 204
    assert watching() == 2
    assert jira.delete(f"issue/{key}/watchers", params={"accountId": ana}).status_code == 204
    assert watching() == 1
    name = jira_dc.get("myself").json()["name"]
    assert jira_dc.post(f"issue/{key}/watchers", json=name).status_code == 204
    assert watching() == 2
    assert jira.post(f"issue/{key}/watchers", json="nobody").status_code == 400
    assert jira.get(f"issue/{key}").json()["fields"]["updated"] == before  # Jira calls it no change


def test_the_workflow_offers_only_what_the_status_allows(jira: httpx.Client, ticket: Json) -> None:
    key = create(jira, ticket)
    offered = {
        step["to"]["name"]: step["id"] for step in jira.get(f"issue/{key}/transitions").json()["transitions"]
    }
    assert set(offered) == {"In Progress", "Resolved", "Closed"}
    close = {"transition": {"id": offered["Closed"]}}
    assert jira.post(f"issue/{key}/transitions", json=close).status_code == 204
    assert jira.post(f"issue/{key}/transitions", json=close).status_code == 400
    fields = jira.get(f"issue/{key}").json()["fields"]
    assert fields["status"]["statusCategory"]["key"] == "done"
    assert fields["resolution"]["name"] == "Done"


def test_editing_changes_fields_and_labels_or_nothing_at_all(jira: httpx.Client, ticket: Json) -> None:
    key = create(jira, ticket)
    labels = {"labels": [{"add": "escalated"}, {"remove": "soc-automated"}]}
    good = {"fields": {"priority": {"name": "Low"}}, "update": labels}
    assert jira.put(f"issue/{key}", json=good).status_code == 204
    bad = {"fields": {"summary": "changed", "duedate": "soon"}}
    assert jira.put(f"issue/{key}", json=bad).status_code == 400
    fields = jira.get(f"issue/{key}").json()["fields"]
    assert fields["labels"] == ["soc-incident-1", "escalated"]
    assert (fields["priority"]["name"], fields["summary"]) == ("Low", ticket["summary"])


def test_properties_come_with_the_ticket_and_can_be_replaced(jira: httpx.Client, ticket: Json) -> None:
    jira.post("issue", json={"fields": ticket, "properties": [{"key": "soc", "value": {"n": 1}}]})
    assert jira.get("issue/SOC-1?properties=soc").json()["properties"] == {"soc": {"n": 1}}
    assert jira.put("issue/SOC-1/properties/soc", json={"n": 2}).status_code == 200
    assert jira.put("issue/SOC-1/properties/new", json="x").status_code == 201
    assert jira.delete("issue/SOC-1/properties/soc").status_code == 204
    assert jira.get("issue/SOC-1/properties/soc").status_code == 404


def test_the_old_search_is_gone_on_cloud_and_lives_on_data_center(
    jira: httpx.Client, jira_dc: httpx.Client, ticket: Json
) -> None:
    create(jira, ticket)
    assert jira.get("search?jql=project=SOC").status_code == 410
    page = jira_dc.get("search", params={"jql": "project = SOC", "startAt": 0, "maxResults": 1}).json()
    assert (page["total"], page["issues"][0]["key"]) == (1, "SOC-1")


@pytest.mark.parametrize("jql", ["", "ORDER BY created DESC"])
def test_an_unbounded_search_is_refused(jira: httpx.Client, jql: str) -> None:
    response = jira.post("search/jql", json={"jql": jql})
    assert response.status_code == 400
    assert "Unbounded" in response.text


def test_search_answers_ids_only_unless_fields_are_named(jira: httpx.Client, ticket: Json) -> None:
    create(jira, ticket)
    assert jira.post("search/jql", json={"jql": "project = SOC"}).json()["issues"] == [{"id": "10001"}]
    assert (
        jira.post(
            "search/jql", json={"jql": "project = SOC", "expand": None, "fields": ["labels"]}
        ).status_code
        == 200
    )


def test_search_pages_through_every_issue_once_while_new_ones_arrive(
    jira: httpx.Client, ticket: Json
) -> None:
    for _ in range(7):
        create(jira, ticket)
    keys: list[str] = []
    token = None
    while True:
        body = {"jql": "project = SOC", "maxResults": 3, "fields": ["key"]}
        page = jira.post("search/jql", json=body | ({"nextPageToken": token} if token else {})).json()
        keys += [issue["key"] for issue in page["issues"]]
        create(jira, ticket)
        if page["isLast"]:
            break
        token = page["nextPageToken"]
    assert keys == [f"SOC-{n}" for n in range(7, 0, -1)]


def test_a_new_issue_is_searchable_only_after_the_lag(
    jira: httpx.Client, admin: httpx.Client, ticket: Json
) -> None:
    admin.post("/admin/settings", json={"search_lag": 300})
    create(jira, ticket)
    assert search(jira, "labels = soc-incident-1") == []
    assert search(jira, "labels = soc-incident-1", reconcileIssues=[10001]) == ["SOC-1"]
    assert jira.get("issue/SOC-1").status_code == 200
    admin.post("/admin/settings", json={"search_lag": 0})
    assert search(jira, "labels = soc-incident-1") == ["SOC-1"]
