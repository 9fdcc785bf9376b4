"""The configuration in force: what was saved on the page wins, else the environment."""

from __future__ import annotations

from contextlib import nullcontext

from sqlmodel import Session

from soc.integrations.kit.base import IntegrationConfig
from soc.integrations.registry import build, config_from_env
from soc.store.db import read_session
from soc.store.integrations import IntegrationRow, open_secrets, read_integration


def load_config(kind: str, session: Session | None = None) -> IntegrationConfig | None:
    """The integration's config, None where it is not configured; as the session sees it, where one is open.

    Raises ConfigurationError where it is wrong, StoreError where the store or its key refuses.
    """
    with nullcontext(session) if session is not None else read_session() as reading:
        row = read_integration(reading, kind)
    return config_from_env(kind) if row is None else _built(row)


#: The last configuration of each kind by its sealed text, which no two saves share: every delivery asks for it.
_known: dict[str, tuple[str, IntegrationConfig]] = {}


def _built(row: IntegrationRow) -> IntegrationConfig:
    known = _known.get(row.kind)
    if known is not None and known[0] == row.sealed:
        return known[1]
    config = build(row.kind, {**row.public, "practice": row.practice}, open_secrets(row))
    _known[row.kind] = (row.sealed, config)
    return config
