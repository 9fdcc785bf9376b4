"""Buttons that act outside the page act once.

A double click runs a Streamlit callback twice, and `fastReruns` can run two scripts of one session at the same
time. So a click only notes that the act is wanted, under one idempotency key; the script that draws next does
it behind a lock, with the button disabled; whoever comes second finds it done.

A button's name holds the id of what it acts on. So a click acts on what stood under it, or on nothing: where the next
script does not draw that button any more, the act is dropped, and the page says so.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

import streamlit as st
import structlog

from soc.access.approvals import NeedsApproval
from soc.access.scopes import Scope
from soc.access.sessions import NotAllowed
from soc.errors import SocError, where_it_broke
from soc.store.faults import trouble_of
from soc.ui import covered
from soc.ui.kit import outcome, quoted
from soc.ui.kit.outcome import Level, Said

T = TypeVar("T")
log = structlog.get_logger(__name__)

#: What takes a second administrator, until whoever wanted it says why, or leaves it.
NEEDS_SECOND = "held-approval"
#: A second click that arrives this soon (seconds) after an act has ended belongs to it.
GRACE = 1.0


@dataclass
class _Act:
    key: str
    lock: threading.Lock = field(default_factory=threading.Lock)
    begun: bool = False
    ended: bool = False


def _wanted(name: str) -> str:
    return f"act-{name}"


def _begin(name: str) -> None:
    state = st.session_state
    if _wanted(name) in state or time.monotonic() - state.get(f"act-ended-{name}", -GRACE) < GRACE:
        return
    state[_wanted(name)] = _Act(key=secrets.token_hex(16))


def act_button(
    label: str,
    act: Callable[[str], T],
    *,
    needed: Scope,
    name: str,
    busy: str,
    done: Callable[[T], Said] | None = None,
    then: Callable[[T], Any] | None = None,
    icon: str | None = None,
    type: Literal["primary", "secondary", "tertiary"] = "secondary",
    disabled: bool = False,
    help: str | None = None,
    width: Any = "content",
) -> None:
    """A button that calls `act(idempotency key)` once a click, then draws the page anew.

    `needed` is the scope that the act asks for: whose role does not cover it sees the button disabled, with the reason.
    `name` is the act's own and holds the id of what it acts on. `busy` is shown meanwhile. `done` makes the message that
    is shown afterwards, with its level; `then` may set query parameters or leave for another page. A SocError is shown with its
    hint; anything else is logged and shown as a fault of the product.
    """
    wanted: _Act | None = st.session_state.get(_wanted(name))
    covered.button(
        label,
        needed=needed,
        key=f"button-{name}",
        on_click=_begin,
        args=(name,),
        icon=icon,
        type=type,
        disabled=disabled or wanted is not None,
        help=help,
        width=width,
    )
    if wanted is not None:
        perform(wanted, act, name=name, busy=busy, done=done, then=then)


def begin(name: str) -> None:
    """Note that an act is wanted, for a form's submit button; `pending` then says so."""
    _begin(name)


def pending(name: str) -> _Act | None:
    """The act that is wanted or running under this name."""
    act: _Act | None = st.session_state.get(_wanted(name))
    return act


def perform(
    wanted: _Act,
    act: Callable[[str], T],
    *,
    name: str,
    busy: str,
    done: Callable[[T], Said] | None = None,
    then: Callable[[T], Any] | None = None,
) -> None:
    """Do what was begun, once, and draw the page anew."""
    result: T | None = None
    succeeded = False
    wanted.begun = True
    with st.spinner(busy), wanted.lock:
        if not wanted.ended:
            try:
                result = act(wanted.key)
                succeeded = True
                if done is not None:
                    say(done(result))
            except SocError as error:
                if isinstance(error, NotAllowed):
                    error.tell()
                if isinstance(error, NeedsApproval):
                    st.session_state[NEEDS_SECOND] = error.wanted
                complain(error)
            except Exception as error:  # noqa: BLE001 - a page says that it broke, and stays
                log.error("act_failed", act=name, **where_it_broke(error))
                complain(
                    trouble_of(error)
                    or SocError(
                        "That did not work.",
                        hint="The reason is in the server's log. Try again; report it if it stays.",
                    )
                )
            wanted.ended = True
    st.session_state.pop(_wanted(name), None)
    st.session_state[f"act-ended-{name}"] = time.monotonic()
    if succeeded and then is not None:
        then(result)  # type: ignore[arg-type]
    st.rerun()


def drop_what_is_gone() -> None:
    """Acts that were wanted and whose button the page no longer draws. Called by the frame below every page."""
    for name in [str(one) for one in st.session_state if str(one).startswith("act-")]:
        act = st.session_state.get(name)
        if isinstance(act, _Act) and not act.begun:
            del st.session_state[name]
            outcome.show(
                Said(
                    "Nothing was done.",
                    Level.WARNING,
                    "What the button stood for changed meanwhile. Look again.",
                )
            )


def say(said: Said) -> None:
    """Show it once, after the page is drawn anew."""
    st.session_state.setdefault("messages", []).append(said)


def complain(error: SocError) -> None:
    """Show an error with what to do next, once, after the page is drawn anew."""
    say(Said(quoted.markdown(error.message), Level.BAD, error.hint or "Nothing else is known."))


def show_messages() -> None:
    """What the last act had to say. Called by the frame above every page; the style sheet lays it over the page."""
    messages = st.session_state.pop("messages", [])
    if not messages:
        return
    with st.container(key="messages"):
        for said in messages:
            outcome.show(said)
        st.button("Close", icon=":material/close:", type="tertiary", key="close-messages")
