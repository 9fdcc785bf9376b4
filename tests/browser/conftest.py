"""The product as a user runs it, `streamlit run app.py`, and the system's Chromium in front of it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from soc.sandbox.server import DEFAULT_HOST, DEFAULT_PORT

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_MS = 45_000
START_SECONDS = 240


def chromium() -> str | None:
    named = os.environ.get("CHROMIUM")
    return named or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class App:
    """The running product: its address, its data folder, and a way to end it as hard as one likes."""

    def __init__(self, data: Path) -> None:
        self.data, self.port = data, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        environment = {**os.environ, "SOC_DATA_DIR": str(self.data)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(self.port)],
            cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            try:
                urllib.request.urlopen(f"{self.url}/api/v1/health", timeout=2).close()
            except OSError:
                time.sleep(0.2)
            else:
                return
        self.end(signal.SIGKILL)
        raise AssertionError(f"the product did not start within {START_SECONDS} s")

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(timeout=10)
            self.process = None


@pytest.fixture(scope="session", autouse=True)
def _usual_port_is_taken() -> Iterator[None]:
    """Each product has practice vendors on a port of its own: one that is killed finds no neighbour's on its port again."""
    with socket.socket() as held:
        with suppress(OSError):  # another worker of the run holds it
            held.bind((DEFAULT_HOST, DEFAULT_PORT))
            held.listen()
        yield


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for a file: while Playwright runs, its event loop is that of the whole process, and other tests start their own."""
    path = chromium()
    if path is None:
        pytest.skip("no Chromium on this machine (set CHROMIUM=/path to use one)")
    with sync_playwright() as playwright:
        flags = [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
        ]
        running = playwright.chromium.launch(executable_path=path, args=flags)
        yield running
        running.close()


@pytest.fixture
def product(tmp_path: Path) -> Iterator[App]:
    app = App(tmp_path / "data")
    app.start()
    yield app
    app.end()


@pytest.fixture(scope="module")
def lasting_product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """One for the tests of a file that leave it as the next may find it: a start takes ten seconds of a core."""
    app = App(tmp_path_factory.mktemp("lasting") / "data")
    with (
        pytest.MonkeyPatch.context() as patch
    ):  # it stands before the fixture that keeps a developer's settings out
        for name in [one for one in os.environ if one.startswith("SOC_") and one != "SOC_PATTERN_CACHE"]:
            patch.delenv(name)
        app.start()
    yield app
    app.end()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens pages; fails the test when the browser asked anybody but this machine for anything."""
    contexts, strangers = [], []

    def opened(**options: Any) -> Page:
        context = browser.new_context(
            viewport={"width": 1440, "height": 1000}, timezone_id="Europe/Paris", **options
        )
        context.set_default_timeout(PATIENCE_MS)
        context.on(
            "request",
            lambda request: (
                strangers.append(request.url)
                if not request.url.startswith(("http://127.0.0.1", "data:", "blob:"))
                else None
            ),
        )
        contexts.append(context)
        return context.new_page()

    expect.set_options(timeout=PATIENCE_MS)
    yield opened
    for context in contexts:
        context.close()
    assert strangers == []
