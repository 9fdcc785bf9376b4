"""Tables in a real browser: a click opens the row that stood under it, however many rows come meanwhile."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ROOT, App

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
#: A campaign asks for 200.
CLICKS = int(os.environ.get("SOC_RACE_CLICKS", "6"))
#: Clicks a row in the browser and answers with the id that it carried then.
CLICK = """n => {
  const tables = [...document.querySelectorAll('*')].filter((one) => one.shadowRoot).map((one) => one.shadowRoot);
  const rows = tables.flatMap((root) => [...root.querySelectorAll('tr.open')]);
  const row = rows[n % rows.length];
  row.click();
  return row.dataset.id;
}"""
#: The parts of the first address of the list, as a narrow column may break it.
PARTS = """() => {
  const tables = [...document.querySelectorAll('*')].filter((one) => one.shadowRoot).map((one) => one.shadowRoot);
  const cells = tables.flatMap((root) => [...root.querySelectorAll('td.whole')]);
  const cell = cells.find((one) => /^\\d+\\.\\d+\\.\\d+\\.\\d+$/.test(one.textContent));
  return [...cell.childNodes].map((one) => one.nodeName === 'WBR' ? '|' : one.textContent).join('');
}"""


@pytest.fixture(scope="module")
def night(lasting_product: App) -> App:
    fill = "from tests.pages.night import add_night; add_night(running=False)"
    environment = {**os.environ, "SOC_DATA_DIR": str(lasting_product.data)}
    subprocess.run([sys.executable, "-c", fill], cwd=ROOT, env=environment, check=True)
    return lasting_product


def insert_rows(data: Path, stop: threading.Event) -> None:
    """The gravest incident again and again, each time on top of the list."""
    with closing(sqlite3.connect(data / "soc.db", timeout=30)) as connection:
        names = [row[1] for row in connection.execute("PRAGMA table_info(incidents)")]
        number = 0
        while not stop.wait(0.2):
            number += 1
            row = dict(
                zip(names, connection.execute("SELECT * FROM incidents LIMIT 1").fetchone(), strict=True)
            )
            row |= {"id": f"inc-race{number:08}", "score": 10, "severity": "critical"}
            marks = ",".join("?" * len(names))
            connection.execute(
                f"INSERT INTO incidents ({','.join(names)}) VALUES ({marks})", [row[one] for one in names]
            )
            connection.commit()


def test_back_leads_to_the_list_and_every_tab_says_what_it_shows(
    night: App, open_page: Callable[..., Page]
) -> None:
    page = open_page()
    page.goto(night.url)
    expect(page).to_have_title("Overview · SOC operations")
    page.locator("tr.open").first.wait_for()
    page.evaluate(CLICK, 0)  # a line of the board opens what can be done with it
    page.get_by_role("link", name="All about it").click()
    expect(page).to_have_url(re.compile("/incidents.incident="))
    expect(page).to_have_title(re.compile("^Incident SOC-"))
    page.go_back()
    expect(page).to_have_title("Overview · SOC operations")
    assert "incident=" not in page.url


def test_no_click_opens_another_row_while_rows_come(night: App, open_page: Callable[..., Page]) -> None:
    page = open_page()
    stop = threading.Event()
    writer = threading.Thread(target=insert_rows, args=(night.data, stop))
    writer.start()
    opened: list[tuple[str, Any]] = []
    try:
        for number in range(CLICKS):
            page.goto(f"{night.url}/incidents")
            page.locator("tr.open").first.wait_for()
            if not number:
                assert re.fullmatch(r"(\d+\.\|){3}\d+", page.evaluate(PARTS))
            wanted = page.evaluate(CLICK, number)
            expect(page).to_have_url(re.compile("incident="))
            found = re.search(r"incident=([\w-]+)", page.url)
            opened.append((wanted, found and found[1]))
    finally:
        stop.set()
        writer.join()
    assert [pair for pair in opened if pair[0] != pair[1]] == []
