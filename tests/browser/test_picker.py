"""A large log through the picker in a real browser: it shows how far it is, may be cancelled, and ends in a batch."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

LINE = "Jan 15 10:30:00 web-1 sshd[812]: Accepted publickey for ops from 198.51.100.7 port 22 ssh2\n"


def large(folder: Path, megabytes: int) -> Path:
    path = folder / "large <b>.log"
    path.write_text(LINE * (megabytes * 1_000_000 // len(LINE)))
    return path


def watch(page: Page, megabytes_a_second: float) -> list[str]:
    """A slow line; returns what the page's own scripts and its Content-Security-Policy complain of meanwhile."""
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if "Security Policy" in said.text else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    speed = megabytes_a_second * 1_000_000
    page.context.new_cdp_session(page).send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": speed},
    )
    return complaints


def _open(page: Page, product: Any) -> None:
    """Once it is drawn: a busy machine draws it a second time when the browser's zone is known."""
    page.goto(f"{product.url}/process_logs")
    page.locator("input[type=file]").wait_for(state="attached")
    page.locator("[data-test-script-state=notRunning]").wait_for()


def kept(product: Any) -> list[int]:
    return sorted(path.stat().st_size for path in (product.data / "uploads").glob("*"))


def test_a_large_log_says_how_far_it_is_and_ends_in_a_batch(
    product: Any, open_page: Callable[..., Page], tmp_path: Path
) -> None:
    page = open_page()
    complaints = watch(page, 12)
    _open(page, product)
    log = large(tmp_path, 30)
    page.locator("input[type=file]").set_input_files(log)
    expect(page.get_by_text(re.compile(r"[1-9]\d? % of 30\.0 MB · \d+\.\d MB/s"))).to_be_visible()
    expect(page.get_by_role("button", name="Process logs", exact=True)).to_be_disabled()
    expect(page.get_by_role("button", name="Remove large <b>.log")).to_be_visible()
    assert kept(product) == [log.stat().st_size]
    page.get_by_role("button", name="Process logs", exact=True).click()
    expect(page).to_have_url(re.compile("batch="))
    expect(page.get_by_text(f"Processed {30_000_000 // len(LINE)} logs successfully!")).to_be_visible(
        timeout=120_000
    )
    assert complaints == []


def test_a_cancelled_upload_leaves_nothing_and_the_next_goes_on(
    product: Any, open_page: Callable[..., Page], tmp_path: Path
) -> None:
    page = open_page()
    complaints = watch(page, 3)
    _open(page, product)
    page.locator("input[type=file]").set_input_files(large(tmp_path, 30))
    small = tmp_path / "small.log"
    small.write_text(LINE * 5)
    page.locator("input[type=file]").set_input_files(small)
    expect(page.get_by_text("waits")).to_be_visible()
    expect(page.get_by_text(re.compile(r"[1-9]\d? % of"))).to_be_visible()
    page.get_by_role("button", name="Cancel").first.click()
    expect(page.get_by_role("button", name="Remove small.log")).to_be_visible()
    expect(page.get_by_text("The first 5 records")).to_be_visible()
    assert kept(product) == [small.stat().st_size]
    page.get_by_role("button", name="Remove small.log").click()
    expect(page.get_by_text("small.log")).to_have_count(0)
    assert kept(product) == []
    assert complaints == []


def test_a_server_that_goes_away_is_said_in_words_and_trying_again_works(
    product: Any, open_page: Callable[..., Page], tmp_path: Path
) -> None:
    page = open_page()
    _open(page, product)
    small = tmp_path / "small.log"
    small.write_text(LINE * 5)
    page.route("**/upload", lambda route: route.abort())
    page.locator("input[type=file]").set_input_files(small)
    expect(page.get_by_text("the connection to the server was lost", exact=False)).to_be_visible()
    expect(page.get_by_role("button", name="Use the plain uploader")).to_be_visible()
    page.unroute("**/upload")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("The first 5 records")).to_be_visible()
