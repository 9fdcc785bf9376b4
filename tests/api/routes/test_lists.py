"""Every list: a page, the total, a cursor to what follows that stays right while rows come and go."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from soc.api import api
from soc.api.application import ROUTES
from soc.api.inputs import query_names
from soc.api.lists import offset_cursor, read_offset
from soc.api.scopes import declared_scopes
from soc.errors import ConfigurationError
from soc.settings import get_settings
from soc.store.db import write_session
from tests.rows import NIGHT, add_batch, add_delivery, add_incident, add_ticket

ROOT = "/api/v1"
#: Answered whole, since nobody has more than a handful of them.
WHOLE = ("/integrations", "/sla/policies")
LISTS = ("/batches", "/incidents", "/tickets", "/deliveries")


def _add(number: int) -> None:
    moment = NIGHT + timedelta(minutes=number)
    with write_session() as session:
        add_batch(session, f"bat-{number}", created_at=moment)
        add_incident(session, f"inc-{number}", batch_id=f"bat-{number}", created_at=moment)
        add_ticket(session, f"SOC-{number}", incident_id=f"inc-{number}", created_at=moment)
        add_delivery(session, f"dlv-{number}", created_at=moment, updated_at=moment)


def test_every_list_answers_items_total_and_next() -> None:
    document = api.openapi()
    for path, calls in document["paths"].items():
        answer = calls.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
        schema = answer.get("application/json", {}).get("schema", {})
        name = str(schema.get("$ref", "")).rpartition("/")[2]
        if name.endswith("List"):
            assert set(document["components"]["schemas"][name]["properties"]) == {"items", "total", "next"}
            names = {one["name"] for one in calls["get"].get("parameters", [])}
            assert {"cursor", "limit"} <= names or path in WHOLE, path


def test_what_is_answered_leads_to_its_page(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    _add(1)
    for public, incident, batch in (
        ("", "", ""),
        ("https://soc.example", "https://soc.example/incidents?incident=inc-1", "https://soc.example/process_logs?batch=bat-1"),
    ):  # fmt: skip
        monkeypatch.setenv("SOC_PUBLIC_URL", public)
        get_settings.cache_clear()
        [found], [opened], [ticket], [told] = (client.get(f"{ROOT}{path}").json()["items"] for path in (
            "/incidents", "/batches", "/tickets", "/deliveries"
        ))  # fmt: skip
        assert (found["url"], opened["url"], ticket["incident_url"]) == (incident, batch, incident)
        assert told["incident_url"] in ("", incident)
        assert client.get(f"{ROOT}/incidents/inc-1").json()["url"] == incident


@pytest.mark.parametrize("path", LISTS)
def test_a_walk_by_cursor_meets_every_row_once_while_others_come(client: TestClient, path: str) -> None:
    for number in range(5):
        _add(number)
    met, cursor = [], ""
    while True:
        page = client.get(f"{ROOT}{path}", params={"limit": 2, "cursor": cursor}).json()
        met += [row["id"] for row in page["items"]]
        if len(met) == 2:
            assert page["total"] == 5
            _add(9)  # newer than all: it sorts before what was met
        if page["next"] is None:
            break
        cursor = page["next"]
    assert len(met) == len(set(met)) == 5


@pytest.mark.parametrize("path", LISTS)
def test_since_is_within_and_until_is_not(client: TestClient, path: str) -> None:
    for number in range(4):
        _add(number)
    bounds = {"since": "2026-01-14T22:01:00Z", "until": "2026-01-15T00:03:00+02:00"}
    page = client.get(f"{ROOT}{path}", params={**bounds, "sort": "created_at"}).json()
    assert [one["created_at"] for one in page["items"]] == ["2026-01-14T22:01:00Z", "2026-01-14T22:02:00Z"]
    assert (page["total"], page["next"]) == (2, None)


@pytest.mark.parametrize("path", LISTS)
def test_offset_and_limit_go_on_working(client: TestClient, path: str) -> None:
    for number in range(3):
        _add(number)
    everything = client.get(f"{ROOT}{path}").json()["items"]
    page = client.get(f"{ROOT}{path}?offset=1&limit=1").json()
    assert (page["items"], page["total"]) == (everything[1:2], 3)


@pytest.mark.parametrize(
    "query",
    [
        {"cursor": "bm90aGluZw"},
        {"sort": "weather"},
        {"since": "2026-01-14T22:00:00"},
        {"until": "9999-12-31T23:59:59-23:59"},
        {"cursor": "…"},
    ],
)
def test_what_is_no_cursor_sort_or_moment_is_refused(client: TestClient, query: dict[str, str]) -> None:
    answer = client.get(f"{ROOT}/deliveries", params=query)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert answer.json()["hint"]


def test_a_number_is_no_moment(client: TestClient) -> None:
    assert client.post(f"{ROOT}/handovers", json={"since": 0}).status_code == 422
    assert client.post(f"{ROOT}/handovers", json={"since": None}).status_code == 201


def test_the_filters_choose(client: TestClient) -> None:
    for number in range(3):
        _add(number)
    with write_session() as session:
        add_incident(session, "inc-low", score=2, classification="User Action", entity="203.0.113.9")
        add_delivery(session, "dlv-dead", state="dead", integration="slack", practice=True)
    chosen = {
        "/incidents?entity=203.0.113.9": 1,
        "/incidents?classification=User Action": 1,
        "/incidents?severity=critical": 3,
        "/incidents?status=resolved": 0,
        "/deliveries?state=dead&integration=slack": 1,
        "/deliveries?practice=true": 1,
        "/deliveries?action=open_ticket&incident_id=inc-1": 0,
        "/tickets?sla=overdue": 3,
        "/tickets?sla=met": 0,
        "/tickets?key=SOC-2": 1,
        "/tickets?priority=Low": 0,
        "/tickets?batch_id=bat-1": 1,
        "/batches?state=finished": 4,
        "/batches?practice=true": 0,
    }
    found = {query: client.get(ROOT + query).json()["total"] for query in chosen}
    assert found == chosen


def test_one_ticket_is_shown_with_its_clock(client: TestClient) -> None:
    _add(1)
    number = client.get(f"{ROOT}/tickets").json()["items"][0]["id"]
    ticket = client.get(f"{ROOT}/tickets/{number}").json()
    assert (ticket["key"], ticket["sla"]) == ("SOC-1", "violated")
    assert client.get(f"{ROOT}/tickets/{number + 1}").status_code == 404


def test_an_offset_s_cursor_comes_back_and_another_text_does_not() -> None:
    assert read_offset(offset_cursor(120)) == 120
    for text in ("", "AAAA", offset_cursor(2**31), offset_cursor(1)[:-1] + "_"):
        with pytest.raises(ConfigurationError):
            read_offset(text)


def test_no_address_takes_a_query_that_it_does_not_know(client: TestClient) -> None:
    """Of all that is asked, not of the lists alone: a rule has no filter, and `?enabled=true` showed every rule."""
    asked = [route for route in ROUTES if "GET" in route.methods and declared_scopes(route) != [None]]
    for route in asked:
        path = re.sub(r"\{[^}]*\}", "1", route.path)
        for known in [name for name in query_names(route) if len(name) > 3][:1]:
            near = client.get(f"{ROOT}{path}?{known}x=1").json()
            assert f"“{known}x”; “{known}” is meant?" in near["errors"][0]["message"], path
        told = client.get(f"{ROOT}{path}?soc_4dK2=1")
        assert (told.status_code, told.json()["errors"][0]["field"]) == (422, "query"), path
        assert "4dK2" not in told.text  # it may be a key at the wrong place


def test_a_query_is_given_once_and_a_probe_may_say_what_it_likes(client: TestClient) -> None:
    twice = client.get(f"{ROOT}/incidents?severity=high&severity=low")
    assert twice.json()["errors"] == [{"field": "query", "message": "“severity” is given more than once"}]
    assert client.get(f"{ROOT}/health?_=1764338000").status_code == 200


def test_a_form_s_field_that_is_misspelled_or_twice_there_takes_no_file_in(client: TestClient) -> None:
    for form, told in (
        ({"channel": "jira"}, "there is no field “channel”; “channels” is meant?"),
        ({"format": ["auto", "auto"]}, "“format” is given more than once"),
    ):
        answer = client.post(f"{ROOT}/batches", files={"files": ("a.log", b"x")}, data=form)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["message"].startswith(told)
    assert client.get(f"{ROOT}/batches").json()["total"] == 0
    several = {"channels": ["jira", "slack"]}
    assert client.post(f"{ROOT}/batches", files={"files": ("a.log", b"x")}, data=several).status_code == 202
