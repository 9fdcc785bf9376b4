"""The theme is put into words once, and as Streamlit itself does it."""

from __future__ import annotations

import pytest
from streamlit import config
from streamlit.proto.NewSession_pb2 import NewSession
from streamlit.runtime import app_session
from streamlit.runtime.app_session import AppSession

from soc.ui import streamlit_server
from soc.ui.streamlit_server import _Theme

#: What this version of Streamlit asks for at the beginning of each run.
SECTIONS = ("", ".light", ".dark", ".sidebar", ".light.sidebar", ".dark.sidebar")


def _said(populate: object) -> bytes:
    message = NewSession()
    for section in SECTIONS:
        part = message.custom_theme
        for name in filter(None, section.split(".")):
            part = getattr(part, name)
        populate(part, f"theme{section}")  # type: ignore[operator]
    return message.SerializeToString(deterministic=True)


def test_it_is_read_once_and_says_what_streamlit_says(monkeypatch: pytest.MonkeyPatch) -> None:
    config.get_config_options()
    read: list[str] = []
    own = app_session._populate_theme_msg

    def counted(message: object, section: str) -> None:
        read.append(section)
        own(message, section)  # type: ignore[arg-type]

    theme = _Theme(counted)
    assert _said(theme) == _said(own) == _said(theme)
    assert len(read) == len(SECTIONS)
    monkeypatch.setattr(config, "_config_options", dict(config._config_options or {}))  # its file was changed
    _said(theme)
    assert len(read) == 2 * len(SECTIONS)


def test_this_version_of_streamlit_asks_for_it_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app_session, "_populate_theme_msg", app_session._populate_theme_msg)
    streamlit_server.say_the_theme_from_memory()
    assert isinstance(app_session._populate_theme_msg, _Theme)
    assert "_populate_theme_msg" in AppSession._create_new_session_message.__code__.co_names
