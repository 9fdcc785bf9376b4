"""Opens pages the way a browser does: through the entry script, on a real database in a folder of its own."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.config import get_config_options
from streamlit.testing.v1 import AppTest

from soc.settings import Settings
from soc.store.migrate import migrate
from soc.ui.kit.places import PLACES

ROOT = Path(__file__).resolve().parents[2]
#: How Streamlit names the widget that brings a component's events.
TRIGGERS = "$$STREAMLIT_INTERNAL_KEY_"
OpenPage = Callable[..., AppTest]

# Each AppTest reads what every installed package says of itself, in search of components: as much work as all the rest
# of drawing a page, and the same answer each time.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)


@pytest.fixture
def store(settings: Settings) -> Settings:
    """An empty database with the guide's rules and SLA times; `.env` of the developer is out of reach."""
    migrate()
    return settings


@pytest.fixture
def open_page(store: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OpenPage:
    """`open_page("incidents", incident="inc-…")` draws that page with that deep link."""
    get_config_options()  # what a process reads first stays: the project's, not what an empty folder lacks
    monkeypatch.chdir(tmp_path)

    def draw(name: str, **params: str) -> AppTest:
        page = AppTest.from_file(ROOT / "soc" / "ui" / "main.py", default_timeout=20)
        # an address without a name is the first page's; the others' are their files' names
        if name != PLACES[0].name:
            page.switch_page(f"../../pages/{name}.py")
        for key, value in params.items():
            page.query_params[key] = value
        return page.run()

    return draw


class Grid:
    """A table of the page as its browser has it: rows by id, and the events that a person makes with it."""

    def __init__(self, page: AppTest, proto: Any) -> None:
        self.page, self.id, self.data = page, proto.id, given(proto)
        self.names = [column["name"] for column in self.data["columns"]]
        self.ids = [row["id"] for row in self.data["rows"]]

    @property
    def rows(self) -> list[dict[str, str]]:
        return [dict(zip(self.names, map(_text, row["cells"]), strict=True)) for row in self.data["rows"]]

    def __len__(self) -> int:
        return len(self.ids)

    def column(self, name: str) -> list[str]:
        return [row[name] for row in self.rows]

    def open(self, row_id: str) -> AppTest:
        return self._send(
            "json_trigger_value", f"{TRIGGERS}{self.id}__events", [{"event": "opened", "value": row_id}]
        )

    def act(self, name: str, row_id: str) -> AppTest:
        return self._send(
            "json_trigger_value",
            f"{TRIGGERS}{self.id}__events",
            [{"event": "acted", "value": f"{name}:{row_id}"}],
        )

    def sort(self, name: str) -> AppTest:
        sort = next(column["sort"] for column in self.data["columns"] if column["name"] == name)
        return self._send(
            "json_trigger_value", f"{TRIGGERS}{self.id}__events", [{"event": "sorted", "value": sort}]
        )

    def tick(self, *row_ids: str) -> AppTest:
        return self._send("json_value", self.id, {"ticked": list(row_ids)})

    def _send(self, field: str, widget: str, value: object) -> AppTest:
        return send(self.page, field, widget, value)


def given(proto: Any) -> Any:
    """What a component was given for its browser's part."""
    return json.loads(proto.bytes or proto.json)


def send(page: AppTest, field: str, widget: str, value: object) -> AppTest:
    """An event of a component, as its browser sends it."""
    states = page._tree.get_widget_states()
    states.widgets.add(**{"id": widget, field: json.dumps(value)})
    return page._tree._runner._run(states)


def _text(cell: Any) -> str:
    if isinstance(cell, dict) and "acts" in cell:
        return " | ".join(
            [*([cell["text"]] if "text" in cell else []), *(one["text"] for one in cell["acts"])]
        )
    return (
        " ".join(str(cell[name]) for name in ("text", "below") if name in cell)
        if isinstance(cell, dict)
        else cell or ""
    )


def grids(page: AppTest) -> list[Grid]:
    """The page's tables, from the top."""
    found = [element.proto for element in page.get("bidi_component")]
    return [Grid(page, proto) for proto in found if "columns" in given(proto)]


def handed_over(page: AppTest) -> str:
    """Every text of the page as it goes to the browser, Markdown and all."""
    parts: list[str] = []
    for kind in (
        "title", "subheader", "markdown", "caption", "text", "code", "html", "success", "info", "warning", "error",
    ):  # fmt: skip
        for element in page.get(kind):
            parts += [str(getattr(element.proto, "title", "")), str(element.value)]
    parts += [f"{element.label} {element.value} {element.delta}" for element in page.metric]
    parts += [element.label for element in (*page.button, *page.get("page_link"), *page.get("link_button"))]
    parts += [str(grid.rows) for grid in grids(page)]
    return "\n".join(parts)


def read(page: AppTest) -> str:
    """Every text of the page as a person reads it: Markdown's escapes and invisible joiners are gone."""
    return re.sub(r"\\([^\w\s])", r"\1", handed_over(page)).replace("\u2060", "")
