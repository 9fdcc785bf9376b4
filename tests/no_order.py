"""Words have no order: whoever compares a state, a kind or an id by its letters has made a mistake, and says so at once.

While tests run, `<`, `<=`, `>` and `>=` raise for a text of the store and for a pointer to another table's row, `<=` and `>=` for a
member of a `StrEnum` of ours. Lists are still sorted by text (by `<` and `>`); that is no comparison with a value.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

_ORDERS = (operator.lt, operator.le, operator.gt, operator.ge)
#: Words of the search are found by how they begin, from one word to another; the audit writes moments as texts of one length; the
#: ledger is walked ticket by ticket.
_SPANS = {("search_terms", "term"), ("audit", "at"), ("sla_events", "ticket_id")}


class OrderOfWords(AssertionError):
    """A text was compared by its letters."""


def refuse_order_of_words() -> None:
    """From now on in this process. Call it once."""
    _refuse_in_statements()
    _refuse_of_members()


def _refuse_in_statements() -> None:
    kind: Any = sa.types.TypeEngine.Comparator
    plain = kind.operate

    def operate(self: Any, op: Any, *other: Any, **words: Any) -> Any:
        if op in _ORDERS and _is_word(self.expr):
            raise OrderOfWords(f"{self.expr} has no order")
        return plain(self, op, *other, **words)

    kind.operate = operate


def _is_word(said: Any) -> bool:
    if isinstance(said, sa.Column):
        if getattr(said.table, "metadata", SQLModel.metadata) is not SQLModel.metadata:
            return False  # the engine's own tables
        if (said.table.name, said.name) in _SPANS:
            return False
        if said.foreign_keys:
            return True
    kind = said.type.impl_instance if isinstance(said.type, sa.types.TypeDecorator) else said.type
    return isinstance(kind, sa.types.String)


def _refuse_of_members() -> None:
    for name in ("__le__", "__ge__"):
        setattr(StrEnum, name, _refusing(getattr(str, name)))


def _refusing(compare: Callable[[str, Any], Any]) -> Callable[[StrEnum, Any], Any]:
    def compared(self: StrEnum, other: Any) -> Any:
        if type(self).__module__.startswith("soc."):
            raise OrderOfWords(f"{self!r} has no order, so it is not compared with {other!r}")
        return compare(self, other)

    return compared
