"""The `jira` library reads through our transport alone: guarded, once, masked, and never writing."""

from __future__ import annotations

import json
import socket
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from soc.errors import DeliveryError, FailureReason, PermanentDeliveryError
from soc.integrations.kit.http import http_client
from soc.integrations.vendors.jira.config import JiraConfig
from soc.integrations.vendors.jira.looking.library import TicketSearch
from soc.integrations.vendors.jira.vendor import session_of
from tests.integrations.vendors.jira.example import CLOUD, DATA_CENTER, SECRET

Handler = Callable[[httpx.Request], httpx.Response]
ISSUE = {"id": "1", "key": "SOC-1", "fields": {"summary": "s"}}


def _search(handler: Handler, example: Any = CLOUD) -> TicketSearch:
    config = JiraConfig(**example)
    return TicketSearch(session_of(config, httpx.Client(transport=httpx.MockTransport(handler))), config)


def _recorder(answer: httpx.Response | Exception) -> tuple[list[httpx.Request], Handler]:
    sent: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return sent, handler


def test_making_one_asks_jira_nothing() -> None:
    sent, handler = _recorder(httpx.Response(200, json={"issues": [ISSUE], "total": 1}))
    search = _search(handler, DATA_CENTER)
    assert sent == []
    assert [issue.key for issue in search.search("project = SOC", ["summary", "status"], most=5)] == ["SOC-1"]
    [request] = sent
    assert dict(request.url.params) == {
        "jql": "project = SOC", "fields": "summary,status", "maxResults": "5", "startAt": "0", "validateQuery": "true",
    }  # fmt: skip


@pytest.mark.parametrize("example", [CLOUD, DATA_CENTER], ids=["cloud", "data center"])
@pytest.mark.parametrize(
    "answer",
    [httpx.Response(429, headers={"retry-after": "1"}), httpx.Response(503), httpx.Response(401),
     httpx.ConnectError("refused"), httpx.ReadTimeout("lost")],
    ids=["429", "503", "401", "refused", "lost"],
)  # fmt: skip
def test_nothing_is_asked_twice_and_the_error_is_ours(example: Any, answer: Any) -> None:
    sent, handler = _recorder(answer)
    with pytest.raises(DeliveryError):
        _search(handler, example).search("project = SOC", ["summary"], most=5)
    assert len(sent) == 1


def test_a_redirect_is_not_followed() -> None:
    sent, handler = _recorder(httpx.Response(302, headers={"location": "https://elsewhere.example/"}))
    with pytest.raises(DeliveryError):
        _search(handler).search("project = SOC", ["summary"], most=5)
    assert len(sent) == 1


@pytest.mark.parametrize(
    "write",
    [
        lambda client: client.create_issue(project={"key": "SOC"}, issuetype={"id": "1"}, summary="s"),
        lambda client: client.add_comment("SOC-1", "text"),
        lambda client: client.issue("SOC-1"),
        lambda client: client.server_info(),
        lambda client: client.transition_issue("SOC-1", "31"),
    ],
    ids=["create", "comment", "issue", "server info", "transition"],
)
def test_the_library_may_do_nothing_but_search(write: Callable[[Any], Any]) -> None:
    sent, handler = _recorder(httpx.Response(200, json=ISSUE))
    with pytest.raises(PermanentDeliveryError, match="may only search"):
        write(_search(handler)._client)
    assert sent == []


def test_an_address_that_the_guard_refuses_is_never_connected_and_the_secret_stays_in() -> None:
    with socket.create_server(("127.0.0.1", 0)) as canary:
        canary.settimeout(0.2)
        config = JiraConfig(**{**DATA_CENTER, "base_url": f"https://127.0.0.1:{canary.getsockname()[1]}"})
        search = TicketSearch(session_of(config, http_client()), config)
        with pytest.raises(DeliveryError) as told:
            search.search("project = SOC", ["summary"], most=5)
        with pytest.raises(TimeoutError):
            canary.accept()
    assert told.value.reason is FailureReason.ADDRESS
    assert SECRET not in "".join(traceback.format_exception(told.value)) + repr(told.value)


def test_the_secret_is_in_no_error_nor_in_the_library(caplog: pytest.LogCaptureFixture) -> None:
    _, handler = _recorder(httpx.Response(400, json={"errorMessages": [f"no such token {SECRET}"]}))
    search = _search(handler)
    with caplog.at_level("DEBUG"), pytest.raises(DeliveryError) as told:
        search.search("project = SOC", ["summary"], most=5)
    library = search._client._session
    assert SECRET not in "".join(traceback.format_exception(told.value)) + caplog.text
    assert SECRET not in repr([library.auth, library.headers, search._client._options])


def test_netrc_and_proxies_of_the_environment_count_for_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine soc.atlassian.net login thief password stolen\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    sent, handler = _recorder(httpx.Response(200, json={"issues": []}))
    assert _search(handler).search("project = SOC", ["summary"], most=5) == []
    assert sent[0].headers["authorization"] == httpx.BasicAuth("bot@example.com", SECRET)._auth_header


@pytest.mark.parametrize(
    "data",
    [[], {}, {"issues": None}, {"issues": {}}, {"issues": "none"}, {"issues": [{"__class__": "x"}]}],
    ids=repr,
)
def test_an_answer_that_is_no_search_s_is_an_error_and_never_an_empty_list(data: Any) -> None:
    _, handler = _recorder(httpx.Response(200, json=data))
    with pytest.raises(PermanentDeliveryError) as told:
        _search(handler).search("project = SOC", ["summary"], most=5)
    assert told.value.reason is FailureReason.BAD_RESPONSE


def test_cloud_pages_by_token_until_there_is_none() -> None:
    pages = {None: ("a", "t1"), "t1": ("b", "t2"), "t2": ("c", None)}

    def handler(request: httpx.Request) -> httpx.Response:
        key, following = pages[json.loads(request.content).get("nextPageToken")]
        more = {"nextPageToken": following} if following else {}
        return httpx.Response(200, json={"issues": [{**ISSUE, "key": key}], **more})

    assert [issue.key for issue in _search(handler).search("x", ["summary"], most=50)] == ["a", "b", "c"]
    assert [issue.key for issue in _search(handler).search("x", ["summary"], most=2)] == ["a", "b"]
