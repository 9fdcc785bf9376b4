"""What an analyst does, in a real browser: connect the sandbox, drop a log, follow it to tickets and alerts."""

from __future__ import annotations

import json
import re
import signal
import sqlite3
import urllib.request
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

LOG = "\n".join(
    ["source,log_message"]
    + [f"web-{n % 5},GET /index.html 200 in {n % 90} ms" for n in range(400)]
    + ["SecuritySystem,CRITICAL: Multiple failed root login attempts - potential breach"]
    + ["NetworkFirewall,SECURITY ALERT: Advanced persistent threat detected"]
    + ["Mail,<script>alert('x')</script> **bold** [link](javascript:alert(1))"]
)


def rows(data: Path, query: str) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(f"file:{data / 'soc.db'}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(query)]


def practice_state(data: Path) -> dict[str, Any]:
    port = json.loads(rows(data, "SELECT value FROM notes WHERE name = 'sandbox'")[0]["value"])["port"]
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/admin/state", timeout=5) as answer:
        state: dict[str, Any] = json.load(answer)
        return state


def connect(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_role("button", name="Practise with the sandbox").click()
    expect(page.get_by_text("Practice data").first).to_be_visible()


def upload(page: Page, url: str, name: str, content: str) -> None:
    page.goto(f"{url}/process_logs")
    page.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "text/plain", "buffer": content.encode()}
    )
    expect(page.get_by_text("Enable Slack Notifications")).to_be_visible()
    expect(page.get_by_text("Enable JIRA Incident Creation")).to_be_visible()
    page.get_by_role("button", name="Process logs", exact=True).click()
    expect(page).to_have_url(re.compile("batch="))


def test_a_dropped_log_ends_in_tickets_and_alerts_and_the_page_says_what_the_store_says(
    product: Any, open_page: Callable[..., Page]
) -> None:
    page = open_page()
    connect(page, product.url)
    upload(page, product.url, "night.csv", LOG)
    expect(page.get_by_text("Processed 403 logs successfully!")).to_be_visible()
    expect(page.get_by_text("Created 2 JIRA incidents")).to_be_visible()
    expect(page.get_by_text("Sent 2 critical alerts to Slack")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Created 2 JIRA incidents")).to_be_visible()

    practice = practice_state(product.data)
    tickets = rows(product.data, "SELECT key, summary FROM tickets ORDER BY key")
    assert [(one["key"], one["summary"]) for one in tickets] == sorted(
        (issue["key"], issue["summary"]) for issue in practice["issues"]
    )
    assert {one["summary"].rpartition(" (")[0] for one in tickets} == {
        "[CRITICAL] Security Alert - SecuritySystem",
        "[CRITICAL] Security Alert - NetworkFirewall",
    }
    page.goto(f"{product.url}/tickets")
    for ticket in tickets:
        expect(page.get_by_text(ticket["key"]).first).to_be_attached()


def test_an_incident_shows_why_and_hostile_text_stays_text(
    product: Any, open_page: Callable[..., Page]
) -> None:
    page = open_page()
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    connect(page, product.url)
    hostile = "source,message\nMail,CRITICAL: breach <script>alert(1)</script> <img src=x onerror=alert(2)> **b** <!channel>\n"
    upload(page, product.url, "<b>hostile</b>.csv", hostile)
    expect(page.get_by_text("Processed 1 logs successfully!")).to_be_visible()
    incident = rows(product.data, "SELECT id FROM incidents")[0]["id"]
    page.goto(f"{product.url}/incidents?incident={incident}")
    expect(page.get_by_text("<script>alert(1)</script>").first).to_be_visible()
    assert dialogs == []


def test_a_batch_goes_on_after_kill_nine_and_the_page_shows_the_whole_result(
    product: Any, open_page: Callable[..., Page]
) -> None:
    page = open_page()
    connect(page, product.url)
    lines = [
        f"host-{n:02d},CRITICAL: Multiple failed root login attempts - potential breach" for n in range(12)
    ]
    upload(page, product.url, "night.csv", "source,message\n" + "\n".join(lines))
    address = page.url
    page.wait_for_timeout(1500)
    product.end(signal.SIGKILL)
    product.start()
    page.goto(address)
    expect(page.get_by_text("Created 12 JIRA incidents")).to_be_visible(timeout=120_000)
    expect(page.get_by_text("Sent 12 critical alerts to Slack")).to_be_visible(timeout=120_000)
    labels = [
        label
        for issue in practice_state(product.data)["issues"]
        for label in issue["labels"]
        if label.startswith("soc-incident-")
    ]
    assert len(labels) == len(set(labels)) == 12


def test_a_wrong_token_says_which_case_it_is_and_what_to_do(
    product: Any, open_page: Callable[..., Page]
) -> None:
    page = open_page()
    connect(page, product.url)
    page.goto(f"{product.url}/integrations")
    page.get_by_role("textbox", name="API token").fill("wrong-token")
    page.get_by_role("button", name="Test connection").first.click()
    expect(page.get_by_text("API token is valid", exact=False).first).to_be_visible()
