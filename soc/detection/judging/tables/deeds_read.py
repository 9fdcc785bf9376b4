"""Reads the tables of deeds: by a service's own names, and by what the record says beside, the field rule of each.

One file a service. `behaviour.log-off` is given as the one of three that the name tells: recording, a guard, or a second factor. An entry holds `rule`, `names` (a `*` stands for anything; upper and lower case are one), `when` (all of these
signs must be there), `any` (one of these), `unless` (none of these; `failed` and `service` count unless the entry says `also: failed`).
The first entry that fits decides. `examples` are deeds with the rule that each must get.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from soc.errors import ConfigurationError

FOLDER = Path(__file__).parent / "deeds"
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
#: Rules whose deeds a sign of the record makes graver.
MUCH = (
    "behaviour.made-public",
    "behaviour.rights-changed",
    "behaviour.protection-off",
    "behaviour.secret-read",
    "behaviour.data-out",
)
#: What undoes a deed: it did not come to pass, or the service did it for its own sake, or it was only looked at.
_UNDONE = frozenset(("failed", "service"))
#: One call that failed changed nothing and is no attack: many of them are counted by who made them.
REFUSED = "behaviour.call-refused"
#: The table of services that no other table knows: of their records a failure says too little.
_ANY = "any"
#: A rule of the tables that is one of three, by the words of the deed's name: what was switched off.
SWITCHED_OFF, _GUARD_OFF, _FACTOR_OFF = "behaviour.log-off", "behaviour.guard-off", "behaviour.factor-off"
_FACTOR = re.compile(r"(?i)mfa|2sv|(?:two|2)[ _-]?(?:step|factor)|strong[ _-]?auth|factor")
_CUT = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_RECORDS = frozenset(
    [
        "log",
        "logs",
        "logging",
        "trail",
        "audit",
        "recorder",
        "event",
        "events",
        "sink",
        "delivery",
        "diagnostic",
        "flow",
        "stream",
        "publishing",
        "exclusion",
        "insights",
    ]
)
_WATCHES = frozenset(["alert", "alerts", "alarm", "alarms", "detector"])
_LOGIN = re.compile(r"(?i)log[-_ ]?[io]n|sign[-_ ]?in|auth|session")
_KEYS = {"rule", "names", "when", "any", "unless", "also"}


@dataclass(frozen=True)
class Entry:
    """`names`: one expression for all names; see the module's words for the signs."""

    rule: str
    names: re.Pattern[str]
    when: frozenset[str]
    either: frozenset[str]
    unless: frozenset[str]


@dataclass(frozen=True)
class Deeds:
    """The entries of one service, in order, and its examples: (deed as `read_deed` gives it, rule or "")."""

    entries: tuple[Entry, ...]
    examples: tuple[tuple[str, str], ...]


@lru_cache(maxsize=1)
def read_tables() -> dict[str, Deeds]:
    """Every service's deeds by its name. Raises ConfigurationError for an entry that is not understood."""
    return {path.stem: _read(path) for path in sorted(FOLDER.glob("*.yaml"))}


def _read(path: Path) -> Deeds:
    content = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a safe loader, see signatures
    entries = []
    for number, one in enumerate(content["deeds"]):
        if not isinstance(one, dict) or set(one) - _KEYS or not {"rule", "names"} <= set(one):
            raise ConfigurationError(f"{path.name}: entry {number} is not understood.")
        also = frozenset(str(one.get("also", "")).split())
        entries.append(
            Entry(
                rule=str(one["rule"]),
                names=re.compile("|".join(_expression(str(name)) for name in one["names"]), re.IGNORECASE),
                when=frozenset(str(one.get("when", "")).split()),
                either=frozenset(str(one.get("any", "")).split()),
                unless=(_UNDONE | frozenset(str(one.get("unless", "")).split())) - also,
            )
        )
    examples = tuple((f"{path.stem}\t{one[0]}\t{one[1]}", str(one[2])) for one in content["examples"])
    return Deeds(tuple(entries), examples)


def _expression(name: str) -> str:
    return ".*".join(re.escape(piece) for piece in name.split("*"))


@lru_cache(maxsize=20_000)
def find_deed(deed: str) -> str:
    """The field rule of a deed (service, name and signs between tabs), "" where no table knows it."""
    service, name, said = deed.split("\t")
    table = read_tables().get(service)
    if table is None:
        return ""
    signs = frozenset(said.split())
    refused = REFUSED if service != _ANY and "failed" in signs and not _LOGIN.search(name) else ""
    for entry in table.entries:
        if (
            entry.when <= signs
            and not entry.unless & signs
            and (not entry.either or entry.either & signs)
            and entry.names.fullmatch(name)
        ):
            told = entry.rule if entry.rule != "none" else refused
            return _switched_off(name) if told == SWITCHED_OFF else told
    return refused


def _switched_off(name: str) -> str:
    """Whether what was switched off is a second factor, what records, or else what watches or guards."""
    if _FACTOR.search(name):
        return _FACTOR_OFF
    words = {word.lower() for word in _CUT.findall(name)}
    return SWITCHED_OFF if words & _RECORDS and not words & _WATCHES else _GUARD_OFF
