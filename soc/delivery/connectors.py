"""Connectors ready for use: made from the saved configuration, kept while it stays the same."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from soc.integrations.base import Connector, IntegrationConfig
from soc.integrations.configuration import load_config
from soc.integrations.registry import connect, split_secrets

_lock = threading.Lock()
_idle: dict[str, list[Connector]] = {}
_current: dict[str, str] = {}


def _fingerprint(config: IntegrationConfig) -> str:
    """Changes whenever a setting or a secret does; says nothing about either."""
    return hashlib.sha256(repr(split_secrets(config)).encode()).hexdigest()


@contextmanager
def borrow(kind: str) -> Iterator[Connector | None]:
    """A connector for one thread, for as long as the block runs; None where the integration is absent or off."""
    config = load_config(kind)
    if config is None or not config.enabled:
        yield None
        return
    mark = _fingerprint(config)
    with _lock:
        if _current.get(kind) != mark:
            stale = _idle.pop(kind, [])
            _current[kind] = mark
        else:
            stale = []
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
            keep = _current.get(kind) == mark
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
