"""The ASGI entry: `soc dashboard` (or `streamlit run app.py`) serves dashboard, API and engine from one process."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import streamlit as st

import soc
from soc.errors import SocError
from soc.serving import front_door, guarded_routes, lifespan, sign_in_gate
from soc.serving.running import refuse_to_start
from soc.serving.signin.start import check_sign_in
from soc.ui.streamlit_server import (
    ask_nobody_for_addresses,
    page_scripts,
    say_the_theme_from_memory,
    wake_once_for_many,
)

#: Where somebody else on the network could call them, the API and /metrics ask for a key from the start.
LISTENS_BEYOND_LOOPBACK = st.get_option("server.address") not in ("127.0.0.1", "localhost", "::1")
BASE = st.get_option("server.baseUrlPath") or ""

SPEAKS_TLS = bool(st.get_option("server.sslCertFile"))
HERE = f"http{'s' * SPEAKS_TLS}://127.0.0.1:{st.get_option('server.port')}/{BASE.strip('/')}"

try:
    check_sign_in(listens_beyond_loopback=LISTENS_BEYOND_LOOPBACK, speaks_tls=SPEAKS_TLS)
except SocError as error:
    refuse_to_start(error)
ask_nobody_for_addresses()
wake_once_for_many()
say_the_theme_from_memory()
app = st.App(
    Path(soc.__file__).parent / "ui" / "main.py",
    routes=guarded_routes(listens_beyond_loopback=LISTENS_BEYOND_LOOPBACK, base_url_path=BASE),
    middleware=[
        front_door(
            listens_beyond_loopback=LISTENS_BEYOND_LOOPBACK, base_url_path=BASE, page_scripts=page_scripts()
        ),
        sign_in_gate(listens_beyond_loopback=LISTENS_BEYOND_LOOPBACK, base_url_path=BASE),
    ],
    lifespan=partial(lifespan, address=HERE),
)
