"""Says loudly, on every page, where certificates are not checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from soc.errors import ConfigurationError
from soc.integrations.kit.connection import UNCHECKED_WARNING, is_unchecked
from soc.integrations.registry import KINDS, config_from_env
from soc.store.db import read_session
from soc.store.nouns.vendors.integrations import list_integrations
from soc.store.unchanged import while_unchanged
from soc.ui.kit import places


@while_unchanged
def unchecked_integrations() -> list[str]:
    """The titles of integrations that are on and do not check certificates, saved ones and the environment's."""
    with read_session() as session:
        settings: dict[str, Mapping[str, Any]] = {row.kind: row.public for row in list_integrations(session)}
    for kind, found in KINDS.items():
        if kind not in settings and {"ignore_ssl", "verify_ssl"} & set(found.config.model_fields):
            settings[kind] = _from_environment(kind)
    return [KINDS[kind].title for kind in KINDS if _is_unchecked(settings.get(kind, {}))]


def _from_environment(kind: str) -> Mapping[str, Any]:
    try:
        config = config_from_env(kind)
    except ConfigurationError:  # wrong settings send nothing; the Integrations page says what is wrong
        return {}
    return {} if config is None else config.model_dump(include={"enabled", "ignore_ssl", "verify_ssl"})


def _is_unchecked(settings: Mapping[str, Any]) -> bool:
    return is_unchecked(settings) and settings.get("enabled", True) is not False


def draw_unchecked() -> None:
    """The banner, where there is a reason for it."""
    if titles := unchecked_integrations():
        st.error(
            UNCHECKED_WARNING,
            title=f"Certificate checking is switched off for {' and '.join(titles)}",
            icon=":material/gpp_bad:",
        )
        if st.session_state.get("place") != "integrations":
            places.link("integrations", "Switch it on again", kind=titles[0])
