"""Which channels a batch tells: a switch for each kind, found by the kinds' folders without loading them."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

import soc

_VENDORS = Path(soc.__file__).parent / "integrations" / "vendors"
Command = TypeVar("Command", bound=Callable[..., None])


def kind_names(having: str = "kind.py") -> list[str]:
    """The kinds that there are, or those that have a file of this name, by their folders: to load them would cost a second."""
    return sorted(one.name for one in os.scandir(_VENDORS) if Path(one.path, having).is_file())


def with_channels(command: Command) -> Command:
    """The command, whose `**told` becomes `--<kind>` and `--no-<kind>` for each kind; None where neither was said."""
    signature = inspect.signature(command, eval_str=True)
    named = [one for one in signature.parameters.values() if one.kind is not one.VAR_KEYWORD]
    switches = [
        inspect.Parameter(
            kind,
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[
                bool | None,
                typer.Option(
                    f"--{kind}/--no-{kind}",
                    help=f"Tell {kind} of the incidents that meet a rule, or do not.",
                    rich_help_panel="Channels",
                ),
            ],
        )
        for kind in kind_names()
    ]
    command.__signature__ = signature.replace(parameters=[*named, *switches])  # type: ignore[attr-defined]
    return command


def split_channels(told: Mapping[str, bool | None]) -> tuple[list[str], list[str]]:
    """What `submit_batch` takes as `on` and as `muted`: a kind with a switch of its own is off unless it was named,
    another one is told if it is set up, unless it was switched off here.
    """
    from soc.integrations.registry import switched  # start-up cost

    own = {kind.name for kind in switched()}
    on = [kind for kind, wanted in told.items() if wanted and kind in own]
    return on, [kind for kind, wanted in told.items() if wanted is False and kind not in own]


def asked_for(told: Mapping[str, bool | None]) -> list[str]:
    """The kinds that were named to be told."""
    return [kind for kind, wanted in told.items() if wanted]


def not_told(kinds: Collection[str]) -> dict[str, str]:
    """Those of the kinds that cannot be told of an incident as they are set up now, and why."""
    from soc.integrations.in_force import standing_of  # start-up cost
    from soc.integrations.mistyped import env_notes  # start-up cost
    from soc.integrations.registry import KINDS  # start-up cost

    found: dict[str, Any] = {}
    for kind in kinds:
        standing = standing_of(kind)
        config = standing.config
        if standing.wrong:
            found[kind] = f"its settings cannot be used, so its messages wait. {standing.wrong}"
        elif config is None:
            found[kind] = " ".join(("it is not configured.", *env_notes()))
        elif not config.enabled:
            found[kind] = "it is switched off in its configuration."
        elif not KINDS[kind].tells or not config.takes_incidents:
            found[kind] = "it takes no incidents as it is set up."
    return found
