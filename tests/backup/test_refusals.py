"""A backup that is damaged, of a newer schema or of something else is refused before anything is touched."""

from __future__ import annotations

import base64
import errno
import fcntl
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner

from soc import clock
from soc.backup import checking, manifest
from soc.backup.checking import check_backup, check_place
from soc.backup.manifest import NAME, read_manifest, write_manifest
from soc.backup.restoring import restore_backup
from soc.backup.taking import take_backup
from soc.cli.commands import app
from soc.cli.endings import Ending
from soc.domain.actor import AT_THE_SHELL
from soc.domain.audit import Head
from soc.errors import ConfigurationError, Conflict, KeyFault, SocError, StoreError
from soc.settings import get_settings
from soc.store.db import dispose_engines, get_engine, read_session, write_session
from soc.store.files import get_files
from soc.store.migrate import migrate
from soc.store.nouns.deliveries.restorations import last_restoration
from soc.store.nouns.installation.executors import Process, register
from soc.store.trail.chain import public_key_id
from soc.store.upkeep.copying import on_postgres, on_sqlite
from tests.rows import add_batch

pytestmark = pytest.mark.sqlite("what is refused does not depend on the database; the drill is done on both")


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    migrate()
    with write_session() as session:
        add_batch(session, "bat-1")
    with get_files().write("uploads/a.log") as file:
        file.write(b"a line\n")
    take_backup(tmp_path / "backup", actor=AT_THE_SHELL, with_key=True)
    return tmp_path / "backup"


@pytest.fixture
def elsewhere(backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty installation."""
    get_engine().dispose()
    dispose_engines()
    monkeypatch.setenv("SOC_DATA_DIR", str(tmp_path / "elsewhere"))
    get_settings.cache_clear()
    yield tmp_path / "elsewhere"
    dispose_engines()


def _flip(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


def _claim(folder: Path, **changes: object) -> None:
    """A manifest that is sound and says something else."""
    manifest = read_manifest(folder)
    write_manifest(folder, manifest.model_copy(update=changes))


def _forge(folder: Path, *, own_mark: bool = False) -> None:
    """As who has not the store's key would: signed with one of their own, whose public half stands in it."""
    own = Ed25519PrivateKey.generate()
    public = own.public_key().public_bytes_raw()
    theirs = {"public_key": base64.b64encode(public).decode()}
    if own_mark:
        theirs["key"] = public_key_id(public)
    forged = read_manifest(folder).model_copy(update=theirs)
    signature = base64.b64encode(own.sign(manifest._text(forged))).decode()
    text = forged.model_copy(update={"signature": signature}).model_dump_json()
    (folder / NAME).write_text(text)


def _cut_store(folder: Path) -> None:
    """Sound by its digest, and no database."""
    (folder / "store.db").write_bytes((folder / "store.db").read_bytes()[:5000])
    _claim(
        folder,
        content=checking.read_manifest(folder).content
        | {"store.db": checking.digest_of(folder / "store.db")},
    )


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "a byte of the store": (
        lambda folder: _flip(folder / "store.db", 4000),
        "store.db is not as it was written",
    ),
    "a byte of an upload": (
        lambda folder: _flip(folder / "files/uploads/a.log", 2),
        "a.log is not as it was written",
    ),
    "a file": (lambda folder: (folder / "files/uploads/a.log").unlink(), "a.log is missing"),
    "the manifest": (lambda folder: (folder / NAME).unlink(), "manifest.json is missing"),
    "its end": (lambda folder: (folder / NAME).write_bytes((folder / NAME).read_bytes()[:-9]), "is damaged"),
    "a number in it": (
        lambda folder: (folder / NAME).write_text(
            (folder / NAME).read_text().replace('"batches": 1', '"batches": 2')
        ),
        "is not as it was written",
    ),
    "who signed it": (_forge, "is not as it was written"),
    "a file too many": (
        lambda folder: (folder / "files/batches").mkdir() or (folder / "files/batches" / NAME).touch(),
        "files/batches/manifest.json does not belong to it",
    ),
    "half of the store": (_cut_store, "is damaged"),
    "a count": (lambda folder: _claim(folder, rows={"batches": 2}), "other rows"),
    "a newer schema": (lambda folder: _claim(folder, revision="9999", version="9.9"), "version 9.9 made it"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_backup_that_is_not_whole_or_too_new_is_refused_and_nothing_is_touched(
    damage: str, backup: Path, elsewhere: Path
) -> None:
    (tmp := elsewhere).mkdir()
    (tmp / "secret.key").write_text((backup / "secret.key").read_text())  # whoever damages it may sign it
    do, said = DAMAGES[damage]
    do(backup)
    with pytest.raises(StoreError, match=said):
        restore_backup(backup, actor=AT_THE_SHELL)
    assert sorted(path.name for path in elsewhere.iterdir()) == ["secret.key"]


def test_a_backup_that_somebody_else_signed_is_refused_where_the_key_is(
    backup: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _forge(backup, own_mark=True)
    run = CliRunner()
    looked = run.invoke(app, ["restore", str(backup), "--verify"])
    assert looked.exit_code == Ending.DONE, "nobody here can tell"
    assert "not compared with a key of yours" in looked.output
    monkeypatch.setenv("SOC_SECRET_KEY", (backup / "secret.key").read_text().strip())
    get_settings.cache_clear()
    with pytest.raises(KeyFault, match="somebody else made"):
        check_backup(backup)
    with pytest.raises(KeyFault):
        check_place(read_manifest(backup), force=True)
    assert not elsewhere.exists()


def _another_database(_backup: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("SOC_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")


def _another_key(_backup: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("SOC_SECRET_KEY", "another")


def _in_use_here(_backup: Path, _patch: pytest.MonkeyPatch) -> None:
    folder = get_settings().data_dir / "run"
    folder.mkdir(parents=True)
    handle = (folder / "here-0.lock").open("a")
    fcntl.flock(handle, fcntl.LOCK_EX)
    _kept.append(handle)


def _in_use_somewhere(backup: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("SOC_SECRET_KEY", (backup / "secret.key").read_text().strip())
    get_settings.cache_clear()
    migrate()
    with write_session() as session:
        register(
            session, Process("there-0", host="there", pid=1, version="1", role="worker"), now=clock.now()
        )


def _not_empty(_backup: Path, _patch: pytest.MonkeyPatch) -> None:
    with get_files().write("uploads/mine.log") as file:
        file.write(b"mine\n")


def _left(name: str) -> Callable[[Path, pytest.MonkeyPatch], None]:
    """A file that an installation left in the place of its databases."""

    def leave(_backup: Path, _patch: pytest.MonkeyPatch) -> None:
        folder = get_settings().data_dir
        folder.mkdir()
        (folder / name).write_bytes(b"left over")

    return leave


_kept: list[object] = []


@pytest.mark.parametrize(
    ("place", "error", "said", "force"),
    [
        (_another_database, StoreError, "is of SQLite, and this installation is on PostgreSQL", True),
        (_another_key, KeyFault, "not the one of the backup", True),
        (_in_use_here, Conflict, "in use .here-0", True),
        (_in_use_somewhere, Conflict, "in use .there-0.*killed counts for 72 s", True),
        (_not_empty, Conflict, "not empty", False),
        (_left("engine.db"), Conflict, "not empty", False),
        (_left("soc.db-wal"), Conflict, "not empty", False),
        (_left("engine.db-journal"), Conflict, "not empty", False),
    ],
)
def test_a_place_that_does_not_fit_is_refused(
    place: Callable[[Path, pytest.MonkeyPatch], None], error: type[SocError], said: str, force: bool,
    backup: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    place(backup, monkeypatch)
    get_settings.cache_clear()
    with pytest.raises(error, match=said):
        restore_backup(backup, actor=AT_THE_SHELL, force=force)
    _kept.clear()


def test_what_was_there_is_put_aside_and_not_deleted(backup: Path) -> None:
    with write_session() as session:
        add_batch(session, "bat-later")
    with get_files().write("uploads/later.log") as file:
        file.write(b"later\n")
    restored = restore_backup(backup, actor=AT_THE_SHELL, force=True)
    [aside] = get_settings().data_dir.glob("before-restore-*")
    assert restored.aside == str(aside)
    assert {path.name for path in aside.iterdir()} >= {"soc.db", "uploads", "audit"}
    assert (aside / "uploads" / "later.log").read_bytes() == b"later\n"
    assert [path.name for path in (get_settings().data_dir / "uploads").iterdir()] == ["a.log"]
    assert restored.findings == ()


def test_newer_heads_of_the_audit_that_are_here_are_kept_and_tell_what_is_lost(
    backup: Path, elsewhere: Path
) -> None:
    [kept] = (backup / "audit").iterdir()
    newest = Head.read(kept.read_text().splitlines()[-1])
    here = elsewhere / "audit" / kept.name
    here.parent.mkdir(parents=True)
    later = "".join(f"{replace(newest, seq=newest.seq + more).line()}\n" for more in (1, 2, 5))
    here.write_text(kept.read_text() + later + '{"cut off')
    restored = restore_backup(backup, actor=AT_THE_SHELL)
    [aside] = elsewhere.glob("before-restore-*/audit/heads-*")
    assert aside.read_text().endswith(later + '{"cut off')
    assert restored.lost_entries is not None
    assert restored.lost_entries[1] == newest.seq + 5
    assert restored.findings == (), "what follows is a chain of its own"


def test_what_fails_after_something_was_put_aside_says_where_that_is(
    backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    def damaged(*_: object) -> None:
        raise StoreError("It is damaged.", hint="Take another.")

    for step, fails, said in (
        ("_put_files", full, "No space left on device"),
        ("_put_databases", damaged, "It is damaged. Take another."),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(f"soc.backup.restoring.{step}", fails)
            with pytest.raises(StoreError) as caught:
                restore_backup(backup, actor=AT_THE_SHELL, force=True)
        [aside] = get_settings().data_dir.glob("before-restore-*")
        assert said in str(caught.value)
        assert f"What was here is in {aside}." in str(caught.value)
        aside.rename(get_settings().data_dir / step)
        with get_files().write("uploads/mine.log") as file:
            file.write(b"mine")


def test_left_over_logs_of_a_database_are_put_aside_and_not_replayed(backup: Path, elsewhere: Path) -> None:
    left = ("engine.db", "engine.db-journal", "soc.db-wal", "soc.db-shm")
    elsewhere.mkdir()
    for name in left:
        (elsewhere / name).write_bytes(b"left over")
    restore_backup(backup, actor=AT_THE_SHELL, force=True)
    [aside] = elsewhere.glob("before-restore-*")
    assert {path.name for path in aside.iterdir() if path.read_bytes() == b"left over"} == set(left)


def test_an_engine_that_is_damaged_in_its_place_is_noticed(backup: Path, elsewhere: Path) -> None:
    on_sqlite.put_back(get_settings(), backup)
    (elsewhere / "engine.db").write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    with pytest.raises(StoreError, match=r"engine\.db is damaged"):
        on_sqlite.look_in_place(get_settings(), taken_at=clock.now())


def test_a_restore_that_was_cut_off_is_used_by_nobody_and_can_be_done_again(
    backup: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("soc.backup.restoring._tell", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            restore_backup(backup, actor=AT_THE_SHELL)
    with pytest.raises(StoreError, match="did not end"):
        migrate()
    restore_backup(backup, actor=AT_THE_SHELL, force=True)
    migrate()
    with read_session() as session:
        assert last_restoration(session) is not None


def test_a_folder_with_something_in_it_is_no_place_for_a_backup(backup: Path) -> None:
    with pytest.raises(ConfigurationError, match="is there already"):
        take_backup(backup, actor=AT_THE_SHELL)


def test_from_a_bucket_into_a_bucket(bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    migrate()
    with get_files().write("batches/bat-1/events/part-0.parquet") as file:
        file.write(b"rows")
    take_backup(tmp_path / "backup", actor=AT_THE_SHELL, with_key=True)
    monkeypatch.setenv("SOC_FILES_URL", f"{bucket}-restored")
    monkeypatch.setenv("SOC_DATA_DIR", str(tmp_path / "elsewhere"))
    get_settings.cache_clear()
    restore_backup(tmp_path / "backup", actor=AT_THE_SHELL)
    assert get_files().names_below("batches") == ["batches/bat-1/events/part-0.parquet"]
    assert get_files().local("batches/bat-1/events/part-0.parquet").read_bytes() == b"rows"


def test_without_postgresql_s_programs_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_postgres.Path, "glob", lambda *_: [])
    monkeypatch.setattr(on_postgres.shutil, "which", lambda _: None)
    with pytest.raises(StoreError, match="apt-get install postgresql-client"):
        on_postgres.find_tool("pg_dump")


def test_the_password_stands_in_no_list_of_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOC_DATABASE_URL", "postgresql://soc:canary@db.example:5433/soc?sslmode=require")
    get_settings.cache_clear()
    address, secret = on_postgres._address(get_settings())
    assert "canary" not in address
    assert "sslmode=require" in address
    assert secret == {"PGPASSWORD": "canary"}


def test_the_commands_say_what_was_done_and_what_is_lost(backup: Path, elsewhere: Path) -> None:
    run = CliRunner()
    looked = run.invoke(app, ["restore", str(backup), "--verify"])
    assert looked.exit_code == Ending.DONE
    assert "is whole" in looked.output
    assert not elsewhere.exists(), "it only looks"
    done = run.invoke(app, ["restore", str(backup), "--json"])
    told = json.loads(done.stdout)
    assert (told["rows"]["batches"], told["audit"], told["looked_up"]) == (1, [], 0)
    assert told["lost_seconds"] >= 0
    again = run.invoke(app, ["restore", str(backup)])
    assert again.exit_code == Ending.REFUSED
    assert "--force" in again.output
    fresh = run.invoke(app, ["backup", str(elsewhere / "second")])
    assert fresh.exit_code == Ending.DONE
    assert "The key is not in it" in fresh.output
    _flip(backup / "store.db", 4000)
    assert run.invoke(app, ["restore", str(backup), "--verify"]).exit_code == Ending.STORE
    check_backup(elsewhere / "second")


def test_a_store_that_was_put_back_by_other_means_is_told_so(backup: Path) -> None:
    run = CliRunner()
    done = run.invoke(app, ["restore", "--point-in-time", "2026-01-14T22:00:00Z"])
    assert done.exit_code == Ending.DONE
    with read_session() as session:
        mark = last_restoration(session)
    assert mark is not None
    assert clock.isoformat(mark.taken_at) == "2026-01-14T22:00:00Z"
    both = [str(backup), "--point-in-time", "2026-01-14"]
    for wrong in (["--point-in-time", "2999-01-01"], ["--point-in-time", "noon"], [], both):
        assert run.invoke(app, ["restore", *wrong]).exit_code == Ending.USAGE, wrong
