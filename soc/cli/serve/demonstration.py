"""`soc dashboard --demo`: a month is played into a folder of its own, then the dashboard shows it. Nothing leaves the machine."""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import NoReturn

import structlog
import typer

from soc import clock
from soc.analysis import close_pool
from soc.cli.say import explained, note
from soc.cli.serve.pages import streamlit_command
from soc.cli.serve.ports import check_port, check_store
from soc.configuration.practice import stop_sandbox
from soc.delivery import connectors
from soc.demo import play_month
from soc.settings import get_settings
from soc.store.db import dispose_engines, get_engine
from soc.store.upkeep.unsynced import unsynced

#: What of the settings around it holds in a demonstration, too: speed and words.
_KEPT = ("SOC_PATTERN_CACHE", "SOC_LOG_LEVEL", "SOC_WORKERS")

#: So many seconds its server may take to end.
_LAST_PATIENCE = 20.0


def serve_demonstration(port: int | None) -> NoReturn:
    """Play, serve until it is interrupted, and remove every trace. Raises typer.Exit."""
    if port is not None:
        check_port(os.environ.get("STREAMLIT_SERVER_ADDRESS", "127.0.0.1"), port)
    folder = Path(tempfile.mkdtemp(prefix="soc-demo-"))
    for one in _ends():
        signal.signal(one, _end)
    try:
        enter(folder)
        with explained():
            prepare()
        raise typer.Exit(_serve(port, folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def enter(folder: Path) -> None:
    """From now on this process, and what it starts, is a demonstration in this folder: neither settings nor `.env` of others hold."""
    around = dict(os.environ)
    for name in [one for one in around if one.upper().startswith(("SOC_", "OTEL_")) and one not in _KEPT]:
        del os.environ[name]
    os.environ.update(demo_settings(around, folder))
    os.chdir(folder)
    get_settings.cache_clear()
    dispose_engines()


def demo_settings(around: Mapping[str, str], folder: Path) -> dict[str, str]:
    """What is set for it. Compiled patterns are no data: they are kept from one demonstration to the next."""
    cache = (
        Path(around.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "soc-operations-dashboard" / "patterns"
    )
    try:
        cache.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError:
        cache = folder / "cache"
    return {"SOC_PATTERN_CACHE": str(cache), **{name: around[name] for name in _KEPT if name in around},
            "SOC_DEMO": "1", "SOC_SECRET_KEY": secrets.token_urlsafe(32), "SOC_DATA_DIR": str(folder / "data")}  # fmt: skip


def prepare() -> None:
    """The store, with its month."""
    began = time.monotonic()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    check_store()
    with unsynced(get_engine()):
        play_month(clock.now(), say=_progress)
    structlog.reset_defaults()
    stop_sandbox()
    connectors.close_all()
    close_pool()
    dispose_engines()
    note(
        f"A month was played in {time.monotonic() - began:.0f} s. Ctrl-C ends the demonstration and removes it."
    )


def _progress(words: str) -> None:
    if sys.stderr.isatty():
        print(
            f"\rPlaying a month: {words} ",
            end="\n" if words.split()[1] == words.split()[-1] else "",
            file=sys.stderr,
            flush=True,
        )


def _serve(port: int | None, folder: Path) -> int:
    server = subprocess.Popen(streamlit_command(port), cwd=folder)  # noqa: S603 - the same Python, our own file
    try:
        return server.wait()
    except (KeyboardInterrupt, SystemExit):
        for one in (signal.SIGINT, *_ends()):  # an impatient second one would leave the folder to nobody
            signal.signal(one, signal.SIG_IGN)
        server.terminate()
        try:
            server.wait(timeout=_LAST_PATIENCE)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        return 0


def _ends() -> list[signal.Signals]:
    """What ends it in order, beside Ctrl-C: to be told so, and a terminal that closes, unless that is to do nothing (`nohup`)."""
    hung_up = [signal.SIGHUP] if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN else []
    return [signal.SIGTERM, *hung_up]


def _end(_number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)
