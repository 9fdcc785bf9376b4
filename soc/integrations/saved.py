"""One kind's configuration in force, for whoever knows its model: what was saved on the page, else the environment."""

from __future__ import annotations

from contextlib import nullcontext

from sqlmodel import Session

from soc.integrations.kit import declared
from soc.integrations.kit.base import IntegrationConfig
from soc.store.db import read_session
from soc.store.nouns.vendors.integrations import IntegrationRow, open_secrets, read_integration

#: The last configuration of each kind by its sealed text, which no two saves share: every delivery asks for it.
_known: dict[str, tuple[str, IntegrationConfig]] = {}


def config_in_force(
    kind: str, model: type[IntegrationConfig], title: str, session: Session | None = None
) -> IntegrationConfig | None:
    """The kind's config, None where it is not configured; as the session sees it, where one is open.

    Raises ConfigurationError where it is wrong, StoreError where the store or its key refuses.
    """
    with nullcontext(session) if session is not None else read_session() as reading:
        row = read_integration(reading, kind)
    if row is None:
        return declared.from_env(model, title, declared.environment())
    return _built(row, model, title)


def _built(row: IntegrationRow, model: type[IntegrationConfig], title: str) -> IntegrationConfig:
    known = _known.get(row.kind)
    if known is not None and known[0] == row.sealed:
        return known[1]
    config = declared.build(model, title, {**row.public, "practice": row.practice}, open_secrets(row))
    _known[row.kind] = (row.sealed, config)
    return config
