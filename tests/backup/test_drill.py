"""The drill: back up while others write, lose everything, restore elsewhere, and compare the account."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, select

from soc import clock
from soc.audit.check import verify_audit
from soc.audit.write import record
from soc.backup.manifest import Manifest
from soc.backup.restoring import restore_backup
from soc.backup.taking import take_backup
from soc.configuration.save import save_configuration
from soc.domain.actor import AT_A_PAGE, AT_THE_SHELL
from soc.domain.audit import TAKE_KEY, Subject, SubjectKind
from soc.errors import KeyFault
from soc.integrations.in_force import load_config
from soc.settings import get_settings
from soc.store.db import dispose_engines, get_engine, read_session, write_session
from soc.store.files import get_files
from soc.store.key_check import check_key, take_new_key
from soc.store.migrate import migrate
from soc.store.nouns.batches.batches import BatchFileRow, BatchRow
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.deliveries.restorations import RestorationRow
from soc.store.nouns.installation.audit import AuditRow
from soc.store.nouns.installation.executors import Process, list_executors, register
from soc.store.sqlite_driver import find_driver
from soc.store.upkeep.copying import on_postgres, on_sqlite
from soc.store.vault import public_key
from tests.rows import add_batch, add_delivery, add_incident

JIRA = {"base_url": "https://jira.example.com", "username": "a@b.c", "api_token": "the-token-of-the-drill"}
KEY = "the key of the template"


def _on_sqlite() -> bool:
    return get_settings().sqlite_file is not None


class Installation:
    """In use: each turn uploads a file, then commits a batch with an incident, a delivery and an entry of the audit, then
    enqueues the delivery's workflow, as the product does.
    """

    def __init__(self) -> None:
        migrate()
        save_configuration("jira", JIRA, actor=AT_A_PAGE)
        with write_session() as session:
            register(
                session, Process("gone-0", host="gone", pid=1, version="1", role="worker"), now=clock.now()
            )
        self.turns = 0
        self.fault: Exception | None = None
        self._over = threading.Event()
        with self._engine() as run:
            run("CREATE TABLE workflow_status (workflow_uuid TEXT PRIMARY KEY)")

    @contextmanager
    def _engine(self) -> Iterator[Any]:
        """The engine's database, as far as the drill needs it."""
        if _on_sqlite():
            # By the product's own driver: two SQLite libraries in one process take each other's locks away.
            file = str(get_settings().sqlite_engine_file)
            with closing(find_driver().connect(file, isolation_level=None)) as one:
                yield one.execute
            return
        with get_engine().begin() as connection:
            connection.exec_driver_sql("CREATE SCHEMA IF NOT EXISTS engine")
            connection.exec_driver_sql("SET LOCAL search_path = engine")
            yield (
                lambda statement: (
                    list(done) if (done := connection.exec_driver_sql(statement)).returns_rows else None
                )
            )

    def turn(self) -> None:
        name = f"{self.turns:05d}"
        with get_files().write(f"uploads/{name}.log") as file:
            file.write(name.encode() * 100)
        with write_session() as session:
            add_batch(session, f"bat-{name}", created_at=clock.now())
            session.add(
                BatchFileRow(
                    batch_id=f"bat-{name}", position=0, name="x.log", path=f"uploads/{name}.log", size=500
                )
            )
            add_incident(session, f"inc-{name}", batch_id=f"bat-{name}", created_at=clock.now())
            add_delivery(session, f"dlv-{name}", incident_id=f"inc-{name}", created_at=clock.now())
            record(session, AT_A_PAGE, "set status", Subject(SubjectKind.INCIDENT, f"inc-{name}"))
        with self._engine() as run:
            run(f"INSERT INTO workflow_status VALUES ('dlv-{name}')")
        self.turns += 1

    def workflows(self) -> set[str]:
        with self._engine() as run:
            return {row[0] for row in run("SELECT workflow_uuid FROM workflow_status")}

    @contextmanager
    def under_load(self) -> Iterator[None]:
        def go_on() -> None:
            try:
                while not self._over.is_set():
                    self.turn()
            except Exception as problem:
                self.fault = problem

        thread = threading.Thread(target=go_on)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()
        if self.fault:
            raise self.fault

    def wait_for_a_turn(self, after: int) -> None:
        """Until one more than `after` is done; a minute at most."""
        for _ in range(6000):
            if self.turns > after or self.fault:
                return
            time.sleep(0.01)
        raise AssertionError("nobody could write while the backup was taken")


@pytest.fixture
def installation(monkeypatch: pytest.MonkeyPatch) -> Installation:
    monkeypatch.setenv("SOC_SECRET_KEY", KEY)
    get_settings.cache_clear()
    return Installation()


def _destroy(monkeypatch: pytest.MonkeyPatch, elsewhere: Path) -> None:
    """All of it is gone; another machine, without the key, is to take its place."""
    if not _on_sqlite():
        with get_engine().begin() as connection:
            connection.exec_driver_sql("DROP SCHEMA soc CASCADE")
            connection.exec_driver_sql("DROP SCHEMA engine CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA soc")  # as one is given it who may make none
            connection.exec_driver_sql(
                "ALTER DEFAULT PRIVILEGES IN SCHEMA soc GRANT SELECT ON TABLES TO public"
            )
    get_engine().dispose()
    dispose_engines()
    shutil.rmtree(get_settings().data_dir)
    monkeypatch.setenv("SOC_DATA_DIR", str(elsewhere))
    monkeypatch.delenv("SOC_SECRET_KEY")
    get_settings.cache_clear()


def _ids(session: Session, table: Any) -> set[str]:
    return {row.id.partition("-")[2] for row in session.exec(select(table)) if row.id.partition("-")[2]}


def test_what_was_backed_up_under_load_balances_where_it_is_restored(
    installation: Installation,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for _ in range(40):
        installation.turn()
    with installation.under_load():
        before = installation.turns
        copying = on_sqlite if _on_sqlite() else on_postgres
        copy_out = copying.copy_out

        def while_others_write(*databases: Any) -> Any:
            copied = copy_out(*databases)
            installation.wait_for_a_turn(after=before)  # what the backup's files hold, and its rows do not
            return copied

        monkeypatch.setattr(copying, "copy_out", while_others_write)
        manifest = take_backup(tmp_path / "backup", actor=AT_THE_SHELL)
        after = installation.turns
    _destroy(monkeypatch, tmp_path / "elsewhere")
    monkeypatch.setenv("SOC_SECRET_KEY", KEY)
    get_settings.cache_clear()
    began = time.monotonic()
    restored = restore_backup(tmp_path / "backup", actor=AT_THE_SHELL)
    with capsys.disabled():
        took = time.monotonic() - began
        print(f"\nRPO {restored.lost.total_seconds():.2f} s, RTO {took:.2f} s, {len(manifest.content)} files")
    assert restored.findings == ()
    assert verify_audit().sound
    with read_session() as session:
        batches, deliveries = _ids(session, BatchRow), _ids(session, DeliveryRow)
        files = session.exec(select(BatchFileRow.path)).all()
        mark = session.exec(select(RestorationRow)).one()
        gone = list_executors(session)[0].gone_at
        last = session.exec(select(AuditRow).order_by(sa.desc(AuditRow.seq))).first()  # type: ignore[arg-type]
    assert batches == deliveries == {path.removeprefix("uploads/").removesuffix(".log") for path in files}
    assert before <= len(deliveries) <= after
    assert restored.doubted == len(deliveries)
    assert {name.removeprefix("dlv-") for name in installation.workflows()} <= deliveries
    assert len(installation.workflows()) >= len(deliveries) - 1, "of the same moment"
    for path in files:
        assert get_files().local(path).read_bytes() == path[8:13].encode() * 100
    assert mark.taken_at == manifest.taken_at
    assert gone is not None
    assert last is not None
    assert (last.action, last.made_by) == ("restore", str(AT_THE_SHELL))


def test_credentials_open_with_the_key_and_not_without(
    installation: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_backup(tmp_path / "backup", actor=AT_THE_SHELL)
    assert not any(
        KEY.encode() in path.read_bytes() for path in (tmp_path / "backup").rglob("*") if path.is_file()
    )
    _destroy(monkeypatch, tmp_path / "elsewhere")
    restored = restore_backup(tmp_path / "backup", actor=AT_THE_SHELL)
    assert restored.findings is None, "without the key the audit cannot be verified"
    with pytest.raises(KeyFault):
        load_config("jira")
    with pytest.raises(KeyFault):
        check_key()
    monkeypatch.setenv("SOC_SECRET_KEY", KEY)
    get_settings.cache_clear()
    for _ in range(2):
        check_key()
    config: Any = load_config("jira")
    with read_session() as session:
        entries = session.exec(select(AuditRow).order_by(AuditRow.seq)).all()  # type: ignore[arg-type]
    assert [one.action for one in entries].count("restore") == 1, "told late, and once"
    assert (entries[-1].action, entries[-1].made_by) == ("restore", str(AT_THE_SHELL))
    assert verify_audit().sound
    assert config.api_token.get_secret_value() == JIRA["api_token"]


def test_a_restore_stands_in_the_audit_where_the_key_is_lost_for_good(
    installation: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = public_key()
    take_backup(tmp_path / "backup", actor=AT_THE_SHELL)
    _destroy(monkeypatch, tmp_path / "elsewhere")
    restore_backup(tmp_path / "backup", actor=AT_THE_SHELL)
    take_new_key(actor=AT_THE_SHELL)
    check_key()
    with read_session() as session:
        actions = session.exec(select(AuditRow.action).order_by(AuditRow.seq)).all()  # type: ignore[arg-type]
    assert actions[-2:] == [TAKE_KEY, "restore"]
    assert verify_audit(keys=[old]).sound


def test_the_key_goes_along_where_that_is_asked_for(
    installation: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest: Manifest = take_backup(tmp_path / "backup", actor=AT_THE_SHELL, with_key=True)
    assert os.stat(tmp_path / "backup" / "secret.key").st_mode & 0o077 == 0
    assert manifest.with_key
    _destroy(monkeypatch, tmp_path / "elsewhere")
    assert restore_backup(tmp_path / "backup", actor=AT_THE_SHELL).findings == ()
    config: Any = load_config("jira")
    assert config.api_token.get_secret_value() == JIRA["api_token"]
