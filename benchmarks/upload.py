"""What an upload takes of the server's memory: `python benchmarks/upload.py [--mb 155]`.

Starts the real server on an empty store (`streamlit run`, engine and guard included), opens Process logs in Chromium, chooses
a log of so many MB as a person does and waits for its preview. Prints how much of its memory the server process held
before, at its peak (the kernel's own figure, VmHWM), and 5 s after; and how long it took until the preview stood there.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
_LINE = "Jan 15 10:30:{:02d} web-{} sshd[812]: Accepted publickey for ops from 198.51.100.{} port 22 ssh2\n"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--mb", type=int, default=155, help="size of the log in MB (10^6 bytes)")
    size = arguments.parse_args().mb * 1_000_000
    with tempfile.TemporaryDirectory(prefix="soc-upload-") as folder:
        log = Path(folder, "large.log")
        _write(log, size)
        server, url = _start(Path(folder, "data"))
        try:
            _measure(server.pid, url, log)
        finally:
            server.terminate()
            server.wait(timeout=30)


def _write(path: Path, size: int) -> None:
    block = "".join(_LINE.format(n % 60, n % 7, n % 250) for n in range(10_000)).encode()
    with path.open("wb") as target:
        while target.tell() < size:
            target.write(block)
        target.truncate(size)


def _start(data: Path) -> tuple[subprocess.Popen[bytes], str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)],
        cwd=ROOT, env={**os.environ, "SOC_DATA_DIR": str(data)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    end = time.monotonic() + 120
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(f"{url}/api/v1/health", timeout=2).close()
            return server, url
        except OSError:
            time.sleep(0.5)
    server.terminate()
    raise SystemExit("the server did not start within 120 s")


def _measure(pid: int, url: str, log: Path) -> None:
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.set_default_timeout(180_000)
        page.goto(f"{url}/process_logs")
        chooser = page.locator("input[type=file]")
        chooser.wait_for(state="attached")
        page.wait_for_timeout(3000)
        Path(f"/proc/{pid}/clear_refs").write_text("5")  # the peak begins anew
        before, begun = _held(pid, "VmRSS"), time.monotonic()
        chooser.set_input_files(log)
        page.get_by_text("records, as they will be read").wait_for()
        took = time.monotonic() - begun
        page.wait_for_timeout(5000)
        peak, after = _held(pid, "VmHWM"), _held(pid, "VmRSS")
        browser.close()
    print(
        f"{log.stat().st_size / 1e6:.0f} MB: before {before} MiB, peak {peak} MiB (+{peak - before}), 5 s after {after} MiB; "
        f"preview after {took:.1f} s"
    )


def _held(pid: int, what: str) -> int:
    """In MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(rf"^{what}:\s+(\d+) kB", status, re.MULTILINE)
    return int(found[1]) // 1024 if found else 0


if __name__ == "__main__":
    main()
