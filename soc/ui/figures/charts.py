"""Charts of the guide's figures: tickets a day, lengths by priority, escalations by step, errors by type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise

import plotly.graph_objects as go

from soc.domain.severity import PRIORITY_BY_SEVERITY, Priority
from soc.ui.kit.charts import draw
from soc.ui.kit.severity import PALETTE

_COLOR = {priority.value: PALETTE[severity] for severity, priority in PRIORITY_BY_SEVERITY.items()}
#: More days than this are weeks.
MOST_DAYS = 120
_DAY = 86_400_000
_LEAST_COLUMNS = 7
#: From so many hours on lengths are said in this unit, which an hour has so many of.
_UNITS = ((72.0, "d", 1 / 24), (3.0, "h", 1.0), (0.05, "min", 60.0), (0.0, "s", 3600.0))


def opened_per_day(
    days: Sequence[tuple[date, Mapping[str, int]]], *, key: str, alt: str
) -> tuple[date, str] | None:
    """Stacked columns, one a day (or a week). Returns the day of the column that was clicked, and the priority of its part."""
    point = draw(_opened_per_day, tuple((day, tuple(by.items())) for day, by in days), key=key, alt=alt)
    if not point:
        return None
    return date.fromisoformat(str(point["x"])[:10]), [*reversed(Priority)][int(point["curve_number"])].value


def _opened_per_day(
    days: Sequence[tuple[date, Sequence[tuple[str, int]]]],
) -> tuple[go.Figure, int]:
    figure = go.Figure()
    step = max(
        1,
        min((two[0] - one[0]).days for one, two in pairwise(days)) if len(days) > 1 else 1,
    )
    for priority in reversed(Priority):
        figure.add_bar(
            x=[day.isoformat() for day, _ in days],
            y=[dict(by).get(priority.value, 0) for _, by in days],
            name=priority.value,
            marker={"color": _COLOR[priority.value]},
            width=_DAY * step * 0.8,
            hovertemplate="%{x|%d %b %Y}: %{y:,} " + priority.value + "<extra></extra>",
        )
    figure.update_layout(barmode="stack", legend={"traceorder": "reversed"})
    figure.update_xaxes(showgrid=False, tickformat="%d %b", range=_span([day for day, _ in days], step))
    if len(days) <= _LEAST_COLUMNS:
        figure.update_xaxes(dtick=_DAY * step)
    figure.update_yaxes(rangemode="tozero", tickformat=",d")
    return figure, 250


def _span(days: Sequence[date], step: int) -> tuple[str, str] | None:
    """From when to when the axis shows: a week of columns at least, so that a single day is no wall."""
    if not days:
        return None
    half = timedelta(days=step) / 2
    begin = min(days[0], days[-1] - timedelta(days=step * (_LEAST_COLUMNS - 1)))
    midnight = time()
    ends = datetime.combine(begin, midnight) - half, datetime.combine(days[-1], midnight) + half
    return ends[0].isoformat(), ends[1].isoformat()


def length_bars(
    lengths: Mapping[str, tuple[timedelta | None, timedelta | None, timedelta | None]], *, key: str, alt: str
) -> str:
    """Mean, median and 95th percentile, by priority, in the unit that fits. Returns the priority that was clicked."""
    hours = tuple(
        (name, tuple(None if one is None else one.total_seconds() / 3600 for one in three))
        for name, three in lengths.items()
    )
    return str(draw(_length_bars, hours, key=key, alt=alt).get("y", ""))


def _length_bars(hours: Sequence[tuple[str, Sequence[float | None]]]) -> tuple[go.Figure, int]:
    most = max((one for _, three in hours for one in three if one is not None), default=0.0)
    unit, per_hour = next((name, each) for least, name, each in _UNITS if most >= least)
    rows, figure = list(reversed(hours)), go.Figure()
    for at, (name, color) in enumerate((("mean", "#3B82D6"), ("median", "#16855B"), ("95 %", "#DDAB00"))):
        figure.add_bar(
            x=[None if (one := three[at]) is None else one * per_hour for _, three in rows],
            y=[priority for priority, _ in rows],
            orientation="h",
            name=name,
            marker={"color": color},
            hovertemplate=f"%{{y}}: %{{x:.1f}} {unit} {name}" + "<extra></extra>",
        )
    figure.update_layout(barmode="group")
    figure.update_xaxes(rangemode="tozero", ticksuffix=f" {unit}")
    return figure, 250


def count_bars(counts: Sequence[tuple[str, int]], *, key: str, alt: str) -> str:
    """One bar a name, the most frequent on top. Returns the name that was clicked."""
    return str(draw(_count_bars, tuple(counts), key=key, alt=alt).get("y", ""))


def _count_bars(counts: Sequence[tuple[str, int]]) -> tuple[go.Figure, int]:
    rows = list(reversed(counts))
    figure = go.Figure(
        go.Bar(
            x=[number for _, number in rows],
            y=[name for name, _ in rows],
            orientation="h",
            marker={"color": "#E06A1B"},
            text=[f"{number:,}" for _, number in rows],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:,}<extra></extra>",
        )
    )
    figure.update_xaxes(visible=False, range=[0, max([number for _, number in rows] or [1]) * 1.18])
    return figure, max(120, 28 * len(rows) + 20)
