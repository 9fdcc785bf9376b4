"""`soc incident` and `soc ticket`: acts as they are typed, and what they say."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import time_machine
from typer.testing import CliRunner

from soc import clock
from soc.cli.commands import app
from soc.cli.endings import Ending
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.incidents.incidents import get_incident
from tests.lines import write_lines
from tests.rows import add_person, add_ticket


@pytest.fixture(autouse=True)
def _ticket() -> None:
    migrate()
    with write_session() as session:
        add_ticket(session, "SOC-1")


def soc(*words: str, ending: Ending = Ending.DONE, given: str = "") -> str:
    done = CliRunner().invoke(app, [*words], input=given)
    assert done.exit_code == ending, done.output
    return done.stdout + done.stderr


def test_a_life_from_the_shell() -> None:
    assert "Acknowledged." in soc("ticket", "acknowledge", "SOC-1")
    soc("ticket", "status", "1", "in-progress")
    soc("incident", "priority", "inc-SOC-1", "low")
    soc("incident", "note", "inc-SOC-1", "-", given="Looked at it.\n")
    soc("ticket", "labels", "SOC-1", "--add", "phishing", "--add", "vip")
    soc("incident", "labels", "inc-SOC-1", "--remove", "vip")
    assert soc("ticket", "labels", "SOC-1").strip() == "SOC-1  phishing"
    assert "Looked at it." in soc("ticket", "notes", "SOC-1")
    assert "REFUSED" not in soc("incident", "close", "inc-SOC-1", "Benign-True-Positive", "--note", "Ours.")
    assert "verdict" in soc("incident", "verdict", "inc-SOC-1", "undetermined")
    with read_session() as session:
        row = get_incident(session, "inc-SOC-1")
    assert (row.status, row.verdict, row.priority) == ("closed", "undetermined", "Low")
    assert row.changed_by == "person:shell@shell"


def test_the_same_key_acts_once() -> None:
    first, again = (
        json.loads(
            CliRunner().invoke(app, ["ticket", "note", "SOC-1", "Once.", "--key", "k", "--json"]).stdout
        )
        for _ in range(2)
    )
    assert first == again
    assert soc("ticket", "notes", "SOC-1").count("Once.") == 1


def test_what_cannot_be_is_refused_with_what_can() -> None:
    assert "true_positive" in soc("ticket", "close", "SOC-1", "guilty", ending=Ending.USAGE)
    assert "verdict" in soc("ticket", "status", "SOC-1", "closed", ending=Ending.REFUSED)
    soc("ticket", "acknowledge", "SOC-9", ending=Ending.NOT_FOUND)
    soc("ticket", "acknowledge", "99", ending=Ending.NOT_FOUND)


def test_many_are_shown_done_and_taken_back() -> None:
    many = ["incident", "many", "close", "SOC-1", "--verdict", "undetermined", "--json", "--quiet"]
    assert json.loads(soc(*many, "--preview"))["done"] == 1
    assert soc("incident", "many", "acknowledge", "SOC-1", "--preview").split()[:3] == [
        "done",
        "inc-SOC-1",
        "SOC-1",
    ]
    done = json.loads(soc(*many))
    assert (done["done"], done["items"][0]["outcome"]) == (1, "done")
    with time_machine.travel(
        clock.now() + timedelta(seconds=59)
    ):  # until a command has started, ten seconds are over
        assert json.loads(soc("incident", "undo", done["group"], "--json", "--quiet"))["done"] == 1
    with read_session() as session:
        assert get_incident(session, "inc-SOC-1").status == "open"
    assert "acknowledge" in soc("incident", "many", "dance", "SOC-1", ending=Ending.USAGE)
    soc("incident", "undo", "grp-none", ending=Ending.NOT_FOUND)


def test_lines_are_split_off_after_a_look_at_what_stands_in_them_and_taken_back() -> None:
    with write_session() as session:
        get_incident(session, "inc-SOC-1").count = 3
    write_lines("inc-SOC-1", ["203.0.113.1", "203.0.113.2", "203.0.113.2"])
    values = soc("incident", "split", "SOC-1", "--values", "source.ip").split()
    assert values == ["2", "203.0.113.2", "1", "203.0.113.1"]
    assert "None of its lines has a value in source.port." in soc(
        "incident", "split", "SOC-1", "--values", "source.port"
    )
    wanted = [
        "incident",
        "split",
        "SOC-1",
        "--where",
        "source.ip=203.0.113.1",
        "--title",
        "Another",
        "--json",
    ]
    shown = json.loads(CliRunner().invoke(app, [*wanted, "--preview"]).stdout)
    assert (shown["group"], shown["items"][0]["said"][:18]) == ("", "1 line becomes an ")
    done = json.loads(CliRunner().invoke(app, [*wanted, "--key", "s"]).stdout)
    part = done["items"][1]["incident_id"]
    with read_session() as session:
        found = get_incident(session, part)
        assert (found.title, found.count, get_incident(session, "inc-SOC-1").count) == ("Another", 1, 2)
    with time_machine.travel(clock.now() + timedelta(seconds=11)):  # its ticket is opened then
        assert "too late" in soc("incident", "undo", done["group"], ending=Ending.USAGE)
    soc("incident", "undo", done["group"])
    with read_session() as session:
        assert get_incident(session, "inc-SOC-1").count == 3
    for wrong in (("--where", "source.ip"), ("--since", "yesterday"), ()):
        soc("incident", "split", "SOC-1", *wrong, ending=Ending.USAGE)


def test_something_is_hidden_for_a_while_after_a_look() -> None:
    with write_session() as session:
        add_person(session, "per-kim", email="kim@example.com")
    add = ["suppress", "add", "Known.", "--owner", "per-kim", "--class", "err"]
    assert "it would have hidden 1" in soc(*add, "--preview")
    by_mail = ["kim@example.com" if one == "per-kim" else one for one in add]
    assert "it would have hidden 1" in soc(*by_mail, "--preview")
    assert "Nothing is hidden." in soc("suppress", "list")
    made = json.loads(soc(*add, "--hours", "2", "--json"))
    assert "in force" in soc("suppress", "list")
    soc("suppress", "end", made["id"])
    assert "over" in soc("suppress", "list")
    soc("suppress", "add", "Known.", "--owner", "per-kim", ending=Ending.USAGE)
