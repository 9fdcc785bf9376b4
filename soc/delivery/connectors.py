"""Connectors ready for use: made from the saved configuration, kept while it stays the same."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlmodel import Session

from soc.integrations.in_force import load_config
from soc.integrations.kit.base import Connector, IntegrationConfig
from soc.integrations.registry import connect, split_secrets

_lock = threading.Lock()
_idle: dict[str, list[Connector]] = {}
_current: dict[str, IntegrationConfig] = {}


def _is_current(kind: str, config: IntegrationConfig) -> bool:
    """Whether what is idle was made from this very configuration; an unchanged one is mostly the same object."""
    current = _current.get(kind)
    return current is config or (current is not None and split_secrets(current) == split_secrets(config))


@contextmanager
def borrow(kind: str, session: Session | None = None) -> Iterator[Connector | None]:
    """A connector for one thread, for as long as the block runs; None where the integration is absent or off.

    With a session, of the configuration that this transaction sees. Making a connector speaks to nobody.
    """
    config = load_config(kind, session)
    if config is None or not config.enabled:
        yield None
        return
    with _lock:
        stale = [] if _is_current(kind, config) else _idle.pop(kind, [])
        _current[kind] = config
        idle = _idle.setdefault(kind, [])
        connector = idle.pop() if idle else None
    for old in stale:
        old.close()
    if connector is None:
        connector = connect(kind, config)
    try:
        yield connector
    finally:
        with _lock:
            keep = _is_current(kind, config)
            if keep:
                _idle.setdefault(kind, []).append(connector)
        if not keep:
            connector.close()


def close_all() -> None:
    """Give back every connection; for the end of the process."""
    with _lock:
        connectors = [connector for idle in _idle.values() for connector in idle]
        _idle.clear()
        _current.clear()
    for connector in connectors:
        connector.close()
