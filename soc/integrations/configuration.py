"""The configuration in force: what was saved on the page wins, else the environment."""

from __future__ import annotations

from soc.integrations.base import IntegrationConfig
from soc.integrations.registry import build, config_from_env
from soc.store.db import read_session
from soc.store.integrations import open_secrets, read_integration


def load_config(kind: str) -> IntegrationConfig | None:
    """The integration's config, None where it is not configured.

    Raises ConfigurationError where it is wrong, StoreError where the store or its key refuses.
    """
    with read_session() as session:
        row = read_integration(session, kind)
        stored = None if row is None else (row.public, open_secrets(row), row.practice)
    if stored is None:
        return config_from_env(kind)
    public, secrets, practice = stored
    return build(kind, {**public, "practice": practice}, secrets)
