"""What a PostgreSQL role needs that only runs the product, and changes no table (docs/upgrade.md)."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing

import sqlalchemy as sa
from psycopg import sql

from soc.errors import ConfigurationError
from soc.store.db import get_engine


def grant_to(role: str, schemas: Mapping[str, str]) -> None:
    """Let a role run the product: read and write rows, and change no table. What later migrations make is included, as
    long as the same role makes it. `schemas`: each with the table that says what was migrated.

    Raises ConfigurationError for SQLite and for a role that is not there.
    """
    engine = get_engine()
    if engine.dialect.name != "postgresql":
        raise ConfigurationError("SQLite has no roles.", hint="Leave --grant-to out.")
    with engine.begin() as connection:
        found = sa.text("SELECT count(*) FROM pg_roles WHERE rolname = :role")
        if not connection.execute(found, {"role": role}).scalar_one():
            raise ConfigurationError(
                f"The database has no role {role}.", hint=f"CREATE ROLE {role} LOGIN PASSWORD '…';"
            )
        with closing(connection.connection.cursor()) as cursor:
            for statement in _grants(role, schemas):
                cursor.execute(statement)


def _grants(role: str, schemas: Mapping[str, str]) -> list[sql.Composed]:
    """As PostgreSQL's statements."""
    to = sql.Identifier(role)
    made = []
    for schema, revision in schemas.items():
        names = {"schema": sql.Identifier(schema), "to": to, "revision": sql.Identifier(schema, revision)}
        made += [
            sql.SQL(words).format(**names)
            for words in (
                "GRANT USAGE ON SCHEMA {schema} TO {to}",
                "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {to}",
                "GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA {schema} TO {to}",
                "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {schema} TO {to}",
                "REVOKE INSERT, UPDATE, DELETE ON {revision} FROM {to}",
                "ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {to}",
                "ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT USAGE, SELECT, UPDATE ON SEQUENCES TO {to}",
                "ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT EXECUTE ON FUNCTIONS TO {to}",
            )
        ]
    return made
