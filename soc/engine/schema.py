"""The engine's tables apart from a start, and what a role needs that only runs the product (docs/upgrade.md)."""

from __future__ import annotations

from dbos import DBOS

from soc.settings import Settings
from soc.store.db import POSTGRES_SCHEMA, postgres_url
from soc.store.upkeep import grants

#: On PostgreSQL the engine's tables lie here, beside the store's schema.
SCHEMA = "engine"

#: In each schema: what was migrated so far. Who only runs the product reads it.
_REVISIONS = {POSTGRES_SCHEMA: "alembic_version", SCHEMA: "dbos_migrations"}


def migrate_engine(settings: Settings) -> None:
    """Bring the engine's tables to what this version needs. On SQLite the next start does."""
    if settings.sqlite_file is None:
        DBOS.migrate(postgres_url(settings.database_url), schema=SCHEMA)


def grant_to(role: str) -> None:
    """Let a role run the product, in both schemas. Raises ConfigurationError for SQLite and for a role that is not there."""
    grants.grant_to(role, _REVISIONS)
