"""What is changed of Streamlit's server, and why. Each change is tested against the version in use."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import streamlit
from streamlit import net_util

_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def ask_nobody_for_addresses() -> None:
    """Keep the server from asking an outside host for this machine's address.

    Streamlit does so at its start when it listens everywhere, and again for a websocket whose Origin it does not
    know: a visitor could make this machine speak to the internet. Without an answer it knows localhost alone.
    """
    net_util.get_external_ip = _no_address
    net_util.get_internal_ip = _no_address
    net_util._make_blocking_http_get = _no_answer


def _no_address() -> None:
    return None


def _no_answer(url: str, timeout: float = 5) -> None:
    return None


def page_scripts() -> tuple[str, ...]:
    """The hashes (`sha256-…`) of the scripts that stand in Streamlit's own page, for its Content-Security-Policy."""
    page = Path(streamlit.__file__).parent / "static" / "index.html"
    return tuple(
        f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}"
        for script in _INLINE.findall(page.read_text(encoding="utf-8"))
    )
