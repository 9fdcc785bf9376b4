"""Says on every page that whoever reaches the pages may use them, where an administrator opened them."""

from __future__ import annotations

import streamlit as st

from soc.access.sessions import in_force
from soc.settings import get_settings

OPEN_PAGES = (
    "**These pages have no sign-in.** `SOC_OPEN_PAGES=1` says that a proxy in front checks who comes in; "
    "whoever reaches this server past the proxy may do everything here."
)


def draw_open_pages() -> None:
    if get_settings().open_pages and not in_force():
        st.warning(OPEN_PAGES, icon=":material/lock_open:")
