"""What keeps messages from going out, on every page and without a click; nothing when all is well."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from soc import clock
from soc.integrations.registry import KINDS
from soc.metrics.attention import NEEDS_A_PERSON, Attention, Concern, read_attention
from soc.metrics.escalation import read_escalation
from soc.metrics.workers import read_workers
from soc.ui.kit import places, quoted, times
from soc.ui.kit.live import live
from soc.ui.kit.words import count_of, plural

#: Seconds between two looks.
_LOOK = 15.0


@live(_LOOK)
def draw_strip() -> None:
    """One link a trouble: what, since when, how many wait, and where it is mended."""
    troubles, words, silent = read_attention(), _of_workers(), read_escalation().trouble
    if not troubles and not words and not silent:
        return
    with st.container(horizontal=True, gap="small", key="troubles"):
        for number, one in enumerate(troubles):
            look = "bad" if one.concern in NEEDS_A_PERSON else "warn"
            with st.container(key=f"trouble-{look}-{number}", width="content"):
                _draw_trouble(one)
        if silent:
            with st.container(key="trouble-bad-escalation", width="content"):
                places.link("escalation", f"{quoted.markdown(silent)} → See", icon=":material/timer_off:")
        if words:
            with st.container(key="trouble-bad-workers", width="content"):
                places.link("overview", f"{quoted.markdown(words)} → See", icon=":material/heart_broken:")


def _of_workers() -> str:
    """Who is gone, or that nobody works; the Overview says it by itself, with what waits."""
    if st.session_state.get("place") == "overview":
        return ""
    workers = read_workers()
    if not workers.live:
        return "No worker is at work"
    return (
        f"Worker {workers.gone[0].name} gone since {_moment(workers.gone[0].gone_since)}"
        if workers.gone
        else ""
    )


def _draw_trouble(one: Attention) -> None:
    title = KINDS[one.kind].title
    icon = ":material/pause_circle:" if one.concern is Concern.PAUSED else ":material/error:"
    again = f" Looked at again at {_moment(one.again_at)}." if one.again_at else ""
    label, help = f"{quoted.markdown(in_words(one))} → ", quoted.markdown(f"{one.why}{again}".strip()) or None
    if one.concern is Concern.DEAD:
        places.link(
            "deliveries", f"{label}See {'it' if one.number == 1 else 'them'}", icon=icon, help=help,
            state=DEAD, integration=title,
        )  # fmt: skip
    else:
        places.link("integrations", f"{label}Mend", icon=icon, help=help, kind=title)


DEAD = ["dead"]


def in_words(one: Attention) -> str:
    """`Jira paused since 12:03, 14 waiting`."""
    title = KINDS[one.kind].title
    waiting = f", {one.number:,} waiting" if one.number else ""
    since = f" since {_moment(one.since)}" if one.since else ""
    return {
        Concern.PAUSED: f"{title} paused{since}{waiting}",
        Concern.SETTINGS: f"{title}: its settings cannot be used{waiting}",
        Concern.DEAD: f"{count_of(one.number, f'{title} message')} given up",
        Concern.HELD: f"{count_of(one.number, f'{title} message')} {plural(one.number, 'waits', 'wait')}: not connected or switched off",
        Concern.AWAY: f"{title} does not answer{since}{waiting}",
        Concern.FAILING: f"{title} fails, last at {_moment(one.since)}{waiting}",
        Concern.REFUSED: f"{title} failed its test at {_moment(one.since)}{waiting}",
    }[one.concern]


def _moment(moment: datetime | None) -> str:
    """The time of day; with the date where it is not today's."""
    here = times.local(moment)
    if here is None:
        return "an unknown time"
    today = here.date() == clock.now().astimezone(times.zone()).date()
    return here.strftime("%H:%M" if today else "%Y-%m-%d %H:%M")
