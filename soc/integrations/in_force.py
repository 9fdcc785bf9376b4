"""The configuration in force: what was saved on the page wins, else the environment."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from dataclasses import dataclass

from sqlmodel import Session

from soc.errors import ConfigurationError
from soc.integrations.kit.base import IntegrationConfig
from soc.integrations.kit.declared import InvalidConfiguration, environment, from_env
from soc.integrations.registry import KINDS, kind_of
from soc.integrations.saved import config_in_force
from soc.store.db import read_session
from soc.store.nouns.vendors.integrations import read_integration


def configured_here() -> tuple[str, ...]:
    """The kinds that this process's own environment configures; a saved configuration may be in force all the same."""
    found = []
    for name, kind in KINDS.items():
        with suppress(ConfigurationError):
            if from_env(kind.config, kind.title, environment()) is not None:
                found.append(name)
    return tuple(found)


def load_config(kind: str, session: Session | None = None) -> IntegrationConfig | None:
    """The integration's config, None where it is not configured; as the session sees it, where one is open.

    Raises NotFound for a name that is no integration, ConfigurationError where the configuration is wrong, StoreError
    where the store or its key refuses.
    """
    found = kind_of(kind)
    return config_in_force(kind, found.config, found.title, session)


def load_usable(kind: str, session: Session | None = None) -> IntegrationConfig | None:
    """The same for whoever puts another one in its place: None also where this version does not take what is there."""
    try:
        return load_config(kind, session)
    except InvalidConfiguration:
        return None


@dataclass(frozen=True)
class Standing:
    """How an integration is set up, for whoever plans for all of them: one that is wrong keeps nobody from the others.

    `wrong` says why this version does not take what is there; then there is no `config`, and what is planned for it waits.
    """

    config: IntegrationConfig | None = None
    wrong: str = ""
    enabled: bool = False
    practice: bool = False


def standing_of(kind: str, session: Session | None = None) -> Standing:
    """As the session sees it, where one is open. Raises NotFound, StoreError."""
    with nullcontext(session) if session is not None else read_session() as reading:
        try:
            config = load_config(kind, reading)
        except InvalidConfiguration as error:
            row = read_integration(reading, kind)
            on = row is None or row.public.get("enabled", True) is not False
            return Standing(None, error.message, on, row is not None and row.practice)
    return Standing(config, "", config.enabled, config.practice) if config is not None else Standing()
