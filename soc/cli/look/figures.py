"""`soc metrics`: the figures that the setup guide names."""

from __future__ import annotations

from datetime import datetime

from soc import clock
from soc.api.routes.shift.metrics import shown_figures, zone_named
from soc.cli.say import give, open_store, refuse, result
from soc.metrics.figures import Figures, Times, read_apis, read_figures
from soc.store.db import read_session
from soc.store.nouns.combined.figures import FigureFilter
from soc.tickets.whose import owners_named


def print_figures(
    *, since: str, until: str, priority: str, source: str, owner: str, team: str, zone: str
) -> None:
    """Of the tickets opened in the span. Raises ConfigurationError for a moment or zone that is none, NotFound."""
    open_store()
    with read_session() as session:
        owners = owners_named(session, owner, team)
    chosen = FigureFilter(_moment(since), _moment(until), (priority,) if priority else (), (), source, owners)
    found, apis = read_figures(chosen, zone=zone_named(zone)), read_apis()
    for line in _lines(found):
        result(line)
    for kind, one in apis.items():
        times = ", ".join(f"p{int(100 * q)} {1000 * seconds:,.0f} ms" for q, seconds in one.latency.items())
        result(
            f"{kind}: {one.attempts:,} tries, success {_percent(one.success_rate)}, uptime {_percent(one.uptime)}, {times or 'nothing delivered'}"
        )
        for reason, number in sorted(one.errors.items()):
            result(f"  {reason}: {number:,}")
    give(shown_figures(found, apis).model_dump(mode="json"))


def _moment(text: str) -> datetime | None:
    try:
        return clock.parse(text) if text else None
    except ValueError:
        refuse(f"“{text}” is no moment.", hint="Write it like 2026-01-14T22:00:00Z.")


def _lines(found: Figures) -> list[str]:
    lines = [f"Tickets opened: {found.tickets:,} on {len(found.per_day):,} days"]
    lines.append(f"From log to ticket: {_said(found.log_to_ticket)}")
    lines.append(f"Created: {_percent(found.creation_success)}")
    for clock_, every in found.kept.items():
        kept = found.kept_in_all(clock_)
        lines.append(
            f"{clock_.value.capitalize()} within SLA: {_percent(kept.within)} ({kept.met:,} met, {kept.missed:,} missed, "
            f"{kept.violated:,} violated; apart {kept.intake:,} breached at intake)"
        )
        times = found.acknowledge if clock_.value == "response" else found.resolve
        lines += [f"  {name}: {_percent(every[name].within)}, {_said(times[name])}" for name in every]
    lines.append(f"Escalated: {found.escalated:,} tickets")
    lines += [f"  {one.title}: {one.steps:,}" for one in found.escalations]
    return lines


def _said(times: Times) -> str:
    if times.mean is None or times.median is None or times.p95 is None:
        return "nothing measured"
    return f"mean {clock.describe(times.mean)}, median {clock.describe(times.median)}, 95 % {clock.describe(times.p95)} of {times.number:,}"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{min(100 * share, 99.9 if share < 1 else 100):.1f} %"
