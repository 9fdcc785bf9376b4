"""The picker of Process logs: what came under the page's pass is previewed, processed once, and removed when asked."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from soc.batches.intake import keep_upload
from soc.batches.passes import NoPass, admitted
from soc.settings import Settings
from soc.store.db import read_session
from soc.store.nouns.batches.batches import list_batches
from tests.pages.conftest import TRIGGERS, OpenPage, given, read, send

LINES = b"Jan 15 10:30:00 web-1 sshd[812]: Failed password for root from 203.0.113.7 port 22 ssh2\n" * 3


def _picker(page: AppTest) -> Any:
    protos = [element.proto for element in page.get("bidi_component")]
    return next(proto for proto in protos if "pass" in given(proto))


def _data(page: AppTest) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(_picker(page).json)
    return data


def _told(page: AppTest, event: str, value: object) -> AppTest:
    trigger = f"{TRIGGERS}{_picker(page).id}__events"
    return send(page, "json_trigger_value", trigger, [{"event": event, "value": value}])


def _sent(page: AppTest, number: int, name: str) -> AppTest:
    """A file came to the server under the page's pass, and the browser says so."""
    with admitted(_data(page)["pass"], number, len(LINES)) as came:
        came.append(keep_upload(name, io.BytesIO(LINES)))
    return _told(page, "kept", number)


def _start(page: AppTest) -> Any:
    return next(button for button in page.button if button.label == "Process logs")


def test_what_came_is_previewed_and_becomes_one_batch_and_the_pass_ends(open_page: OpenPage) -> None:
    page = _sent(_sent(open_page("process_logs"), 0, "one.log"), 1, "two.log")
    assert [one["name"] for one in _data(page)["kept"]] == ["one.log", "two.log"]
    assert _data(page)["next"] == 2
    assert any("Failed password for root" in str(given(one.proto)) for one in page.get("bidi_component"))
    token = _data(page)["pass"]
    page = _start(page).click().run()
    with read_session() as session:
        assert [batch.name for batch in list_batches(session)] == ["one.log and 1 more"]
    with pytest.raises(NoPass), admitted(token, 2, 1):
        pass
    page.query_params.clear()
    assert _data(page.run())["kept"] == []
    assert _data(page)["pass"] != token


def test_a_file_that_is_removed_is_gone_and_one_that_was_never_there_removes_nothing(
    open_page: OpenPage, settings: Settings
) -> None:
    page = _sent(_sent(open_page("process_logs"), 0, "one.log"), 1, "two.log")
    page = _told(page, "removed", 0)
    assert "one.log" not in read(page)
    for forged in (7, "../x", None, [1]):
        page = _told(page, "removed", forged)
    assert [one["number"] for one in _data(page)["kept"]] == [1]
    assert len(list((settings.data_dir / "uploads").iterdir())) == 1


def test_nothing_starts_while_a_file_is_on_its_way(open_page: OpenPage) -> None:
    page = _sent(open_page("process_logs"), 0, "one.log")
    assert not _start(page).disabled
    page = send(page, "json_value", _picker(page).id, {"coming": True})
    assert _start(page).disabled
    assert _data(page)["coming"] is True
    page = send(page, "json_value", _picker(page).id, {"coming": False})
    assert not _start(page).disabled


def test_two_pages_have_two_passes_and_see_only_their_own(open_page: OpenPage) -> None:
    mine, yours = open_page("process_logs"), open_page("process_logs")
    mine = _sent(mine, 0, "mine.log")
    assert _data(yours.run())["kept"] == []
    assert _data(yours)["pass"] != _data(mine)["pass"]


def test_where_the_picker_cannot_send_the_plain_uploader_stands_in_its_place(open_page: OpenPage) -> None:
    page = open_page("process_logs")
    assert not page.file_uploader
    page = _told(page, "plain", True)
    page.file_uploader[0].upload("night.log", LINES, "text/plain").run()
    assert "night.log" in read(page)
    assert len(open_page("process_logs", uploader="plain").file_uploader) == 1


def test_the_picker_is_told_its_address_below_the_base_path(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _data(open_page("process_logs"))["address"] == "/upload"
    monkeypatch.setattr("soc.ui.forms.picker.st.get_option", lambda _name: "/ops/soc/")
    assert _data(open_page("process_logs"))["address"] == "/ops/soc/upload"
