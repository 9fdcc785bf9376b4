"""Search: one box over ids, ticket keys, ATT&CK techniques, titles, addresses, users and hosts."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from soc.metrics.lists import find_incidents
from soc.ui.kit import places, tables
from soc.ui.kit.finder import HELP, PLACEHOLDER
from soc.ui.kit.words import count_of
from soc.ui.views.life.whose import choose_whose


def _wider(query: str, owners: tuple[str, ...] | None) -> str:
    """What may find more than this did."""
    ways = [*(["fewer words"] if len(query.split()) > 1 else []), *([] if owners is None else ["“All”"])]
    if not ways:
        return (
            "It is no beginning of an id, a key, a technique, an address, a user, a host or a title's word."
        )
    return f"{' or '.join(ways).capitalize()} may find more."


def draw_found(query: str, owners: tuple[str, ...] | None) -> None:
    """The incidents in which all words are found; a page of them."""
    found = find_incidents(query, owners=owners, limit=tables.PAGE_SIZE)
    if not found.total:
        st.info(f"Nothing is found by this. {_wider(query, owners)}", icon=":material/search_off:")
        return
    st.caption(f"{count_of(found.total, 'incident')}, the last found first. Click one to open it.")
    where = st.container()
    offset = tables.choose_page(found.total, key="found-page")
    if offset:
        found = find_incidents(query, owners=owners, offset=offset, limit=tables.PAGE_SIZE)
    with where:
        picked = tables.choose_row(
            lambda: tables.incident_rows(found.incidents),
            {name: replace(column, sort="") for name, column in tables.incident_columns().items()},
            key=f"found-{query}-{offset}-{owners}",
            alt="What was found; choose one to open it",
            of=found,
        )
    if picked:
        places.go("incidents", incident=picked)


text = st.text_input(
    "Search",
    key="q",
    type="search",
    placeholder=PLACEHOLDER,
    help=HELP,
    bind="query-params",
    max_chars=200,
)
owners = choose_whose()
if text.strip():
    draw_found(text, owners)
else:
    st.caption("Whatever you have at hand finds the incident. Several words narrow it down.")
