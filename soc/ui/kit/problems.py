"""When something cannot be drawn or done: what is wrong and what to do, never a blank page or a trace."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
import structlog

from soc.access.sessions import NotAllowed
from soc.errors import SocError, where_it_broke
from soc.store.faults import trouble_of
from soc.store.unchanged import one_moment
from soc.ui.kit import quoted

log = structlog.get_logger(__name__)

FAULT = SocError(
    "This could not be shown.",
    hint="The reason is in the server's log. Reload the page; if it stays, report it with that part of the log.",
)


def show_problem(message: str, hint: str = "") -> None:
    """An error as every page shows it: what is wrong, then what to do. Both are shown literally."""
    st.error(
        quoted.markdown(hint or "Nothing else is known."),
        title=quoted.markdown(message),
        icon=":material/error:",
    )


def draw_or_explain(draw: Callable[[], object], said: set[tuple[str, str]] | None = None) -> None:
    """Draw a part of a page; where that fails, say so in its place. What stands in `said` was told above and is told once.

    `client.showErrorDetails = "none"` keeps traces from the browser and would leave an empty page.
    """
    try:
        with one_moment():
            draw()
    except SocError as error:
        if isinstance(error, NotAllowed):
            error.tell()
        _say_once(error, said)
    except Exception as error:  # noqa: BLE001 - a page says that it broke, and stays
        log.error("page_part_not_drawn", **where_it_broke(error))
        _say_once(trouble_of(error) or FAULT, said)


def _say_once(told: SocError, said: set[tuple[str, str]] | None) -> None:
    problem = (told.message, told.hint)
    if said is not None:
        if problem in said:
            return
        said.add(problem)
    show_problem(*problem)
