"""The frame of every page: navigation, what stands above a page, and errors that say what to do."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import streamlit as st

from soc.access.sessions import Seat, SignedOut, note_use
from soc.escalation import calling_off  # noqa: F401 - acts of this process stop what is planned
from soc.metrics.overview import Installation, read_installation
from soc.settings import get_settings
from soc.store.db import STORE_IS_AWAY
from soc.store.unchanged import one_moment
from soc.ui.history import keep_history
from soc.ui.kit import buttons, lists, places, times
from soc.ui.kit.finder import draw_finder
from soc.ui.kit.open_pages import draw_open_pages
from soc.ui.kit.problems import draw_or_explain, show_problem
from soc.ui.kit.unchecked import draw_unchecked
from soc.ui.sitting import draw_sitting, seat_here
from soc.ui.views.setup.approvals_view import draw_asking
from soc.ui.views.strip import draw_strip

#: The tab's icon, drawn here: a Material icon's name would be fetched from the internet.
_SHIELD = (
    '<svg viewBox="0 0 24 24" fill="#3B82D6"><path d="M12 1 3 5v6c0 5.6 3.8 10.7 9 12 5.2-1.3 9-6.4 9-12V5z"/>'
    '<path fill="#fff" d="m10.6 16.2-4-4 1.5-1.5 2.5 2.5 5.4-5.4 1.5 1.5z"/></svg>'
)


_STYLE = (Path(__file__).parent / "kit" / "frame.css").read_text(encoding="utf-8")


def _navigate(seat: Seat | None) -> tuple[st.Page, places.Place]:
    """The menu, of the pages that the role covers, and the page that was chosen of it."""
    groups: dict[str, list[st.Page]] = {}
    known: dict[str, places.Place] = {}
    for place in places.PLACES:
        if seat is not None and not seat.scope.covers(place.needed):
            continue
        groups.setdefault(place.group, []).append(place.page())
        known[place.title] = place
    chosen = st.navigation(groups, expanded=True)
    return chosen, known[chosen.title]


def _draw_title(place: places.Place) -> None:
    """What needs no store: a page whose store is away has a name and looks as it does."""
    st.html(f"<style>{_STYLE}</style>")
    st.title(place.title, anchor=False, width="content")


def _draw_demonstration() -> None:
    """The banner, where all of this is played."""
    if get_settings().demo:
        st.info(
            "Nordlicht Freight does not exist: this product and its practice vendors "
            "played a month of it. Nothing leaves this machine, and all of it is gone when the command ends.",
            title="This is a demonstration",
            icon=":material/theater_comedy:",
        )


def _draw_header(place: places.Place, installation: Installation) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="strip"):
        st.caption(f"Times in {times.zone_name()}", width="content")
        if installation.practice:
            where = (
                "connected to the built-in sandbox"
                if installation.practice_configured
                else "some rows come from the built-in sandbox"
            )
            st.badge(f"Practice data — {where}", icon=":material/science:", color="violet")
        if installation.fresh and place.name != "overview":
            # in the line above the page: the page's own notice says what is missing there
            places.link("overview", "Nothing is set up yet. → Start here", icon=":material/flag:")
        draw_sitting()
        draw_strip()
        keep_history()


def _taken() -> Seat | None:
    """Who signed in; None where nobody has to. Whoever is signed out sees that and nothing else."""
    try:
        seat = seat_here()
    except SignedOut as error:
        show_problem(error.message, error.hint)
        st.stop()
    if seat is not None:
        with suppress(*STORE_IS_AWAY):
            note_use(seat)
    return seat


def draw() -> None:
    """Draw the chosen page."""
    st.set_page_config(page_title=places.PRODUCT, page_icon=_SHIELD, layout="wide", initial_sidebar_state=210)
    seat = _taken()
    page, place = _navigate(seat)
    places.name_tab(place.title)
    parts: tuple[Callable[[], object], ...] = (
        draw_open_pages,
        lambda: _draw_title(place),
        lambda: _draw_header(place, read_installation()),
        _draw_demonstration,
        draw_unchecked,
        buttons.show_messages,
        draw_asking,
        lambda: draw_finder(place.name),
        page.run,
        buttons.drop_what_is_gone,
    )
    if st.session_state.get("place") != place.name:
        lists.forget_drawn()
    st.session_state["place"] = place.name
    # one by one: a header that cannot be read must not hide the page; one cause is said once
    said: set[tuple[str, str]] = set()
    with one_moment():
        for part in parts:
            draw_or_explain(part, said)
