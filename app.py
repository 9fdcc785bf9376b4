"""The ASGI entry: `streamlit run app.py` serves dashboard, API and engine from one process."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from starlette.routing import Mount

from soc.api import api
from soc.api.guard import LocalOnly
from soc.serving import lifespan

app = st.App(
    Path(__file__).resolve().parent / "soc" / "ui" / "main.py",
    routes=[Mount("/api/v1", app=LocalOnly(api))],
    lifespan=lifespan,
)
