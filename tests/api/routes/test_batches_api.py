"""A batch through the API: whom it tells, and its lines with their verdicts."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from soc.batches.run import run_batch
from soc.integrations.registry import KINDS, switched
from soc.settings import get_settings
from soc.store.db import read_session
from soc.store.nouns.batches.batches import get_batch

ROOT = "/api/v1"
LINES = (
    b"Jan 14 22:01:07 bastion sshd[811]: Failed password for root from 203.0.113.9 port 4711 ssh2\n" * 3
    + b"Jan 14 22:02:00 web nginx: all quiet\n" * 4
)


def _upload(client: TestClient, **form: Any) -> Any:
    return client.post(f"{ROOT}/batches", files=[("files", ("auth.log", LINES))], data=form)


def _told(batch_id: str) -> set[str]:
    with read_session() as session:
        batch = get_batch(session, batch_id)
    on = {kind.name for kind in switched() if kind.switch and getattr(batch, kind.switch.column)}
    return on | (set(KINDS) - {kind.name for kind in switched()} - set(batch.muted))


@pytest.mark.parametrize("channels", [sorted(KINDS), ["webhook"], ["jira", "opsgenie"], [""]])
def test_a_batch_tells_exactly_the_channels_it_names(client: TestClient, channels: list[str]) -> None:
    answer = _upload(client, channels=channels)
    assert answer.status_code == 202
    assert _told(answer.json()["batch_id"]) == {one for one in channels if one}


def test_without_names_the_switches_decide_and_nobody_is_muted(client: TestClient) -> None:
    batch_id = _upload(client, enable_slack="true").json()["batch_id"]
    assert _told(batch_id) == set(KINDS) - {"jira"}


def test_a_channel_that_is_none_is_refused(client: TestClient) -> None:
    assert _upload(client, channels=["pigeon"]).status_code == 404
    assert client.get(f"{ROOT}/batches").json()["total"] == 0


@pytest.fixture
def batch_id(client: TestClient) -> str:
    batch: str = _upload(client).json()["batch_id"]
    run_batch(batch)
    return batch


def _events(client: TestClient, batch_id: str, **query: Any) -> dict[str, Any]:
    answer = client.get(f"{ROOT}/batches/{batch_id}/events", params=query)
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


def test_the_lines_come_page_by_page_in_the_file_s_order(client: TestClient, batch_id: str) -> None:
    met: list[int] = []
    cursor: str | None = ""
    while cursor is not None:
        page = _events(client, batch_id, limit=3, cursor=cursor)
        assert page["total"] == 7
        met += [line["line_no"] for line in page["items"]]
        cursor = page["next"]
    assert met == [1, 2, 3, 4, 5, 6, 7]


def test_a_line_has_the_columns_of_the_events_file_and_itself(client: TestClient, batch_id: str) -> None:
    line = _events(client, batch_id)["items"][0]
    assert line["source.ip"] == "203.0.113.9"
    assert line["raw"].startswith("Jan 14 22:01:07 bastion")
    assert {"@timestamp", "classification", "score", "incident_id", "rejected_reason"} <= set(line)


def test_lines_are_chosen_by_incident_class_and_score(client: TestClient, batch_id: str) -> None:
    lines = _events(client, batch_id)["items"]
    worst = max(line["score"] for line in lines)
    chosen = {
        "incident_id": lines[0]["incident_id"],
        "classification": lines[0]["classification"],
        "min_score": worst,
    }
    for name, value in chosen.items():
        key = {"min_score": "score"}.get(name, name)
        wanted = [line for line in lines if (line[key] or 0) == value]
        page = _events(client, batch_id, **{name: value})
        assert (page["items"], page["total"]) == (wanted, len(wanted)), name
    assert _events(client, batch_id, rejected=True)["total"] == 0


def test_a_batch_that_has_not_run_has_no_lines_yet(client: TestClient) -> None:
    batch = _upload(client).json()["batch_id"]
    assert client.get(f"{ROOT}/batches/{batch}/events").status_code == 404
    assert client.get(f"{ROOT}/batches/bat-nothere/events").status_code == 404


def test_the_report_is_made_of_typed_rows(client: TestClient, batch_id: str) -> None:
    report = client.get(f"{ROOT}/batches/{batch_id}/report").json()
    assert (report["batch"]["lines_in"], report["balanced"]) == (7, True)
    assert {account["channel"] for account in report["accounts"]} >= {"jira", "slack"}


def _post(client: TestClient, batch_id: str, act: str) -> Any:
    return client.post(f"{ROOT}/batches/{batch_id}/{act}")


def test_a_batch_is_stopped_and_run_again(client: TestClient) -> None:
    batch_id = _upload(client).json()["batch_id"]
    stopped = _post(client, batch_id, "stop")
    assert (stopped.status_code, stopped.json()["state"], stopped.json()["settled"]) == (202, "stopped", True)
    assert run_batch(batch_id, 1) == []
    again = _post(client, batch_id, "run-again")
    assert (again.status_code, again.json()["state"]) == (202, "queued")
    run_batch(batch_id, 2)
    assert client.get(f"{ROOT}/batches/{batch_id}").json()["state"] == "finished"


def test_a_held_batch_says_its_question_and_goes_on_when_it_is_told_to(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOC_MAX_BATCH_LINES", "6")
    get_settings.cache_clear()
    batch_id = _upload(client).json()["batch_id"]
    run_batch(batch_id, 1)
    held = client.get(f"{ROOT}/batches/{batch_id}").json()
    assert held["state"] == "held"
    assert "more than its 6 lines" in held["error"]
    assert client.get(f"{ROOT}/batches", params={"state": "held"}).json()["total"] == 1
    assert _post(client, batch_id, "continue").json()["state"] == "queued"
    run_batch(batch_id, 2)
    assert client.get(f"{ROOT}/batches/{batch_id}/report").json()["batch"]["lines_in"] == 7


def test_what_does_not_fit_a_batch_s_state_is_a_conflict(client: TestClient, batch_id: str) -> None:
    for act in ("stop", "run-again", "continue"):
        answer = _post(client, batch_id, act)
        assert (answer.status_code, answer.json()["status"]) == (409, 409)
        assert answer.json()["hint"]
        assert _post(client, "bat-none", act).status_code == 404


def test_the_zone_of_times_that_name_none_is_chosen_with_the_upload(client: TestClient) -> None:
    told = {"files": ("a.log", b"2026-03-01 02:00:00 INFO started\n")}
    answer = client.post(f"{ROOT}/batches", files=told, data={"zone": "Europe/Berlin"})
    run_batch(answer.json()["batch_id"], 1)
    line = client.get(f"{ROOT}/batches/{answer.json()['batch_id']}/events").json()["items"][0]
    assert (line["@timestamp"][:16], line["time_assumed"]) == ("2026-03-01T01:00", "zone")
    assert client.post(f"{ROOT}/batches", files=told, data={"zone": "Berlin"}).status_code == 422
