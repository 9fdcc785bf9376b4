"""The browser's history: one step back for one move."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_HISTORY = st.components.v2.component(
    "soc.history", js=(Path(__file__).parent / "history.js").read_text(encoding="utf-8")
)


def keep_history() -> None:
    """Draw nothing; from then on a move to another page is one entry. The style sheet takes it out of the layout."""
    with st.container(key="history", width="content"):
        _HISTORY(key="history-keeper", data={})
