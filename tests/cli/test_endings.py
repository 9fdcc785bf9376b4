"""How commands end: the code and the closing lines say what happened, and nobody gets a traceback."""

from __future__ import annotations

import json
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from soc.cli.commands import app
from soc.cli.endings import Ending, ending_table
from soc.cli.listing import command_tables
from soc.configuration.save import save_configuration
from soc.documentation import generate
from soc.domain.actor import AT_A_PAGE
from soc.sandbox.jira import catalogue
from soc.sandbox.server import SandboxServer
from soc.settings import get_settings
from soc.store.migrate import migrate

pytestmark = pytest.mark.long

LOG = "Jan 15 10:30:00 web-1 app: CRITICAL: Multiple failed root login attempts - potential breach\n"


@dataclass
class Place:
    """A folder of this test with some files, and the environment it works in."""

    folder: Path
    set: Callable[[str, str], None]
    log: Path = field(init=False)

    def __post_init__(self) -> None:
        self.log = self.put("night.log", LOG)

    def put(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    def put(name: str, value: str) -> None:
        monkeypatch.setenv(name, value)
        get_settings.cache_clear()

    monkeypatch.chdir(tmp_path)
    yield Place(tmp_path, put)
    get_settings.cache_clear()


def _run(*words: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, [str(word) for word in words])
    _forget_closed_streams()
    assert "Traceback" not in done.output
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def _forget_closed_streams() -> None:
    """Libraries' handlers stay with the process, and the standard error that the runner gave them is closed."""
    for logger in [logging.getLogger(), *map(logging.getLogger, logging.Logger.manager.loggerDict)]:
        logger.handlers = [
            one for one in logger.handlers if not getattr(getattr(one, "stream", None), "closed", False)
        ]


def _unreadable(place: Place) -> list[object]:
    path = place.put("secret.log", LOG)
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("root reads everything")
    return ["process", path]


def _taken(place: Place, command: str) -> list[object]:
    listener = socket.create_server(("127.0.0.1", 0))
    place.listener = listener  # type: ignore[attr-defined] # open until the test ends
    return [command, "--port", listener.getsockname()[1]]


def _without(place: Place, name: str, value: str, *words: object) -> list[object]:
    place.set(name, value)
    return list(words)


def _with_another_key(place: Place, *words: object) -> list[object]:
    """The store was begun with one key; the command runs with another one."""
    for key in ("canary-the-first-key", "canary-another-key"):
        place.set("SOC_SECRET_KEY", key)
        if key.endswith("first-key"):
            migrate()
    return list(words)


#: (what is wrong, the command, how it ends, words of the closing lines)
FAILING: dict[str, tuple[Callable[[Place], list[object]], Ending, str]] = {
    "no such file": (lambda _: ["process", "/nope"], Ending.USAGE, "/nope cannot be read"),
    "one of two files is not there": (lambda p: ["process", p.log, "/nope"], Ending.USAGE, "/nope"),
    "a folder without files": (lambda p: ["process", p.folder / "data"], Ending.USAGE, "no file"),
    "a pattern that matches nothing": (lambda _: ["process", "*.gz"], Ending.USAGE, "No file matches *.gz"),
    "a file without rights": (_unreadable, Ending.USAGE, "Permission denied"),
    "a format that there is not": (lambda p: ["process", p.log, "--format", "x"], Ending.USAGE, "not a format"),
    "an option that there is not": (lambda p: ["process", p.log, "--jiras"], Ending.USAGE, "--jiras"),
    "a command that there is not": (lambda _: ["proces"], Ending.USAGE, "proces"),
    "an export without a kind": (lambda p: ["process", p.log, "--export", "x.doc"], Ending.USAGE, ".parquet"),
    "an export into no folder": (lambda p: ["process", p.log, "--export", "no/x.csv"], Ending.USAGE, "no folder"),
    "an export onto a folder": (lambda p: ["process", p.log, "--export", p.folder], Ending.USAGE, "--export"),
    "the only file is empty": (lambda p: ["process", p.put("e.log", "")], Ending.REFUSED, "is empty"),
    "the only file is binary": (lambda p: ["process", p.put("b.log", bytes(999))], Ending.REFUSED, "binary"),
    "one of two files is refused": (
        lambda p: ["process", p.log, p.put("e.log", "")], Ending.PARTLY_REFUSED, "1 of 2 files could not be read",
    ),
    "Jira is not configured": (
        lambda p: ["process", p.log, "--jira"], Ending.NOT_AVAILABLE, "JIRA integration not available",
    ),
    "PagerDuty is not configured": (
        lambda p: ["process", p.log, "--pagerduty"], Ending.NOT_AVAILABLE, "PagerDuty integration not available",
    ),
    "a larger file than is taken": (
        lambda p: _without(p, "SOC_MAX_UPLOAD_BYTES", "10", "process", p.log), Ending.REFUSED, "larger than the limit",
    ),
    "a database that is away": (
        lambda p: _without(p, "SOC_DATABASE_URL", "postgresql://a:canary@127.0.0.1:1/b", "process", p.log),
        Ending.STORE, "refused",
    ),
    "a worker without its database": (
        lambda p: _without(p, "SOC_DATABASE_URL", "postgresql://a:canary@127.0.0.1:1/b", "worker"),
        Ending.STORE, "SOC_DATABASE_URL",
    ),
    "an API without its database": (
        lambda p: _without(p, "SOC_DATABASE_URL", "postgresql://a:canary@127.0.0.1:1/b", "api"),
        Ending.STORE, "SOC_DATABASE_URL",
    ),
    "a dashboard without its database": (
        lambda p: _without(p, "SOC_DATABASE_URL", "postgresql://a:canary@127.0.0.1:1/b", "dashboard"),
        Ending.STORE, "SOC_DATABASE_URL",
    ),
    "an address of a database that is none": (
        lambda p: _without(p, "SOC_DATABASE_URL", "mysql://a:canary@h/b", "worker"), Ending.STORE, "SOC_DATABASE_URL",
    ),
    "a setting that is wrong": (
        lambda p: _without(p, "SOC_LOG_LEVEL", "LOUD", "keys", "list"), Ending.USAGE, "SOC_LOG_LEVEL",
    ),
    "a data folder that is a file": (
        lambda p: _without(p, "SOC_DATA_DIR", str(p.log), "keys", "list"), Ending.STORE, "night.log",
    ),
    "a database that is none": (
        lambda p: _without(p, "SOC_DATA_DIR", str(p.put("soc.db", LOG * 99).parent), "keys", "list"),
        Ending.STORE, "is damaged",
    ),
    "another key than the store's, for lines": (
        lambda p: _with_another_key(p, "process", p.log), Ending.WRONG_KEY, "soc config new-key",
    ),
    "another key than the store's, for a look": (
        lambda p: _with_another_key(p, "status"), Ending.WRONG_KEY, "soc config new-key",
    ),
    "another key than the store's, for a worker": (
        lambda p: _with_another_key(p, "worker"), Ending.WRONG_KEY, "soc config new-key",
    ),
    "the API's port is taken": (lambda p: _taken(p, "api"), Ending.PORT_TAKEN, "in use"),
    "the dashboard's port is taken": (lambda p: _taken(p, "dashboard"), Ending.PORT_TAKEN, "in use"),
    "the sandbox's port is taken": (lambda p: _taken(p, "sandbox"), Ending.PORT_TAKEN, "in use"),
    "a port that is none": (lambda _: ["api", "--port", "99999"], Ending.USAGE, "--port"),
    "an address of another machine": (lambda _: ["api", "--host", "203.0.113.7"], Ending.PORT_TAKEN, "203.0.113.7"),
    "a scope that there is not": (lambda _: ["keys", "create", "x", "--scope", "all"], Ending.USAGE, "all"),
    "a key without a name": (lambda _: ["keys", "create", " "], Ending.USAGE, "no name"),
    "no such key": (lambda _: ["keys", "revoke", "key-x"], Ending.NOT_FOUND, "key-x"),
    "an export of settings into no folder": (lambda _: ["config", "export", "no/x.json"], Ending.USAGE, "no folder"),
    "an import of no file": (lambda _: ["config", "import", "nope.json"], Ending.USAGE, "nope.json"),
    "an import of no JSON": (lambda p: ["config", "import", p.log], Ending.REFUSED, "JSON"),
    "an import of other JSON": (
        lambda p: ["config", "import", p.put("x.json", '{"a": 1}')], Ending.REFUSED, "no export",
    ),
    "an audit into no folder": (lambda _: ["audit", "export", "no/x.jsonl"], Ending.USAGE, "no folder"),
    "a comparison with nobody": (lambda _: ["reconcile", "--dry-run"], Ending.NOT_AVAILABLE, "Nothing was compared"),
    "a backup that is a file": (lambda p: ["restore", p.log], Ending.STORE, "holds no whole backup"),
    "heads that are nowhere": (lambda _: ["audit", "verify", "--heads", "nope"], Ending.USAGE, "nope"),
    "a hand-over into no folder": (lambda _: ["handover", "show", "--file", "no/x.pdf"], Ending.USAGE, "no folder"),
    "a chain that is nowhere": (lambda _: ["escalation", "set", "nope.json"], Ending.USAGE, "nope.json"),
    "a chain that is none": (
        lambda p: ["escalation", "set", p.put("c.json", '{"name": "x"}')], Ending.REFUSED, "cannot be read",
    ),
    "a policy that is nowhere": (lambda _: ["sla", "save", "nope.json"], Ending.USAGE, "nope.json"),
    "a policy that is no JSON": (lambda p: ["sla", "save", p.log], Ending.REFUSED, "no policy"),
    "a policy that is none": (
        lambda p: ["sla", "preview", p.put("p.json", '{"id": "x"}')], Ending.REFUSED, "was not taken",
    ),
    "an import of a kind that there is not": (
        lambda p: ["config", "import", p.put("x.json", '{"integrations": {"telex": {}}}')], Ending.REFUSED, "Nothing was saved",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", FAILING)
def test_a_failing_command_ends_with_its_code_and_says_why(what: str, place: Place) -> None:
    (place.folder / "data").mkdir(exist_ok=True)
    command, ending, words = FAILING[what]
    code, output = _run(*command(place))
    assert (code, code and words in output) == (ending, True), output
    assert "canary" not in output


@pytest.fixture
def jira(place: Place) -> Iterator[SandboxServer]:
    """A Jira that answers, in the environment."""
    with SandboxServer(port=0, state_path=None) as sandbox:
        place.set("SOC_ALLOWED_HOSTS", sandbox.jira_url.split("/")[2])
        place.set("JIRA_SERVER_URL", sandbox.jira_url)
        place.set("JIRA_USERNAME", catalogue.BOT.email)
        place.set("JIRA_API_TOKEN", catalogue.TOKEN)
        place.set("JIRA_PROJECT_KEY", "SOC")
        yield sandbox


def test_a_ticket_that_was_opened_is_success(jira: SandboxServer, place: Place) -> None:
    code, output = _run("process", place.log, "--jira")
    assert (code, "🎫 Created 1 JIRA incident" in output) == (Ending.DONE, True), output


def test_a_wrong_token_is_a_pause(jira: SandboxServer, place: Place) -> None:
    place.set("JIRA_API_TOKEN", "canary-token")
    code, output = _run("process", place.log, "--jira")
    assert (code, "Jira is paused" in output) == (Ending.PAUSED, True), output
    assert "canary" not in output
    # and the next one finds it paused
    code, output = _run("process", place.put("again.log", LOG.replace("web-1", "web-2")), "--jira")
    assert (code, "Jira is paused" in output) == (Ending.PAUSED, True), output


def test_a_vendor_that_is_away_leaves_messages_undelivered(jira: SandboxServer, place: Place) -> None:
    url = jira.jira_url.rpartition("/")[0]
    httpx.post(
        f"{url}/admin/faults", json={"kind": "server_error", "vendor": "jira", "on": "all"}
    ).raise_for_status()
    code, output = _run("process", place.log, "--jira", "--wait", "1")
    assert (code, "1 still on their way" in output) == (Ending.UNDELIVERED, True), output


def test_an_integration_that_is_switched_off_is_not_available(jira: SandboxServer, place: Place) -> None:
    migrate()
    save_configuration(
        "jira",
        {
            "base_url": jira.jira_url,
            "username": "u",
            "api_token": "t",
            "project_key": "SOC",
            "enabled": False,
        },
        actor=AT_A_PAGE,
    )
    code, output = _run("process", place.log, "--jira")
    assert (code, "❌ JIRA integration not available\n" in output) == (Ending.NOT_AVAILABLE, True), output


def test_an_interrupted_command_says_what_goes_on(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("soc.cli.process.processing._follow", interrupted)
    code, output = _run("process", place.log)
    assert (code, "goes on with the next process" in output) == (Ending.INTERRUPTED, True), output


def test_what_breaks_off_at_the_first_try_goes_on_with_the_engine(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_batch_id: str, **_: int) -> None:
        raise sa.exc.OperationalError("BEGIN", {}, Exception("the database is locked"))

    monkeypatch.setattr("soc.cli.process.alone.run_batch", broken)
    code, output = _run("process", place.log)
    assert (code, "Processed 1 logs" in output) == (Ending.DONE, True), output


def test_a_fault_of_the_product_is_said_with_its_place(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("canary")

    monkeypatch.setattr("soc.access.keys.revoke_key", broken)
    code, output = _run("keys", "revoke", "key-1")
    assert (code, "ZeroDivisionError at" in output, "canary" in output) == (Ending.FAULT, True, False), output


def test_every_code_is_documented_and_its_own() -> None:
    table = ending_table()
    assert len({one.value for one in Ending}) == len(Ending) == len(table.splitlines()) - 2
    assert all(one.meaning in table for one in Ending)


def test_standard_output_is_one_document_where_json_is_asked_for(place: Place) -> None:
    for words, ending in ((["process", place.log], "done"), (["process", "/nope"], "usage")):
        done = CliRunner().invoke(app, [str(word) for word in words] + ["--json"])
        _forget_closed_streams()
        assert json.loads(done.stdout)["ending"] == ending


def test_a_wrong_path_is_said_before_anything_is_loaded() -> None:
    """What costs seconds to load is not loaded; wall time would depend on the machine."""
    program = (
        "import sys; from soc.cli.commands import app\n"
        "try: app(['process', '/nope'])\n"
        "except SystemExit as end: print(end.code, sorted({'polars', 'sqlalchemy', 'dbos', 'fastapi', 'httpx'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.stdout == "2 []\n"


def test_the_page_of_commands_has_what_the_commands_say() -> None:
    assert generate(write=False, more=command_tables(app)) == []
