"""Values and the beginning can be taken out; the chain holds, and taking them without a word is found."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine

from soc import clock
from soc.audit.check import verify_audit
from soc.audit.redact import expire_entries, expire_old, redact_entry, redact_text
from soc.audit.write import record
from soc.domain.actor import AT_THE_SHELL, Actor
from soc.domain.audit import REDACTED, Subject, SubjectKind
from soc.errors import ConfigurationError, Conflict
from soc.store.db import get_engine, read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.installation.audit import get_entry, list_entries
from tests.rows import NIGHT

PERSON = Subject(SubjectKind.PERSON, "per-1")


@pytest.fixture(autouse=True)
def _store(settings: object) -> None:
    migrate()


def _add(**after: object) -> int:
    with write_session() as session:
        record(
            session,
            Actor.said("per-1"),
            "change",
            PERSON,
            before={"email": ""},
            after=after,
            note="Änne called",
        )
    with read_session() as session:
        return list_entries(session)[-1].seq


def _told() -> list[str]:
    return [finding.what for finding in verify_audit().findings]


def test_a_redacted_value_is_gone_and_the_chain_holds() -> None:
    seq = _add(email="anne@example.com", zone="UTC")
    with write_session() as session:
        assert redact_entry(
            session, seq, ["/after/email", "/actor"], actor=AT_THE_SHELL, why="she asked"
        ) == [
            "/actor",
            "/after/email",
        ]
    verdict = verify_audit()
    assert (verdict.findings, verdict.redacted) == ([], 2)
    with read_session() as session:
        row = get_entry(session, seq)
        assert (row.made_by, row.after) == (REDACTED, {"email": REDACTED, "zone": "UTC"})
        assert "anne@" not in row.opened + row.body


def test_a_value_that_was_taken_without_an_entry_is_found() -> None:
    seq = _add(email="anne@example.com")
    with get_engine().begin() as connection:
        row = connection.execute(sa.text("SELECT opened FROM audit WHERE seq = :s"), {"s": seq}).scalar_one()
        kept = {path: pair for path, pair in json.loads(row).items() if path != "/after/email"}
        text = json.dumps(kept, sort_keys=True, separators=(",", ":"))
        connection.execute(sa.text("UPDATE audit SET opened = :o WHERE seq = :s"), {"o": text, "s": seq})
    assert _told() == ["its value /after/email was taken away, and no entry says that it was redacted"]


def test_a_text_is_redacted_wherever_it_stands() -> None:
    first, other, third = (
        _add(email="Anne@Example.com"),
        _add(zone="UTC"),
        _add(fields={"who": ["x", "anne@example.com"]}),
    )
    with write_session() as session:
        gone = redact_text(session, " anne@EXAMPLE.com", actor=AT_THE_SHELL, why="she asked")
    assert gone == {first: ["/after/email"], third: ["/after/fields/who"]}
    with write_session() as session:
        assert set(redact_text(session, "änne", actor=AT_THE_SHELL, why="she asked")) == {first, other, third}
        with pytest.raises(ConfigurationError, match="too short"):
            redact_text(session, " a ", actor=AT_THE_SHELL, why="")
    assert _told() == []
    with read_session() as session:
        assert not [row.seq for row in list_entries(session) if "anne@" in row.opened.lower()]


def test_what_the_audit_says_of_itself_stays() -> None:
    seq = _add(email="anne@example.com")
    with write_session() as session:
        redact_entry(session, seq, ["/after"], actor=AT_THE_SHELL, why="x")
    with write_session() as session, pytest.raises(Conflict):
        redact_entry(session, seq + 1, ["/after/paths"], actor=AT_THE_SHELL, why="x")
    with write_session() as session, pytest.raises(ConfigurationError, match="no such value"):
        redact_entry(session, seq, ["/after/email"], actor=AT_THE_SHELL, why="x")


def test_what_expired_leaves_a_signed_entry_that_the_chain_begins_from() -> None:
    for one in range(5):
        _add(n=one)
    with write_session() as session:
        assert expire_entries(session, before=clock.now() - timedelta(days=1), actor=AT_THE_SHELL) == 0
    with read_session() as session:
        moment = clock.parse(list_entries(session)[-2].at)
    for before in (moment, clock.now() + timedelta(days=1)):  # again: the entry of the first time goes, too
        with write_session() as session:
            assert expire_entries(session, before=before, actor=AT_THE_SHELL) >= 2
        verdict = verify_audit()
        assert verdict.findings == []
        assert verdict.first > 1
    with get_engine().begin() as connection:
        connection.execute(sa.text("DELETE FROM audit WHERE seq = (SELECT min(seq) FROM audit)"))
    assert _told()


def test_old_entries_go_by_themselves_once_a_day_and_never_before_they_were_streamed() -> None:
    with time_machine.travel(NIGHT - timedelta(days=40), tick=False) as travel:
        for one in range(3):
            _add(n=one)
        travel.move_to(NIGHT)
        _add(n=3)
        with write_session() as session:
            assert expire_old(session, days=40, through=None) == 0  # not a whole day older
            assert expire_old(session, days=30, through=2) == 2
        with write_session() as session:
            assert expire_old(session, days=30, through=None) == 1
        with write_session() as session:
            assert expire_old(session, days=30, through=None) == 0
        with read_session() as session:
            kept = list_entries(session)
    assert [(row.action, row.made_by.split("@")[0]) for row in kept] == [
        ("change", "person:per-1"), ("expire", "system:retention"), ("expire", "system:retention"),
    ]  # fmt: skip
    assert verify_audit().findings == []
