"""Shared fixtures: a data folder of its own for each test, and settings that point to it."""

from __future__ import annotations

import gc
import logging
import sys
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
import structlog
from hypothesis import HealthCheck, Phase
from hypothesis import settings as examples
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants
from sqlmodel import Session

from soc.settings import Settings, get_settings
from soc.store import migrate as migrations
from soc.store.db import sqlite_engine, write_session
from tests.fresh import fresh_database, make_template
from tests.no_order import refuse_order_of_words
from tests.throwaway import postgres_server

# The same examples on every machine and every run, however busy it is. A failure is shown as it was found: making it
# smaller means reading hundreds of files. `--hypothesis-profile=smallest` does that.
for _name, _phases in (("repeatable", (Phase.explicit, Phase.generate)), ("smallest", tuple(Phase))):
    examples.register_profile(
        _name,
        derandomize=True,
        deadline=None,
        database=None,
        phases=_phases,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
examples.load_profile("repeatable")
# Nor do they depend on which of our modules are loaded by then: hypothesis draws from the constants that stand in them, and
# parses all of them for that in every process.
providers.HypothesisProvider._local_constants = Constants()  # type: ignore[method-assign, assignment]
refuse_order_of_words()

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=("sqlite", "postgresql"),
        default="sqlite",
        help="the database that every test gets a fresh one of; PostgreSQL is started for the run",
    )


#: Files that a worker must not be left alone with at the end: theirs are started first.
LONG = ("crash", "browser", "postgres", "contract", "long")


def _start_long_files_first(items: list[pytest.Item]) -> None:
    size = Counter(item.path for item in items)
    long = {item.path for item in items if any(item.get_closest_marker(name) for name in LONG)}
    items.sort(key=lambda item: (item.path not in long, -size[item.path]))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    _start_long_files_first(items)
    if config.getoption("--database") == "postgresql":
        for item in items:
            if marker := item.get_closest_marker("sqlite"):
                item.add_marker(pytest.mark.skip(reason=f"is about SQLite: {marker.args[0]}"))


def pytest_collection_finish() -> None:
    """What is imported and collected by now stays: to look through it for garbage again and again is a tenth of a run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL that lives as long as the run."""
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The same, with a database that tests' own are copied from."""
    make_template(postgres, tmp_path_factory.mktemp("template"))
    return postgres


@pytest.fixture(scope="session", autouse=True)
def _pattern_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Compiled signatures for all processes of the run: each data folder of its own would cost seconds of CPU."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if own.name.startswith("popen-") else own
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOC_PATTERN_CACHE", str(shared / "patterns"))
        yield


@pytest.fixture(autouse=True)
def _own_installation(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """An empty data folder and, with `--database=postgresql`, a fresh database: what the settings of a test point to.

    Nothing of the developer's own environment leaks in. They are read when they are asked for: most tests ask for none.
    """
    for name in (
        "SOC_DATABASE_URL",
        "SOC_FILES_URL",
        "SOC_SECRET_KEY",
        "SOC_ALLOWED_HOSTS",
        "SOC_CA_BUNDLE",
        "SOC_PUBLIC_URL",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SOC_DATA_DIR", str(tmp_path / "data"))
    get_settings.cache_clear()
    if request.config.getoption("--database") == "postgresql":
        with fresh_database(request.getfixturevalue("postgres_template"), monkeypatch):
            yield
    else:
        yield
    get_settings.cache_clear()


@pytest.fixture
def settings(_own_installation: None) -> Settings:
    """Those of a test's own installation."""
    return get_settings()


#: The statements that make the newest schema on an empty SQLite file; found by running the migrations once a process.
_SCHEMA: list[str] = []


@pytest.fixture(autouse=True)
def _schema_at_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty SQLite file gets its tables by the statements that the migrations left, not by all of them again.

    Not in the tests of the migrations themselves (marked `migrations`).
    """
    if not request.node.get_closest_marker("migrations"):
        monkeypatch.setattr(migrations, "upgrade", partial(_upgrade, migrations.upgrade))


def _upgrade(really: Callable[[sa.Connection], None], connection: sa.Connection) -> None:
    if connection.dialect.name != "sqlite" or sa.inspect(connection).get_table_names():
        really(connection)
    elif not _SCHEMA:
        really(connection)
        kept = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid"
        _SCHEMA.extend(connection.exec_driver_sql(kept).scalars())
        tables = set(sa.inspect(connection).get_table_names()) - {"alembic_version"}
        filled = [
            name for name in tables if connection.exec_driver_sql(f"SELECT 1 FROM {name} LIMIT 1").first()
        ]
        assert not filled, f"A migration writes rows ({filled}): keep them here as well."
        version = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        _SCHEMA.append(f"INSERT INTO alembic_version VALUES ('{version}')")
    else:
        for statement in _SCHEMA:
            connection.exec_driver_sql(statement)


@pytest.fixture(scope="session")
def _rows(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.Engine]:
    engine = sqlite_engine(tmp_path_factory.mktemp("rows") / "rows.db")
    yield engine
    engine.dispose()


@pytest.fixture
def session(request: pytest.FixtureRequest, settings: Settings, _schema_at_once: None) -> Iterator[Session]:
    """A transaction on empty tables (not even the guide's rules) that is taken back at the end: for tests of rows alone.

    Nothing else opens that store: what commits, or opens a session of its own, has its own store (`migrate`).
    """
    if request.config.getoption("--database") == "postgresql":
        migrations.migrate()
        with write_session() as one:
            yield one
        return
    engine = request.getfixturevalue("_rows")
    with engine.begin() as connection:
        if not sa.inspect(connection).get_table_names():
            migrations.upgrade(connection)
    with Session(engine, expire_on_commit=False) as one:
        yield one
        one.rollback()


@sa.event.listens_for(sa.Engine, "engine_connect")
def _need_not_survive_a_power_cut_and_hope_for_no_order(connection: sa.Connection) -> None:
    """Commits of this process wait for no disk: they outlive kill -9 all the same. Processes that tests start keep it.

    Rows that are asked for without an order come the other way round: PostgreSQL gives them in any order, once in a while.
    """
    if connection.dialect.name == "sqlite" and "tuned" not in connection.info:
        connection.info["tuned"] = True
        for pragma in ("synchronous=OFF", "reverse_unordered_selects=ON"):
            connection.connection.cursor().execute(f"PRAGMA {pragma}")


@pytest.fixture(autouse=True)
def _plain_logging() -> Iterator[None]:
    """What a test started (a command, a server) set up for its log goes with it: its output is closed by then."""
    names = ("soc", "httpx", "httpcore", "dbos", "uvicorn", "uvicorn.error", "uvicorn.access")
    loggers = [logging.getLogger(name) for name in names]
    before = [(logger, logger.level, logger.handlers, logger.propagate) for logger in loggers]
    yield
    structlog.reset_defaults()
    for logger, level, handlers, propagate in before:
        logger.setLevel(level)
        logger.handlers, logger.propagate = handlers, propagate


@pytest.fixture(autouse=True)
def _patient_callers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A caller of the API waits for the outcome, however busy this machine is. Only where a test has the API at all."""
    if (lanes := sys.modules.get("soc.api.lanes")) is not None:
        monkeypatch.setattr(lanes, "PATIENCE", 60.0)


@pytest.fixture
def shared() -> Path:
    """Development data that does not come with the project; tests that need it are skipped without it."""
    if not SHARED.is_dir():
        pytest.skip("needs the development data folder ../shared, which is not part of the project")
    return SHARED


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The address of an S3 server on loopback (moto), which keeps everything in memory."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    yield f"http://127.0.0.1:{port}"
    server.stop()


@pytest.fixture
def bucket(s3_server: str, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> str:
    """SOC_FILES_URL of an empty bucket; the settings of this test point to it."""
    import fsspec

    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_server)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATESTONLY")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary-of-the-bucket")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    url = f"s3://soc-{uuid.uuid4().hex[:8]}/night"
    fsspec.filesystem("s3", use_listings_cache=False).mkdir(url.removeprefix("s3://").partition("/")[0])
    monkeypatch.setenv("SOC_FILES_URL", url)
    get_settings.cache_clear()
    return url
