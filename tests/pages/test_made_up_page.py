"""The page that docs/adding-a-page.md shows does what each page has to."""

from __future__ import annotations

import textwrap

import pytest
import sqlalchemy as sa
from streamlit.testing.v1 import AppTest

from soc.settings import Settings
from soc.store.db import get_engine
from soc.ui.kit import tables
from tests.documents.blocks import ROOT, blocks_of
from tests.pages.night import add_night


@pytest.mark.sqlite("PostgreSQL's log also moves by what else the server does: then it is read again")
def test_the_page_of_the_guide_reads_once_and_makes_its_table_once(
    store: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_night()
    [page] = [block.text for block in blocks_of(ROOT / "docs/adding-a-page.md") if "show_rows" in block.text]
    done: list[str] = []
    make = tables.make_table
    monkeypatch.setattr(
        tables, "make_table", lambda *given, **more: (done.append("a table"), make(*given, **more))[1]
    )
    sa.event.listen(
        get_engine(), "before_cursor_execute", lambda _c, _u, said, *_: done.append(said.split()[0])
    )
    drawn = AppTest.from_string(textwrap.dedent(page), default_timeout=20).run()
    assert not drawn.exception
    assert (done.count("SELECT"), done.count("a table")) == (1, 1)
    drawn.run()
    assert (done.count("SELECT"), done.count("a table")) == (1, 1)
