"""The ASGI entry: `soc dashboard` (or `streamlit run app.py`) serves dashboard, API and engine from one process."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

import soc
from soc.serving import guarded_routes, lifespan

#: Where somebody else on the network could call them, the API and /metrics ask for a key from the start.
LISTENS_BEYOND_LOOPBACK = st.get_option("server.address") not in ("127.0.0.1", "localhost", "::1")

app = st.App(
    Path(soc.__file__).parent / "ui" / "main.py",
    routes=guarded_routes(listens_beyond_loopback=LISTENS_BEYOND_LOOPBACK),
    lifespan=lifespan,
)
