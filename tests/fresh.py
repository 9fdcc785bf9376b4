"""A fresh PostgreSQL database for each test, without making one for each.

A test's database is a copy of a template. After the test it is emptied, given what the template holds, and renamed: the next
test's. Whoever still writes for the last test (a thread that was left behind) finds no database of that name.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from soc.settings import get_settings
from soc.store.db import dispose_engines, get_engine
from soc.store.migrate import migrate

_TEMPLATE = "soc_template"
#: The key that the template is sealed with.
_KEY = "the key of the template"

#: A database is emptied so often; what was deleted from its tables and indexes is still in them.
_USES = 50

#: By server, databases that are as the template is, with what their definitions were and how often they may be emptied.
_clean: dict[str, list[tuple[str, str, int]]] = {}
#: By server, the connection that asks about databases.
_asking: dict[str, psycopg.Connection] = {}

_MADE = """
CREATE SCHEMA kept;
CREATE TABLE kept.sequences AS TABLE pg_sequences;

CREATE VIEW kept.tables AS SELECT of.oid, format('%I.%I', nspname, relname) AS name
FROM pg_class of JOIN pg_namespace within ON within.oid = relnamespace
WHERE relkind = 'r' AND nspname !~ '^(pg_|information_schema$|kept$)';

-- Differs from what it was once a table, column, index, constraint, trigger, function or schema was made, changed or dropped.
CREATE VIEW kept.definitions AS SELECT concat_ws(' ',
  (SELECT md5(string_agg(oid || ':' || xmin, ',' ORDER BY oid)) FROM pg_class WHERE oid >= 16384 AND relkind <> 't'),
  (SELECT md5(string_agg(attrelid || ':' || attnum || ':' || xmin, ',' ORDER BY attrelid, attnum))
    FROM pg_attribute WHERE attrelid IN (SELECT oid FROM kept.tables)),
  (SELECT md5(string_agg(oid || ':' || xmin, ',' ORDER BY oid)) FROM pg_constraint WHERE oid >= 16384),
  (SELECT md5(string_agg(oid || ':' || xmin, ',' ORDER BY oid)) FROM pg_trigger),
  (SELECT md5(string_agg(oid || ':' || xmin, ',' ORDER BY oid)) FROM pg_proc WHERE oid >= 16384),
  (SELECT md5(string_agg(oid || ':' || xmin, ',' ORDER BY oid)) FROM pg_namespace WHERE oid >= 16384),
  (SELECT md5(string_agg(oid || ':' || xmin, ',' ORDER BY oid)) FROM pg_extension)) AS words;

-- Gives each table the template's rows and each sequence its value again; says whether the definitions are as they were.
CREATE FUNCTION kept.give_back(defined text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE written text;
BEGIN
  IF defined <> (SELECT words FROM kept.definitions) THEN RETURN false; END IF;
  SET LOCAL session_replication_role = replica;  -- no order among the tables, and no triggers
  FOR written IN SELECT name FROM kept.tables WHERE pg_relation_size(oid) > 0 LOOP
    EXECUTE 'DELETE FROM ' || written;
  END LOOP;
  FOR written IN SELECT relname FROM pg_class WHERE relnamespace = 'kept'::regnamespace AND relname ~ '[.]' LOOP
    EXECUTE format('INSERT INTO %s OVERRIDING SYSTEM VALUE TABLE kept.%I', written, written);
  END LOOP;
  PERFORM setval(format('%I.%I', schemaname, sequencename)::regclass, coalesce(kept.last_value, now.start_value),
                 kept.last_value IS NOT NULL)
  FROM pg_sequences now LEFT JOIN kept.sequences kept USING (schemaname, sequencename)
  WHERE now.last_value IS DISTINCT FROM kept.last_value;
  RETURN true;
END $$;

DO $$
DECLARE filled text;
BEGIN
  FOR filled IN SELECT name FROM kept.tables WHERE pg_relation_size(oid) > 0 LOOP
    EXECUTE format('CREATE TABLE kept.%I AS TABLE %s', filled, filled);
  END LOOP;
END $$;
"""


def make_template(server: str, folder: Path) -> None:
    """A database with the newest schema, from which tests' own are copied; what its tables hold is kept in it beside them."""
    _on(server, f'CREATE DATABASE "{_TEMPLATE}"')
    url = _url(server, _TEMPLATE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOC_DATABASE_URL", url)
        patch.setenv("SOC_DATA_DIR", str(folder))
        patch.setenv("SOC_SECRET_KEY", _KEY)
        get_settings.cache_clear()
        migrate()
        _forget()
    get_settings.cache_clear()
    with psycopg.connect(url) as connection:
        connection.execute(_MADE)


@contextmanager
def fresh_database(server: str, patch: pytest.MonkeyPatch, *, empty: bool = False) -> Iterator[str]:
    """A test's own database, with the schema or `empty`; the settings point to it."""
    with _empty(server) if empty else _like_template(server) as name:
        if not empty:
            patch.setenv("SOC_SECRET_KEY", _KEY)
        patch.setenv("SOC_DATABASE_URL", _url(server, name))
        get_settings.cache_clear()
        yield _url(server, name)
        _forget()


@contextmanager
def _empty(server: str) -> Iterator[str]:
    name = _new_name()
    _on(server, f'CREATE DATABASE "{name}"')
    yield name
    _on(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def _like_template(server: str) -> Iterator[str]:
    clean = _clean.setdefault(server, [])
    name, defined, uses = clean.pop() if clean else _copy(server)
    before = _ended(server, name)
    yield name
    if _is_alone(server, name) and _ended(server, name) == before:
        clean.append((name, defined, uses))  # nobody did anything in it
    elif uses and _make_clean(server, name, defined):
        renamed = _new_name()
        _on(server, f'ALTER DATABASE "{name}" RENAME TO "{renamed}"')
        clean.append((renamed, defined, uses - 1))
    else:
        _on(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def _copy(server: str) -> tuple[str, str, int]:
    name = _new_name()
    # files as they are: half the work of writing each page to the log as well, which is what servers do from 15 on
    how = "STRATEGY FILE_COPY" if _ask(server).info.server_version >= 150_000 else ""
    _on(server, f'CREATE DATABASE "{name}" TEMPLATE "{_TEMPLATE}" {how}')
    with psycopg.connect(_url(server, name)) as connection:
        [defined] = connection.execute("SELECT words FROM kept.definitions").fetchone() or [""]
    _is_alone(server, name, seconds=10)
    return name, defined, _USES


def _make_clean(server: str, name: str, defined: str) -> bool:
    """Make a database as the template is; False where it is defined differently."""
    ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
    _ask(server).execute(ended, (name,))
    _is_alone(server, name, seconds=10)
    with psycopg.connect(_url(server, name)) as connection:
        done = connection.execute("SELECT kept.give_back(%s)", (defined,)).fetchone()
    return done == (True,) and _is_alone(server, name, seconds=10)


def _ended(server: str, name: str) -> int:
    """How many transactions ended in a database, of whatever process."""
    asked = "SELECT coalesce(sum(xact_commit + xact_rollback), 0) FROM pg_stat_database WHERE datname = %s"
    return int(_ask(server).execute(asked, (name,)).fetchall()[0][0])


def _is_alone(server: str, name: str, *, seconds: float = 0.05) -> bool:
    """Whether nobody is connected to a database, or all went in so many seconds.

    Each session writes down what it did before it goes from their list (from 15 on).
    """
    asked = "SELECT FROM pg_stat_activity WHERE datname = %s"
    for _ in range(round(seconds / 0.002)):
        if _ask(server).execute(asked, (name,)).fetchone() is None:
            return True
        time.sleep(0.002)
    return False


def _ask(server: str) -> psycopg.Connection:
    if server not in _asking or _asking[server].closed:
        _asking[server] = psycopg.connect(server, autocommit=True)
    return _asking[server]


def _url(server: str, name: str) -> str:
    return f"{server.rpartition('/')[0]}/{name}"


def _new_name() -> str:
    return f"soc_{uuid.uuid4().hex[:8]}"


def _on(server: str, statement: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[call-overload]


def _forget() -> None:
    get_engine().dispose()
    dispose_engines()
