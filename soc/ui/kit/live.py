"""Parts of a page that redraw themselves while the rest stays as it is."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec

import streamlit as st

from soc.ui.kit.problems import draw_or_explain

P = ParamSpec("P")


def live(every: float | None) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Redraw the function's part every so many seconds (None: only with the page). Its errors are shown.

    A fragment runs without the entry script, so nobody else would catch them.
    """

    def wrap(draw: Callable[P, None]) -> Callable[P, None]:
        @functools.wraps(draw)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> None:
            draw_or_explain(lambda: draw(*args, **kwargs))

        return st.fragment(guarded, run_every=every)

    return wrap
