"""An entry is in the audit exactly where its change is in the store."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from soc.audit.whereabouts import acting_from
from soc.audit.write import record
from soc.domain.actor import AT_THE_SHELL, Actor
from soc.domain.audit import NOTHING, Subject, SubjectKind, commit, head_bytes
from soc.domain.severity import Priority
from soc.errors import StoreError
from soc.store import vault
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.installation.audit import AuditRow, list_entries, list_of_subject

TICKET = Subject(SubjectKind.TICKET, "SOC-123")


@pytest.fixture(autouse=True)
def _store(settings: object) -> None:
    migrate()


def _entries() -> list[AuditRow]:
    with read_session() as session:
        return [row for row in list_entries(session) if row.subject_kind == "ticket"]


def test_an_entry_says_who_when_from_where_before_and_after() -> None:
    with acting_from("api 203.0.113.9\n"), write_session() as session:
        record(
            session,
            Actor.said("per-1"),
            "set priority",
            TICKET,
            before={"priority": Priority.LOW, "fields": {"a/b": None, "c": [1]}},
            after={"priority": Priority.HIGH},
            group="grp-1",
            note="it spreads",
        )
    with read_session() as session:
        (row,) = list_of_subject(session, TICKET)
    assert (row.made_by, row.action, row.group_id) == ("person:per-1@said", "set priority", "grp-1")
    assert (row.whereabouts, row.note) == ("api 203.0.113.9", "it spreads")
    assert row.before == {"priority": "Low", "fields": {"a/b": None, "c": [1]}}
    assert row.after == {"priority": "High"}


def test_entries_are_chained_in_the_order_of_the_commits() -> None:
    for number in range(3):
        with write_session() as session:
            record(session, AT_THE_SHELL, "note", TICKET, after={"number": number})
            record(session, AT_THE_SHELL, "note", TICKET, after={"number": number, "twice": True})
    with read_session() as session:
        rows = list_entries(session)
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    prev = NOTHING
    for row in rows:
        body = json.loads(row.body)
        assert (body["seq"], body["prev"]) == (row.seq, prev)
        prev = hashlib.sha256(row.body.encode()).hexdigest()
        assert row.hash == prev
        assert body["values"] == {path: commit(*pair) for path, pair in row.values.items()}
        public = Ed25519PublicKey.from_public_bytes(vault.public_key())
        public.verify(base64.b64decode(row.signature), head_bytes(body["chain"], row.seq, row.hash))


def test_what_is_rolled_back_leaves_neither_an_entry_nor_a_gap() -> None:
    def fail() -> None:
        with write_session() as session:
            record(session, AT_THE_SHELL, "note", TICKET, after={"lost": True})
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with write_session() as session:
        with session.begin_nested():
            record(session, AT_THE_SHELL, "note", TICKET, after={"kept": 1})
        savepoint = session.begin_nested()
        record(session, AT_THE_SHELL, "note", TICKET, after={"lost": True})
        savepoint.rollback()
        record(session, AT_THE_SHELL, "note", TICKET, after={"kept": 2})
    rows = _entries()
    assert [row.after for row in rows] == [{"kept": 1}, {"kept": 2}]
    assert rows[1].seq == rows[0].seq + 1


def test_a_change_whose_entry_cannot_be_kept_is_not_done() -> None:
    with write_session() as session:
        session.connection().execute(sa.text("DELETE FROM audit_chain"))
    with pytest.raises(StoreError, match="lost the end of its chain"):
        _change_a_note()
    with read_session() as session:
        assert session.connection().scalar(sa.text("SELECT count(*) FROM notes WHERE name = 'x'")) == 0


def _change_a_note() -> None:
    with write_session() as session:
        session.connection().execute(sa.text("INSERT INTO notes VALUES ('x', '{}')"))
        record(session, AT_THE_SHELL, "note", TICKET)


@pytest.mark.parametrize("wrong", ["", "Set", "set  it", "sét", "a\nb"])
def test_an_action_is_words_in_small_letters(wrong: str) -> None:
    with pytest.raises(ValueError), write_session() as session:
        record(session, AT_THE_SHELL, wrong, TICKET)


def test_what_json_cannot_say_is_refused_where_it_is_recorded() -> None:
    for value, error in ((float("nan"), ValueError), (object(), TypeError)):
        with pytest.raises(error), write_session() as session:
            record(session, AT_THE_SHELL, "note", TICKET, after={"x": value})
