"""Many tickets in one request: each element is taken or refused by itself, and none is made twice."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from soc.domain.message import OpenTicket, Receipt
from soc.errors import DeliveryError, FailureReason, PermanentDeliveryError, UnknownOutcome
from soc.integrations.vendors.jira import JiraConfig, JiraConnector
from soc.sandbox.jira import catalogue
from soc.sandbox.jira.memory import JiraMemory
from soc.sandbox.server import create_app
from tests.integrations.everyone import BY_NAME
from tests.integrations.examples import Handler, an_incident, sent_json
from tests.integrations.vendors.jira.example import jira_read

HOST = "http://127.0.0.1:8610"
ENDS = "2026-01-15T23:30:00Z"
MESSAGES = {
    f"dlv-{one}": OpenTicket(incident=an_incident(id=f"inc-{one}"), due="2026-01-16", ends=ENDS)
    for one in range(50)
}


def _jira(answer: Handler, sent: list[httpx.Request]) -> JiraConnector:
    def handler(request: httpx.Request) -> httpx.Response:
        if request.method != "POST":
            return jira_read(request)
        sent.append(request)
        return answer(request)

    connector = BY_NAME["jira cloud"].connector(handler)
    assert isinstance(connector, JiraConnector)
    return connector


def _made(*numbers: int) -> list[dict[str, str]]:
    return [{"id": f"1{one:04}", "key": f"SOC-{one}"} for one in numbers]


def _come(came: Any) -> dict[str, str]:
    return {one: what.key if isinstance(what, Receipt) else what.reason.value for one, what in came.items()}


@pytest.mark.parametrize(("kind", "prefix"), [("cloud", "/jira"), ("on_premise", "/jira-dc")])
def test_fifty_are_one_request_at_a_jira_of_each_kind(kind: Any, prefix: str) -> None:
    app = create_app()
    client, paths = TestClient(app, base_url=HOST), list[str]()
    config = JiraConfig(
        instance_type=kind, base_url=HOST + prefix, username=catalogue.BOT.email, api_token=catalogue.TOKEN
    )

    class Noted(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            paths.append(f"{request.method} {request.url.path.rpartition('/')[2]}")
            return client._transport.handle_request(request)

    came = JiraConnector(config, http=httpx.Client(transport=Noted())).deliver_together(MESSAGES)
    memory: JiraMemory = app.state.sandbox.memories["jira"]
    for one, message in MESSAGES.items():
        receipt = came[one]
        assert isinstance(receipt, Receipt)
        issue = memory.find_issue(receipt.key)
        assert issue is not None
        assert f"soc-incident-{message.incident.id}" in issue.labels
        assert (issue.duedate, issue.properties["soc.sla"]["response_ends"]) == ("2026-01-16", ENDS)
    assert (len(memory.issues), paths.count("POST bulk"), paths.count("POST issue")) == (50, 1, 0)


def test_one_that_is_refused_is_sent_by_itself_which_says_what_is_wrong() -> None:
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/bulk"):
            error = {"status": 400, "elementErrors": {"errors": {"labels": "no"}}, "failedElementNumber": 1}
            return httpx.Response(201, json={"issues": _made(7, 9), "errors": [error]})
        return httpx.Response(400, json={"errorMessages": [], "errors": {"labels": "no blanks"}})

    three = dict(list(MESSAGES.items())[:3])
    came = _jira(answer, sent).deliver_together(three)
    assert _come(came) == {"dlv-0": "SOC-7", "dlv-1": "client", "dlv-2": "SOC-9"}
    assert "no blanks" in str(came["dlv-1"])
    alone = [one for one in sent if one.url.path.endswith("/issue")]
    assert ["soc-incident-inc-1" in sent_json(one)["fields"]["labels"] for one in alone] == [True]


def test_where_all_are_refused_each_is_sent_by_itself_until_jira_is_away() -> None:
    alone = iter([httpx.Response(201, json=_made(3)[0]), httpx.Response(503)])

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/bulk"):
            return httpx.Response(400, json={"issues": [], "errors": []})
        return next(alone)

    four = dict(list(MESSAGES.items())[:4])
    sent: list[httpx.Request] = []
    came = _jira(answer, sent).deliver_together(four)
    assert _come(came) == {"dlv-0": "SOC-3", "dlv-1": "server", "dlv-2": "server", "dlv-3": "server"}
    assert isinstance(came["dlv-1"], UnknownOutcome)
    assert [isinstance(came[one], UnknownOutcome) for one in ("dlv-2", "dlv-3")] == [False, False]
    assert len(sent) == 3


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (httpx.Response(201, json={"issues": _made(1), "errors": []}), FailureReason.BAD_RESPONSE),
        (httpx.Response(504), FailureReason.TIMEOUT),
        (httpx.Response(429, headers={"retry-after": "3"}), FailureReason.THROTTLED),
        (httpx.Response(401), FailureReason.AUTH),
    ],
)
def test_what_is_said_of_all_is_raised_for_all(answer: httpx.Response, reason: FailureReason) -> None:
    three = dict(list(MESSAGES.items())[:3])
    with pytest.raises(DeliveryError) as raised:
        _jira(lambda _request: answer, []).deliver_together(three)
    assert raised.value.reason is reason


def test_what_the_settings_keep_from_being_sent_is_refused_without_a_request() -> None:
    screen = [
        {"fieldId": "summary", "required": True},
        {"fieldId": "customfield_1", "name": "Impact", "required": True, "hasDefaultValue": False},
    ]
    sent: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        if "/issuetypes/" in request.url.path:
            return httpx.Response(200, json={"fields": screen, "total": 2})
        sent.extend([request] if request.method == "POST" else [])
        return jira_read(request)

    connector = BY_NAME["jira cloud"].connector(handler)
    came = connector.deliver_together(dict(list(MESSAGES.items())[:2]))
    assert all(isinstance(one, PermanentDeliveryError) for one in came.values())
    assert (len(came), sent, json.dumps(_come(came))) == (2, [], '{"dlv-0": "settings", "dlv-1": "settings"}')
