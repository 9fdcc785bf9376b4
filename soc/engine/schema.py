"""The engine's tables apart from a start, and what a role needs that only runs the product (docs/upgrade.md)."""

from __future__ import annotations

from contextlib import closing

import sqlalchemy as sa
from dbos import DBOS
from psycopg import sql

from soc.errors import ConfigurationError
from soc.settings import Settings
from soc.store.db import POSTGRES_SCHEMA, get_engine, postgres_url

#: On PostgreSQL the engine's tables lie here, beside the store's schema.
SCHEMA = "engine"

#: In each schema: what was migrated so far. Who only runs the product reads it.
_REVISIONS = {POSTGRES_SCHEMA: "alembic_version", SCHEMA: "dbos_migrations"}


def migrate_engine(settings: Settings) -> None:
    """Bring the engine's tables to what this version needs. On SQLite the next start does."""
    if settings.sqlite_file is None:
        DBOS.migrate(postgres_url(settings.database_url), schema=SCHEMA)


def grant_to(role: str) -> None:
    """Let a role run the product: read and write rows, and change no table. What later migrations make is included, as
    long as the same role makes it. Raises ConfigurationError for SQLite and for a role that is not there.
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
            for statement in _grants(role):
                cursor.execute(statement)


def _grants(role: str) -> list[sql.Composed]:
    """As PostgreSQL's statements."""
    to = sql.Identifier(role)
    made = []
    for schema, revision in _REVISIONS.items():
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
