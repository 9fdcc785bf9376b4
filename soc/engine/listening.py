"""Keeps the connections up through which vendors call us, no more of them than a kind allows over all processes.

A place is a row; whoever is taken for gone loses it, and closes its connection as soon as it learns so.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

import structlog

from soc import clock
from soc.errors import where_it_broke
from soc.integrations.in_force import load_config
from soc.integrations.kit.base import IntegrationConfig
from soc.integrations.kit.inbound.hooks import Incoming, Line
from soc.integrations.registry import KINDS
from soc.store.db import write_session
from soc.store.nouns.vendors.listeners import leave_places, take_place
from soc.tickets.interactions.intake import Answered, take_call

log = structlog.get_logger(__name__)

#: How often it is looked whether a connection is wanted, and whether this process may hold it (seconds).
LOOK_EVERY = 3.0


class Listening:
    """Of one process. `holds` gives the run of its heartbeat, 0 while that may be over."""

    def __init__(self, executor: str, holds: Callable[[], int]) -> None:
        self._executor, self._holds = executor, holds
        self._over = threading.Event()
        self._lines: dict[str, _Listener] = {}
        self._thread = threading.Thread(target=self._go_on, name="listening", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Close every connection and give the places back."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)
        for name in list(self._lines):
            self._quietly(partial(self._end, name))

    def _go_on(self) -> None:
        while not self._over.is_set():
            for name, kind in KINDS.items():
                if kind.line is not None:
                    self._quietly(partial(self.look, name, kind.line))
            self._over.wait(LOOK_EVERY)

    def look(self, name: str, line: Line) -> None:
        """Begin, go on or end with this kind's connection, as its configuration and the places say."""
        run, config = self._holds(), load_config(name)
        wanted = run and config is not None and config.enabled and line.wanted(config)
        listener = self._lines.get(name)
        if not wanted or config is None:
            if listener is not None:
                self._end(name)
            return
        if listener is not None and listener.is_of(run, config):
            return
        if listener is not None:
            self._end(name)
        with write_session() as session:
            mine = take_place(
                session, name, places=line.most, executor=self._executor, run=run, now=clock.now()
            )
        if mine:
            self._lines[name] = _Listener(name, line, run, config)

    def _end(self, name: str) -> None:
        self._lines.pop(name).stop()
        with write_session() as session:
            leave_places(session, name, executor=self._executor)

    def _quietly(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - the store may be away; the next look does it again
            log.warning("listening_failed", **where_it_broke(error))


class _Listener:
    def __init__(self, name: str, line: Line, run: int, config: IntegrationConfig) -> None:
        self._run, self._config = run, config
        self._over = threading.Event()

        def keep(incoming: Incoming) -> Answered:
            return take_call(name, incoming, practice=config.practice)

        self._thread = threading.Thread(
            target=line.listen, args=(config, keep, self._over), name=f"line-{name}", daemon=True
        )
        self._thread.start()

    def is_of(self, run: int, config: IntegrationConfig) -> bool:
        return self._thread.is_alive() and self._run == run and self._config == config

    def stop(self) -> None:
        self._over.set()
        self._thread.join(timeout=6)
