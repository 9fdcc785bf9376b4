"""Both PostgreSQL schemas at one moment by PostgreSQL's own tools, and back into an empty database."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from soc import clock
from soc.errors import StoreError
from soc.settings import Settings
from soc.store.db import POSTGRES_SCHEMA, get_engine
from soc.store.upkeep.copying.on_sqlite import Copied

DUMP = "database.dump"
#: The store's schema, and the engine's beside it.
SCHEMAS = (POSTGRES_SCHEMA, "engine")


def copy_out(settings: Settings, target: Path) -> Copied:
    """Dump both schemas into the folder, as they were at one moment; others go on writing.

    Raises StoreError where `pg_dump` is missing or fails.
    """
    dump = find_tool("pg_dump")
    with get_engine().connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        connection.exec_driver_sql("SET idle_in_transaction_session_timeout = 0")  # until the dump has begun
        snapshot = connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one()
        taken_at = clock.now()
        copied = Copied(taken_at, _revision(connection), _count(connection))
        words = [f"--schema={name}" for name in SCHEMAS]
        _run([dump, "--format=custom", f"--file={target / DUMP}", f"--snapshot={snapshot}", *words], settings)
    (target / DUMP).chmod(0o600)
    return copied


def look(folder: Path) -> None:
    """Raises StoreError where the dump cannot be read to its end, or `pg_restore` is missing."""
    _run([find_tool("pg_restore"), f"--file={os.devnull}", str(folder / DUMP)], None)


def is_there() -> bool:
    """Whether either schema has anything in it. One that is empty, made for us beforehand, is no installation."""
    with get_engine().connect() as connection:
        return any(_schemas(connection).values())


def has_store() -> bool:
    """Whether there is a store that can be asked."""
    with get_engine().connect() as connection:
        return sa.inspect(connection).has_table("executors", schema=POSTGRES_SCHEMA)


def put_aside(stamp: str) -> list[str]:
    """Rename the schemas in which something is; returns their new names."""
    renamed = []
    with get_engine().begin() as connection:
        for name, filled in _schemas(connection).items():
            if filled:
                renamed.append(f"{name}_{stamp}")
                connection.exec_driver_sql(f'ALTER SCHEMA "{name}" RENAME TO "{renamed[-1]}"')
    return renamed


def put_back(settings: Settings, folder: Path) -> Mapping[str, int]:
    """Restore the dump in one transaction: all of it or nothing. Returns the rows by table of the store.

    A schema that is there and empty is filled and keeps its owner and rights. Who connects owns what is restored; rights
    for another role are given anew (docs/upgrade.md). Raises StoreError.
    """
    with get_engine().connect() as connection:
        there = set(_schemas(connection))
    tool, dump = find_tool("pg_restore"), str(folder / DUMP)
    with tempfile.NamedTemporaryFile("w", suffix=".list") as wanted:
        wanted.write(_without_schemas(_run([tool, "--list", dump], None), there))
        wanted.flush()
        words = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
        to = f"--dbname={_address(settings)[0]}"
        _run([tool, *words, f"--use-list={wanted.name}", to, dump], settings)
    with get_engine().connect() as connection:
        return _count(connection)


def _schemas(connection: sa.Connection) -> dict[str, bool]:
    """Of our schemas those that are there, and whether anything is in each; rights that are given beforehand are not."""
    filled = """
        SELECT nspname, EXISTS (
            SELECT FROM pg_depend WHERE refclassid = 'pg_namespace'::regclass AND refobjid = pg_namespace.oid
            AND classid <> 'pg_default_acl'::regclass
        ) FROM pg_namespace WHERE nspname = ANY(:names) ORDER BY nspname"""
    rows = connection.execute(sa.text(filled), {"names": list(SCHEMAS)})
    return {name: bool(has) for name, has in rows}


def _without_schemas(listed: str, there: set[str]) -> str:
    """The list of what a dump holds, without the making of schemas that are there."""
    made = re.compile(r"\d+; \d+ \d+ (?:SCHEMA - |COMMENT - SCHEMA )(\S+)")
    lines = listed.splitlines(keepends=True)
    return "".join(one for one in lines if not ((found := made.match(one)) and found[1] in there))


def find_tool(name: str) -> str:
    """The newest `pg_dump` or `pg_restore` of this machine. Raises StoreError."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=_number)
    tool = str(found[-1]) if found else shutil.which(name)
    if tool is None:
        raise StoreError(
            f"{name} is not on this machine.",
            hint="Install PostgreSQL's client programs, of the server's version or newer "
            "(Debian, Ubuntu: apt-get install postgresql-client; Alpine: apk add postgresql-client).",
        )
    return tool


def _number(path: Path) -> float:
    try:
        return float(path.parents[1].name)
    except ValueError:
        return 0.0


def _revision(connection: sa.Connection) -> str:
    if not sa.inspect(connection).has_table("alembic_version", schema=POSTGRES_SCHEMA):
        raise StoreError("The store has no tables.", hint="Start the product once, then back it up.")
    revision: str = connection.exec_driver_sql(
        f"SELECT version_num FROM {POSTGRES_SCHEMA}.alembic_version"  # noqa: S608 - our own name
    ).scalar_one()
    return revision


def _count(connection: sa.Connection) -> dict[str, int]:
    names = sorted(sa.inspect(connection).get_table_names(schema=POSTGRES_SCHEMA))
    statement = 'SELECT count(*) FROM "{}"."{}"'
    return {
        name: int(connection.exec_driver_sql(statement.format(POSTGRES_SCHEMA, name)).scalar_one())
        for name in names
    }


def _address(settings: Settings) -> tuple[str, dict[str, str]]:
    """Where the database is, without the password, which others could read in a list of processes; and that."""
    url = settings.database_url.replace("postgresql+psycopg://", "postgresql://", 1)
    parts: dict[str, Any] = dict(conninfo_to_dict(url))
    password = parts.pop("password", None)
    return make_conninfo(**parts), {"PGPASSWORD": str(password)} if password else {}


def _run(words: list[str], settings: Settings | None) -> str:
    """What it said. Raises StoreError."""
    secret: dict[str, str] = {}
    if settings is not None:
        address, secret = _address(settings)
        if not any(word.startswith("--dbname=") for word in words):
            words = [*words, f"--dbname={address}"]
    done = subprocess.run(  # noqa: S603 - PostgreSQL's own program, no shell
        words, capture_output=True, text=True, errors="replace", check=False,
        env={**os.environ, **secret, "LC_ALL": "C", "PGCONNECT_TIMEOUT": "10"},
    )  # fmt: skip
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if "error:" in line] or done.stderr.splitlines()
        name = Path(words[0]).name
        raise StoreError(
            f"{name} failed: {said[0].partition('error:')[2].strip() or said[0] if said else done.returncode}.",
            hint="It has to be of the server's version or newer, and its role has to own (or read) both schemas.",
        )
    return done.stdout
