"""Configurations and deliveries leave through the API: for another installation, and for a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from soc import clock
from soc.access.keys import make_key
from soc.access.scopes import Scope
from soc.delivery import ledger
from soc.delivery.export import COLUMNS
from soc.delivery.ledger import Intent
from soc.domain.actor import AT_A_PAGE
from soc.domain.message import CallAction
from soc.domain.spreadsheet import harmless
from soc.store.db import write_session
from soc.store.nouns.deliveries.deliveries import DeliveryRow

ROOT = "/api/v1/integrations"
TOKEN = "st2-key-of-the-team-4711"
PASSPHRASE = "correct horse battery"


def _save(client: TestClient) -> None:
    settings = {"base_url": "https://stackstorm.example.com", "api_key": TOKEN, "timeout": 9}
    assert client.post(f"{ROOT}/stackstorm/config", json=settings).status_code == 200


def test_what_was_exported_with_a_passphrase_is_imported_with_it(client: TestClient) -> None:
    _save(client)
    document = client.post(f"{ROOT}/export", json={"passphrase": PASSPHRASE}).json()
    assert TOKEN not in json.dumps(document)
    body = {"document": document, "passphrase": PASSPHRASE}
    assert client.post(f"{ROOT}/import", json=body).json() == {
        "status": "saved",
        "integrations": ["stackstorm"],
        "level": "ok",
        "warnings": [],
    }
    versions = client.get(f"{ROOT}/stackstorm/versions").json()["items"]
    assert versions[0]["note"] == "imported"


def test_without_a_body_the_secrets_are_left_out(client: TestClient) -> None:
    _save(client)
    document = client.post(f"{ROOT}/export").json()
    assert document["integrations"]["stackstorm"]["settings"]["timeout"] == 9
    assert "sealed" not in document["integrations"]["stackstorm"]


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(format="another"),
        lambda d: d["integrations"].update(stackstorm=[]),
        lambda d: d["integrations"].update(stackstorm={"settings": "x"}),
        lambda d: d["integrations"]["stackstorm"].update(sealed=17),
        lambda d: d["integrations"]["stackstorm"].update(sealed="AAAA"),
        lambda d: d["integrations"]["stackstorm"]["settings"].update(fallback="pigeon"),
        lambda d: d["integrations"].update(carrier={}),
    ],
)
def test_a_damaged_document_is_a_problem_with_a_hint_and_saves_nothing(
    client: TestClient, change: Any
) -> None:
    _save(client)
    document = client.post(f"{ROOT}/export", json={"passphrase": PASSPHRASE}).json()
    change(document)
    answer = client.post(f"{ROOT}/import", json={"document": document, "passphrase": PASSPHRASE})
    assert answer.status_code in (400, 409, 422), answer.text
    assert answer.json()["title"]
    assert PASSPHRASE not in answer.text
    assert len(client.get(f"{ROOT}/stackstorm/versions").json()["items"]) == 1


def test_only_an_administrator_s_key_carries_configurations(client: TestClient) -> None:
    with write_session() as session:
        _, key = make_key(session, "night shift", Scope.ACT, now=clock.now(), actor=AT_A_PAGE)
    headers = {"Authorization": f"Bearer {key}"}
    assert client.post(f"{ROOT}/export", headers=headers).status_code == 403
    assert client.post(f"{ROOT}/import", headers=headers, json={"document": {}}).status_code == 403


def _dead(number: int, error: str) -> None:
    message = CallAction(name="send-alert", request={"title": error})
    with write_session() as session:
        intent = Intent(key=f"slack:call:{number}", integration="slack", message=message, actor=AT_A_PAGE)
        [one] = ledger.plan(session, [intent], now=clock.now())
        row = session.get_one(DeliveryRow, one.delivery_id)
        ledger.bury(session, row, now=clock.now())
        row.error, row.hint = error, "Mend it, then replay."


def test_dead_deliveries_are_a_table_with_what_to_do(client: TestClient) -> None:
    for number in range(3):
        _dead(number, "The channel is gone.")
    answer = client.get("/api/v1/deliveries.csv?state=dead")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 3
    assert tuple(rows[0]) == COLUMNS
    assert {row["what_to_do"] for row in rows} == {"Mend it, then replay."}


def test_a_filter_that_matches_nothing_gives_the_head_line_alone(client: TestClient) -> None:
    _dead(1, "gone")
    text = client.get("/api/v1/deliveries.csv?state=delivered").content.decode("utf-8-sig")
    assert text.strip() == ",".join(COLUMNS)


@pytest.mark.parametrize(
    "start", ["=", "+", "-", "@", "\t=", "\r=", "\n=", "|", "%", "＝", "＋", "－", "＠", "  ="]
)
def test_no_cell_is_a_formula(start: str) -> None:
    assert harmless(f"{start}cmd()") == f"'{start}cmd()"


def test_ordinary_text_and_numbers_stay_as_they_are() -> None:
    assert (harmless("a = b"), harmless(-1), harmless("")) == ("a = b", -1, "")
