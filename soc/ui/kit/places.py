"""Where things are: every page's file and icon, and links that carry a deep link's parameters."""

from __future__ import annotations

import copy
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

import streamlit as st
from streamlit.errors import StreamlitDuplicateElementKey
from streamlit.runtime.scriptrunner import get_script_run_ctx

from soc.access.scopes import Scope
from soc.links import page_below
from soc.settings import ROOT, get_settings
from soc.storable import storable
from soc.ui.kit import quoted

PAGES_DIR = ROOT / "pages"


@dataclass(frozen=True)
class Place:
    """One page. `name` is its file, and its path in the address bar."""

    name: str
    title: str
    icon: str
    group: str
    help: str
    #: What a role must cover to open it; what is done there says so itself.
    needed: Scope = Scope.READ

    @property
    def file(self) -> Path:
        return PAGES_DIR / f"{self.name}.py"

    def page(self) -> st.Page:
        """What Streamlit knows of it, for one run of a script: the menu marks in it which page runs."""
        return copy.copy(_page(self))


@cache
def _page(place: Place) -> st.Page:
    """Made once: each time its file is looked up, part of its path by part, which is a fifth of an empty page's run."""
    return st.Page(
        place.file, title=place.title, icon=place.icon, url_path=place.name, default=place is PLACES[0], help=place.help
    )  # fmt: skip


PLACES: tuple[Place, ...] = (
    Place(
        "overview",
        "Overview",
        ":material/monitoring:",
        "Watch",
        "Today at a glance: lines, incidents, tickets, SLA clocks and deliveries that need a look.",
    ),
    Place(
        "process_logs",
        "Process logs",
        ":material/upload_file:",
        "Watch",
        "Upload or paste logs, look at the preview, process them and follow the run.",
    ),
    Place(
        "incidents",
        "Incidents",
        ":material/warning:",
        "Watch",
        "Every incident with the reasons for its score, its raw lines, ticket and deliveries.",
    ),
    Place(
        "search",
        "Search",
        ":material/search:",
        "Watch",
        "Find incidents by id, ticket key, ATT&CK technique, address, user, host or words of the title.",
    ),
    Place(
        "tickets",
        "Tickets",
        ":material/confirmation_number:",
        "Follow up",
        "Tickets that were opened from here, their status and SLA clock.",
    ),
    Place(
        "sla",
        "SLA",
        ":material/timer:",
        "Follow up",
        "How much time tickets have, which are due, and how many kept their time.",
    ),
    Place(
        "handover",
        "Hand-over",
        ":material/swap_horiz:",
        "Follow up",
        "What the next shift has to know, what is missing on top; given, accepted, taken over.",
    ),
    Place(
        "figures",  # /metrics is for Prometheus
        "Metrics",
        ":material/query_stats:",
        "Follow up",
        "Tickets a day, how long things take, what is kept within SLA, escalations, and how the vendors' APIs answer.",
    ),
    Place(
        "deliveries",
        "Deliveries",
        ":material/outbox:",
        "Follow up",
        "Every message to a vendor with each attempt; what failed can be tried again.",
    ),
    Place(
        "roster",
        "Roster",
        ":material/groups:",
        "Follow up",
        "Who is on duty and what they hold; shifts, times out of office, who gets a ticket and why, hand-over.",
    ),
    Place(
        "escalation",
        "Escalation",
        ":material/campaign:",
        "Follow up",
        "Who is told before a ticket's time is up: what is coming, what was told, chains and their holes.",
    ),
    Place(
        "rules",
        "Rules",
        ":material/rule:",
        "Set up",
        "When an incident is acted upon and who is told; tried on stored incidents before it is saved.",
    ),
    Place(
        "integrations",
        "Integrations",
        ":material/hub:",
        "Set up",
        "Connect other services, test them, see how they are, go back to earlier settings.",
    ),
    Place(
        "api_keys",
        "API keys",
        ":material/key:",
        "Set up",
        "Keys for programs that use the API: make one, see when it was used, take it back.",
        needed=Scope.ADMIN,
    ),
    Place(
        "approvals",
        "Approvals",
        ":material/how_to_reg:",
        "Set up",
        "What takes a second administrator: who asked for what, why, and until when; approve or refuse it.",
        needed=Scope.ADMIN,
    ),
)
_BY_NAME = {place.name: place for place in PLACES}


Param = str | list[str]


def link(name: str, label: str, *, icon: str | None = None, help: str | None = None, **params: Param) -> None:
    """A link to a page, with its deep link's parameters.

    To the page that is open it is a button: Streamlit draws a link to it as the place where one already is.
    """
    if st.session_state.get("place") == name:
        if _pressed(
            label, f"link-{name}-{label}-{sorted(params.items())}", icon or _BY_NAME[name].icon, help
        ):
            go(name, **params)
        return
    st.page_link(
        _BY_NAME[name].page(),
        label=label,
        icon=icon or _BY_NAME[name].icon,
        help=help,
        query_params=params or None,
    )


def _pressed(label: str, key: str, icon: str, help: str | None) -> bool:
    """A page may say the same twice (two conflicts of one ticket): the second button has a key of its own."""
    for number in count():
        with suppress(StreamlitDuplicateElementKey):
            mine = f"{key}-{number}" if number else key
            return st.button(label, key=mine, icon=icon, help=help, type="tertiary")
    raise AssertionError("unreachable")


def address(name: str, **about: str) -> str:
    """The page's whole address, to be copied: below `SOC_PUBLIC_URL`, else as this browser reached it ("" if unknown)."""
    public = get_settings().public_url
    here = urlsplit(st.context.url or "")
    opened = f"/{st.session_state.get('place', '')}"
    base = f"{here.scheme}://{here.netloc}{here.path.removesuffix('/').removesuffix(opened)}"
    return page_below(public or (base if here.netloc else ""), name, **about)


def _release_address() -> None:
    """Streamlit writes no parameter that a widget of the page is bound to, not even of one that is left."""
    here = get_script_run_ctx(suppress_warning=True)
    if here is None:
        return
    with here.session_state.query_params() as written:
        for widget in list(written._bindings_by_widget):
            written.unbind_widget(widget)


def go(name: str, **params: Param) -> NoReturn:
    """Leave for another page, or for another address of this one."""
    _release_address()
    st.switch_page(_BY_NAME[name].page(), query_params=params or None)


#: What a browser's tab says last.
PRODUCT = "SOC operations"


def name_tab(subject: str) -> None:
    """`Incident Port scan · SOC operations`: so that ten open tabs can be told apart."""
    st.set_page_config(page_title=f"{quoted.cell(subject, 80)} · {PRODUCT}")


def asked_for(name: str) -> str:
    """The deep link's parameter, empty where it is absent."""
    return storable(st.query_params.get(name, ""))


def all_asked_for() -> dict[str, list[str]]:
    """The whole deep link, to come back to it."""
    return {name: st.query_params.get_all(name) for name in st.query_params}
