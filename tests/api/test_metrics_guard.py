"""`/metrics` has the API's guard in both processes that serve it, and the server's own log is structured."""

from __future__ import annotations

import io
import json
import logging
import runpy
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
import uvicorn
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from typer.testing import CliRunner

from soc import clock
from soc.access.keys import make_key
from soc.access.scopes import Scope
from soc.cli.commands import app as shell
from soc.domain.actor import AT_A_PAGE
from soc.json_log import set_up_logging
from soc.store.db import write_session
from soc.store.migrate import migrate

APP = Path(__file__).resolve().parents[2] / "app.py"


def _served_by_the_dashboard(monkeypatch: pytest.MonkeyPatch, host: str) -> Any:
    caught: dict[str, Any] = {}
    monkeypatch.setattr(st, "App", lambda *_args, **more: caught.update(more))
    monkeypatch.setattr(st, "get_option", {"server.address": host, "server.baseUrlPath": ""}.get)
    runpy.run_path(str(APP))
    return Starlette(routes=caught["routes"], middleware=caught["middleware"])


def _served_by_the_shell(monkeypatch: pytest.MonkeyPatch, host: str) -> Any:
    caught: list[Any] = []
    monkeypatch.setattr(uvicorn, "run", lambda served, **_more: caught.append(served))
    assert CliRunner().invoke(shell, ["api", "--host", host]).exit_code == 0
    return caught[0]


@pytest.fixture(params=[_served_by_the_dashboard, _served_by_the_shell], ids=["dashboard", "soc api"])
def served(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes a client of what that process serves, listening on a host; its lifespan is not run."""
    migrate()
    return lambda host: TestClient(request.param(monkeypatch, host), base_url="http://127.0.0.1:8501")


def _key(scope: Scope) -> dict[str, str]:
    with write_session() as session:
        _, key = make_key(session, f"{scope} key", scope, now=clock.now(), actor=AT_A_PAGE)
    return {"Authorization": f"Bearer {key}"}


def test_a_fresh_install_on_loopback_shows_its_figures_without_a_key(served: Any) -> None:
    answer = served("127.0.0.1").get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    assert "# TYPE" in answer.text


def test_from_the_first_key_on_the_figures_need_a_key_that_may_read(served: Any) -> None:
    client, headers = served("127.0.0.1"), _key(Scope.READ)
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer soc_mistyped"}).status_code == 401
    assert client.get("/metrics", headers=headers).status_code == 200
    assert client.get("/api/v1/health").status_code == 200


def test_beyond_loopback_the_figures_need_a_key_even_before_there_is_one(served: Any) -> None:
    client = served("0.0.0.0")
    answer = client.get("/metrics")
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
    assert client.get("/api/v1/incidents").status_code == 401


def test_a_page_that_reaches_loopback_under_another_name_sees_no_figures(served: Any) -> None:
    assert served("127.0.0.1").get("/metrics", headers={"Host": "evil.example"}).status_code == 403


def test_the_figures_are_only_read(served: Any) -> None:
    client = served("127.0.0.1")
    assert client.post("/metrics").status_code == 405
    assert client.head("/metrics").status_code == 200


@pytest.fixture
def server_log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What the server writes to standard error, once it has set up its own logging and then the product's."""
    names = ("uvicorn", "uvicorn.error", "uvicorn.access", "soc")
    loggers = [logging.getLogger(name) for name in names]
    before = [(one.handlers, one.propagate, one.level) for one in loggers]
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    uvicorn.Config("nothing:here", log_level="warning")
    set_up_logging()
    yield stream
    for one, (handlers, propagate, level) in zip(loggers, before, strict=True):
        one.handlers, one.propagate = handlers, propagate
        one.setLevel(level)


def test_an_exception_nobody_caught_is_one_line_of_json_with_no_value_of_anything(
    server_log: io.StringIO,
) -> None:
    def broken(local: str) -> None:
        raise RuntimeError(f"cannot send {local}")

    try:
        try:
            broken("planted" + "-secret")
        except RuntimeError as error:
            raise ExceptionGroup("planted" + "-group", [error]) from error
    except ExceptionGroup:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application\n")
    (line,) = server_log.getvalue().splitlines()
    told = json.loads(line)
    assert (told["event"], told["level"]) == ("Exception in ASGI application", "error")
    (group,) = told["exception"]
    cause = group["exceptions"][0][0]
    assert (group["exc_type"], cause["exc_type"]) == ("ExceptionGroup", "RuntimeError")
    assert cause["frames"][-1]["name"] == "broken"
    assert "planted-" not in line
