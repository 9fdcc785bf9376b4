"""One severity palette for badges, tables and charts, readable in light and dark and to colour-blind eyes.

The colours are those of `.streamlit/config.toml` (a test holds them together). Every use also carries the
word, so colour is never the only sign.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import streamlit as st

from soc.domain.severity import Severity
from soc.domain.sla import SlaState

BadgeColor = Literal["red", "orange", "yellow", "blue", "green", "violet", "gray"]

PALETTE: Mapping[Severity, str] = {
    Severity.CRITICAL: "#C8102E",
    Severity.HIGH: "#E06A1B",
    Severity.MEDIUM: "#DDAB00",
    Severity.LOW: "#3B82D6",
    Severity.INFO: "#7D8899",
}
#: Streamlit's name for each colour; the theme gives the names these values.
THEME_NAME: Mapping[Severity, BadgeColor] = {
    Severity.CRITICAL: "red",
    Severity.HIGH: "orange",
    Severity.MEDIUM: "yellow",
    Severity.LOW: "blue",
    Severity.INFO: "gray",
}
ICON: Mapping[Severity, str] = {
    Severity.CRITICAL: ":material/emergency_home:",
    Severity.HIGH: ":material/keyboard_double_arrow_up:",
    Severity.MEDIUM: ":material/drag_handle:",
    Severity.LOW: ":material/keyboard_arrow_down:",
    Severity.INFO: ":material/info:",
}

SLA_COLOR: Mapping[SlaState, BadgeColor] = {
    SlaState.ON_TRACK: "blue",
    SlaState.AT_RISK: "yellow",
    SlaState.VIOLATED: "red",
    SlaState.PAUSED: "gray",
    SlaState.MET: "green",
    SlaState.MISSED: "orange",
    SlaState.INTAKE: "violet",
    SlaState.CANCELLED: "gray",
}
SLA_ICON: Mapping[SlaState, str] = {
    SlaState.ON_TRACK: ":material/schedule:",
    SlaState.AT_RISK: ":material/hourglass_bottom:",
    SlaState.VIOLATED: ":material/alarm:",
    SlaState.PAUSED: ":material/pause_circle:",
    SlaState.MET: ":material/check:",
    SlaState.MISSED: ":material/alarm_off:",
    SlaState.INTAKE: ":material/inventory_2:",
    SlaState.CANCELLED: ":material/cancel:",
}

DELIVERY_COLOR: Mapping[str, BadgeColor] = {
    "pending": "gray",
    "sending": "blue",
    "delivered": "green",
    "retry": "yellow",
    "unknown": "orange",
    "dead": "red",
    "suppressed": "violet",
    "joined": "green",
    "awaiting": "orange",
    "cancelled": "gray",
}
DELIVERY_ICON: Mapping[str, str] = {
    "pending": ":material/schedule:",
    "sending": ":material/send:",
    "delivered": ":material/check:",
    "retry": ":material/replay:",
    "unknown": ":material/help:",
    "dead": ":material/error:",
    "suppressed": ":material/block:",
    "joined": ":material/merge:",
    "awaiting": ":material/pan_tool:",
    "cancelled": ":material/cancel:",
}
BATCH_COLOR: Mapping[str, BadgeColor] = {
    "queued": "gray",
    "running": "blue",
    "retry": "yellow",
    "held": "orange",
    "finished": "green",
    "failed": "red",
    "stopped": "gray",
}


def severity_badge(severity: str, score: int | None = None) -> None:
    """`critical 9`: the same badge wherever an incident is drawn."""
    band = Severity(severity)
    label = severity if score is None else f"{severity} {score}"
    st.badge(label, icon=ICON[band], color=THEME_NAME[band])


def sla_badge(state: SlaState) -> None:
    st.badge(state.value, icon=SLA_ICON[state], color=SLA_COLOR[state])


def delivery_badge(state: str) -> None:
    st.badge(state, icon=DELIVERY_ICON.get(state), color=DELIVERY_COLOR.get(state, "gray"))


def practice_badge() -> None:
    st.badge(
        "practice",
        icon=":material/science:",
        color="violet",
        help="Made by the built-in sandbox; no real vendor was told.",
    )
