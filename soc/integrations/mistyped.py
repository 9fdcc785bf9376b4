"""Names in `.env` that are nearly those of a setting: what was meant is told, for it configures nothing as it stands."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache

import structlog

from soc.integrations import registry
from soc.integrations.kit import declared
from soc.settings import Settings

log = structlog.get_logger(__name__)

#: Without a known beginning (`JIRA_`, `SOC_` …) a name has to be very near: a `.env` may be shared with other programs.
_NEAR, _NEAR_BEYOND = 0.6, 0.88
_LONGEST = 40


def env_notes() -> tuple[str, ...]:
    """What a person should know of the `.env` that is read: its encoding, its odd lines, names that are no setting.

    No value is repeated.
    """
    return (*declared.env_notes(), *_mistyped(declared.env_file_names()))


def mistyped(names: Iterable[str]) -> tuple[str, ...]:
    """A sentence for each name that looks like a setting and is none."""
    known = known_names()
    beginnings = {name.partition("_")[0] for name in known}
    return tuple(
        told for name in names if name.upper() not in known and (told := _told(name, known, beginnings))
    )


def known_names() -> list[str]:
    """Every variable that the product reads."""
    own = [f"SOC_{name}".upper() for name in Settings.model_fields]
    return [
        *own,
        *(env for kind in registry.KINDS.values() for env in declared.env_names(kind.config).values()),
    ]


def _told(name: str, known: list[str], beginnings: set[str]) -> str:
    if len(name) > _LONGEST:
        return ""
    ours = "_" in name and name.upper().partition("_")[0] in beginnings
    near = get_close_matches(name.upper(), known, n=1, cutoff=_NEAR if ours else _NEAR_BEYOND)
    if near:
        return f".env: there is no setting {name}; {near[0]} is meant?"
    return f".env: there is no setting {name}." if ours else ""


@lru_cache(maxsize=4)
def _mistyped(names: tuple[str, ...]) -> tuple[str, ...]:
    """Found, and told to the log, once for each state of the file."""
    notes = mistyped(names)
    for note in notes:
        log.warning("env_file", note=note)
    return notes
