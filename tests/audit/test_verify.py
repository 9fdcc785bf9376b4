"""Any changed byte, cut tail, missing entry and chain that was written anew is found."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlmodel import Session

from soc.audit.check import verify_audit
from soc.audit.verify import Verifier
from soc.audit.write import record
from soc.domain.actor import AT_THE_SHELL, Actor
from soc.domain.audit import Subject, SubjectKind, canonical, head_bytes
from soc.settings import get_settings
from soc.store import vault
from soc.store.db import get_engine, write_session
from soc.store.key_check import take_new_key
from soc.store.migrate import migrate
from soc.store.nouns.installation.audit import COLUMNS, raw_entries, read_end
from soc.store.trail.chain import public_key_id
from soc.store.trail.heads import heads_folder


@pytest.fixture(autouse=True)
def _audit(settings: object) -> None:
    migrate()
    add(4)


def add(number: int) -> None:
    for one in range(number):
        with write_session() as session:
            subject = Subject(SubjectKind.TICKET, f"tic-{one}")
            record(
                session,
                Actor.said("per-1"),
                "note",
                subject,
                after={"n": one},
                note="é",
                group="g" * (one % 2),
            )


def told() -> str:
    return "; ".join(f"{one.seq}: {one.what}" for one in verify_audit().findings)


def sql(text: str, **values: Any) -> Any:
    with get_engine().begin() as connection:
        return connection.execute(sa.text(text), values)


@contextmanager
def damaged(text: str, **values: Any) -> Iterator[str]:
    """What verification says after this damage; afterwards all is as it was."""
    engine = get_engine()
    with engine.begin() as connection:
        tables = {
            name: connection.execute(sa.text(f"SELECT * FROM {name}")).mappings().all() for name in TABLES
        }
    sql(text, **values)
    yield told()
    with engine.begin() as connection:
        for name, rows in tables.items():
            connection.execute(sa.text(f"DELETE FROM {name}"))
            slots = ", ".join(f":{column}" for column in rows[0])
            connection.execute(sa.text(f"INSERT INTO {name} VALUES ({slots})"), [dict(row) for row in rows])


TABLES = ("audit", "audit_chain")


def test_what_was_written_is_sound() -> None:
    verdict = verify_audit()
    assert (verdict.findings, verdict.last, verdict.heads) == ([], verdict.entries, verdict.entries)
    assert verdict.entries >= 4


def test_a_changed_byte_in_any_column_of_any_entry_is_found() -> None:
    """Every byte of one entry, three ways; in the others, the ends of each column."""
    missed = []
    rows = list(sql("SELECT * FROM audit ORDER BY seq").mappings())
    for row in rows:
        for name in COLUMNS:
            if name != "seq":
                missed += _flips(row["seq"], name, row[name], every=1 if row is rows[-2] else 10**9)
    assert missed == []
    assert told() == ""


def _flips(seq: int, name: str, text: str, *, every: int) -> list[str]:
    missed = []
    places = {*range(0, len(text), every), len(text) - 1} if text else set()
    changes = [
        (place, chr(ord(text[place]) ^ bit))
        for place in sorted(places)
        for bit in (1, 2)[: 1 if 0 < place < len(text) - 1 else 2]
    ]
    for place, other in [*changes, (len(text), " "), (len(text), "x")]:
        with get_engine().connect() as connection, connection.begin() as undone:
            changed = text[:place] + other + text[place + 1 :]
            connection.execute(
                sa.text(f"UPDATE audit SET {name} = :to WHERE seq = :seq"), {"to": changed, "seq": seq}
            )
            if _sound(connection):
                missed.append(f"{seq} {name} {place} {other!r}")
            undone.rollback()
    return missed


def _sound(connection: sa.Connection) -> bool:
    verifier = Verifier([vault.public_key()])
    session = Session(connection)
    for raw in raw_entries(session):
        verifier.entry(raw)
    end = read_end(session)
    assert end is not None
    verifier.end(end.chain, end.seq, end.hash)
    return verifier.verdict.sound


def test_an_entry_that_is_gone_is_found_wherever_it_stood() -> None:
    (last,) = sql("SELECT max(seq) FROM audit").one()
    for seq in range(1, last + 1):
        with damaged("DELETE FROM audit WHERE seq = :seq", seq=seq) as said:
            assert ("missing" in said) if seq < last else ("tail" in said), seq


def test_two_entries_in_each_other_s_place_are_found_wherever_they_stood() -> None:
    (last,) = sql("SELECT max(seq) FROM audit").one()
    names = ", ".join(name for name in COLUMNS if name != "seq")
    for one in range(1, last):
        swap = f"UPDATE audit SET ({names}) = (SELECT {names} FROM audit AS other WHERE other.seq = :both - audit.seq)"
        with damaged(f"{swap} WHERE seq IN (:one, :both - :one)", one=one, both=2 * one + 1) as said:
            assert said, one


def test_numbers_that_are_no_numbers_are_found() -> None:
    for to in ("0", "-1", "seq + 100") + (
        () if get_engine().dialect.name == "postgresql" else ("'x'", "3.5")
    ):
        with damaged(f"UPDATE audit SET seq = {to} WHERE seq = 3") as said:
            assert said, to


def test_a_cut_tail_is_found_though_the_chain_s_end_is_moved_with_it() -> None:
    (last,) = sql("SELECT max(seq) FROM audit").one()
    for keep in (0, 1, last - 1):
        digest = sql("SELECT hash FROM audit WHERE seq = :seq", seq=keep).scalar() or "0" * 64
        sql("UPDATE audit_chain SET seq = :seq, hash = :hash", seq=keep, hash=digest)
        with damaged("DELETE FROM audit WHERE seq > :keep", keep=keep) as said:
            assert "the tail was cut" in said
        sql("UPDATE audit_chain SET seq = (SELECT max(seq) FROM audit)")
        sql("UPDATE audit_chain SET hash = (SELECT hash FROM audit ORDER BY seq DESC LIMIT 1)")
    assert told() == ""


def _rewrite(start: int, *, sign: Ed25519PrivateKey | None, change: str) -> None:
    """As somebody would who reads our code and can write the database: every hash fits."""
    rows = [dict(row) for row in sql("SELECT * FROM audit ORDER BY seq").mappings()]
    prev = rows[start - 2]["hash"]
    for row in rows[start - 1 :]:
        body = json.loads(row["body"])
        body["prev"] = prev
        if row["seq"] == start:
            body["action"] = row["action"] = change
        if sign is not None:
            body["key"] = public_key_id(sign.public_key().public_bytes_raw())
        row["body"] = canonical(body)
        prev = row["hash"] = sha256(row["body"].encode()).hexdigest()
        if sign is not None:
            content = head_bytes(body["chain"], row["seq"], prev)
            row["signature"] = base64.b64encode(sign.sign(content)).decode()
        assert sql(
            "UPDATE audit SET action=:action, body=:body, hash=:hash, signature=:signature WHERE seq=:seq",
            **row,
        )
    sql("UPDATE audit_chain SET hash = :hash", hash=prev)


@pytest.mark.parametrize("sign", [None, Ed25519PrivateKey.generate()])
def test_a_chain_that_was_written_anew_is_found_with_or_without_heads(sign: Ed25519PrivateKey | None) -> None:
    _rewrite(2, sign=sign, change="nothing")
    assert "tells of another hash" in told()
    shutil.rmtree(heads_folder())
    assert "key" in told() or "not the store's" in told()
    add(1)  # the product goes on: what happened stays to be seen
    assert told()


def test_an_older_database_in_the_place_of_this_one_is_found() -> None:
    heads = heads_folder() / "kept.txt"
    (kept,) = heads_folder().glob("heads-*.jsonl")
    with damaged("SELECT 1"):
        before = {name: [dict(row) for row in sql(f"SELECT * FROM {name}").mappings()] for name in TABLES}
        add(2)
        shutil.copy(kept, heads)
        for name, rows in before.items():
            sql(f"DELETE FROM {name}")
            with get_engine().begin() as connection:
                slots = ", ".join(f":{column}" for column in rows[0])
                connection.execute(sa.text(f"INSERT INTO {name} VALUES ({slots})"), rows)
        assert "an older database" in told()
        add(3)  # it grew beyond, on another branch
        assert "written anew" in told()
        kept.unlink()
        assert verify_audit().sound  # only what had left can tell
        assert not verify_audit(heads=[heads]).sound


def test_a_database_that_was_begun_anew_is_found_by_the_heads_of_the_old_one() -> None:
    sql("DELETE FROM audit")
    sql("DELETE FROM audit_chain")
    migrate()
    add(1)
    assert "another chain" in told()


def test_heads_that_were_changed_are_found() -> None:
    (kept,) = heads_folder().glob("heads-*.jsonl")
    lines = kept.read_text().splitlines()
    for damage in ("{", lines[0].replace('"seq":1,', '"seq":2,'), "[]", '{"a":1}'):
        kept.write_text("\n".join([damage, *lines[1:]]))
        assert "the file was changed" in told(), damage


def test_heads_are_thinned_and_the_first_and_the_newest_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("soc.store.trail.heads.LARGEST_BYTES", 3_000)
    monkeypatch.setattr("soc.store.trail.heads.NEWEST", 4)
    add(30)
    (kept,) = heads_folder().glob("heads-*.jsonl")
    numbers = [json.loads(line)["seq"] for line in kept.read_text().splitlines()]
    assert numbers[0] == 1
    assert numbers[-4:] == list(range(numbers[-1] - 3, numbers[-1] + 1))
    assert len(numbers) < 20
    assert verify_audit().sound


def test_where_the_folder_of_heads_cannot_be_written_the_change_is_done_all_the_same(tmp_path: Path) -> None:
    shutil.rmtree(heads_folder())
    heads_folder().write_text("no folder")
    with write_session() as session:
        record(session, AT_THE_SHELL, "note", Subject(SubjectKind.TICKET, "x"))
    assert sql("SELECT count(*) FROM audit WHERE subject_id = 'x'").scalar() == 1


def test_a_store_whose_key_was_lost_goes_on_and_is_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    key = vault.public_key()
    monkeypatch.setenv("SOC_SECRET_KEY", "another key than the one before it")
    get_settings.cache_clear()
    take_new_key(actor=AT_THE_SHELL)
    add(1)
    verdict = verify_audit()
    assert verdict.findings == []
    assert verdict.foreign == {public_key_id(key): verdict.entries - 2}
    assert verify_audit(keys=[key]).foreign == {}
