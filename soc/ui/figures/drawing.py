"""The Metrics page: what is chosen, the figures of it, and where each leads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import streamlit as st

from soc import clock
from soc.clock import isoformat
from soc.domain.severity import Priority
from soc.domain.sla import SlaState
from soc.domain.sla.event import ClockKind
from soc.integrations.registry import KINDS
from soc.metrics.figures import Figures, Kept, Times, look_at_figures, read_sources
from soc.metrics.health import IntegrationHealth
from soc.store.db import read_session
from soc.store.nouns.combined.figures import FigureFilter
from soc.store.nouns.people.teams import list_teams
from soc.store.unchanged import while_unchanged
from soc.tickets.whose import owners_in
from soc.ui.figures import charts
from soc.ui.kit import places, quoted, tables, times
from soc.ui.kit.charts import share_bars
from soc.ui.kit.words import count_of

SPANS = {
    "7 days": timedelta(days=7), "30 days": timedelta(days=30), "90 days": timedelta(days=90), "All": None,
}  # fmt: skip
_CLOCKS = {ClockKind.RESPONSE: "Response", ClockKind.RESOLUTION: "Resolution"}


@dataclass(frozen=True)
class Chosen:
    """The filter of the store, and what a link to its tickets says of it."""

    of: FigureFilter
    link: Mapping[str, Any]


@while_unchanged
def _teams() -> Mapping[str, tuple[str, ...]]:
    """The people of each team, by its name."""
    with read_session() as session:
        return {team.name: owners_in(session, team.id) for team in list_teams(session)}


def choose_figures() -> Chosen:
    """The filter bar; every choice is in the address."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        span = st.segmented_control(
            "Tickets opened", list(SPANS), default="30 days", key="span", bind="query-params", required=True,
            label_visibility="collapsed",
        )  # fmt: skip
        priorities = st.pills(
            "Priority", [one.value for one in Priority], selection_mode="multi", key="priority", bind="query-params",
            label_visibility="collapsed",
        )  # fmt: skip
        source = st.selectbox(
            "Source", list(read_sources()), index=None, placeholder="all sources", key="source", bind="query-params",
            label_visibility="collapsed", width=170,
        )  # fmt: skip
        team = st.selectbox(
            "Team", list(_teams()), index=None, placeholder="all teams", key="team", bind="query-params",
            label_visibility="collapsed", width=170,
        )  # fmt: skip
    length = SPANS[span or "30 days"]
    # whole days: the first column is a whole day, and the same question is asked again while nothing was written
    since = None if length is None else times.since_midnight() - length + timedelta(days=1)
    of = FigureFilter(since, None, tuple(priorities or ()), (), source or "", _teams().get(team or ""))
    link: dict[str, Any] = {"priority": list(of.priorities), "source": of.source}
    if since is not None:
        link["since"] = isoformat(since)
    return Chosen(of, {name: value for name, value in link.items() if value})


def draw_figures(chosen: Chosen) -> None:
    look = look_at_figures(chosen.of, zone=times.zone())
    found = look.figures
    _draw_tiles(found)
    if found.tickets:
        _draw_opened(chosen, found)
        _draw_kept(chosen, found)
        _draw_lengths(chosen, found)
        _draw_escalations(chosen, found)
    else:
        st.info("No ticket was opened in this span.", icon=":material/query_stats:")
        places.link("process_logs", "Process logs")
    _draw_apis(look.apis)
    st.caption(
        f"Counted at {times.shown(look.at)}. How each figure is counted stands in docs/metrics.md; the same are in /metrics, "
        "the API and `soc metrics`."
    )


def said(length: timedelta | None) -> str:
    return "–" if length is None else clock.describe(length)


def percent(share: float | None) -> str:
    """Never rounded up to 100."""
    return "–" if share is None else f"{min(100 * share, 99.9 if share < 1 else 100):.1f} %"


def _draw_tiles(found: Figures) -> None:
    resolution, took = found.kept_in_all(ClockKind.RESOLUTION), found.log_to_ticket
    opened = sum(one for one, _ in found.creations.values())
    dead = sum(one for _, one in found.creations.values())
    with st.grid(5, min_column_width=185, border=True, gap="small"):
        st.metric("Tickets", found.tickets, format="localized", help="Opened in this span.")
        st.metric(
            "From log to ticket", said(took.mean),
            help=f"Mean of {took.number:,}, from handing the logs in to the ticket's opening. Median {said(took.median)}, 95 % "
            f"within {said(took.p95)}.",
        )  # fmt: skip
        st.metric(
            "Created", percent(found.creation_success),
            help=f"{opened:,} opened ÷ ({opened:,} opened + {dead:,} given up).",
        )  # fmt: skip
        st.metric(
            "Resolved within SLA", percent(resolution.within),
            help="Met ÷ (met + missed + violated), of the resolution clocks. Breached at intake are counted apart: "
            f"{resolution.intake:,}.",
        )  # fmt: skip
        st.metric(
            "Escalated", found.escalated, format="localized", help="Tickets of which any step of their chain was told."
        )  # fmt: skip


def days_of(found: Figures) -> Sequence[tuple[date, Mapping[str, int]]]:
    """Each day from the first to the last, those without a ticket too; beyond MOST_DAYS weeks, by their Monday."""
    if not found.per_day:
        return ()
    first, last = min(found.per_day), max(found.per_day)
    weeks = (last - first).days >= charts.MOST_DAYS
    step = 7 if weeks else 1
    first -= timedelta(days=first.weekday() if weeks else 0)
    columns: dict[date, dict[str, int]] = {
        first + timedelta(days=n): {} for n in range(0, (last - first).days + 1, step)
    }
    for day, numbers in found.per_day.items():
        column = columns[first + timedelta(days=(day - first).days // step * step)]
        for priority, number in numbers.items():
            column[priority] = column.get(priority, 0) + number
    return list(columns.items())


def _draw_opened(chosen: Chosen, found: Figures) -> None:
    st.subheader("Tickets a day", anchor=False)
    days = days_of(found)
    picked = charts.opened_per_day(days, key="opened-per-day", alt="Tickets opened each day, by priority")
    if picked:
        day, priority = picked
        length = timedelta(days=7 if len(days) > 1 and (days[1][0] - days[0][0]).days == 7 else 1)
        begin = datetime.combine(day, time(), times.zone())
        end = datetime.combine(day + length, time(), times.zone())
        places.go(
            "tickets",
            **{**chosen.link, "since": isoformat(begin), "until": isoformat(end), "priority": [priority]},
        )


def _draw_kept(chosen: Chosen, found: Figures) -> None:
    row = st.grid(2, min_column_width=380, gap="medium")
    for kind, title in _CLOCKS.items():
        with row.container():
            st.subheader(f"{title} kept within SLA", anchor=False)
            shares = {name: one.within for name, one in found.kept[kind].items()}
            picked = share_bars(
                shares, key=f"within-{kind}", alt=f"{title} clocks kept within SLA by priority, per cent"
            )
            _draw_cycles(chosen, kind, found.kept_in_all(kind))
        if picked:
            places.go("tickets", **{**chosen.link, "priority": [picked]})


def _draw_cycles(chosen: Chosen, kind: ClockKind, kept: Kept) -> None:
    """How the cycles of a clock stand; each number that a person may have to explain leads to its tickets."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(f"{kept.met:,} met · {kept.running:,} running · {kept.paused:,} paused", width="content")
        for number, state in (
            (kept.missed, SlaState.MISSED), (kept.violated, SlaState.VIOLATED), (kept.intake, SlaState.INTAKE),
        ):  # fmt: skip
            if number:
                places.link(
                    "tickets", f"{number:,} {state.value}", icon=":material/timer_off:",
                    **{**chosen.link, "clock": f"{kind.value} {state.value}"},
                )  # fmt: skip


def _three(
    every: Mapping[str, Times],
) -> dict[str, tuple[timedelta | None, timedelta | None, timedelta | None]]:
    return {name: (one.mean, one.median, one.p95) for name, one in every.items()}


def _draw_lengths(chosen: Chosen, found: Figures) -> None:
    row, picked = st.grid(2, min_column_width=380, gap="medium"), ""
    for name, title, every in (
        ("acknowledge", "Time to acknowledge", found.acknowledge), ("resolve", "Time to resolve", found.resolve),
    ):  # fmt: skip
        with row.container():
            st.subheader(title, anchor=False)
            if not any(one.number for one in every.values()):
                st.caption("Nothing has ended yet.")
                continue
            picked = charts.length_bars(_three(every), key=name, alt=f"{title} by priority") or picked
    if any(one.number for one in found.resolve_in_all.values()):
        tables.show_rows(
            lambda: [
                {
                    "priority": name, "number": one.number, "mean": said(one.mean), "median": said(one.median),
                    "p95": said(one.p95),
                }
                for name, one in found.resolve_in_all.items()
            ],
            {
                "priority": tables.text_column("Priority", 100),
                "number": tables.count_column("Resolved"),
                "mean": tables.text_column("Mean", help="From the opening to the last resolving, reopened ones in all."),
                "median": tables.text_column("Median"),
                "p95": tables.text_column("95 %"),
            },
            alt="Time from a ticket's opening to its last resolving, by priority",
            of=found,
        )  # fmt: skip
    if picked:
        places.go("tickets", **{**chosen.link, "priority": [picked]})


def _draw_escalations(chosen: Chosen, found: Figures) -> None:
    row = st.grid(2, min_column_width=380, gap="medium")
    picked = ""
    with row.container():
        st.subheader("Escalations", anchor=False)
        if found.escalations:
            st.caption(
                f"{count_of(found.escalated, 'ticket')} of {found.tickets:,} escalated, by the step that was told."
            )
            picked = charts.count_bars(
                [(quoted.cell(one.title, 60), one.steps) for one in found.escalations],
                key="escalations",
                alt="Steps of escalations that were told, by title",
            )
        else:
            st.caption("Nobody was told of a ticket by an escalation.")
    with row.container():
        st.subheader("Share of time paused", anchor=False)
        tables.show_rows(
            lambda: [
                {"who": quoted.cell(name or "nobody's", 60), "share": 100 * share}
                for name, share in sorted(found.paused.items(), key=lambda one: -one[1])
            ],
            {"who": tables.whole_column("Whose tickets", 160), "share": tables.share_column("Clocks paused")},
            alt="Share of the clocks' time that was paused, by person",
            of=found,
        )
    title = next((one.title for one in found.escalations if quoted.cell(one.title, 60) == picked), "")
    if title:
        places.go("tickets", **{**chosen.link, "escalated": title})


def _draw_apis(apis: Mapping[str, IntegrationHealth]) -> None:
    st.subheader("The vendors' APIs, last 24 hours", anchor=False)
    if not apis:
        st.caption("Nothing was sent in this time.")
        return
    opened = tables.choose_row(
        lambda: [
            {
                "id": kind, "name": KINDS[kind].title, "tries": one.attempts, "success": percent(one.success_rate),
                **{f"p{int(100 * quantile)}": f"{1000 * seconds:,.0f} ms" for quantile, seconds in one.latency.items()},
                "errors": ", ".join(f"{reason} {number:,}" for reason, number in sorted(one.errors.items())),
                "uptime": percent(one.uptime),
            }
            for kind, one in apis.items()
        ],
        {
            "name": tables.whole_column("Integration", 110),
            "tries": tables.count_column("Tries"),
            "success": tables.text_column("Success"),
            "p50": tables.text_column("p50", help="Response time: half of the delivered sends were faster."),
            "p95": tables.text_column("p95"),
            "p99": tables.text_column("p99"),
            "errors": tables.whole_column("Errors by type", 200),
            "uptime": tables.text_column("Uptime", help="5-minute slices with an answer, of those in which it was asked."),
        },
        key="apis",
        alt="How each integration's API answered in the last 24 hours; choose one to see its deliveries",
        of=apis,
        most=10,
    )  # fmt: skip
    if opened:
        places.go("deliveries", integration=KINDS[opened].title)
