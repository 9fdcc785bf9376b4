"""Overview: what is on fire, mine, about to run out of time; today's numbers; on a new installation, how to begin."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from soc import clock
from soc.access.scopes import Scope
from soc.batches.progress import kept_progress
from soc.batches.samples import submit_samples
from soc.clock import isoformat
from soc.configuration.practice import connect_sandbox
from soc.integrations.kit.base import ConnectionReport
from soc.integrations.registry import KINDS, switched, titles
from soc.metrics.lists import list_running
from soc.metrics.overview import (
    Installation,
    Overview,
    incidents_per_hour,
    latest_critical,
    read_installation,
    read_overview,
)
from soc.metrics.workers import read_workers
from soc.store.nouns.deliveries.deliveries import TROUBLE
from soc.ui.kit import charts, outcome, places, quoted, tables, times
from soc.ui.kit.buttons import act_button
from soc.ui.kit.live import live
from soc.ui.kit.words import count_of, plural
from soc.ui.sitting import actor_here
from soc.ui.views.life.board import draw_board

TICKETS = titles(kind.name for kind in switched() if kind.tells == "open_ticket")
ALERTS = titles(kind.name for kind in switched() if kind.tells == "send_alert")


def said_of(reports: dict[str, ConnectionReport]) -> outcome.Said:
    wrong = [KINDS[kind].title for kind, report in reports.items() if not report.ok]
    if wrong:
        return outcome.warning(
            f"The sandbox is connected, but the test failed for {' and '.join(wrong)}. See Integrations."
        )
    return outcome.good(
        f"The sandbox is connected: practice {' and '.join(KINDS[kind].title for kind in reports)}."
    )


def draw_first_steps(installation: Installation) -> None:
    """Two buttons that show the whole line at work, and the ways around them."""
    practising = installation.practice_configured
    configured = bool(installation.configured)
    with st.container(border=True):
        st.subheader("Start here", anchor=False)
        st.markdown(
            f"Log lines go in; incidents, {TICKETS} tickets, {ALERTS} alerts and SLA clocks come out. "
            f"Try it without an account: a sandbox on this machine plays {TICKETS} and {ALERTS}."
        )
        with st.container(horizontal=True):
            act_button(
                "Sandbox connected" if practising else "Practise with the sandbox",
                lambda _key: connect_sandbox(actor=actor_here(Scope.ADMIN)),
                needed=Scope.ADMIN,
                name="connect-sandbox",
                busy="Starting the sandbox and connecting to it …",
                done=said_of,
                icon=":material/check:" if practising else ":material/science:",
                type="secondary" if configured else "primary",
                disabled=configured,
            )
            act_button(
                "Process the sample night",
                lambda key: submit_samples(
                    on=installation.configured, idempotency_key=key, actor=actor_here(Scope.ACT)
                ),
                needed=Scope.ACT,
                name="sample-night",
                busy="Handing the sample logs in …",
                then=lambda batch_id: places.go("process_logs", batch=batch_id),
                icon=":material/bedtime:",
                type="primary" if configured else "secondary",
                help="One night of logs that come with the product: scanning, a break-in, a failing database, noise.",
            )
        st.caption(
            "The sandbox is connected. The sample night will open tickets and send alerts there, nowhere else."
            if practising
            else "Without an integration the sample night is analysed, and nobody is told."
            if not configured
            else "Your own integrations are connected: the sample night would open real tickets and alerts there."
        )
        with st.container(horizontal=True):
            places.link("integrations", f"Connect your own {TICKETS} and {ALERTS}")
            places.link("process_logs", "Process your own logs")


def _tile(label: str, value: int, note: str, *, help: str, bad: bool = False) -> None:
    st.metric(
        label,
        value,
        delta=note,
        delta_color="inverse" if bad else "off",
        delta_arrow="off",
        help=help,
        format="localized",
    )


def draw_tiles(today: Overview) -> None:
    critical = today.by_severity.get("critical", 0)
    with st.grid(5, min_column_width=185, border=True, gap="small"):
        with st.container(gap="xsmall"):
            _tile(
                "Lines today",
                today.lines_in,
                f"{today.parsed:,} parsed + {today.rejected:,} rejected",
                help="Lines in = parsed + rejected. Nothing is dropped.",
            )
            places.link("process_logs", count_of(today.batches, "batch"))
        with st.container(gap="xsmall"):
            _tile(
                "Incidents today",
                today.incidents,
                f"{critical:,} critical",
                bad=critical > 0,
                help="Near-identical lines are one incident.",
            )
            places.link(
                "incidents",
                f"{today.eligible:,} met a rule",
                rules="Met a rule",
                since=isoformat(today.since),
            )
        with st.container(gap="xsmall"):
            _tile(
                "Tickets today",
                today.tickets,
                f"{today.open_tickets:,} open in all",
                help=f"Opened in {TICKETS} from here.",
            )
            places.link("tickets", "Tickets")
        with st.container(gap="xsmall"):
            _tile(
                "SLA at risk",
                today.sla_at_risk,
                f"{today.sla_overdue:,} overdue",
                bad=today.sla_overdue > 0,
                help="Open tickets that have used half of their time or more. Overdue ones are counted apart.",
            )
            places.link("sla", "Clocks")
        with st.container(gap="xsmall"):
            person = today.dead + today.held
            _tile(
                "Deliveries in trouble",
                today.trouble,
                f"{person:,} {plural(person, 'needs', 'need')} a person",
                bad=person > 0,
                help="Waiting for a retry, of unknown outcome, or given up. A person is needed where one was given up, or waits "
                "for its integration to be mended.",
            )
            places.link("deliveries", "Deliveries", state=[*TROUBLE, *(["pending"] if today.held else [])])


def draw_charts(today: Overview) -> None:
    row = st.grid(3, min_column_width=300, gap="medium")
    with row.container():
        st.subheader("Incidents by severity", anchor=False)
        band = charts.severity_bars(
            today.by_severity, key="by-severity", alt="Today's incidents by severity, critical first"
        )
    with row.container():
        st.subheader("Incidents per hour", anchor=False)
        series = {
            severity: [(moment.astimezone(times.zone()), number) for moment, number in points]
            for severity, points in incidents_per_hour(today.since).items()
        }
        hourly = charts.severity_over_time(
            series,
            since=today.since,
            until=max(clock.now(), today.since + timedelta(hours=6)).astimezone(times.zone())
            + timedelta(hours=1),
            zone_name=times.zone_name(),
            key="per-hour",
            alt="Incidents found in each hour of today",
        )
    with row.container():
        st.subheader("Incidents by class", anchor=False)
        kind = charts.class_bars(today.by_class, key="by-class", alt="Today's incidents by class")
    if band or hourly:
        places.go("incidents", severity=[band or hourly], since=isoformat(today.since))
    if kind:
        places.go("incidents", **{"class": [kind], "since": isoformat(today.since)})


def draw_latest() -> None:
    st.subheader("Latest critical incidents", anchor=False)
    rows = latest_critical()
    if not rows:
        st.caption("No critical incident so far.")
        return
    chosen = tables.choose_row(
        lambda: tables.incident_rows(rows),
        tables.incident_columns(short=True),
        key="latest-critical",
        alt="The newest critical incidents; choose one to open it",
        of=rows,
    )
    if chosen:
        places.go("incidents", incident=chosen)


def draw_running() -> None:
    for batch in list_running()[:5]:
        progress = kept_progress(batch.id)
        with st.container(border=True, gap="xsmall"):
            st.progress(
                progress.share,
                text=f"{quoted.markdown(batch.name)} · {progress.lines_per_second:,.0f} lines/s",
            )
            places.link("process_logs", "Follow this batch", batch=batch.id)


def draw_workers() -> None:
    """Who works and what waits, in one line; who is gone stands out."""
    workers = read_workers()
    for one in workers.gone[:3]:
        st.warning(
            f"Worker {quoted.markdown(one.name)} gone since {times.shown(one.gone_since)}. The others go on with its work.",
            icon=":material/heart_broken:",
        )
    for one in workers.live:
        if one.trouble:
            st.warning(
                f"Worker {quoted.markdown(one.name)}: {quoted.markdown(one.trouble)}",
                icon=":material/schedule:",
            )
    if not workers.live:
        st.error(
            "No worker is at work: nothing is sent and no batch is read.", icon=":material/heart_broken:"
        )
    waits = workers.waits(clock.now())
    parts = [count_of(len(workers.live), "worker") + " at work"]
    parts.append(f"oldest due message waits {clock.describe(waits)}" if waits else "no message is due")
    if workers.running_batches or workers.queued_batches:
        parts.append(
            f"{count_of(workers.running_batches, 'batch')} running, {workers.queued_batches:,} waiting"
        )
    st.caption(" · ".join(parts))


@live(15)
def draw_today() -> None:
    today = read_overview(times.since_midnight())
    draw_board(today)
    draw_running()
    draw_workers()
    draw_tiles(today)
    if not today.incidents:
        st.info("No incident was found today.", icon=":material/nightlight:")
    else:
        draw_charts(today)
    draw_latest()
    st.caption(
        f"Today began at {times.shown(today.since)} ({times.zone_name()}). Read at {times.shown(clock.now())}; "
        "read again every 15 s."
    )


@live(5)
def look_for_the_first_batch() -> None:
    """A command or somebody else may hand it in while this page stands open."""
    if read_installation().batches:
        st.rerun()


installation = read_installation()
if not installation.batches:
    draw_first_steps(installation)
    look_for_the_first_batch()
else:
    draw_today()
