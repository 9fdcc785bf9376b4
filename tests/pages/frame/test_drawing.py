"""Shared drawing: one palette, harmless text, buttons that act once, small charts."""

from __future__ import annotations

import itertools
import json
import re
import threading
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go
import plotly.io
import pytest
from streamlit.testing.v1 import AppTest

from soc.domain.severity import Severity
from soc.ui.kit import buttons, charts, grid, quoted, times
from soc.ui.kit.severity import PALETTE, THEME_NAME

ROOT = Path(__file__).resolve().parents[3]
THEME = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["theme"]
#: Machado, Oliveira, Fernandes 2009: how the three kinds of colour blindness see linear RGB.
BLINDNESS = {
    "protanopia": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "deuteranopia": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    "tritanopia": [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
}


def _linear(color: str) -> np.ndarray:
    channels = np.array([int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def _lab(linear: np.ndarray) -> np.ndarray:
    to_xyz = np.array([[0.4125, 0.3576, 0.1804], [0.2127, 0.7152, 0.0722], [0.0193, 0.1192, 0.9503]])
    xyz = to_xyz @ np.clip(linear, 0, 1) / np.array([0.9505, 1, 1.0888])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def _contrast(one: str, other: str) -> float:
    light = sorted(float(np.dot([0.2126, 0.7152, 0.0722], _linear(color))) for color in (one, other))
    return (light[1] + 0.05) / (light[0] + 0.05)


@pytest.mark.parametrize("eyes", BLINDNESS)
def test_severities_stay_apart_for_colour_blind_eyes(eyes: str) -> None:
    seen = {band: _lab(np.array(BLINDNESS[eyes]) @ _linear(color)) for band, color in PALETTE.items()}
    for one, other in itertools.combinations(seen, 2):
        assert np.linalg.norm(seen[one] - seen[other]) > 15, (one, other)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_theme_and_the_palette_are_the_same_colours(mode: str) -> None:
    assert {
        f"{name}Color": color for band, color in PALETTE.items() for name in [THEME_NAME[band]]
    }.items() <= THEME[mode].items()


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_words_in_a_severitys_colour_can_be_read(mode: str) -> None:
    for name in THEME_NAME.values():
        assert _contrast(THEME[mode][f"{name}TextColor"], THEME[mode]["backgroundColor"]) >= 4.5, name


def test_words_on_a_primary_button_can_be_read() -> None:
    css = (ROOT / "soc" / "ui" / "kit" / "frame.css").read_text()
    [black] = set(
        re.findall(r"rgb\(0 0 0 / (\d+)%\)", css.partition("background-image")[2].partition(";")[0])
    )
    for mode in ("light", "dark"):
        color = THEME[mode]["primaryColor"]
        mixed = "#" + "".join(
            f"{round(int(color[at : at + 2], 16) * (100 - int(black)) / 100):02X}" for at in (1, 3, 5)
        )
        assert _contrast(mixed, "#FFFFFF") >= 4.5, mode


def test_the_frame_s_style_leans_on_no_variable_that_only_components_have() -> None:
    css = (ROOT / "soc" / "ui" / "kit" / "frame.css").read_text()
    assert (
        re.findall(r"var\(--st-[\w-]+\)", css) == []
    )  # with a value beside it (`var(--x, Canvas)`) it is no matter


def test_no_font_is_loaded_from_the_internet() -> None:
    assert "http" not in str(THEME)


def test_every_severity_has_a_colour() -> None:
    assert set(PALETTE) == set(THEME_NAME) == set(Severity)


@pytest.mark.parametrize(
    "text",
    ["<b>x</b>", "**x**", ":red[x]", ":material/home:", "![x](http://evil.test)", "www.evil.test", "$x$", "a@b.test", "`x`"],
)  # fmt: skip
def test_markdown_of_a_log_does_nothing(text: str) -> None:
    made = quoted.markdown(text)
    assert not any(made[at] in "<*[`$!" and (at == 0 or made[at - 1] != "\\") for at in range(len(made)))
    assert "www." not in made
    assert "://" not in made
    assert ":material/" not in made.replace("\\", "")


def test_tricks_of_a_line_are_spelled_out() -> None:
    assert quoted.visible("a\u202eb\x1b[31m\x00") == "a\\u202eb\\x1b[31m\\x00"


def test_marking_counts_bytes_not_characters() -> None:
    line = "Zürich: <failed> login"
    start = line.encode().find(b"<failed>")
    assert quoted.highlighted(line, [(start, start + 8)]).count("&lt;failed&gt;</mark> login") == 1


@pytest.mark.parametrize("span", [(-1, 3), (5, 2), (0, 999), (4, 4)])
def test_an_offset_outside_the_line_marks_nothing(span: tuple[int, int]) -> None:
    assert "<mark" not in quoted.highlighted("short", [span])


def test_overlapping_words_are_marked_once() -> None:
    assert quoted.spans_of("abcdefgh", [(0, 4), (2, 6)]) == [(0, 6)]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", ""])
def test_only_web_addresses_are_linked(url: str) -> None:
    assert quoted.link_target(url) == "#"


def test_a_chart_refuses_more_points_than_a_browser_takes() -> None:
    with pytest.raises(ValueError, match="aggregate"):
        charts.class_bars({str(n): 1 for n in range(charts.MOST_POINTS + 1)}, key="k", alt="too many")


def test_times_are_told_as_a_person_does() -> None:
    now = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)
    assert times.ago(now - timedelta(minutes=12), now) == "12 min ago"
    assert times.ago(now + timedelta(hours=3), now) == "in 3 h"
    assert times.ago(None, now) == "never"
    assert times.in_utc(now) == "2026-01-15 10:30:00 UTC"
    assert times.since_midnight(now) == datetime(2026, 1, 15, tzinfo=UTC)


def _page_with_a_button() -> None:
    import streamlit as st

    from soc.access.scopes import Scope
    from soc.ui.kit import buttons, outcome

    buttons.show_messages()
    buttons.act_button(
        "Act",
        lambda key: st.session_state.setdefault("keys", []).append(key),
        needed=Scope.ACT,
        name="test",
        busy="…",
        done=lambda _: outcome.good("Done."),
    )


def test_a_button_acts_once_a_click_with_a_key_of_its_own() -> None:
    page = AppTest.from_function(_page_with_a_button).run()
    page.button[0].click().run()
    assert [success.value for success in page.success] == ["Done."]
    assert len(page.session_state["keys"]) == 1


def test_a_second_click_right_after_the_first_belongs_to_it() -> None:
    page = AppTest.from_function(_page_with_a_button).run()
    page.button[0].click().run()
    page.button[0].click().run()
    assert len(page.session_state["keys"]) == 1


def test_two_scripts_that_act_at_once_act_once(monkeypatch: pytest.MonkeyPatch) -> None:
    state: dict[str, object] = {}
    monkeypatch.setattr(buttons.st, "session_state", state)
    monkeypatch.setattr(buttons.st, "rerun", lambda: None)
    buttons.begin("double")
    buttons.begin("double")
    wanted = buttons.pending("double")
    assert wanted is not None
    done: list[str] = []
    threads = [
        threading.Thread(
            target=buttons.perform, args=(wanted, done.append), kwargs={"name": "double", "busy": "…"}
        )
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == [wanted.key]


def test_a_chart_is_built_once_for_as_long_as_its_data_stay_the_same() -> None:
    built: list[int] = []

    def build(numbers: dict[str, int]) -> tuple[go.Figure, int]:
        built.append(len(numbers))
        return go.Figure(go.Bar(x=list(numbers.values()), y=list(numbers))), 100

    first = charts.figure_of(build, {"a": 1})
    assert charts.figure_of(build, {"a": 1}) is first
    assert charts.figure_of(build, {"a": 2}) is not first
    assert built == [1, 1]


def test_a_table_is_put_into_words_once_for_the_same_rows_and_all_that_they_are_shown_by() -> None:
    made: list[str] = []

    def table(rows: list[dict[str, str]], zone: str) -> grid.Table:
        def make() -> grid.Table:
            made.append(zone)
            return grid.make_table(rows, {"word": grid.Column("Word")}, alt="words", mode="tick")

        return grid.table_of(rows, make, "words", zone)

    rows = [{"id": "a", "word": "ä\ud800"}, {"id": "b", "word": "b"}]
    first = table(rows, "UTC")
    assert table(rows, "UTC") is first
    assert table(rows, "Europe/Berlin") is not first
    assert table([*rows], "UTC") is not first
    assert made == ["UTC", "Europe/Berlin", "UTC"]
    assert first.ids == {"a", "b"}
    assert [row["cells"] for row in json.loads(first.content)["rows"]] == [["ä\ud800"], ["b"]]


def test_the_end_of_the_hours_moves_once_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Any] = []
    monkeypatch.setattr(charts.st, "plotly_chart", lambda figure, **_: drawn.append(figure))
    since = datetime(2026, 1, 14, tzinfo=UTC)
    for minutes in (10, 50, 70):
        charts.severity_over_time(
            {"high": [(since, 3)]}, since=since, until=since + timedelta(hours=9, minutes=minutes), zone_name="UTC",
            key="k", alt="a",
        )  # fmt: skip
    assert drawn[0] is drawn[1]
    assert drawn[2] is not drawn[0]


def test_a_kept_figure_says_the_same_as_a_new_one_and_is_put_into_words_once() -> None:
    counts = {"critical": 3, "low": 4}
    kept = charts.figure_of(charts._severity_bars, counts)
    plain = charts._finished(*charts._severity_bars(counts))
    drawn, new = (json.loads(plotly.io.to_json(one, validate=False)) for one in (kept.to_dict(), plain))
    assert drawn == new
    assert charts.figure_of(charts._severity_bars, dict(counts)).to_dict() is kept.to_dict()
    assert charts.figure_of(charts._severity_bars, {**counts, "low": 5}).to_dict() != kept.to_dict()
