"""Lists that stand still: what was drawn stays where it is until somebody asks for what is new.

The rows of the page that is shown are kept by id in the session. A rerun draws the same rows in the same order, with
what they hold now, so nothing moves under the pointer; a look every few seconds says how many rows are new.
Sort, number and download are the database's: they mean the whole list, however few rows are drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import streamlit as st

from soc.ui.kit import grid, tables, times
from soc.ui.kit.live import live
from soc.ui.kit.words import count_of

Row = TypeVar("Row")
#: Seconds between two looks for what is new.
LOOK = 15.0


@dataclass(frozen=True)
class Source(Generic[Row]):
    """Where a list's rows come from. `page(sort, offset)` reads a page, `again(ids)` those rows in that order (those gone
    are left out), `count()` the whole list; `chosen` is what it is filtered by.

    Each is asked at every run, so it should be a read that is kept while nothing was written (`soc.store.unchanged`): then the table
    too is put into words once.
    """

    chosen: object
    count: Callable[[], int]
    page: Callable[[str, int], Sequence[Row]]
    again: Callable[[tuple[str, ...]], Sequence[Row]]
    id_of: Callable[[Row], str]


@dataclass(frozen=True)
class Export:
    """The whole list as a file."""

    file_name: str
    content: Callable[[], bytes]


@dataclass
class _Held:
    scope: tuple[object, str, int]
    round: int
    ids: tuple[str, ...]
    total: int
    fresh: bool = True


def release(name: str) -> None:
    """Forget what was drawn and what was ticked: the next run draws the list anew. For after an act."""
    st.session_state[f"round-{name}"] = st.session_state.get(f"round-{name}", 0) + 1


def _hold(
    name: str, scope: tuple[object, str, int], read: Callable[[], tuple[tuple[str, ...], int]]
) -> _Held:
    held: _Held | None = st.session_state.get(f"held-{name}")
    round_ = st.session_state.get(f"round-{name}", 0)
    if held is None or held.scope != scope or held.round != round_:
        ids, total = read()
        held = st.session_state[f"held-{name}"] = _Held(scope, round_, ids, total)
    else:
        held.fresh = False
    return held


def _total_drawn(name: str, of: tuple[object, str]) -> int:
    """How many the list had when it was drawn: while it stands still, so does the number of its pages."""
    held: _Held | None = st.session_state.get(f"held-{name}")
    still = (
        held is not None and held.scope[:2] == of and held.round == st.session_state.get(f"round-{name}", 0)
    )
    return held.total if held is not None and still else 0


def forget_drawn() -> None:
    """Whoever comes from another page sees every list as it is now."""
    for name in [str(one) for one in st.session_state if str(one).startswith("held-")]:
        del st.session_state[name]


@dataclass(frozen=True)
class Shown(Generic[Row]):
    """What a list came to: the row that was opened, those that are ticked, by id; and all that are drawn."""

    opened: str
    ticked: tuple[Row, ...]
    rows: tuple[Row, ...]


def draw_list(
    name: str,
    source: Source[Row],
    *,
    noun: str,
    order: str,
    hint: str,
    cells: Callable[[Sequence[Row]], Sequence[Mapping[str, Any]]],
    columns: Mapping[str, grid.Column],
    sort: str,
    alt: str,
    export: Export | None = None,
    tick: bool = False,
    most: int = 18,
    ticked: Callable[[Sequence[Row]], None] | None = None,
) -> Shown[Row]:
    """Number, what is new, download, pages, table. `noun` is one of its rows (`incident`), `order` says what their first
    order is, `hint` what can be done.

    `ticked` draws what can be done with ticked rows, in a place above the table whose room is kept.
    """
    first, sort = sort, st.session_state.get(f"sort-{name}", sort)
    total_now = source.count()
    if not total_now:
        return Shown("", (), ())
    total = _total_drawn(name, (source.chosen, sort)) or total_now
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        head = st.container(
            horizontal=True,
            vertical_alignment="center",
            gap="small",
            width="stretch",
            key=f"list-head-{name}",
        )
        offset = tables.choose_page(total, key=f"{name}-page")
        if export is not None:
            _draw_export(export, total_now)
    held = _hold(
        name,
        (source.chosen, sort, offset),
        lambda: (tuple(source.id_of(row) for row in source.page(sort, offset)), total),
    )
    rows = source.again(held.ids)
    with head:
        said = order if sort == first else _order(columns, sort)
        st.caption(f"{count_of(held.total, noun)}, {said}. {hint}", width="content")
        live(LOOK)(_draw_news)(name, source, sort, offset)
    act = st.container(gap="small") if tick else None
    table = grid.table_of(
        rows,
        lambda: grid.make_table(
            [{"id": source.id_of(row), **one} for row, one in zip(rows, cells(rows), strict=True)],
            columns,
            alt=alt,
            mode="tick" if tick else "open",
            most=most,
            sort=sort,
        ),
        *(name, sort, times.zone_name()),
    )
    picked = grid.draw_table(
        table,
        # ticks belong to the list that was drawn: another filter, page or order begins without any
        key=f"{name}-{held.round}-{hash(repr((source.chosen, sort, offset))) & 0xFFFFFF:x}",
    )
    if picked.sorted:
        st.session_state[f"sort-{name}"] = _turned(sort, picked.sorted)
        release(name)
        st.rerun()
    chosen = tuple(row for row in rows if source.id_of(row) in picked.ticked)
    if act is not None and ticked is not None:
        with act:
            ticked(chosen)
    return Shown(picked.opened, chosen, tuple(rows))


def _order(columns: Mapping[str, grid.Column], sort: str) -> str:
    label = next((one.label for one in columns.values() if one.sort == sort.removeprefix("-")), sort)
    return f"the whole list by “{label}”, {'downwards' if sort.startswith('-') else 'upwards'}"


def _turned(now: str, wanted: str) -> str:
    """A first click sorts from the top down, the next one turns the order round."""
    return wanted if now == f"-{wanted}" else f"-{wanted}"


def _draw_export(export: Export, total: int) -> None:
    st.download_button(
        f"Export {total:,}",
        export.content,
        file_name=export.file_name,
        mime="text/csv",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
        help="Everything that the filter matches, not only the rows of this page, as CSV.",
    )


def _draw_news(name: str, source: Source[Row], sort: str, offset: int) -> None:
    """How much is new since the list was drawn. The room is kept, so the table does not move when something is."""
    held: _Held | None = st.session_state.get(f"held-{name}")
    if held is None:
        return
    with st.container(height=40, border=False, width="content"):
        words = "" if held.fresh else _news(held, source, sort, offset)
        held.fresh = False
        if words and st.button(words, key=f"news-{name}", icon=":material/refresh:", type="tertiary"):
            release(name)
            st.rerun()


def _news(held: _Held, source: Source[Row], sort: str, offset: int) -> str:
    total = source.count()
    if total > held.total:
        return f"{total - held.total:,} new, show"
    ids = tuple(source.id_of(row) for row in source.page(sort, offset))
    return "The order changed, show" if ids != held.ids else ""
