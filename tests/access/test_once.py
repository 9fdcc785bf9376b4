"""A caller's own key stands for one request: repeated it is answered, used for another it is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from soc.access.once import KeyTaken, Once
from soc.domain.actor import AT_A_PAGE, Actor
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.installation.requests import RequestRow

ONCE = Once("mine", AT_A_PAGE, ("/keys", {"name": "grafana"}))


@pytest.fixture(autouse=True)
def _first() -> None:
    migrate()
    with write_session() as session:
        assert ONCE.claim(session) is None
        ONCE.keep(session, {"id": "key-1"}, secret={"key": "canary-of-the-answer"})


def test_a_repetition_gets_the_first_answer_with_what_is_secret_in_it() -> None:
    with write_session() as session:
        assert ONCE.claim(session) == {"id": "key-1", "key": "canary-of-the-answer"}


def test_an_answer_with_nothing_secret_seals_nothing() -> None:
    plain = replace(ONCE, key="plain")
    with write_session() as session:
        plain.claim(session)
        plain.keep(session, {"id": "bat-1"})
    with read_session() as session:
        row = session.get(RequestRow, plain.id)
        assert row is not None
        assert (row.answer, row.sealed) == ({"id": "bat-1"}, "")


def test_what_is_secret_is_kept_sealed_only() -> None:
    with read_session() as session:
        row = session.get(RequestRow, ONCE.id)
        assert row is not None
        assert row.sealed
        assert "canary" not in f"{row.answer}{row.sealed}"


@pytest.mark.parametrize(
    "other",
    [
        replace(ONCE, asked=("/keys", {"name": "splunk"})),
        replace(ONCE, actor=Actor.key("key-2")),
        ONCE.about("a file's digest"),
    ],
)
def test_the_key_takes_no_other_request_and_no_other_caller(other: Once) -> None:
    with write_session() as session, pytest.raises(KeyTaken, match="used for another request"):
        other.claim(session)
