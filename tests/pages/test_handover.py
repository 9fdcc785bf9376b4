"""The Hand-over page: from what is missing to a written outlook, to a shift that is given and accepted; API and command do the same."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

from fastapi.testclient import TestClient
from typer.testing import CliRunner

from soc import clock
from soc.api.application import api
from soc.cli.commands import app
from soc.settings import Settings
from soc.store.db import write_session
from tests.pages.conftest import OpenPage, grids, read
from tests.rows import add_incident, add_person, add_ticket


def _fill() -> None:
    with write_session() as session:
        add_person(session, "per-kim")
        for number in (1, 2):
            add_incident(session, f"inc-SOC-{number}", title=f"scan {number}")
            add_ticket(session, f"SOC-{number}", due_at=clock.now() + timedelta(hours=number))


def test_a_shift_is_written_down_given_and_accepted_at_the_page(open_page: OpenPage) -> None:
    _fill()
    page = open_page("handover")
    assert "2 open incidents, 2 of them miss something" in read(page)
    page = open_page("handover", incident="inc-SOC-1")
    page.text_area(key="hypothesis-inc-SOC-1").input("a scanner")
    page.text_area(key="step-inc-SOC-1").input("ask").run()
    page = next(one for one in page.button if one.label == "Save").click().run()
    assert "Saved." in read(page)
    assert grids(page)[0].column("hypothesis") == ["a scanner"]
    page = open_page("handover")
    assert "a scanner" in grids(page)[0].column("hypothesis")
    next(one for one in page.button if one.label == "Give the shift over").click().run()
    (given,) = TestClient(api).get("/handovers").json()["items"]
    page = open_page("handover", handover=given["id"])
    page.selectbox(key=f"accept-person-{given['id']}").select("per-kim").run()
    page = next(one for one in page.button if one.label == "Accept").click().run()
    assert "Accepted by Kim" in read(page)
    assert "2 incidents taken over" in read(page)


def test_the_api_gives_accepts_and_keeps_every_version(store: Settings) -> None:
    _fill()
    caller = TestClient(api)
    for words in ("one", "two"):
        said = caller.put("/incidents/inc-SOC-1/outlook", json={"hypothesis": words, "based_on": 0}).json()
    assert (said["version"], said["overtaken"]) == (2, True)
    kept = caller.get("/incidents/inc-SOC-1/outlook").json()["items"]
    assert [one["hypothesis"] for one in kept] == ["two", "one"]
    now = caller.get("/handover").json()
    assert [one["ticket"] for one in now["open"]] == ["SOC-1", "SOC-2"]
    assert caller.get("/handover", params={"format": "pdf"}).content.startswith(b"%PDF-1.4")
    assert b"SOC-2 scan 2" in caller.get("/handover", params={"format": "html"}).content
    given = caller.post("/handovers", json={"remark": "quiet"}).json()
    taken = caller.post(f"/handovers/{given['id']}/accept", json={"person": "per-kim", "take": ["inc-SOC-2"]})
    assert taken.json()["taken"] == ["inc-SOC-2"]
    assert caller.post(f"/handovers/{given['id']}/post").json() == {
        "told": [], "said": "No channel for it is connected.",
    }  # fmt: skip
    assert caller.get("/handovers/hov-none").status_code == 404
    assert caller.get(f"/handovers/{given['id']}").json()["accepted_person"] == "per-kim"


def test_the_command_writes_files_and_says_what_is_missing(store: Settings, tmp_path: Path) -> None:
    _fill()
    run = CliRunner().invoke
    assert "missing owner, hypothesis" in run(app, ["handover", "show"]).stdout
    for name in ("shift.html", "shift.pdf"):
        assert run(app, ["handover", "show", "--file", str(tmp_path / name)]).exit_code == 0
        assert (tmp_path / name).stat().st_size > 500
    assert run(app, ["handover", "show", "--file", str(tmp_path / "shift.doc")]).exit_code == 2
    done = run(app, ["handover", "outlook", "inc-SOC-1", "--hypothesis", "h", "--next-step", "s"])
    assert "Version 1 is in force." in done.stdout
    given = json.loads(run(app, ["handover", "give", "--json"]).stdout)
    took = json.loads(run(app, ["handover", "accept", given["id"], "per-kim", "--none", "--json"]).stdout)
    assert took["taken"] == []
    assert run(app, ["handover", "post", given["id"]]).exit_code == 5
