"""The configuration in force: what was saved on the page wins, else the environment."""

from __future__ import annotations

from sqlmodel import Session

from soc.integrations.kit.base import IntegrationConfig
from soc.integrations.registry import kind_of
from soc.integrations.saved import config_in_force


def load_config(kind: str, session: Session | None = None) -> IntegrationConfig | None:
    """The integration's config, None where it is not configured; as the session sees it, where one is open.

    Raises NotFound for a name that is no integration, ConfigurationError where the configuration is wrong, StoreError
    where the store or its key refuses.
    """
    found = kind_of(kind)
    return config_in_force(kind, found.config, found.title, session)
