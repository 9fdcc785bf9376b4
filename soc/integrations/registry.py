"""Every kind of integration: whatever folder of `vendors/` holds a `kind.py`, in the order that the kinds declare.

No vendor is named here, or above. What a kind is, it says itself (`kit.kind.Kind`); what follows from all of them
together (who takes which message, who can stand in for another) is asked here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import httpx

from soc.domain.message import MESSAGES
from soc.errors import NotFound
from soc.integrations import vendors
from soc.integrations.kit import declared
from soc.integrations.kit.base import Connector, IntegrationConfig
from soc.integrations.kit.declared import (
    InvalidConfiguration,
    masked,
    merge_masked,
    secret_values,
    split_secrets,
)
from soc.integrations.kit.declaring.strict import unknown_settings
from soc.integrations.kit.kind import Kind

__all__ = [
    "FALLBACKS",
    "KINDS",
    "InvalidConfiguration",
    "Kind",
    "acted_event",
    "build",
    "config_from_env",
    "connect",
    "env_example",
    "field_table",
    "find_kinds",
    "kind_of",
    "kind_table",
    "masked",
    "merge_masked",
    "message_table",
    "refuse_places",
    "refuse_unknown",
    "secret_values",
    "split_secrets",
    "switched",
    "takers",
    "titles",
    "validate",
]


def find_kinds(package: Any = vendors) -> dict[str, Kind]:
    """The kind of each folder of the package that has a `kind.py`, by its name, in declared order.

    Raises RuntimeError where a folder and the kind in it have different names.
    """
    found = []
    for folder in iter_modules(package.__path__, f"{package.__name__}."):
        if folder.ispkg:
            kind: Kind = import_module(f"{folder.name}.kind").KIND
            if kind.name != folder.name.rpartition(".")[2]:
                raise RuntimeError(f"{folder.name} declares the kind “{kind.name}”; name both alike.")
            found.append(kind)
    return {kind.name: kind for kind in sorted(found, key=lambda kind: (kind.order, kind.name))}


KINDS: Mapping[str, Kind] = find_kinds()


def takers(message: str) -> tuple[str, ...]:
    """The kinds that can deliver this message."""
    return tuple(name for name, kind in KINDS.items() if message in kind.takes)


def switched() -> tuple[Kind, ...]:
    """The kinds with a switch of their own for each batch, from the left of the page."""
    found = [(kind.switch.place, kind) for kind in KINDS.values() if kind.switch is not None]
    return tuple(kind for _, kind in sorted(found, key=lambda pair: pair[0]))


def titles(kinds: Iterable[str]) -> str:
    """“Jira”, “Jira and Slack”: the kinds' names for people; what is no kind is left out."""
    *first, last = [KINDS[kind].title for kind in kinds if kind in KINDS] or [""]
    return f"{', '.join(first)} and {last}" if first else last


#: What can be told instead of an integration that does not deliver ("": nothing).
FALLBACKS: tuple[str, ...] = ("", *takers("send_alert"))


def kind_of(kind: str) -> Kind:
    """Raises NotFound for a name that is no integration."""
    if kind not in KINDS:
        raise NotFound("There is no such integration.", hint=f"There are: {', '.join(KINDS)}.")
    return KINDS[kind]


def acted_event(kind: str) -> str:
    """The log event of a delivery that was made there; a kind that is gone by now must not stop its last deliveries."""
    return KINDS[kind].acted_event if kind in KINDS else f"{kind}_action_executed"


def connect(kind: str, config: IntegrationConfig, *, http: httpx.Client | None = None) -> Connector:
    """A connector for the config, over the shared client unless another is given. Speaks to nobody yet."""
    make: Callable[..., Connector] = kind_of(kind).connector
    return make(config, http=http)


def validate(kind: str, data: Mapping[str, Any]) -> IntegrationConfig:
    """The config of `data` (plain values). Raises InvalidConfiguration, which names fields and echoes nothing."""
    found = kind_of(kind)
    return declared.validate(found.config, found.title, data)


def refuse_places(kind: str, config: IntegrationConfig) -> None:
    """Raises InvalidConfiguration where it sends over plain http to where the administrator does not allow that."""
    declared.refuse_places(kind_of(kind).title, config)


def refuse_unknown(kind: str, names: Iterable[str]) -> None:
    """Raises InvalidConfiguration, which says the nearest known name, where one is no setting of this kind."""
    found = kind_of(kind)
    if unknown := unknown_settings(found.config, names):
        raise InvalidConfiguration(found.title, {"": unknown}, {})


def build(kind: str, public: Mapping[str, Any], secrets: Mapping[str, str]) -> IntegrationConfig:
    """The config of what `split_secrets` gave, without settings that no longer exist. Raises InvalidConfiguration."""
    found = kind_of(kind)
    return declared.build(found.config, found.title, public, secrets)


def config_from_env(kind: str, values: Mapping[str, str] | None = None) -> IntegrationConfig | None:
    """The config of the environment and `.env`; None where a required variable is absent.

    Raises InvalidConfiguration where they are there and wrong.
    """
    found = kind_of(kind)
    return declared.from_env(found.config, found.title, declared.environment() if values is None else values)


def env_example(kind: str) -> list[str]:
    """The integration's lines of `.env.example`."""
    found = kind_of(kind)
    return declared.env_example(found.config, found.title)


def kind_table() -> str:
    """What each kind declares, as a Markdown table."""
    rows = ["| Kind | Takes | Order | Limit | Actions | Sandbox |", "|---|---|---|---|---|---|"]
    for name, kind in KINDS.items():
        limits = kind.limits
        pace = f"{limits.starts} in {limits.period:g} s" if limits.starts else "the vendor's own"
        cells = (
            f"[{kind.title}]({kind.docs}) (`{name}`)",
            ", ".join(f"`{message}`" for message in sorted(kind.takes)),
            "kept" if kind.ordered else "free",
            f"{limits.concurrency} at once; {pace}",
            ", ".join(f"`{action.name}`" for action in kind.actions) or "–",
            "yes" if kind.practice is not None else "no",
        )
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows)


def field_table(kind: str) -> str:
    """The integration's settings as a Markdown table."""
    return declared.field_table(kind_of(kind).config)


def message_table() -> str:
    """One line a message, in Markdown: what it says, who takes it, what may follow, and what makes another of it."""
    rows = [
        "| Message | What it says | Taken by | May bring about | Said again when |",
        "|---|---|---|---|---|",
    ]
    for name, message in MESSAGES.items():
        says = " ".join((message.__doc__ or "").split(". ")[0].split()).rstrip(".")
        taken = [KINDS[kind].title for kind in takers(name)] or [
            kind.title for kind in KINDS.values() if kind.actions and name == "call_action"
        ]
        follows = ", ".join(f"`{one}`" for one in message.FOLLOWED_BY) or "–"
        rows.append(
            f"| `{name}` | {says} | {', '.join(taken) or '–'} | {follows} | {message.VERSIONS or 'never'} |"
        )
    return "\n".join(rows)
