"""Alembic's entry: it always gets its connection from `soc.store.migrate` (there is no alembic.ini)."""

from alembic import context
from sqlmodel import SQLModel

from soc.store import tables  # noqa: F401 - registers the tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
