"""How it went, told by the name of an action, a status or a message."""

from __future__ import annotations

import polars as pl
import pytest

from soc.logs.fields.extract import extract_fields
from soc.logs.fields.outcomes import outcome_of_name


@pytest.mark.parametrize(
    ("message", "outcome"),
    [
        ("user bob failed to authenticate", "failure"),
        ("Accepted publickey for bob", "success"),
        ("session opened for bob", "success"),
        ("login of bob: invalid password", "failure"),
        ("authentication successful but account locked out", "failure"),
        # what is denied is not said
        ("0 failed login attempts", None),
        ("no login failures since noon", None),
        ("nightly report: failed logins: 0", None),
        # nobody asks to be let in
        ("disk check failed", None),
        ("order 7 accepted", None),
        ('{"user": "bob", "failure_reason": null}', None),
        ("GET /a HTTP/1.1", None),
    ],
)
def test_a_message_tells_an_outcome_only_of_who_asks_for_something(message: str, outcome: str | None) -> None:
    assert extract_fields(pl.Series([message]))[0]["event.outcome"].to_list() == [outcome]


def test_a_server_that_answers_with_an_error_says_no() -> None:
    line = '192.0.2.1 - - [31/Dec/2025:23:59:59 +0000] "GET /p HTTP/1.1" {} 5'
    told = extract_fields(pl.Series([line.format(status) for status in (200, 304, 400, 503)]))[0]
    assert told["event.outcome"].to_list() == ["success", "success", "failure", "failure"]


def test_an_action_is_named_after_how_it_went() -> None:
    told = {
        name: outcome_of_name(name)
        for name in ("LogonFailed", "user.login.success", "deny", "Error", "login")
    }
    assert told == {
        "LogonFailed": "failure",
        "user.login.success": "success",
        "deny": None,
        "Error": None,
        "login": None,
    }
