"""A demonstration: a month that is the same each time, in a folder of its own, from which nothing leaves."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from sqlmodel import select

from soc import clock
from soc.batches.report import build_report
from soc.cli.serve import demonstration
from soc.configuration.practice import stop_sandbox
from soc.configuration.save import save_configuration
from soc.configuration.test import test_configuration as ask_vendor
from soc.delivery import connectors
from soc.demo import month
from soc.demo.nights import HAPPENINGS, Happening, write_night
from soc.demo.stage import Stage
from soc.domain.actor import AT_A_PAGE
from soc.errors import ConfigurationError
from soc.integrations.kit.addresses import DEMONSTRATION, AddressGuard
from soc.integrations.kit.connection import guard_of
from soc.integrations.registry import KINDS, config_from_env
from soc.settings import get_settings
from soc.store.db import read_session
from soc.store.migrate import migrate
from soc.store.nouns.batches.batches import BatchRow
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.incidents.incidents import IncidentRow
from soc.store.nouns.installation.executors import ExecutorRow
from soc.store.nouns.tickets.tickets import TicketRow

UNTIL = datetime(2026, 3, 1, 9, tzinfo=UTC)


@pytest.fixture
def demo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOC_DEMO", "1")
    get_settings.cache_clear()


def test_the_same_seed_writes_the_same_night_and_another_one_another() -> None:
    nights = [write_night(Random(seed), UNTIL - timedelta(days=2), UNTIL) for seed in (7, 7, 8)]
    assert nights[0] == nights[1] != nights[2]
    assert set(nights[0]) == {"auth.log", "firewall.log", "services.jsonl", "web-access.log"}
    assert sum(len(text) for text in nights[0].values()) < 200_000, "read without a pool of processes"


@pytest.mark.parametrize("happening", [one.happening for one in HAPPENINGS], ids=lambda one: one.__name__)
def test_what_surely_happens_is_in_the_logs(happening: Happening) -> None:
    class Never(Random):
        """Dice by which nothing happens."""

        def random(self) -> float:
            return 0.999

        getrandbits = Random.getrandbits

    quiet, told = (
        write_night(Never(1), UNTIL - timedelta(days=2), UNTIL, surely=surely)
        for surely in ((), (happening,))
    )
    assert sum(map(len, told.values())) > sum(map(len, quiet.values()))


def test_the_stage_does_what_is_due_in_its_order_and_lives_at_its_time() -> None:
    done: list[tuple[str, datetime]] = []
    stage = Stage(UNTIL)
    with stage.open():
        stage.at(UNTIL + timedelta(hours=2), lambda: done.append(("later", clock.now())))
        stage.at(UNTIL + timedelta(hours=1), lambda: done.append(("sooner", clock.now())))
        stage.at(UNTIL + timedelta(hours=9), lambda: done.append(("never", clock.now())))
        stage.play(UNTIL + timedelta(hours=3))
        assert clock.now() >= UNTIL + timedelta(hours=3)
    assert [name for name, _ in done] == ["sooner", "later"]
    assert [at.hour for _, at in done] == [10, 11]
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(minutes=5), "afterwards it is now again"


@pytest.mark.sqlite("a demonstration is always on SQLite")
@pytest.mark.usefixtures("demo")
def test_what_is_played_is_the_products_own_work_and_its_account_balances() -> None:
    migrate()
    try:
        month.play_month(UNTIL, days=1)
    finally:
        stop_sandbox()
        connectors.close_all()
    with read_session() as session:
        batches = session.exec(select(BatchRow)).all()
        incidents = session.exec(select(IncidentRow)).all()
        tickets = session.exec(select(TicketRow)).all()
        states = Counter(session.exec(select(DeliveryRow.state)))
        executors = session.exec(select(ExecutorRow)).all()
    assert [one.state for one in batches] == ["finished"]
    assert (report := build_report(batches[0].id)) is not None
    assert report.balanced
    assert len(incidents) >= 2
    assert tickets
    assert all(one.practice and one.created_at < UNTIL for one in tickets)
    assert states["delivered"] > 0
    assert not executors, "no engine was started for it"
    assert any(one.acknowledged_at is not None for one in incidents)


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_nothing_connects_a_real_vendor_neither_the_environment_nor_the_form(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "JIRA_SERVER_URL": "https://jira.example.com", "JIRA_USERNAME": "a@b.c", "JIRA_API_TOKEN": "a-token",
        "SLACK_BOT_TOKEN": "xoxb-1-2-abcdefghijklm", "SLACK_CHANNEL": "#soc",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    assert config_from_env(kind) is None
    if kind == "slack":
        migrate()
        given = {"bot_token": "xoxb-1-2-abcdefghijklm", "channel": "#soc"}
        with pytest.raises(ConfigurationError, match="demonstration"):
            save_configuration(kind, given, actor=AT_A_PAGE)
        with pytest.raises(ConfigurationError, match="demonstration"):
            ask_vendor(kind, given, actor=AT_A_PAGE)


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize(
    "address", ["93.184.215.14", "10.0.0.5", "127.0.0.1", "2606:2800:220:1:248:1893:25c8:1946"]
)
def test_no_address_is_reached_but_what_the_process_allowed_itself(address: str) -> None:
    verdict = guard_of(get_settings(), ("10.0.0.5", "127.0.0.1")).judge(
        "vendor.example", 443, address, secure=True
    )
    assert (verdict.allowed, verdict.reason) == (False, DEMONSTRATION)
    assert AddressGuard().judge("vendor.example", 443, "93.184.215.14", secure=True).allowed, "else it is"


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SOC_DATABASE_URL", "postgresql://a@b/c"), ("SOC_FILES_URL", "s3://bucket/x"),
        ("SOC_ALLOWED_HOSTS", "tickets.corp.example"), ("SOC_HEARTBEAT_URL", "https://alive.example/x"),
        ("SOC_AUDIT_STREAM_URL", "syslog+tls://log.example:6514"), ("SOC_SIGN_IN", "local"),
        ("SOC_OIDC_PROVIDERS", "[{}]"),
    ],
)  # fmt: skip
def test_a_setting_that_leads_out_is_refused_by_name(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    get_settings.cache_clear()
    with pytest.raises(ConfigurationError, match=f"{name}: a demonstration has none"):
        get_settings()


def test_it_lives_in_its_own_folder_whatever_the_settings_around_it_say(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as around:
        around.chdir(tmp_path)
        (tmp_path / ".env").write_text("SOC_DATA_DIR=/srv/real\nSOC_HEARTBEAT_URL=https://alive.example/x\n")
        before = dict(os.environ)
        os.environ.update(SOC_DATA_DIR="/srv/real", SOC_DATABASE_URL="postgresql://a@b/c")
        os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "https://traces.example"
        try:
            folder = tmp_path / "demo"
            folder.mkdir()
            demonstration.enter(folder)
            settings = get_settings()
            assert settings.demo
            assert not [one for one in os.environ if one.startswith("OTEL_")], "traces stay here too"
            assert settings.data_dir == folder / "data"
            assert settings.database_url == ""
            assert settings.heartbeat_url.get_secret_value() == ""
            assert settings.patterns_dir == Path(before["SOC_PATTERN_CACHE"]), "compiled patterns are no data"
        finally:
            os.environ.clear()
            os.environ.update(before)
            get_settings.cache_clear()


@pytest.fixture
def signals() -> Iterator[None]:
    """What a signal does is the test's own affair: what runs in the background was started with SIGINT ignored."""
    before = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    for one, does in before.items():
        signal.signal(one, does)


@pytest.mark.usefixtures("signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda one: one.name)
def test_however_it_is_ended_its_folder_goes(monkeypatch: pytest.MonkeyPatch, number: signal.Signals) -> None:
    made: list[Path] = []
    monkeypatch.setattr(demonstration, "enter", made.append)
    monkeypatch.setattr(demonstration, "prepare", lambda: None)
    monkeypatch.setattr(demonstration, "_serve", lambda _port, _folder: signal.raise_signal(number))
    with pytest.raises((SystemExit, KeyboardInterrupt)):
        demonstration.serve_demonstration(None)
    assert [one.exists() for one in made] == [False]


@pytest.mark.usefixtures("signals")
def test_a_second_signal_does_not_hurry_its_end(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    said: list[str] = []

    class Server:
        terminated = False

        def __init__(self, *_given: object, **_named: object) -> None:
            pass

        def terminate(self) -> None:
            self.terminated = True

        def wait(self, timeout: float | None = None) -> int:
            if not self.terminated:
                raise KeyboardInterrupt
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.raise_signal(number)
            said.append("ended")
            return 0

    monkeypatch.setattr(demonstration.subprocess, "Popen", Server)
    assert demonstration._serve(None, tmp_path) == 0
    assert said == ["ended"]
