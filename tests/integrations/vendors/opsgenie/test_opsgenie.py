"""What is Opsgenie's own; what every vendor promises is tested with all of them."""

from __future__ import annotations

from dataclasses import replace

import httpx

from tests.integrations.examples import ALERT, ENDED, RESOLVE, an_incident, sent_json
from tests.integrations.vendors.opsgenie.example import ACCEPTED, EXAMPLES


def sent_by(message: object, **changes: object) -> httpx.Request:
    sent: list[httpx.Request] = []
    example = next(e for e in EXAMPLES if e.message is message)
    connector = example.writing(lambda _: httpx.Response(202, json=ACCEPTED), sent, **changes)
    connector.deliver(example.message, delivery_id="del-1")
    return sent[0]


def test_an_alert_is_one_by_its_alias_and_ranks_by_severity() -> None:
    body = sent_json(sent_by(ALERT))
    assert body["alias"] == "soc-inc-7k2m9q4x1c"
    assert body["priority"] == "P1"
    assert body["message"] == "[CRITICAL] Multiple failed root login attempts"
    assert len(body["message"]) <= 130


def test_a_closed_ticket_closes_the_alert() -> None:
    request = sent_by(RESOLVE)
    assert request.url.path == "/jsm/ops/integration/v2/alerts/soc-inc-7k2m9q4x1c/close"
    assert request.url.params["identifierType"] == "alias"


def test_long_and_hostile_text_fits() -> None:
    message = ALERT.model_copy(update={"incident": an_incident(title="x\n" * 400, message="\x00" * 40_000)})
    example = EXAMPLES[0]
    sent: list[httpx.Request] = []
    connector = example.writing(lambda _: httpx.Response(202, json=ACCEPTED), sent, practice=True)
    connector.deliver(message, delivery_id="del-1")
    body = sent_json(sent[0])
    assert len(body["message"]) <= 130
    assert body["message"].startswith("PRACTICE")
    assert len(body["description"]) <= 15_000
    assert "\x00" not in body["description"]


def test_an_escalation_is_acknowledged_or_closed_by_its_alias_with_who_did_it() -> None:
    sent: list[httpx.Request] = []
    for outcome, example in (("acknowledged", EXAMPLES[1]), ("resolved", EXAMPLES[2])):
        taken = replace(example, write="/acknowledge" if outcome == "acknowledged" else "/close")
        connector = taken.writing(lambda _: httpx.Response(202, json=ACCEPTED), sent)
        connector.deliver(ENDED.model_copy(update={"outcome": outcome}), delivery_id="del-1")
    assert [one.url.path.rpartition("/alerts/")[2] for one in sent] == [
        "soc-ntc-4d8s1q7w2e/acknowledge", "soc-ntc-4d8s1q7w2e/close",
    ]  # fmt: skip
    assert sent_json(sent[0])["note"] == "SOC-12 acknowledged by Mia Berg"
