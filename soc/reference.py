"""The Python reference: the names that are promised to whoever imports the product, with their signatures and docstrings."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterator, Sequence
from enum import Enum
from importlib import import_module
from types import FunctionType, ModuleType
from typing import Any, NamedTuple, get_type_hints, is_typeddict

from pydantic import BaseModel


class Room(NamedTuple):
    """A module whose public names are promised, and what they are for."""

    module: str
    purpose: str


#: In the order of the page. What is not named here may change with any version.
ROOMS = (
    Room("soc.processing", "Process records, as the setup guide does"),
    Room("soc.integrations.jira", "Speak to Jira, as the setup guide does"),
    Room("soc.analysis", "Read and judge files without a batch"),
    Room("soc.audit.write", "Tell the audit"),
    Room("soc.errors", "What is raised"),
    Room("soc.integrations.kit.base", "Declare an integration"),
    Room("soc.detection.detectors.kit.declaration", "Declare a detector"),
    Room("soc.logs.formats.kit.declare", "Declare a log format"),
)
_LONGEST_LINE = 100


def reference() -> str:
    """Every promised name in Markdown. Raises ValueError for one without a docstring."""
    return "\n\n".join(_room(room) for room in ROOMS)


def public_names(module: ModuleType) -> list[str]:
    """Its `__all__`; else the classes and functions that it defines, in their order, and that have no leading underscore."""
    if hasattr(module, "__all__"):
        return list(module.__all__)
    return [
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and isinstance(value, (type, FunctionType))
        and value.__module__ == module.__name__
    ]


def _room(room: Room) -> str:
    module = import_module(room.module)
    parts = [f"## {room.purpose}: `{room.module}`", _said(module, room.module)]
    for name in public_names(module):
        value = getattr(module, name)
        parts += [f"### `{name}`", *(_class(value) if isinstance(value, type) else _function(value, name))]
    return "\n\n".join(parts)


def _said(value: Any, name: str) -> str:
    text = inspect.getdoc(value) if not isinstance(value, type) else vars(value).get("__doc__")
    if not text or text.startswith(f"{name}("):  # what `dataclass` writes of itself says nothing
        raise ValueError(f"{name} is promised to others and has no docstring.")
    return inspect.cleandoc(text)


def _function(value: Any, name: str) -> Iterator[str]:
    yield _code(f"{name}{_signature(value)}")
    yield _said(value, name)


def _class(value: type) -> Iterator[str]:
    bases = ", ".join(base.__name__ for base in value.__bases__ if base is not object)
    yield _code(f"class {value.__name__}{f'({bases})' if bases else ''}")
    yield _said(value, value.__name__)
    if rows := _fields(value):
        yield "| field | type | what it is |\n|---|---|---|\n" + "\n".join(rows)
    for name, member in vars(value).items():
        called = getattr(member, "__func__", member.fget if isinstance(member, property) else member)
        if (name == "__init__" and _own_init(value)) or (
            not name.startswith("_") and isinstance(called, FunctionType) and called.__doc__
        ):
            shown = value.__name__ if name == "__init__" else f"{value.__name__}.{name}"
            plain = isinstance(member, property)
            yield _code(shown if plain else f"{shown}{_signature(called)}")
            if called.__doc__:
                yield inspect.cleandoc(called.__doc__)


def _own_init(value: type) -> bool:
    return not dataclasses.is_dataclass(value) and not issubclass(value, BaseModel)


def _fields(value: type) -> list[str]:
    """Rows of a table: a model's, a dataclass's and a typed dictionary's fields, an enumeration's members."""
    if issubclass(value, Enum):
        return [f"| `{one.name}` | `{one.value!r}` | |" for one in value]
    if is_typeddict(value):
        return [f"| `{name}` | `{_written(kind)}` | |" for name, kind in get_type_hints(value).items()]
    if issubclass(value, BaseModel):
        return [
            f"| `{name}` | `{_written(field.annotation)}` | {_cell(field.description or '')} |"
            for name, field in value.model_fields.items()
        ]
    if dataclasses.is_dataclass(value):
        return [f"| `{field.name}` | `{_cell(str(field.type))}` | |" for field in dataclasses.fields(value)]
    return []


def _written(kind: Any) -> str:
    return _cell(kind.__name__ if isinstance(kind, type) and not hasattr(kind, "__args__") else str(kind))


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _signature(value: Any) -> str:
    signature = inspect.signature(value)
    kept = [_told(one) for one in signature.parameters.values() if one.name not in ("self", "cls")]
    whole = str(signature.replace(parameters=kept)).replace("'", "")
    if len(whole) <= _LONGEST_LINE:
        return whole
    answer = "" if signature.return_annotation is signature.empty else f" -> {signature.return_annotation}"
    return "(\n" + "".join(f"    {one},\n" for one in _parameters(kept)) + ")" + answer.replace("'", "")


def _told(one: inspect.Parameter) -> inspect.Parameter:
    """With a default that reads the same on every machine."""
    return one.replace(default=...) if callable(one.default) and one.default is not one.empty else one


def _parameters(kept: Sequence[inspect.Parameter]) -> Iterator[str]:
    named = False
    for one in kept:
        if one.kind is one.KEYWORD_ONLY and not named:
            yield "*"
            named = True
        yield str(one).replace("'", "")


def _code(text: str) -> str:
    return f"```text\n{text}\n```"
