"""The number with which a server of files or mail answers a login."""

from __future__ import annotations

import polars as pl
import pytest

from soc.logs.fields.extract import extract_fields


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        ("203.0.113.7 bob PASS *** 530 Login incorrect.", "failure"),
        ('[01/Mar/2026:02:00:00 +0000] 203.0.113.7 - bob "PASS (hidden)" 530 -', "failure"),
        ("2026-03-01 02:00:00 203.0.113.7 bob 192.0.2.9 21 PASS *** 530 1326 41 x -", "failure"),
        ("2026-03-01 02:00:00 203.0.113.7 bob 192.0.2.9 21 PASS *** 230 0 0 x -", "success"),
        ("2026-03-01 02:00:00 203.0.113.7 AUTH LOGIN bob: 535 5.7.8 sorry", "failure"),
        ("2026-03-01 02:00:00 203.0.113.7 <<< AUTH PLAIN >>> 235 2.7.0 welcome", "success"),
        # a number that is none of a login, and one that answers nothing
        ("2026-03-01 02:00:00 203.0.113.7 bob PASS *** 331 more", None),
        ("2026-03-01 02:00:00 203.0.113.7 tests: PASS 530 ms", None),
        ("2026-03-01 02:00:00 203.0.113.7 AUTH service took 535 ms", None),
        ("2026-03-01 02:00:00 203.0.113.7 PASS *** then 53000 bytes", None),
    ],
)
def test_a_numbered_reply_to_a_login_is_its_outcome(line: str, outcome: str | None) -> None:
    found, _ = extract_fields(pl.Series([line]))
    assert found["event.outcome"][0] == outcome
    assert found["event.category"][0] == ("authentication" if outcome else None)
