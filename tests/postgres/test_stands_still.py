"""A client of PostgreSQL that vanishes or stands still in a transaction: its locks are others' soon."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from dbos._dbos import _get_dbos_instance
from sqlalchemy.engine import Engine

from soc import engine
from soc.store import db
from soc.store.db import STANDS_STILL, STORE_IS_AWAY, get_engine, wait_little, write_session
from soc.store.migrate import migrate
from soc.store.nouns.vendors.health import health_to_change

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(120)]

LIMITS = ("idle_in_transaction_session_timeout", "tcp_keepalives_idle", "tcp_user_timeout")
LOCK = sa.text("SELECT kind FROM integration_health FOR UPDATE")


def _limits(of: Engine) -> dict[str, str]:
    """As the server reports them. On a socket without TCP it would report 0."""
    with of.connect() as connection:
        return {name: str(connection.exec_driver_sql(f"SHOW {name}").scalar_one()) for name in LIMITS}


def test_the_server_ends_sessions_of_the_store_and_of_the_engine_whose_client_is_gone(database: str) -> None:
    engine.launch(listen=())
    try:
        limits = _limits(get_engine()), _limits(_get_dbos_instance()._sys_db.engine)
    finally:
        engine.shut_down()
    assert (
        limits == ({LIMITS[0]: f"{STANDS_STILL}s", LIMITS[1]: "10", LIMITS[2]: f"{STANDS_STILL * 1000}"},) * 2
    )


def test_a_row_that_a_client_locked_before_it_stood_still_is_given_to_the_next_who_asks(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "STANDS_STILL", 2)
    migrate()
    with write_session() as session:
        health_to_change(session, "jira")
    stands_still = get_engine().connect()
    stands_still.execute(LOCK)
    with write_session() as session:
        wait_little(session, seconds=0.1)
        with pytest.raises(sa.exc.OperationalError, match="lock timeout"):
            health_to_change(session, "jira")
        session.rollback()
    with write_session() as session:
        assert health_to_change(session, "jira").kind == "jira"
    with pytest.raises(STORE_IS_AWAY):
        stands_still.execute(LOCK)
    stands_still.close()


def test_a_writer_does_not_stay_in_the_line_behind_a_client_that_stands_still(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert db.LOCK_PATIENCE < STANDS_STILL
    monkeypatch.setattr(db, "LOCK_PATIENCE", 0.1)
    migrate()
    with write_session() as session:
        health_to_change(session, "jira")
    with get_engine().connect() as stands_still:
        stands_still.execute(LOCK)
        with pytest.raises(STORE_IS_AWAY, match="lock timeout"), write_session() as session:
            health_to_change(session, "jira")
