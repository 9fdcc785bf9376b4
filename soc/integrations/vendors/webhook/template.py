"""Bodies for other receivers: Jinja templates that can read the payload and do nothing else.

Jinja's sandbox keeps attributes of Python away, but not the clock or the memory: a template could count to ten
billion or build a string of gigabytes. So what it may say is a short list (output, if, for, a few filters), loops
are counted, and every text that grows is measured.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from typing import Any

from jinja2 import StrictUndefined, TemplateError, Undefined, nodes
from jinja2.exceptions import SecurityError, UndefinedError
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from soc.errors import ConfigurationError
from soc.integrations.vendors.webhook.limits import (
    LONGEST_OUTPUT,
    LONGEST_TEMPLATE,
    LONGEST_TIME,
    MOST_ROUNDS,
)

_FILTERS = frozenset(
    {
        "capitalize", "count", "d", "default", "first", "float", "int", "join", "last", "length", "lower",
        "string", "title", "tojson", "trim", "truncate", "upper", "urlencode",
    }
)  # fmt: skip
_TESTS = frozenset(
    {"defined", "undefined", "none", "string", "number", "mapping", "iterable", "sequence", "in", "eq", "ne", "true", "false"}
)  # fmt: skip
_NODES = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.For, nodes.CondExpr, nodes.Name, nodes.Const,
    nodes.Getattr, nodes.Getitem, nodes.Slice, nodes.Filter, nodes.Test, nodes.Compare, nodes.Operand, nodes.And,
    nodes.Or, nodes.Not, nodes.Concat, nodes.Add, nodes.Sub, nodes.Neg, nodes.List, nodes.Tuple, nodes.Dict,
    nodes.Pair, nodes.Keyword,
)  # fmt: skip

_LOOP = frozenset({"first", "index", "index0", "last", "length", "revindex"})

_work: ContextVar[list[float]] = ContextVar("soc_template_work")


class _Refused(SecurityError):
    """The template asks for more than it may."""


def _measured(text: str) -> str:
    if len(text) > LONGEST_OUTPUT:
        raise _Refused(f"a text grows beyond {LONGEST_OUTPUT // 1024} kB")
    return text


def _as_json(value: Any) -> str:
    """JSON text, measured while it is made."""
    parts, size = [], 0
    for part in json.JSONEncoder(ensure_ascii=False).iterencode(value):
        size += len(part)
        if size > LONGEST_OUTPUT:
            raise _Refused(f"a text grows beyond {LONGEST_OUTPUT // 1024} kB")
        parts.append(part)
    return "".join(parts)


def _text(value: Any) -> str:
    if isinstance(value, (str, Markup)):
        return _measured(str(value))
    if value is None:
        return ""
    if isinstance(value, (bool, Mapping, list, tuple)):
        return _as_json(value)
    if isinstance(value, (int, float, Undefined)):
        return str(value)
    raise _Refused("it names something that is no value")


def _joined(values: Iterable[Any], between: str = "") -> str:
    parts, size = [], 0
    for value in values:
        parts.append(_text(value))
        size += len(parts[-1]) + len(between)
        if size > LONGEST_OUTPUT:
            raise _Refused(f"a text grows beyond {LONGEST_OUTPUT // 1024} kB")
    return between.join(parts)


def _tick() -> str:
    """Stands at the beginning of every round of every loop."""
    state = _work.get()
    state[0] += 1
    if state[0] > MOST_ROUNDS or time.monotonic() > state[1]:
        raise _Refused(f"it goes round for longer than {LONGEST_TIME:g} s or {MOST_ROUNDS:,} times")
    return ""


class _Environment(ImmutableSandboxedEnvironment):
    intercepted_binops = frozenset({"+", "-"})

    def __init__(self) -> None:
        super().__init__(undefined=StrictUndefined, autoescape=False, cache_size=0, finalize=_text)
        self.filters = {name: one for name, one in self.filters.items() if name in _FILTERS}
        self.filters |= {"tojson": _as_json, "join": _joined, "string": _text}
        self.tests = {name: one for name, one in self.tests.items() if name in _TESTS}
        self.globals = {"_tick": _tick, "_joined": _joined}

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Only what a mapping holds and where a loop stands; no method and no attribute of any other object."""
        return isinstance(obj, LoopContext) and attr in _LOOP

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if isinstance(left, str) and isinstance(right, str) and operator == "+":
            return _measured(left + right)
        if isinstance(left, (int, float)) and isinstance(right, (int, float)):
            return left + right if operator == "+" else left - right
        raise _Refused("“+” and “-” are for two numbers or two texts")


_ENVIRONMENT = _Environment()


def _parsed(text: str) -> nodes.Template:
    tree = _ENVIRONMENT.parse(text)
    for node in tree.find_all(nodes.Node):
        if not isinstance(node, _NODES) and not isinstance(node, (nodes.ContextReference, nodes.EvalContext)):
            raise _Refused(f"“{type(node).__name__.lower()}” is not for templates here")
        if isinstance(node, nodes.For) and node.recursive:
            raise _Refused("a loop may not call itself")
        if isinstance(node, nodes.Name) and (node.name.startswith("_") or node.name == "self"):
            raise _Refused("names begin with a letter, and none is “self”")
    for loop in list(tree.find_all(nodes.For)):
        loop.body.insert(0, nodes.Output([_call("_tick", [], loop.lineno)], lineno=loop.lineno))
    _replace_concat(tree)
    return tree


def _call(name: str, arguments: list[nodes.Expr], line: int) -> nodes.Call:
    function = nodes.Name(name, "load", lineno=line)
    return nodes.Call(function, arguments, [], None, None, lineno=line)


def _replace_concat(node: nodes.Node) -> None:
    """`a ~ b` becomes a call that measures; the sandbox has no say over it."""
    for field, value in list(node.iter_fields()):
        if isinstance(value, nodes.Node):
            _replace_concat(value)
            if isinstance(value, nodes.Concat):
                setattr(node, field, _measured_concat(value))
        elif isinstance(value, list):
            for number, one in enumerate(value):
                if isinstance(one, nodes.Node):
                    _replace_concat(one)
                    if isinstance(one, nodes.Concat):
                        value[number] = _measured_concat(one)


def _measured_concat(node: nodes.Concat) -> nodes.Call:
    return _call("_joined", [nodes.List(node.nodes, lineno=node.lineno)], node.lineno)


def read_template(text: str) -> Any:
    """The compiled template. Raises ValueError, which says what is wrong and in which line."""
    if len(text) > LONGEST_TEMPLATE:
        raise ValueError(f"is longer than {LONGEST_TEMPLATE:,} characters")
    try:
        tree = _parsed(text)
        return _ENVIRONMENT.template_class.from_code(
            _ENVIRONMENT, _ENVIRONMENT.compile(tree), dict(_ENVIRONMENT.globals), None
        )
    except TemplateError as error:
        line = getattr(error, "lineno", None)
        raise ValueError(f"{error.message or 'cannot be read'}{f' (line {line})' if line else ''}") from None
    except (RecursionError, MemoryError, SyntaxError, ValueError):
        raise ValueError("is nested too deeply") from None


def fill_template(text: str, payload: Mapping[str, Any]) -> str:
    """The template over the payload's fields. Raises ConfigurationError, which says what is wrong."""
    problem = ""
    token = _work.set([0.0, time.monotonic() + LONGEST_TIME])
    try:
        return _joined(read_template(text).generate(**payload))
    except UndefinedError as error:
        problem = f"{error.message}: write “| default('')” where a field may be absent"
    except TemplateError as error:
        problem = error.message or "it cannot be filled in"
    except (TypeError, ValueError, ArithmeticError, LookupError, RecursionError) as error:
        problem = (
            str(error) if isinstance(error, ValueError) else f"an expression fails ({type(error).__name__})"
        )
    finally:
        _work.reset(token)
    raise ConfigurationError(
        f"The body template does not work: {problem.rstrip('.')}.",
        hint="Change it on the Integrations page; its preview shows it.",
    )
