"""Says in the frame who signed in, and has each tab leave as soon as the session is over."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from soc.access.sessions import Seat

_SIGNED_IN = st.components.v2.component(
    "soc.signed_in",
    html="<a title='Your account: sessions, one-time codes, sign out'></a>",
    css="a{color:inherit;font-size:.875rem;white-space:nowrap}",
    js=(Path(__file__).parent / "signed_in.js").read_text(encoding="utf-8"),
)


def draw_signed_in(seat: Seat) -> None:
    """The person's name and role, as a link to the account."""
    base = (st.get_option("server.baseUrlPath") or "").strip("/")
    about = {"name": seat.name, "role": seat.role.value, "base": f"/{base}" if base else ""}
    with st.container(key="signed-in", width="content"):
        _SIGNED_IN(key="signed-in-account", data=about)
