"""What the store says to its databases, and what it says to people when one does not answer as it should."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col

from soc.errors import ConfigurationError, StoreError
from soc.store import db, sqlite_driver
from soc.store.columns import Microseconds, partial_index, practice_index, whose
from soc.store.db import answers, insert_ignoring, postgres_connection, postgres_url, upsert, write_session
from soc.store.faults import is_store_fault, trouble_of, what_no_room
from soc.store.migrate import migrate
from soc.store.nouns.deliveries.deliveries import DeliveryRow, page_deliveries
from soc.store.nouns.rules.rules import RuleChangeRow
from soc.store.nouns.vendors.throttles import ThrottleRow
from soc.store.sqlite_driver import is_sound, journal_mode
from tests.rows import NIGHT, add_delivery

MINUTE = timedelta(minutes=1)


def test_what_an_administrator_writes_is_an_address_for_psycopg() -> None:
    for prefix in ("postgres", "postgresql", "postgresql+psycopg"):
        assert postgres_url(f"{prefix}://u:p@host:5432/soc") == "postgresql+psycopg://u:p@host:5432/soc"
    for wrong in ("mysql://u:secret@h/d", "host/soc", "xpostgres://h", ""):
        with pytest.raises(StoreError, match="not a PostgreSQL address") as refused:
            postgres_url(wrong)
        assert "secret" not in f"{refused.value}{refused.value.hint}"


def test_a_connection_to_postgresql_is_given_up_by_either_side_within_half_a_minute() -> None:
    options = postgres_connection("soc")
    assert options == {
        "options": "-cidle_in_transaction_session_timeout=30000 -ctcp_keepalives_idle=10 -ctcp_keepalives_interval=5"
        " -ctcp_keepalives_count=4 -ctcp_user_timeout=30000 -csearch_path=soc",
        "connect_timeout": 10, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 4, "tcp_user_timeout": 30000,
    }  # fmt: skip
    assert "search_path" not in postgres_connection()["options"]
    engine: Any = db._postgres_engine("postgres://u:p@127.0.0.1:1/soc")
    assert (engine.pool.size(), engine.pool._max_overflow, engine.pool._pre_ping) == (10, 10, True)
    assert (engine.hide_parameters, db.LOCK_PATIENCE < db.STANDS_STILL) == (True, True)


def test_whether_the_database_answers_is_asked_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    migrate()
    assert answers()

    def away() -> Any:
        raise sa.exc.OperationalError("", {}, Exception("gone"))

    monkeypatch.setattr(db, "read_session", away)
    assert not answers()


def test_a_row_that_is_there_takes_the_named_values_and_only_where_it_is_to() -> None:
    migrate()
    later = col(ThrottleRow.until) < NIGHT
    with write_session() as session:
        connection = session.connection()
        for where, minutes in ((None, -2), (later, -1), (later, 5), (later, 9)):
            statement = upsert(connection.dialect.name, ThrottleRow, ("name",), ("until",), where)
            connection.execute(statement, {"name": "n", "until": NIGHT + minutes * MINUTE})
        assert session.get_one(ThrottleRow, "n").until == NIGHT + 5 * MINUTE
        rows = [{"name": name, "until": NIGHT} for name in ("n", "m", "o", "m")]
        assert insert_ignoring(session, ThrottleRow, rows) == 2
        assert (insert_ignoring(session, ThrottleRow, rows), insert_ignoring(session, ThrottleRow, [])) == (
            0,
            0,
        )
        session.expire_all()
        assert session.get_one(ThrottleRow, "n").until == NIGHT + 5 * MINUTE


def test_moments_are_microseconds_in_either_database() -> None:
    said = sa.select(Microseconds(col(DeliveryRow.created_at)))
    assert "EXTRACT(EPOCH FROM deliveries.created_at) * 1000000 AS BIGINT" in str(
        said.compile(dialect=postgresql.dialect())  # type: ignore[no-untyped-call]
    )
    assert "EXTRACT" not in str(said.compile(dialect=sqlite.dialect()))
    index = partial_index("ix_x", "a", "b", of="a IS 1", on_postgresql="a IS true")
    assert (index.name, str(index.dialect_options["sqlite"]["where"])) == ("ix_x", "a IS 1")
    assert str(index.dialect_options["postgresql"]["where"]) == "a IS true"
    same = partial_index("ix_y", "a", of="a = ''")
    assert str(same.dialect_options["postgresql"]["where"]) == "a = ''"
    practice = practice_index("batches")
    assert (practice.name, str(practice.dialect_options["postgresql"]["where"])) == (
        "ix_batches_practice", "practice IS true",
    )  # fmt: skip
    owner: Any = sa.column("owner")
    assert str(whose(owner, ("",))) == "owner = ''"
    assert str(whose(owner, ("kim", ""))).startswith("owner != '' AND owner IN ")


class Driver:
    def __init__(self, *version: int) -> None:
        self.sqlite_version_info = version
        self.sqlite_version = ".".join(map(str, version))


def test_the_write_ahead_log_is_used_where_it_is_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    versions = [(3, 51, 2), (3, 51, 3), (3, 52, 0), (4, 0, 0), (3, 9, 9)]
    assert [is_sound(Driver(*one)) for one in versions] == [False, True, True, True, False]
    assert [journal_mode(Driver(*one)) for one in versions[:2]] == ["TRUNCATE", "WAL"]
    there: dict[str, Any] = {"sqlcipher3.dbapi2": Driver(3, 60, 0), "sqlite3.dbapi2": Driver(3, 40, 0)}

    def load(name: str) -> Any:
        if name not in there:
            raise ImportError(name)
        return there[name]

    monkeypatch.setattr(sqlite_driver, "import_module", load)
    assert sqlite_driver.find_driver() is there["sqlcipher3.dbapi2"]
    del there["sqlcipher3.dbapi2"]
    assert sqlite_driver.find_driver() is there["sqlite3.dbapi2"]  # not sound, and the only one
    there["pysqlite3.dbapi2"] = Driver(3, 50, 0)
    assert sqlite_driver.find_driver() is there["sqlite3.dbapi2"]


def test_a_fault_of_the_database_is_told_from_a_mistake_of_ours() -> None:
    def said(words: str, kind: type[sa.exc.DBAPIError] = sa.exc.OperationalError) -> sa.exc.DBAPIError:
        return kind("SELECT", {}, Exception(words))

    faults = [said("database is locked"), said("closed", sa.exc.InterfaceError), sa.exc.TimeoutError("pool")]
    ours = [
        said("no such table: x"), said("no such column: y"), said("UNIQUE", sa.exc.IntegrityError),
        said("syntax", sa.exc.ProgrammingError), said("too long", sa.exc.DataError), ValueError("no"),
    ]  # fmt: skip
    assert [is_store_fault(one) for one in [*faults, *ours]] == [True] * 3 + [False] * 6
    told = [
        trouble_of(one)
        for one in (faults[0], OSError(28, "No space left on device"), ours[0], ValueError("x"))
    ]
    assert [one and (one.message, one.hint) for one in told] == [
        ("The database does not answer.", "Nothing was saved. Do it again in a moment."),
        ("The disk is full.", "Nothing was saved. Free some space, then do it again."), None, None,
    ]  # fmt: skip
    full = said("could not extend file")
    full.orig.sqlstate = "53100"  # type: ignore[union-attr]
    assert what_no_room(full) == ("The disk is full.", "Free some space")
    assert what_no_room(ValueError("disk is full")) is None


def test_a_cursor_is_of_one_list_in_one_order_and_nothing_else_passes_for_one() -> None:
    migrate()
    with write_session() as session:
        for number in range(5):
            add_delivery(session, f"d{number}", created_at=NIGHT + number * MINUTE, sends=number % 2)
        pages, cursor = [], ""
        for _ in range(3):
            page = page_deliveries(session, sort="created_at", cursor=cursor, limit=2)
            pages.append([row.id for row in page.rows])
            cursor = page.next
        assert (pages, cursor) == ([["d0", "d1"], ["d2", "d3"], ["d4"]], "")
        first = page_deliveries(session, sort="-sends", limit=3)
        assert [row.id for row in first.rows] == ["d3", "d1", "d4"]
        rest = page_deliveries(session, sort="-sends", cursor=first.next, limit=3)
        assert ([row.id for row in rest.rows], rest.total, rest.next) == (["d2", "d0"], 5, "")
        with pytest.raises(ConfigurationError, match="cannot be sorted by “-color”") as refused:
            page_deliveries(session, sort="-color")
        assert "updated_at, created_at" in refused.value.hint
        with pytest.raises(ConfigurationError, match="belongs to another sort"):
            page_deliveries(session, sort="sends", cursor=first.next)
        moment = NIGHT.isoformat()
        for wrong in (
            "x", "====", _cursor(["-sends", 1]), _cursor(["-sends", "1", moment, "d"]), _cursor(["-sends", True, moment, "d"]),
            _cursor(["-sends", 2**63, moment, "d"]), _cursor(["-sends", 1, "yesterday", "d"]), _cursor(["-sends", 1, moment, "a\0"]),
            _cursor(["-sends", 1, moment, 7]), _cursor({"sort": 1}), _cursor(["-sends", 1, moment, "d", "e"]),
        ):  # fmt: skip
            with pytest.raises(ConfigurationError, match=r"no cursor|another sort") as refused:
                page_deliveries(session, sort="-sends", cursor=wrong)
            assert refused.value.hint.startswith("Begin again")


def _cursor(plain: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def test_what_one_database_cannot_hold_the_other_is_not_given_either() -> None:
    migrate()
    whole = "ünd \U0001f600"
    with write_session() as session:
        insert_ignoring(session, ThrottleRow, [{"name": whole, "until": NIGHT}])
        assert session.get_one(ThrottleRow, whole).until == NIGHT
    for wrong in ("a\0b", "\ud83d", "\ude00 ü"):
        rows = [{"name": name, "until": NIGHT} for name in ("n", wrong)]
        for work in (
            lambda session, rows=rows: insert_ignoring(session, ThrottleRow, rows),
            lambda session, wrong=wrong: session.get(ThrottleRow, wrong),
            lambda session, wrong=wrong: session.add(ThrottleRow(name=wrong, until=NIGHT)),
            lambda session, wrong=wrong: session.add_all(map(_change, ("fine", wrong))),
        ):
            with (
                pytest.raises(ConfigurationError, match="cannot be kept") as refused,
                write_session() as session,
            ):
                work(session)
            assert "without that character" in refused.value.hint
    with write_session() as session:
        session.add_all(map(_change, ("fine", whole)))  # SQLAlchemy writes these as one statement


def _change(rule_id: str) -> RuleChangeRow:
    return RuleChangeRow(rule_id=rule_id, act="add", created_at=NIGHT, made_by="x")
