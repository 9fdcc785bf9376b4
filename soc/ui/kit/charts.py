"""Plotly charts of aggregated data, in the severity palette, on a transparent background that fits both themes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from soc.domain.severity import Severity
from soc.domain.sla import SlaState
from soc.ui.kit.severity import PALETTE

#: More points than this freeze a browser for seconds; whoever draws has to aggregate first.
MOST_POINTS = 2_000
#: Plotly measures a time axis in milliseconds.
_HOUR = 3_600_000
_LINE = "rgba(128, 138, 153, 0.25)"
SLA_PALETTE: Mapping[SlaState, str] = {
    SlaState.ON_TRACK: PALETTE[Severity.LOW],
    SlaState.AT_RISK: PALETTE[Severity.MEDIUM],
    SlaState.VIOLATED: PALETTE[Severity.CRITICAL],
    SlaState.PAUSED: PALETTE[Severity.INFO],
    SlaState.MET: "#16855B",
    SlaState.MISSED: PALETTE[Severity.HIGH],
    SlaState.INTAKE: "#7A5CA8",
    SlaState.CANCELLED: "#A9B1BC",
}


class Built(go.Figure):  # type: ignore[misc]  # plotly has no types
    """A figure that nobody changes any more: what Streamlit asks of it each time (a deep copy) is made once."""

    def to_dict(self) -> dict[str, Any]:
        if self._as_dict is None:
            self._as_dict = super().to_dict()
        return self._as_dict

    _as_dict: dict[str, Any] | None = None


#: The figures that were drawn last, by what they show. Plotly takes longer to build one than a page to run.
_kept: OrderedDict[tuple[str, str], Built] = OrderedDict()
_MOST_KEPT = 64
_lock = threading.Lock()


def draw(build: Callable[..., tuple[go.Figure, int]], *data: Any, key: str, alt: str) -> Mapping[str, Any]:
    """Draw what `build` makes of the data (the figure and its height), built once for as long as they stay the same.

    Returns the point that was clicked, by its values (`x`, `y`, `curve_number`); empty without a click.
    """
    event: Any = st.plotly_chart(
        figure_of(build, *data),
        key=key,
        alt=alt,
        config={"displayModeBar": False},
        on_select="rerun",
        selection_mode="points",
    )
    return next(iter(event.selection.points), {}) if event else {}


def figure_of(build: Callable[..., tuple[go.Figure, int]], *data: Any) -> Built:
    """The finished figure of the data; nobody changes it."""
    shows = (build.__name__, repr(data))
    with _lock:
        kept = _kept.get(shows)
        if kept is not None:
            _kept.move_to_end(shows)
            return kept
    figure = Built(_finished(*build(*data)))
    with _lock:
        _kept[shows] = figure
        while len(_kept) > _MOST_KEPT:
            _kept.popitem(last=False)
    return figure


def _finished(figure: go.Figure, height: int) -> go.Figure:
    points = sum(len(trace.x) for trace in figure.data if trace.x is not None)
    if points > MOST_POINTS:
        raise ValueError(f"{points} points in one chart; aggregate to at most {MOST_POINTS}")
    figure.update_layout(
        height=height,
        margin={"l": 0, "r": 8, "t": 8, "b": 0},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        bargap=0.25,
        font={"size": 12},
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.0, "x": 0},
        hoverlabel={"font": {"size": 12}},
    )
    figure.update_xaxes(gridcolor=_LINE, zeroline=False, automargin=True)
    lying = any(getattr(trace, "orientation", None) == "h" for trace in figure.data)
    figure.update_yaxes(gridcolor=_LINE, zeroline=False, automargin=True, showgrid=not lying)
    return figure


def _step(most: int) -> int | None:
    """Whole numbers only, where Plotly would cut a small count into halves."""
    return 1 if most <= 5 else None


def severity_bars(counts: Mapping[str, int], *, key: str, alt: str) -> str:
    """One bar a severity, critical on top, its count beside it. Returns the name of the bar that was clicked."""
    return str(draw(_severity_bars, counts, key=key, alt=alt).get("y", ""))


def _severity_bars(counts: Mapping[str, int]) -> tuple[go.Figure, int]:
    bands = list(reversed(Severity))
    numbers = [counts.get(band.value, 0) for band in bands]
    figure = go.Figure(
        go.Bar(
            x=numbers,
            y=[band.value for band in bands],
            orientation="h",
            marker={"color": [PALETTE[band] for band in bands]},
            text=[f"{number:,}" for number in numbers],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:,}<extra></extra>",
        )
    )
    figure.update_xaxes(visible=False, range=[0, max([*numbers, 1]) * 1.15])
    return figure, 210


def class_bars(counts: Mapping[str, int], *, key: str, alt: str) -> str:
    """One bar a class, the most frequent on top. Returns the name of the bar that was clicked."""
    return str(draw(_class_bars, counts, key=key, alt=alt).get("y", ""))


def _class_bars(counts: Mapping[str, int]) -> tuple[go.Figure, int]:
    pairs = sorted(((number, name) for name, number in counts.items() if number), reverse=False)
    figure = go.Figure(
        go.Bar(
            x=[number for number, _ in pairs],
            y=[name for _, name in pairs],
            orientation="h",
            marker={"color": PALETTE[Severity.LOW]},
            text=[f"{number:,}" for number, _ in pairs],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:,}<extra></extra>",
        )
    )
    figure.update_xaxes(visible=False, range=[0, max([number for number, _ in pairs] or [1]) * 1.18])
    return figure, max(120, 26 * len(pairs) + 20)


def severity_over_time(
    series: Mapping[str, Sequence[tuple[datetime, int]]],
    *,
    since: datetime,
    until: datetime,
    zone_name: str,
    key: str,
    alt: str,
) -> str:
    """Stacked columns, one an hour; `series` maps a severity to (local hour, count). Times are local.

    Returns the severity of the column that was clicked.
    """
    point = draw(
        _severity_over_time,
        series,
        since,
        until.replace(minute=0, second=0, microsecond=0),
        zone_name,
        key=key,
        alt=alt,
    )
    bands = [band.value for band in reversed(Severity)]
    return bands[int(point["curve_number"])] if point else ""


def _severity_over_time(
    series: Mapping[str, Sequence[tuple[datetime, int]]], since: datetime, until: datetime, zone_name: str
) -> tuple[go.Figure, int]:
    figure = go.Figure()
    for band in reversed(Severity):
        points = series.get(band.value, ())
        figure.add_bar(
            x=[moment.replace(tzinfo=None) for moment, _ in points],
            y=[number for _, number in points],
            name=band.value,
            marker={"color": PALETTE[band]},
            width=_HOUR * 0.86,
            offset=0,
            hovertemplate="%{x|%d %b %H:%M}: %{y:,} " + band.value + "<extra></extra>",
        )
    figure.update_layout(barmode="stack", legend={"traceorder": "reversed"})
    figure.update_xaxes(
        title={"text": zone_name, "font": {"size": 11}},
        showgrid=False,
        range=[since.replace(tzinfo=None), until.replace(tzinfo=None)],
        tickformat="%H:%M",
    )
    totals: dict[datetime, int] = {}
    for points in series.values():
        for moment, number in points:
            totals[moment] = totals.get(moment, 0) + number
    figure.update_yaxes(rangemode="tozero", tickformat=",d", dtick=_step(max(totals.values(), default=0)))
    return figure, 230


def sla_stack(by_priority: Mapping[str, Mapping[SlaState, int]], *, key: str, alt: str) -> str:
    """One bar a priority, most urgent on top, cut into SLA states. Returns the name of the bar that was clicked."""
    return str(draw(_sla_stack, by_priority, key=key, alt=alt).get("y", ""))


def _sla_stack(by_priority: Mapping[str, Mapping[SlaState, int]]) -> tuple[go.Figure, int]:
    names = list(reversed(list(by_priority)))
    figure = go.Figure()
    for state in SlaState:
        figure.add_bar(
            x=[by_priority[name].get(state, 0) for name in names],
            y=names,
            orientation="h",
            name=state.value,
            marker={"color": SLA_PALETTE[state]},
            hovertemplate="%{y}: %{x:,} " + state.value + "<extra></extra>",
        )
    figure.update_layout(barmode="stack", legend={"traceorder": "normal"})
    most = max((sum(states.values()) for states in by_priority.values()), default=0)
    figure.update_xaxes(rangemode="tozero", tickformat=",d", dtick=_step(most))
    return figure, 240


def share_bars(shares: Mapping[str, float | None], *, key: str, alt: str) -> str:
    """Per cent kept within SLA, one bar a priority, most urgent on top; no bar where nothing was decided. Returns the name of the bar that was clicked."""
    return str(draw(_share_bars, shares, key=key, alt=alt).get("y", ""))


def _share_bars(shares: Mapping[str, float | None]) -> tuple[go.Figure, int]:
    names = list(reversed(list(shares)))
    values = [100 * (shares[name] or 0) for name in names]
    figure = go.Figure(
        go.Bar(
            x=values,
            y=names,
            orientation="h",
            marker={"color": PALETTE[Severity.LOW]},
            text=["–" if shares[name] is None else f"{100 * (shares[name] or 0):.0f} %" for name in names],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:.1f} % within SLA<extra></extra>",
        )
    )
    figure.update_xaxes(range=[0, 112], tickvals=[0, 25, 50, 75, 100], ticksuffix=" %")
    return figure, 240


def hours_left(hours: Sequence[tuple[str, float, SlaState]], *, key: str, alt: str) -> str:
    """How many hours each open ticket has left (negative: overdue), the most urgent on top. Returns the name of the bar that was clicked."""
    return str(
        draw(
            _hours_left, tuple((name, round(left, 1), state) for name, left, state in hours), key=key, alt=alt
        ).get("y", "")
    )


def _hours_left(hours: Sequence[tuple[str, float, SlaState]]) -> tuple[go.Figure, int]:
    rows = list(reversed(hours))
    figure = go.Figure(
        go.Bar(
            x=[left for _, left, _ in rows],
            y=[name for name, _, _ in rows],
            orientation="h",
            marker={"color": [SLA_PALETTE[state] for _, _, state in rows]},
            customdata=[state.value for _, _, state in rows],
            hovertemplate="%{y}: %{x:.1f} h (%{customdata})<extra></extra>",
        )
    )
    figure.update_xaxes(ticksuffix=" h")
    figure.add_vline(x=0, line={"color": "rgba(128, 138, 153, 0.8)", "width": 1})
    return figure, max(140, 22 * len(rows) + 50)
