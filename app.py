"""The ASGI entry: `streamlit run app.py` serves dashboard, API and engine from one process."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from starlette.routing import Mount, Route

from soc.api import api
from soc.api.guard import ApiGuard
from soc.serving import lifespan, metrics

#: Where somebody else on the network could call it, the API asks for a key from the start.
LISTENS_BEYOND_LOOPBACK = st.get_option("server.address") not in ("127.0.0.1", "localhost", "::1")

app = st.App(
    Path(__file__).resolve().parent / "soc" / "ui" / "main.py",
    routes=[
        Route("/metrics", metrics),
        Mount("/api/v1", app=ApiGuard(api, listens_beyond_loopback=LISTENS_BEYOND_LOOPBACK)),
    ],
    lifespan=lifespan,
)
