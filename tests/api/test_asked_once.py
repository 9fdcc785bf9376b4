"""`Idempotency-Key`: the same request again is answered with what came of the first; any other with its key is refused."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import pytest
import time_machine
from fastapi.testclient import TestClient
from sqlmodel import select

from soc import clock
from soc.api import api
from soc.api.application import ROUTES
from soc.configuration.transfer import FORMAT
from soc.settings import get_settings
from soc.store.db import read_session
from soc.store.nouns.installation.requests import KEPT, SEALED_KEPT, RequestRow

ROOT = "/api/v1"
MINE = {"Idempotency-Key": "night-1"}
HOOK = {"url": "https://hooks.example.com/soc", "enabled": False}
RULE = {"name": "Logins", "min_score": 6, "actions": ["slack"]}

#: POST routes for which the key would mean nothing.
NEED_NO_KEY = {
    "/integrations/export": "changes nothing",
    "/rules/preview": "changes nothing",
    "/incidents/bulk/preview": "changes nothing",
    "/incidents/{incident_id}/merge/preview": "changes nothing",
    "/incidents/{incident_id}/split/preview": "changes nothing",
    "/suppressions/preview": "changes nothing",
    "/suppressions/{suppression_id}/end": "again is no change",
    "/incidents/bulk/{group}/undo": "the group says whether it was taken back",
    "/rules/{rule_id}/enable": "again is no change",
    "/rules/{rule_id}/disable": "again is no change",
    "/batches/{batch_id}/run-again": "the batch's state says whether it may",
    "/batches/{batch_id}/stop": "the batch's state says whether it may",
    "/batches/{batch_id}/continue": "the batch's state says whether it may",
    "/escalation/preview": "changes nothing",
    "/deliveries/replay-all/preview": "changes nothing",
    "/approvals/{approval_id}/approve": "whoever is first decides it",
    "/approvals/{approval_id}/refuse": "whoever is first decides it",
    "/approvals/{approval_id}/withdraw": "whoever is first decides it",
    "/approvals/{approval_id}/fetch": "it is there once",
    "/sla/policies/preview": "changes nothing",
    "/reconcile": "changes nothing",
    "/sla/recompute": "what was repaired differs no more",
    "/roster/accounts": "who has an account is not asked for again",
    "/handovers/{handover_id}/accept": "the hand-over says who has it; again is no change",
    "/handovers/{handover_id}/post": "told once, however often it is asked",
    "/integrations/webhook/validate-url": "changes nothing",
    **{
        f"/integrations/{kind}/test": "changes nothing at the vendor"
        for kind in ("jira", "slack", "pagerduty", "opsgenie", "stackstorm", "webhook")
    },
}


def _upload(client: TestClient, content: bytes = b"a line\n", **form: Any) -> httpx.Response:
    name = form.pop("filename", "auth.log")
    return client.post(f"{ROOT}/batches", files=[("files", (name, content))], data=form, headers=MINE)


def _kept_files() -> int:
    return len(list((get_settings().data_dir / "uploads").glob("*")))


def test_every_call_that_does_something_takes_a_key() -> None:
    without = {
        route.path
        for route in ROUTES
        if "POST" in (route.methods or ())
        and "idempotency-key"
        not in {one.alias for part in route.dependant.dependencies for one in part.header_params}
    }
    assert without == set(NEED_NO_KEY)


def test_the_same_upload_again_is_the_same_batch_and_keeps_no_second_file(client: TestClient) -> None:
    first, second = _upload(client), _upload(client)
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json() == second.json()
    assert first.headers["location"] == second.headers["location"]
    assert _kept_files() == 1
    fresh = client.post(f"{ROOT}/batches", files=[("files", ("auth.log", b"a line\n"))]).json()
    assert [first.json()["batch_id"] in one for one in fresh["known"]] == [True]
    assert _upload(client).json() == first.json()


@pytest.mark.parametrize(
    "other",
    [
        {"content": b"another line\n"},
        {"filename": "other.log"},
        {"format": "syslog"},
        {"enable_jira": "true"},
        {"channels": ["webhook"]},
    ],
)
def test_another_upload_with_a_used_key_is_refused_and_nothing_of_it_is_kept(
    client: TestClient, other: dict[str, Any]
) -> None:
    _upload(client)
    answer = _upload(client, **other)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert "new key" in answer.json()["hint"]
    assert _kept_files() == 1
    assert client.get(f"{ROOT}/batches").json()["total"] == 1


def test_a_key_belongs_to_one_route(client: TestClient) -> None:
    _upload(client)
    assert client.post(f"{ROOT}/rules", json=RULE, headers=MINE).status_code == 422
    assert client.get(f"{ROOT}/rules").json()["total"] == 3


def test_a_key_belongs_to_one_caller(client: TestClient) -> None:
    made = [client.post(f"{ROOT}/keys", json={"name": "one", "scope": "admin"}).json()["key"]]
    bearers = [{"Authorization": f"Bearer {made[0]}"}]
    second = client.post(f"{ROOT}/keys", json={"name": "two", "scope": "admin"}, headers=bearers[0]).json()
    bearers.append({"Authorization": f"Bearer {second['key']}"})
    answers = [client.post(f"{ROOT}/rules", json=RULE, headers={**MINE, **one}) for one in bearers]
    assert [one.status_code for one in answers] == [201, 422]


Change = Callable[[TestClient, dict[str, Any]], httpx.Response]
IMPORT = {"format": FORMAT, "integrations": {"webhook": {"settings": HOOK}}}
CHAIN = api.openapi()["components"]["schemas"]["ChainRequest"]["examples"][0]
WRITES: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "rule": ("/rules", RULE, {**RULE, "min_score": 7}),
    "order": (
        "/rules/reorder",
        {"rule_ids": ["critical-8", "severity-9", "security-8"]},
        {"rule_ids": ["security-8", "severity-9", "critical-8"]},
    ),
    "save": ("/integrations/webhook/config", HOOK, {**HOOK, "timeout": 9}),
    "import": (
        "/integrations/import",
        {"document": IMPORT},
        {"document": IMPORT, "passphrase": "another of them"},
    ),
    "person": ("/people", {"name": "Ana Ito"}, {"name": "Lee Ader"}),
    "team": ("/people/teams", {"name": "Night"}, {"name": "Day"}),
    "handover": ("/handovers", {"remark": "Quiet."}, {"remark": "Loud."}),
    "chain": ("/escalation/chains", CHAIN, {**CHAIN, "name": "Day"}),
    "place": ("/escalation/chains/guide/move", {"place": 1}, {"place": 2}),
    "replay": ("/deliveries/replay", {"delivery_ids": ["dlv-1"]}, {"delivery_ids": ["dlv-2"]}),
}


def _versions(client: TestClient) -> int:
    found: int = client.get(f"{ROOT}/integrations/webhook/versions").json()["total"]
    return found


@pytest.mark.parametrize("name", [name for name in WRITES if name != "replay"])
def test_a_write_is_done_once_and_answered_alike(client: TestClient, name: str) -> None:
    path, body, other = WRITES[name]
    first, again = (client.post(f"{ROOT}{path}", json=body, headers=MINE) for _ in range(2))
    assert first.status_code in (200, 201)
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    rules, versions = client.get(f"{ROOT}/rules").json(), _versions(client)
    assert versions <= 1
    refused = client.post(f"{ROOT}{path}", json=other, headers=MINE)
    assert (refused.status_code, "Idempotency-Key" in refused.json()["title"]) == (422, True)
    assert (client.get(f"{ROOT}/rules").json(), _versions(client)) == (rules, versions)


def test_a_shift_and_an_absence_are_added_once(client: TestClient) -> None:
    person = client.post(f"{ROOT}/people", json={"name": "Ana Ito"}).json()["id"]
    away = {"person": person, "start": "2026-12-01T00:00:00Z", "end": "2027-12-02T00:00:00Z"}
    shift = {"person": person, "days": "Mon-Fri", "start": "08:00", "end": "16:00"}
    for path, body in (("/roster/shifts", shift), ("/roster/absences", away)):
        headers = {"Idempotency-Key": path}
        first, again = (client.post(f"{ROOT}{path}", json=body, headers=headers) for _ in range(2))
        assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
        assert (
            client.post(f"{ROOT}{path}", json={**body, "start": body["end"]}, headers=headers).status_code
            == 422
        )
    assert len(client.get(f"{ROOT}/roster/shifts").json()["items"]) == 1


def test_json_is_compared_by_what_it_says(client: TestClient) -> None:
    bodies = ('{"name": "Logins", "min_score": 6}', '{\n "min_score":6,"name":"Logins"}')
    headers = {**MINE, "content-type": "application/json"}
    answers = [client.post(f"{ROOT}/rules", content=body, headers=headers) for body in bodies]
    assert [one.status_code for one in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()


def test_a_new_api_key_is_told_again_for_an_hour_and_lies_nowhere_in_plain_text(client: TestClient) -> None:
    bearer = client.post(f"{ROOT}/keys", json={"name": "me", "scope": "admin"}).json()["key"]
    headers = {**MINE, "Authorization": f"Bearer {bearer}"}
    with time_machine.travel(clock.now(), tick=False) as travel:
        first, again = (
            client.post(f"{ROOT}/keys", json={"name": "grafana"}, headers=headers) for _ in range(2)
        )
        assert again.json() == first.json()
        with read_session() as session:
            row = session.exec(select(RequestRow)).one()
        assert first.json()["key"] not in row.model_dump_json()
        travel.shift(SEALED_KEPT + timedelta(seconds=1))
        late = client.post(f"{ROOT}/keys", json={"name": "grafana"}, headers=headers)
        assert (late.status_code, late.json()["id"], late.json()["key"]) == (201, first.json()["id"], "")


def test_a_key_is_free_again_after_a_month(client: TestClient) -> None:
    with time_machine.travel(clock.now(), tick=False) as travel:
        client.post(f"{ROOT}/rules", json=RULE, headers=MINE)
        travel.shift(KEPT + timedelta(seconds=1))
        other = client.post(f"{ROOT}/rules", json={**RULE, "min_score": 7}, headers=MINE)
        assert (other.status_code, other.json()["min_score"]) == (201, 7)


def test_a_refused_request_uses_no_key_up(client: TestClient) -> None:
    assert client.post(f"{ROOT}/rules", json={**RULE, "actions": ["pigeon"]}, headers=MINE).status_code == 422
    assert client.post(f"{ROOT}/rules", json=RULE, headers=MINE).status_code == 201


def _at_once(count: int, call: Callable[[int], httpx.Response]) -> list[httpx.Response]:
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(call, range(count)))


def test_many_of_the_same_at_once_are_one(client: TestClient) -> None:
    answers = _at_once(8, lambda _: _upload(client))
    assert {one.status_code for one in answers} == {202}
    assert len({one.json()["batch_id"] for one in answers}) == 1
    assert _kept_files() == client.get(f"{ROOT}/batches").json()["total"] == 1


def test_of_many_different_ones_at_once_with_one_key_one_is_done(client: TestClient) -> None:
    answers = _at_once(
        8, lambda n: client.post(f"{ROOT}/rules", json={**RULE, "name": f"r{n}"}, headers=MINE)
    )
    assert sorted(one.status_code for one in answers) == [201] + [422] * 7
    assert client.get(f"{ROOT}/rules").json()["total"] == 4
