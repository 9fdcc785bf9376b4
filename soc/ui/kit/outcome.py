"""What an act came to, and how good that is. Whoever tells an outcome says its level: nothing is green by default."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from soc.level import Level
from soc.ui.kit import quoted

__all__ = ["Level", "Said", "bad", "good", "note", "show", "warning"]


@dataclass(frozen=True)
class Said:
    """`text` is Markdown; `hint` says what to do next and is shown literally."""

    text: str
    level: Level
    hint: str = ""


def good(text: str) -> Said:
    """It happened, all of it."""
    return Said(text, Level.GOOD)


def note(text: str) -> Said:
    """Nothing went wrong, and there is something to know."""
    return Said(text, Level.NOTE)


def warning(text: str) -> Said:
    """It happened in part, or it happened and does not work yet."""
    return Said(text, Level.WARNING)


def bad(text: str) -> Said:
    """It did not happen."""
    return Said(text, Level.BAD)


_DRAW = {
    Level.GOOD: (st.success, ":material/check_circle:"),
    Level.NOTE: (st.info, ":material/info:"),
    Level.WARNING: (st.warning, ":material/warning:"),
    Level.BAD: (st.error, ":material/error:"),
}


def show(said: Said) -> None:
    """The message in its level's colour and with its icon: colour is never the only sign."""
    draw, icon = _DRAW[said.level]
    if said.hint:
        draw(quoted.markdown(said.hint), title=said.text, icon=icon)
    else:
        draw(said.text, icon=icon)
