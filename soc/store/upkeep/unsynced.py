"""SQLite without waiting for the disk: for what is made anew after a power cut."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa


@contextmanager
def unsynced(engine: sa.Engine) -> Iterator[None]:
    """Its commits wait for no disk: what a power cut takes is played anew."""

    def relax(connection: sa.Connection) -> None:
        connection.connection.cursor().execute("PRAGMA synchronous=OFF")

    sa.event.listen(engine, "engine_connect", relax)
    try:
        yield
    finally:
        sa.event.remove(engine, "engine_connect", relax)
