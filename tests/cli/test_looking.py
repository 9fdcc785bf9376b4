"""`soc status`, `list`, `show`, `replay` and `config`: what they say, and how they end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from soc import clock
from soc.cli.commands import app
from soc.cli.endings import Ending
from soc.cli.look.looking import NOUNS
from soc.configuration.save import save_configuration
from soc.configuration.state import integration_state
from soc.domain.actor import AT_A_PAGE
from soc.store.db import write_session
from soc.store.migrate import migrate
from soc.store.nouns.vendors.health import pause
from tests.rows import add_batch, add_delivery, add_incident, add_ticket, keep_wrong

WEBHOOK = {"url": "https://hooks.example.com/in", "headers": {"Authorization": "Bearer canary"}}


@pytest.fixture(autouse=True)
def _store() -> None:
    migrate()


def soc(*words: str, ending: Ending = Ending.DONE) -> str:
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == ending, done.output
    return done.stdout + done.stderr


def document(*words: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(CliRunner().invoke(app, [*words, "--json"]).stdout)
    return found


def test_a_quiet_installation_has_nothing_to_tell() -> None:
    assert "0 on their way, 0 held, 0 given up" in soc("status")


def test_what_was_given_up_and_who_is_paused_decide_how_status_ends() -> None:
    with write_session() as session:
        add_delivery(session, state="dead")
    assert "1 not delivered" in soc("status", ending=Ending.UNDELIVERED)
    save_configuration("webhook", WEBHOOK, actor=AT_A_PAGE)
    with write_session() as session:
        pause(session, "webhook", reason="The key is refused.", actor=AT_A_PAGE, now=clock.now())
    assert "Webhook is paused: The key is refused." in soc("status", ending=Ending.PAUSED)
    assert document("status")["ending"] == "paused"


def test_settings_that_cannot_be_used_are_one_line_of_the_status_and_are_replaced_from_the_shell() -> None:
    save_configuration("webhook", WEBHOOK, actor=AT_A_PAGE)
    keep_wrong("webhook")
    said = soc("status", ending=Ending.PAUSED)
    assert "Webhook      cannot be used: Webhook is not configured correctly. Timeout" in said
    assert "Jira         not configured" in said
    assert "`soc config set webhook NAME=VALUE …`" in soc(
        "config", "show", "webhook", ending=Ending.NOT_AVAILABLE
    )
    soc("config", "set", "webhook", "url=https://hooks.example.com/new")
    assert integration_state("webhook").masked["url"] == "https://hooks.example.com/new"


def test_what_was_given_up_is_shown_before_it_is_sent_again() -> None:
    assert "Nothing was given up." in soc("replay", "--dead", "--preview")
    with write_session() as session:
        add_delivery(session, state="dead", payload={"incident": {"title": "Brute \x1b[31m force"}})
    told = soc("replay", "--dead", "--preview")
    assert "Jira: 1 × open ticket." in told
    assert "dlv-1" in told
    assert "\x1b" not in told
    [one] = document("replay", "--dead", "--integration", "jira", "--preview")["items"]  # type: ignore[misc]
    assert (one["ids"], one["messages"]) == (["dlv-1"], {"open_ticket": 1})
    assert "1 not delivered" in soc("status", ending=Ending.UNDELIVERED)
    soc("replay", "dlv-1", "--preview", ending=Ending.USAGE)


def test_every_noun_is_listed_and_each_of_its_rows_is_shown() -> None:
    with write_session() as session:
        add_batch(session, "bat-1", lines_in=3, parsed=3)
        add_incident(session, "inc-1", title="Brute \x1b[31m force")
        add_ticket(session, "SOC-7", incident_id="inc-1")
        add_delivery(session, "dlv-1", payload={"secret": "canary"})
    for noun, one in zip(NOUNS, ("bat-1", "inc-1", "SOC-7", "dlv-1"), strict=True):
        assert one in soc("list", noun)
        assert one in soc("show", one)
        assert "canary" not in json.dumps(document("show", one))
        assert document("list", noun)["total"]
    assert "\x1b" not in soc("list", "incidents")
    assert "severity-9" in soc("show", "severity-9")
    assert "There are no deliveries that are dead." in soc("list", "deliveries", "--state", "dead")


@pytest.mark.parametrize(
    ("words", "ending"),
    [
        ("show inc-nope", Ending.NOT_FOUND), ("show SOC-99", Ending.NOT_FOUND), ("show bat-nope", Ending.NOT_FOUND),
        ("list pigeons", Ending.USAGE), ("list deliveries --state nonsense", Ending.USAGE), ("list tickets --state dead", Ending.USAGE), ("replay", Ending.USAGE), ("replay dlv-nope", Ending.NOT_FOUND),
        ("replay --dead --integration telex", Ending.NOT_FOUND), ("config show telex", Ending.NOT_FOUND),
        ("config show jira", Ending.NOT_AVAILABLE), ("config test jira", Ending.NOT_AVAILABLE),
        ("config set jira colour=red", Ending.USAGE), ("config set jira base_url", Ending.USAGE),
        ("config set jira api_token=@nope", Ending.USAGE), ("config set webhook url=ftp://x", Ending.USAGE),
    ],
)  # fmt: skip
def test_what_cannot_be_ends_with_its_code(words: str, ending: Ending) -> None:
    assert "❌" in soc(*words.split(), ending=ending)


def test_settings_are_changed_by_name_and_secrets_stay_masked() -> None:
    save_configuration("webhook", WEBHOOK, actor=AT_A_PAGE)
    said = soc("config", "set", "webhook", "timeout=7", "verify_ssl=true")
    assert integration_state("webhook").masked["timeout"] == 7
    assert integration_state("webhook").masked["url"] == WEBHOOK["url"]
    assert "canary" not in said + soc("config", "show", "webhook") + json.dumps(
        document("config", "show", "webhook")
    )


def test_why_says_what_a_line_is_and_refuses_what_names_none(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text("Mar  1 02:00:00 web1 sshd[7]: Failed password for root from 203.0.113.9 port 40 ssh2\n")
    said = soc("why", f"{log}:1")
    assert (
        "✓ behaviour.failed-login (Failed login): what is done, by message “Failed password” [30–45]" in said
    )
    found = document("why", f"{log}:1")
    assert (found["score"], found["ticket"], found["incident"] is not None) == (6, False, True)
    for place in (str(log), f"{log}:0", f"{log}.gone:1"):
        assert "Write FILE:LINE" in soc("why", place, ending=Ending.USAGE)
