"""What a role covers, where a control is drawn: one that it does not cover is drawn disabled with the reason, or not at all.

The scope stands beside the control, and is the one that its act asks for when it is done (`soc.ui.sitting.actor_here`): what is
drawn spares people a refusal, it protects nothing. Where nobody signs in, everything is covered.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, Protocol, TypeVar

import streamlit as st

from soc.access.scopes import Scope, least_role
from soc.ui.sitting import seat_here

P = ParamSpec("P")
R = TypeVar("R")


def withheld(needed: Scope) -> str:
    """Why whoever sits here cannot do it, in a sentence; "" where they can. Raises SignedOut."""
    seat = seat_here()
    if seat is None or seat.scope.covers(needed):
        return ""
    return f"{least_role(needed).article} may do this; you are signed in as {seat.role}."


def role_here() -> str:
    """The role of whoever signed in here; "" where nobody has to. Raises SignedOut."""
    seat = seat_here()
    return "" if seat is None else seat.role.value


def button(
    label: str, *, needed: Scope, disabled: bool = False, help: str | None = None, **more: Any
) -> bool:
    """A button that leads to an act of this scope, or opens its form."""
    why = withheld(needed)
    return st.button(label, disabled=disabled or bool(why), help=why or help, **more)


def popover(
    label: str, *, needed: Scope, disabled: bool = False, help: str | None = None, **more: Any
) -> Any:
    """A popover that holds nothing but acts of this scope, and what they take."""
    why = withheld(needed)
    return st.popover(label, disabled=disabled or bool(why), help=why or help, **more)


class _Declared(Protocol):
    def __call__(self, draw: Callable[P, R], /) -> Callable[P, R | None]: ...


def form(needed: Scope, what: str, *, instead: Callable[..., object] | None = None) -> _Declared:
    """Of a function that draws what an act of this scope takes: for who cannot do it, `what` and the reason stand in its place.

    "" for `what`: nothing does, since the reason stands close by. `instead`: what they see besides, called with the
    same arguments. The function then returns None.
    """

    def declared(draw: Callable[P, R]) -> Callable[P, R | None]:
        @wraps(draw)
        def drawn(*given: P.args, **named: P.kwargs) -> R | None:
            why = withheld(needed)
            if not why:
                return draw(*given, **named)
            if instead is not None:
                instead(*given, **named)
            if what:
                st.caption(f":material/lock: {what}: {why[0].lower()}{why[1:]}")
            return None

        return drawn

    return declared
