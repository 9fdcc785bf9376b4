"""Opens pages the way a browser does: through the entry script, on a real database in a folder of its own."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from soc.settings import Settings
from soc.store.migrate import migrate

ROOT = Path(__file__).resolve().parents[2]
OpenPage = Callable[..., AppTest]


@pytest.fixture
def store(settings: Settings) -> Settings:
    """An empty database with the guide's rules and SLA times; `.env` of the developer is out of reach."""
    migrate()
    return settings


@pytest.fixture
def open_page(store: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OpenPage:
    """`open_page("incidents", incident="inc-…")` draws that page with that deep link."""
    monkeypatch.chdir(tmp_path)

    def draw(name: str, **params: str) -> AppTest:
        page = AppTest.from_file(ROOT / "soc" / "ui" / "main.py", default_timeout=20).run()
        page.switch_page(f"../../pages/{name}.py")
        for key, value in params.items():
            page.query_params[key] = value
        return page.run()

    return draw


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
    return "\n".join(parts)


def read(page: AppTest) -> str:
    """Every text of the page as a person reads it: Markdown's escapes and invisible joiners are gone."""
    return re.sub(r"\\([^\w\s])", r"\1", handed_over(page)).replace("\u2060", "")
