"""How an integration stands: configured where, on or off, paused, last tested."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from soc.integrations.in_force import load_config, standing_of
from soc.integrations.kit.base import ConnectionReport
from soc.integrations.registry import KINDS, InvalidConfiguration, masked
from soc.store.db import read_session
from soc.store.nouns.vendors.health import read_health
from soc.store.nouns.vendors.integrations import read_integration
from soc.store.unchanged import while_unchanged


@dataclass(frozen=True)
class IntegrationState:
    """`masked` is the configuration as it may be shown; `source` says where it comes from; `version` is the saved one's,
    0 where none is."""

    kind: str
    configured: bool
    source: Literal["store", "environment", ""]
    enabled: bool
    practice: bool
    paused_reason: str
    next_probe_at: datetime | None
    last_check: ConnectionReport | None
    last_check_at: datetime | None
    masked: dict[str, Any]
    version: int = 0
    #: Why this version of the product does not take what is there; nothing else is known of it then.
    wrong: str = ""


def integration_state(kind: str) -> IntegrationState:
    config = load_config(kind)
    with read_session() as session:
        row = read_integration(session, kind)
        version = row.version if row is not None else 0
        health = read_health(session, kind)
    return IntegrationState(
        kind=kind,
        configured=config is not None,
        source="" if config is None else "store" if version else "environment",
        enabled=config is not None and config.enabled,
        practice=config is not None and config.practice,
        paused_reason=health.paused_reason if health.paused else "",
        next_probe_at=health.next_probe_at if health.paused else None,
        last_check=ConnectionReport.model_validate(health.last_check) if health.last_check else None,
        last_check_at=health.last_check_at,
        masked=masked(config) if config is not None else {},
        version=version,
    )


def shown_state(kind: str) -> IntegrationState:
    """The same for who looks and mends: one that this version does not take is there, with why."""
    try:
        return integration_state(kind)
    except InvalidConfiguration as error:
        with read_session() as session:
            row, standing = read_integration(session, kind), standing_of(kind, session)
        return IntegrationState(
            kind=kind,
            configured=False,
            source="environment" if row is None else "store",
            enabled=standing.enabled,
            practice=standing.practice,
            paused_reason=error.message,
            next_probe_at=None,
            last_check=None,
            last_check_at=None,
            masked={},
            version=row.version if row is not None else 0,
            wrong=error.message,
        )


@while_unchanged
def every_state() -> Mapping[str, IntegrationState]:
    """Of every kind, for pages: what another process changed in its `.env` shows within seconds."""
    return {kind: shown_state(kind) for kind in KINDS}
