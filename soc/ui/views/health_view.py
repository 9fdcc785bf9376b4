"""How an integration has been: answered or not, how fast, what holds it back and what to do about that."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from soc import clock
from soc.delivery.breaker import BreakerState
from soc.metrics.health import IntegrationHealth, read_integration_health
from soc.store.db import read_session
from soc.store.nouns.vendors.health import read_health
from soc.store.unchanged import while_unchanged
from soc.ui.kit import places, quoted, times

_ERRORS = {
    "auth": "credentials refused",
    "throttled": "rate limited",
    "client": "message refused",
    "server": "server error",
    "timeout": "timeout",
    "network": "network",
    "tls": "certificate",
    "bad_response": "unreadable answer",
    "address": "address not allowed",
}


_health_of = while_unchanged(read_integration_health)


def draw_health(kind: str, title: str) -> None:
    """The last 24 hours; a calm line where nothing was tried yet."""
    health = _health_of(kind)
    st.markdown("**Health, last 24 hours**")
    _draw_holds(health, title, _breaker_until(kind))
    if not health.attempts:
        when = f" Last delivered {times.ago(health.last_success_at)}." if health.last_success_at else ""
        st.caption(f"Nothing was sent to {title} in this time, so there is nothing to measure.{when}")
        return
    with st.grid(3, min_column_width=110, gap="small"):
        st.metric(
            "Success rate", _share(health.success_rate), help="Tries that were delivered, of all tries."
        )
        st.metric("Latency p50", _seconds(health.latency.get(0.5)), help="Half of the tries were faster.")
        st.metric("Latency p95", _seconds(health.latency.get(0.95)), help="19 of 20 tries were faster.")
        st.metric(
            "Uptime", _share(health.uptime), help="Slices of 5 minutes in which it answered, of those in which it was asked."
        )  # fmt: skip
        st.metric("Tries", f"{health.attempts:,}", help="Sends and look-ups.")
        st.metric("Last success", _brief(health.last_success_at), help=times.in_utc(health.last_success_at))
    _draw_errors(health, title)


@while_unchanged
def _breaker_until(kind: str) -> datetime | None:
    with read_session() as session:
        return read_health(session, kind).breaker_until


def _draw_holds(health: IntegrationHealth, title: str, until: datetime | None) -> None:
    """Whatever keeps messages from going out now, each with what to do."""
    if health.paused:
        again = (
            f"It is looked at again {times.ago(health.next_probe_at)}, at {times.shown(health.next_probe_at)}."
            if health.next_probe_at is not None
            else "It is not looked at by itself: only a person ends this pause."
        )
        st.warning(
            quoted.markdown(
                f"{health.paused_reason} What to do: mend the settings and press “Test, then save”, or “Test "
                f"connection” if it was mended at the vendor. Messages wait; they go on by themselves then. {again}"
            ),
            title=f"{title} is paused",
            icon=":material/pause_circle:",
        )
    now = clock.now()
    with st.container(horizontal=True, vertical_alignment="center"):
        if health.breaker == BreakerState.OPEN and until is not None and until > now:
            st.badge(f"breaker open until {times.shown(until)}", icon=":material/flash_off:", color="red")
            st.caption(
                f"{title} failed several times in a row. Messages wait; one is tried {times.ago(until)}. "
                "A passed test closes it at once.",
                width="content",
            )
        elif health.breaker != BreakerState.CLOSED:
            st.badge("breaker half-open", icon=":material/electrical_services:", color="orange")
            st.caption("One message at a time is tried; if it arrives, all go on.", width="content")
        else:
            st.badge("breaker closed", icon=":material/check:", color="green", help="Messages go out.")
        if health.throttled_until is not None and health.throttled_until > now:
            st.badge(
                f"throttled until {times.shown(health.throttled_until)}",
                icon=":material/speed:",
                color="yellow",
            )
            st.caption(f"{title} asked to be left alone for a while; nothing to do.", width="content")


def _draw_errors(health: IntegrationHealth, title: str) -> None:
    if not health.errors:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Errors", width="content")
        for reason, count in sorted(health.errors.items(), key=lambda item: -item[1]):
            st.badge(f"{_ERRORS.get(reason, reason)} {count:,}", color="orange")
        places.link("deliveries", "See them", integration=title)
    if health.last_error:
        st.caption(f"Last failure {times.ago(health.last_failure_at)}: {quoted.markdown(health.last_error)}")


def _share(value: float | None) -> str:
    """`99.8 %`; never rounded up to 100."""
    if value is None:
        return "–"
    percent = value * 100
    return f"{percent:.0f} %" if percent in (0, 100) else f"{min(percent, 99.9):.1f} %"


def _seconds(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value * 1000:,.0f} ms" if value < 1 else f"{value:,.1f} s"


def _brief(moment: datetime | None) -> str:
    return "–" if moment is None else times.ago(moment)
