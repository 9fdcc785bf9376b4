"""How kinds of logs are recognised, read and mapped to ECS: one file each, found here. docs/adding-a-format.md.

A module of this package that is not in `kit` has a `FORMAT`. Nothing else names it.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from functools import cache
from importlib import import_module

from soc.logs.formats.kit.declare import Format


@cache
def formats_by_file() -> dict[str, Format]:
    """Every declared format by its module's name, in order. Raises ValueError where two have one name."""
    found = sorted(_load().items(), key=lambda item: (item[1].order, item[1].name))
    names = [one.name for _, one in found]
    if len(set(names)) < len(names):
        raise ValueError(f"two formats have one name: {', '.join(names)}")
    return dict(found)


def _load() -> dict[str, Format]:
    """From files or a zip, in this process or a spawned one: the packages' own loader lists the modules."""
    names = [
        module.name
        for module in pkgutil.walk_packages(__path__, f"{__name__}.")
        if not module.ispkg and not module.name.startswith(f"{__name__}.kit.")
    ]
    return {name.rsplit(".", 1)[1]: import_module(name).FORMAT for name in names}


def all_formats() -> tuple[Format, ...]:
    """Every declared format, in order."""
    return tuple(formats_by_file().values())


def format_named(name: str) -> Format:
    """Raises KeyError where there is none."""
    return {one.name: one for one in all_formats()}[name]


def names_of(asked: Callable[[Format], bool]) -> list[str]:
    """The names of the formats of which something is so."""
    return [one.name for one in all_formats() if asked(one)]
