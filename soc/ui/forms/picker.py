"""The picker of files: a component of ours that streams each file to this server while the page stays as it is.

Streamlit's own uploader holds a file twice in the server's memory. The browser has a pass of this page for what it
sends (`soc.batches.passes`); what came is asked of the server, never of the browser.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from soc import clock
from soc.batches.intake import Upload
from soc.batches.passes import LIFE, MOST_FILES, close_pass, drop_kept, list_kept, next_number, renew_pass
from soc.settings import get_settings

_HERE = Path(__file__).parent
_PICKER = st.components.v2.component(
    "soc.picker",
    css=(_HERE / "picker.css").read_text(encoding="utf-8"),
    js=(_HERE / "picker.js").read_text(encoding="utf-8"),
)


#: The session's wish for Streamlit's own uploader.
PLAIN = "picker-plain"


def pick_files(label: str, *, key: str, help: str) -> tuple[list[Upload], bool]:
    """Draw it; returns the files that are here, and whether more are on their way. Each key has a pass of its own."""
    token = st.session_state[pass_of(key)] = renew_pass(st.session_state.get(pass_of(key), ""))
    kept = list_kept(token)
    told = _PICKER(
        key=key,
        data={
            "label": label,
            "help": help,
            "address": f"{_base()}/upload",
            "pass": token,
            "seconds": LIFE.total_seconds(),
            "drawn": clock.now().timestamp(),  # another each time, so that the browser hears of it
            "next": next_number(token),
            "most": MOST_FILES,
            "largest": get_settings().max_upload_bytes,
            "coming": bool((st.session_state.get(key) or {}).get("coming")),
            "kept": [{"number": number, "name": upload.name, "size": upload.size} for number, upload in kept],
        },
        on_coming_change=_nothing,
        on_kept_change=_nothing,
        on_removed_change=_nothing,
        on_renewed_change=_nothing,
        on_plain_change=_nothing,
    )
    removed = told.get("removed")
    if removed in [number for number, _ in kept]:
        drop_kept(token, int(str(removed)))
        st.rerun()
    if told.get("plain"):
        st.session_state[PLAIN] = True
        st.rerun()
    return [upload for _, upload in kept], bool(told.get("coming"))


def forget_picked(key: str) -> None:
    """Nothing comes to this picker any more; what came stays where it lies."""
    close_pass(st.session_state.pop(pass_of(key), ""))


def pass_of(key: str) -> str:
    """Under which name the session keeps the picker's pass."""
    return f"{key}-pass"


def _base() -> str:
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}" if base else ""


def _nothing() -> None:
    """The component only returns what has a callback."""
