"""How fast each page is, beside an empty page: `python benchmarks/pages.py [--store FOLDER] [--pages overview,sla]`.

Builds a store (10,000 tickets, 20,000 deliveries, 80,000 incidents; kept in FOLDER where one is named), starts the real
server on it (`streamlit run`, engine and guard included) and opens pages through its websocket as a browser does,
without drawing them. The empty page is a page of this app, frame included, whose body is one line of text; it is
measured in the same run, with the same settings and store.

A rerun is timed from the message that asks for it to the message that says the script has finished. A page and the empty
page are asked for in turns, so that other work on the machine slows both. Prints of each page its p50 and p95 with one
user, the p50's ratio to the empty page's, the same of the server's CPU time a rerun (which other work hardly changes),
the first run of a new session, and the p95 with 20 users who each ask every 2 s on average, beside one user's.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from websockets.asyncio.client import ClientConnection, connect

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
EMPTY = "empty"
#: What is opened on a page beside the page itself.
OPENED = {
    "incident": ("incidents", "incident=inc-000000000008"),
    "search “T1110 root”": ("search", "q=T1110+root"),
}
_APP = """
from dataclasses import dataclass
from pathlib import Path

from soc.ui.kit import places


@dataclass(frozen=True)
class Empty(places.Place):
    @property
    def file(self):
        return Path({page!r})


places.PLACES = (*places.PLACES, Empty("empty", "Empty", ":material/circle:", "Set up", "One line of text."))
from app import app
"""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument(
        "--store", type=Path, help="a folder to keep the store in; built where it is missing"
    )
    arguments.add_argument("--pages", default="", help="only these, comma-separated")
    arguments.add_argument("--reruns", type=int, default=40)
    arguments.add_argument("--users", type=int, default=20)
    arguments.add_argument("--asks", type=int, default=8, help="of each of the users")
    arguments.add_argument("--port", type=int, default=18650)
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="soc-bench-") as folder:
        store = chosen.store or Path(folder) / "store"
        os.environ.update(SOC_DATA_DIR=str(store), SOC_DATABASE_URL="", SOC_LOG_LEVEL="WARNING")
        if not (store / "soc.db").exists():
            build()
        page, app = Path(folder) / "empty.py", Path(folder) / "bench_app.py"
        page.write_text('import streamlit as st\n\nst.write("One line of text.")\n')
        # Streamlit looks for the application's name in the file that it is given
        product = (ROOT / "app.py").read_text().replace("from __future__ import annotations\n", "")
        app.write_text(_APP.format(page=str(page)) + product)
        server = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", str(app), f"--server.port={chosen.port}"],
            cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            wait_for(server, chosen.port)
            asyncio.run(measure(chosen, server.pid))
        finally:
            server.terminate()
            server.wait(timeout=30)


def build() -> None:
    from benchmarks.large_store import add_store
    from soc import clock
    from soc.store.migrate import migrate

    began = time.perf_counter()
    migrate()
    add_store(incidents=80_000, tickets=10_000, deliveries=20_000, now=clock.now())
    print(
        f"store    80,000 incidents, 10,000 tickets, 20,000 deliveries, built in {time.perf_counter() - began:.0f} s"
    )


def wait_for(server: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(240):
        if server.poll() is not None:
            break
        with suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=5).close()
            return
        time.sleep(0.5)
    raise SystemExit("the server did not start")


@asynccontextmanager
async def session(port: int) -> Any:
    """A browser's connection, as far as the server sees it."""
    words: list[Any] = ["streamlit"]
    origin: Any = f"http://127.0.0.1:{port}"
    uri = f"ws://127.0.0.1:{port}/_stcore/stream"
    async with connect(uri, subprotocols=words, origin=origin, max_size=None) as socket:
        yield socket


async def run_script(socket: ClientConnection, page: str, query: str) -> float:
    """Ask for a run of the page; the seconds until it has finished. Raises where a run fails."""
    from streamlit.proto.BackMsg_pb2 import BackMsg
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

    asked = BackMsg()
    asked.rerun_script.page_name, asked.rerun_script.query_string = page, query
    asked.rerun_script.context_info.timezone = "Europe/Berlin"
    began = time.perf_counter()
    await socket.send(asked.SerializeToString())
    while True:
        message = ForwardMsg.FromString(await asyncio.wait_for(socket.recv(), 120))  # type: ignore[arg-type]
        kind = message.WhichOneof("type")
        if kind == "delta" and message.delta.new_element.WhichOneof("type") == "exception":
            raise SystemExit(f"{page} fails: {message.delta.new_element.exception.message}")
        if kind == "script_finished":
            return time.perf_counter() - began


@dataclass(frozen=True)
class Taken:
    """Seconds of one user's reruns: each one's time, the server's CPU time a rerun, the session's first run."""

    times: list[float]
    cpu: float
    first: float


async def in_turns(
    port: int, server: psutil.Process, page: str, query: str, reruns: int
) -> tuple[Taken, Taken]:
    """The page's, and the empty page's of the same moments."""
    turns = 4
    taken: dict[str, list[float]] = {page: [], EMPTY: []}
    cpu, firsts = dict.fromkeys(taken, 0.0), dict[str, list[float]]()
    async with session(port) as socket, session(port) as beside:
        sessions = {page: (socket, query), EMPTY: (beside, "")}
        for name, (own, asked) in sessions.items():
            firsts[name] = [await run_script(own, name, asked)]
        for _ in range(turns):
            for name, (own, asked) in sessions.items():
                before = cpu_of(server)
                taken[name] += [await run_script(own, name, asked) for _ in range(max(1, reruns // turns))]
                cpu[name] += cpu_of(server) - before
    own, empty = (Taken(taken[n], cpu[n] / len(taken[n]), firsts[n][0]) for n in (page, EMPTY))
    return own, empty


def cpu_of(server: psutil.Process) -> float:
    """Seconds, of all its threads."""
    spent = server.cpu_times()
    return float(spent.user + spent.system)


async def many_users(port: int, page: str, query: str, users: int, asks: int) -> list[float]:
    """Each asks so many times, every 2 s on average."""

    async def user(number: int) -> list[float]:
        dice, taken = random.Random(number), []
        async with session(port) as socket:
            await run_script(socket, page, query)
            for _ in range(asks):
                await asyncio.sleep(dice.uniform(0, 4))
                taken.append(await run_script(socket, page, query))
        return taken

    return [one for taken in await asyncio.gather(*map(user, range(users))) for one in taken]


def p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


async def measure(chosen: Any, server: int) -> None:
    from soc.ui.kit.places import PLACES

    only = set(filter(None, chosen.pages.split(",")))
    pages = {EMPTY: (EMPTY, ""), **{place.name: (place.name, "") for place in PLACES}, **OPENED}
    pages = {name: page for name, page in pages.items() if not only or name in only or name == EMPTY}
    watched = psutil.Process(server)
    for page, query in pages.values():
        await in_turns(chosen.port, watched, page, query, 4)  # warm-up
    print(f"machine  {os.cpu_count()} cores, {sys.version.split()[0]}, load {os.getloadavg()[0]:.1f}")
    print(
        f"{'page':22}{'p50 ms':>8}{'p95 ms':>8}{'× empty':>9}{'CPU ms':>8}{'× empty':>9}{'first ms':>10}"
        f"{'20 users p95':>14}{'× one':>7}{'load':>7}"
    )
    for name, (page, query) in pages.items():
        own, empty = await in_turns(chosen.port, watched, page, query, chosen.reruns)
        middle = statistics.median(own.times)
        crowd = (
            p95(await many_users(chosen.port, page, query, chosen.users, chosen.asks))
            if chosen.users
            else 0.0
        )
        print(
            f"{name:22}{middle * 1000:8.1f}{p95(own.times) * 1000:8.1f}{middle / statistics.median(empty.times):9.1f}"
            f"{own.cpu * 1000:8.1f}{own.cpu / max(empty.cpu, 1e-9):9.1f}{own.first * 1000:10.0f}"
            f"{crowd * 1000:14.0f}{crowd / p95(own.times):7.1f}{os.getloadavg()[0]:7.1f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
