"""Acts through the API: by the incident's id and by the ticket's number, each with its outcome, once a key."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from soc.access.scopes import Scope
from soc.api.application import ROUTES
from soc.api.scopes import scope_of
from soc.store.db import read_session, write_session
from soc.store.nouns.incidents.acts import list_acts
from soc.store.nouns.incidents.incidents import get_incident
from tests.lines import write_lines
from tests.rows import add_person, add_ticket

ROOT = "/api/v1"
INCIDENT = "inc-SOC-1"


@pytest.fixture(autouse=True)
def _ticket(client: TestClient) -> None:
    with write_session() as session:
        add_ticket(session, "SOC-1")


def post(client: TestClient, path: str, key: str = "", **body: Any) -> tuple[int, dict[str, Any]]:
    headers = {"Idempotency-Key": key} if key else {}
    answer = client.post(f"{ROOT}{path}", json=body or None, headers=headers)
    return answer.status_code, answer.json()


def test_a_life_from_first_look_to_verdict(client: TestClient) -> None:
    at = f"/incidents/{INCIDENT}"
    assert post(client, f"{at}/acknowledge")[1]["outcome"] == "done"
    assert post(client, "/tickets/1/acknowledge")[1]["outcome"] == "already"
    assert post(client, "/tickets/1/assign", owner="")[1]["outcome"] == "already"
    assert post(client, f"{at}/status", status="in_progress", expected="open")[0] == 200
    assert post(client, "/tickets/1/priority", priority="Low")[1]["said"] == "Its priority is Low now."
    status, told = post(client, f"{at}/close", verdict="false_positive_rule", note="Our own scanner.")
    assert (status, told["act"], told["said"]) == (200, "close", "Closed: False positive: rule wrong.")
    shown = client.get(f"{ROOT}{at}").json()
    assert (shown["verdict"], shown["status"], shown["priority"]) == ("false_positive_rule", "closed", "Low")
    assert post(client, "/tickets/1/verdict", verdict="undetermined")[0] == 200
    assert post(client, f"{at}/labels", add=["phishing"])[1]["said"] == "Its labels now: phishing."
    assert post(client, "/tickets/1/components", add=["Net"], remove=["x"])[1]["act"] == "set_components"
    whole = client.get(f"{ROOT}/tickets/1").json()
    assert whole["labels"] == ["phishing", "soc-verdict-undetermined"]
    assert (whole["components"], whole["watchers"]) == (["Net"], [])


def test_what_cannot_be_is_refused_and_leaves_no_trace(client: TestClient) -> None:
    at = f"/incidents/{INCIDENT}"
    for path, body, status in (
        ("/incidents/inc-none/acknowledge", {}, 404),
        ("/tickets/99/acknowledge", {}, 404),
        (f"{at}/close", {"verdict": "guilty"}, 422),
        (f"{at}/close", {"note": "Done."}, 422),
        (f"{at}/close", {"verdict": "duplicate"}, 422),
        (f"{at}/notes", {"text": " "}, 422),
        (f"{at}/notes", {"text": "x", "colour": "red"}, 422),
        (f"{at}/status", {"status": "away"}, 422),
        (f"{at}/labels", {"add": ["two words"]}, 422),
        (f"{at}/labels", {}, 422),
        (f"{at}/watchers", {"add": ["per-none"]}, 404),
    ):
        assert post(client, path, **body)[0] == status, path
    with read_session() as session:
        assert list_acts(session, INCIDENT) == []


def test_an_end_without_a_verdict_and_a_second_of_two_are_conflicts_that_say_why(client: TestClient) -> None:
    status, told = post(client, f"/incidents/{INCIDENT}/status", status="closed")
    assert (status, told["outcome"]) == (409, "refused")
    assert "verdict" in told["title"]
    post(client, f"/incidents/{INCIDENT}/status", status="in_progress")
    status, told = post(client, "/tickets/1/status", status="in_progress", expected="open")
    assert (status, told.get("outcome")) == (200, "already")
    status, told = post(client, f"/incidents/{INCIDENT}/status", status="open", expected="open")
    assert (status, told["outcome"], told["by"]) == (409, "taken", "person:loopback@unsaid")


def test_the_same_key_is_done_once_and_stands_for_nothing_else(client: TestClient) -> None:
    first, again = (post(client, f"/incidents/{INCIDENT}/notes", key="k", text="Seen.") for _ in range(2))
    assert first == again
    assert post(client, f"/incidents/{INCIDENT}/notes", key="k", text="Other.")[0] == 422
    notes = client.get(f"{ROOT}/incidents/{INCIDENT}/notes").json()["items"]
    assert [one["text"] for one in notes] == ["Seen."]


def test_a_note_s_wordings_are_all_read(client: TestClient) -> None:
    post(client, f"/incidents/{INCIDENT}/notes", text="First")
    (note,) = client.get(f"{ROOT}/incidents/{INCIDENT}/notes").json()["items"]
    changed = client.put(f"{ROOT}/notes/{note['id']}", json={"text": "Second", "visibility": "public"})
    assert changed.json()["outcome"] == "done"
    detail = client.get(f"{ROOT}/notes/{note['id']}").json()
    assert [(one["text"], one["visibility"]) for one in detail["wordings"]] == [
        ("First", "internal"),
        ("Second", "public"),
    ]
    assert client.get(f"{ROOT}/notes/note-none").status_code == 404


def test_every_act_needs_a_key_that_may_act(client: TestClient) -> None:
    acts = [one for one in ROUTES if one.name.endswith(("_incident", "_ticket")) and "POST" in one.methods]
    assert len(acts) >= 14
    assert {scope_of(one) for one in acts} == {Scope.ACT}
    with read_session() as session:
        assert get_incident(session, INCIDENT).changed_by == ""


def test_many_are_previewed_done_as_one_group_and_taken_back(client: TestClient) -> None:
    with write_session() as session:
        add_ticket(session, "SOC-2")
    many = {"incident_ids": [INCIDENT, "inc-SOC-2", "inc-none"], "act": "close", "verdict": "undetermined"}
    seen = post(client, "/incidents/bulk/preview", **many)[1]
    assert (seen["done"], seen["group"], [one["outcome"] for one in seen["items"]][2]) == (2, "", "refused")
    first, again = (post(client, "/incidents/bulk", key="night", **many) for _ in range(2))
    assert first == again
    assert (first[0], first[1]["done"]) == (200, 2)
    assert post(client, "/incidents/bulk", key="night", **{**many, "act": "acknowledge"})[0] == 422
    back = post(client, f"/incidents/bulk/{first[1]['group']}/undo")[1]
    assert back["done"] == 2
    assert client.get(f"{ROOT}/incidents/{INCIDENT}").json()["status"] == "open"
    assert post(client, "/incidents/bulk/grp-none/undo")[0] == 404
    assert post(client, "/incidents/bulk", incident_ids=[], act="acknowledge")[0] == 422
    assert (
        post(client, "/incidents/bulk", incident_ids=[INCIDENT], act="merge")[1]["items"][0]["outcome"]
        == "refused"
    )


def test_something_is_hidden_for_a_while_and_the_list_says_until_when(client: TestClient) -> None:
    with write_session() as session:
        add_person(session, "per-kim")
    body = {"reason": "Known.", "owner": "per-kim", "class_contains": "err",
            "starts_at": "2026-01-14T22:00:00Z", "ends_at": "2026-01-15T02:00:00Z"}  # fmt: skip
    assert post(client, "/suppressions/preview", **body)[1]["hidden"] == 1
    made = client.post(f"{ROOT}/suppressions", json=body)
    assert made.status_code == 201
    assert client.get(made.headers["location"]).json() == made.json()
    assert [one["id"] for one in client.get(f"{ROOT}/suppressions").json()["items"]] == [made.json()["id"]]
    assert client.post(f"{made.headers['location']}/end").json()["ends_at"] == "2026-01-15T02:00:00Z"
    assert post(client, "/suppressions", **{**body, "class_contains": ""})[0] == 422
    assert post(client, "/suppressions", **{**body, "owner": "per-none"})[0] == 404


def test_an_address_that_can_be_no_incident_s_is_refused_not_broken(client: TestClient) -> None:
    assert post(client, "/incidents/o%0F%C2%A9/acknowledge")[0] == 422
    assert post(client, "/incidents/o%0F%C2%A9/notes", text="x")[0] == 422


def test_others_are_merged_into_it_by_id_or_key_shown_beforehand_and_taken_back(client: TestClient) -> None:
    with write_session() as session:
        add_ticket(session, "SOC-2", remote_id="2")
    at = f"/incidents/{INCIDENT}/merge"
    seen = post(client, f"{at}/preview", others=["SOC-2"])[1]
    assert (seen["group"], seen["items"][0]["outcome"], seen["done"]) == ("", "done", 2)
    first, again = (post(client, at, key="m", others=["SOC-2", "inc-SOC-2"]) for _ in range(2))
    assert first == again
    assert first[1]["items"][0]["said"].startswith("Merged into SOC-1: closed as its duplicate")
    shown = client.get(f"{ROOT}/incidents/{INCIDENT}").json()
    assert shown["merged"] == ["inc-SOC-2"]
    assert client.get(f"{ROOT}/incidents/inc-SOC-2").json()["merged_into"] == INCIDENT
    status, told = post(client, "/incidents/inc-SOC-2/merge", others=["SOC-1"])
    assert (status, told["outcome"]) == (409, "refused")
    assert post(client, at, others=["SOC-99"])[0] == 404
    assert post(client, f"/incidents/bulk/{first[1]['group']}/undo")[1]["done"] == 2
    assert client.get(f"{ROOT}/incidents/inc-SOC-2").json()["merged_into"] == ""


def test_lines_are_split_off_it_by_what_stands_in_them_shown_beforehand_and_taken_back(
    client: TestClient,
) -> None:
    with write_session() as session:
        get_incident(session, INCIDENT).count = 3
    write_lines(INCIDENT, ["203.0.113.1", "203.0.113.2", "203.0.113.2"])
    at = f"/incidents/{INCIDENT}/split"
    told = client.get(f"{ROOT}{at}/values", params={"field": "source.ip"}).json()
    assert told["items"] == [{"value": "203.0.113.2", "lines": 2}, {"value": "203.0.113.1", "lines": 1}]
    wanted = {"fields": {"source.ip": ["203.0.113.1"]}, "title": "Another"}
    assert post(client, f"{at}/preview", **wanted)[1]["done"] == 2
    first, again = (post(client, at, key="s", **wanted) for _ in range(2))
    assert first == again
    part = first[1]["items"][1]["incident_id"]
    assert client.get(f"{ROOT}/incidents/{INCIDENT}").json()["parts"] == [part]
    shown = client.get(f"{ROOT}/incidents/{part}").json()
    assert (shown["split_from"], shown["title"], shown["count"]) == (INCIDENT, "Another", 1)
    lines = client.get(f"{ROOT}/batches/b/events", params={"incident_id": part}).json()
    assert [(one["line_no"], one["incident_id"]) for one in lines["items"]] == [(1, part)]
    assert post(client, at, **wanted)[1]["outcome"] == "refused"
    assert post(client, at, fields={"nothing": ["1"]})[0] == 422
    assert post(client, f"/incidents/bulk/{first[1]['group']}/undo")[1]["done"] == 2
    assert client.get(f"{ROOT}/incidents/{INCIDENT}").json()["count"] == 3
