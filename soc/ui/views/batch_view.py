"""The second half of "Process logs": a batch while it runs, and what came of it."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import streamlit as st

from soc import clock
from soc.access.scopes import Scope
from soc.batches.control import CAN_STOP, go_on, run_again, stop_batch
from soc.batches.progress import BatchProgress, read_progress
from soc.batches.report import BatchReport, build_report, export_batch_events, tickets_heading
from soc.integrations.registry import KINDS
from soc.store.nouns.batches.batches import ACTIVE, BatchRow, BatchState
from soc.ui.forms.upload_form import size_of
from soc.ui.kit import places, quoted, times
from soc.ui.kit.buttons import act_button
from soc.ui.kit.live import live
from soc.ui.kit.outcome import Level
from soc.ui.kit.severity import BATCH_COLOR, practice_badge
from soc.ui.kit.words import count_of
from soc.ui.sitting import actor_here
from soc.ui.views.batch_files import draw_files, draw_rejected
from soc.ui.views.batch_incidents import draw_found
from soc.ui.views.life.waiting import draw_waiting

_TICKETS_SHOWN = 14
_TICKETS_DRAWN = 501


def draw_batch(batch_id: str) -> None:
    """The batch's name and state, its progress while anything moves, then its result. Raises NotFound."""
    progress = read_progress(batch_id)
    batch = progress.batch
    places.name_tab(f"Batch {batch.name}")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(quoted.markdown(batch.name), anchor=False, width="content")
        st.badge(batch.state, color=BATCH_COLOR.get(batch.state, "gray"))
        if batch.practice:
            practice_badge()
        st.caption(f"{batch.id} · begun {times.shown(batch.created_at)}", width="content")
    _draw_acts(batch)
    if batch.state == BatchState.FINISHED:
        draw_waiting(batch_id)
    # polls only while something moves or waits for somebody; the last poll draws the page anew without it
    polling = not progress.settled or batch.state == BatchState.HELD
    live(1.0 if polling else None)(_draw_moving)(batch_id, polling=not progress.settled, drawn=batch.state)
    if batch.state == BatchState.FINISHED:
        _draw_links(progress)
        draw_found(batch_id)
        draw_files(progress)
        draw_rejected(progress)
    elif batch.state == BatchState.FAILED:
        draw_files(progress)


def _draw_acts(batch: BatchRow) -> None:
    """What may be done to it in the state that it is in."""
    acts = [
        (go_on, "Continue anyway", ":material/play_arrow:", batch.state == BatchState.HELD),
        (run_again, "Try now", ":material/replay:", batch.state == BatchState.RETRY),
        (run_again, "Run again", ":material/replay:", batch.state in (BatchState.FAILED, BatchState.STOPPED)),
        (stop_batch, "Stop", ":material/stop_circle:", batch.state in CAN_STOP),
    ]
    with st.container(horizontal=True):
        for act, label, icon, offered in acts:
            if offered:
                act_button(
                    label,
                    partial(_act_on, act, batch.id),
                    needed=Scope.ACT,
                    name=f"{act.__name__}-{batch.id}-{batch.try_number}",
                    busy=f"{label} …",
                    icon=icon,
                )


def _act_on(act: Callable[..., None], batch_id: str, _key: str) -> None:
    act(batch_id, actor=actor_here(Scope.ACT))


def _draw_moving(batch_id: str, *, polling: bool, drawn: str) -> None:
    progress = read_progress(batch_id)
    batch = progress.batch
    if batch.state != drawn and {batch.state, drawn} & {BatchState.RETRY.value, BatchState.QUEUED.value}:
        st.rerun()  # other buttons, or another word at the top, are due
    if batch.state in ACTIVE:
        _draw_bar(progress)
        if st.session_state.get(f"stage-{batch_id}") != "moving":
            st.session_state[f"stage-{batch_id}"] = "moving"
        return
    _draw_report(build_report(batch_id), progress)
    was_moving = st.session_state.pop(f"stage-{batch_id}", None) == "moving"
    if was_moving or (polling and progress.settled):
        st.rerun()


def _draw_bar(progress: BatchProgress) -> None:
    batch = progress.batch
    if batch.state == BatchState.QUEUED:
        st.progress(0.0, text="Waiting for its turn …")
        return
    if batch.state == BatchState.RETRY:
        st.warning(
            f"{quoted.markdown(batch.error)} It is tried again by itself at {times.shown(batch.next_try_at)} "
            f"(try {batch.try_number}).",
            icon=":material/replay:",
        )
        return
    left = "" if progress.seconds_left is None else f" · about {_seconds(progress.seconds_left)} left"
    st.progress(
        progress.share,
        text=f"{progress.doing} {quoted.markdown(batch.current_file)}"
        f"{f' · {progress.figures}' if progress.figures else ' …'}{left}",
    )
    st.caption(
        f"{size_of(batch.bytes_done)} of {size_of(batch.bytes_total)}. You may leave this page: the work goes on, "
        "and this address shows it again."
    )
    if batch.heartbeat_at and (clock.now() - batch.heartbeat_at).total_seconds() > 30:
        st.markdown(
            f":small[:orange[No sign of life for {clock.describe(clock.now() - batch.heartbeat_at)}; "
            "the engine takes it over by itself.]]"
        )


def _seconds(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def _draw_report(report: BatchReport, progress: BatchProgress) -> None:
    """The guide's display, then both accounts."""
    batch = report.batch
    headline, *rest = report.lines
    draw = _LOOK[report.level]
    draw(quoted.markdown(headline), icon="")
    heading = tickets_heading()
    counts = list(itertools.takewhile(lambda line: line != heading, rest))
    _draw_lines(counts)
    _draw_lines_of_tickets(report, rest[len(counts) :])
    for reason, number in report.suppressed.items():
        st.caption(f"{number:,} not sent: {quoted.markdown(reason)}")
    if batch.state != BatchState.FINISHED:
        return
    _draw_accounts(report)
    st.caption(
        f"{progress.lines_per_second:,.0f} lines/s · {batch.seconds:,.1f} s · finished {times.shown(batch.finished_at)}"
        + (" · deliveries are still on their way" if not progress.settled else "")
    )
    if progress.held:
        st.warning(
            f"Held deliveries: {progress.held:,}. They wait because their integration needs attention.",
            icon=":material/pause_circle:",
        )
        places.link("integrations", "Mend it under Integrations")


_LOOK = {Level.GOOD: st.success, Level.NOTE: st.info, Level.WARNING: st.warning, Level.BAD: st.error}


def _draw_lines(lines: Sequence[str]) -> None:
    if any(lines):
        st.markdown("  \n".join(quoted.markdown(line) for line in lines))


def _draw_lines_of_tickets(report: BatchReport, lines: Sequence[str]) -> None:
    """Many tickets scroll, so that what follows stays in sight."""
    if not lines:
        return
    urls = {ticket.key: ticket.url for ticket in report.tickets}
    with st.container(height=260 if len(lines) > _TICKETS_SHOWN else "content", border=False):
        st.markdown("  \n".join(_report_line(line, urls) for line in lines[:_TICKETS_DRAWN]))
        if len(lines) > _TICKETS_DRAWN:
            places.link("tickets", f"{len(lines) - _TICKETS_DRAWN:,} more", batch=report.batch.id)


def _draw_accounts(report: BatchReport) -> None:
    """Lines in = parsed + rejected, and for each channel eligible = delivered + joined + awaiting release + suppressed +
    pending + dead."""
    batch = report.batch
    adds_up = batch.lines_in == batch.parsed + batch.rejected
    lines = f"Lines in {batch.lines_in:,} = {batch.parsed:,} parsed + {batch.rejected:,} rejected"
    with st.container(horizontal=True, vertical_alignment="center"):
        _draw_account(lines, balanced=adds_up, level=Level.GOOD)
        for one in report.accounts:
            _draw_account(
                f"{KINDS[one.channel].title}: {one.eligible:,} eligible = {one.delivered:,} delivered + "
                f"{one.joined:,} joined + {one.awaiting:,} awaiting release + "
                f"{one.suppressed:,} suppressed + {one.pending:,} pending + {one.dead:,} dead",
                balanced=one.balanced,
                level=Level.BAD if one.dead else Level.NOTE if one.pending or one.awaiting else Level.GOOD,
            )


def _draw_account(account: str, *, balanced: bool, level: Level) -> None:
    """An account that adds up is no success while something in it is dead."""
    if not balanced:
        st.badge(f"{account} does not add up", icon=":material/error:", color="red")
    elif level is Level.BAD:
        st.badge(account, icon=":material/error:", color="red")
    elif level is Level.NOTE:
        st.badge(account, icon=":material/schedule:", color="blue")
    else:
        st.badge(account, icon=":material/balance:", color="green")


def _report_line(line: str, urls: dict[str, str]) -> str:
    """One line of the display as Markdown; a ticket's key leads to Jira, its summary is shown literally."""
    key, colon, summary = line.removeprefix("• ").partition(": ")
    if line.startswith("• ") and colon and urls.get(key, "").startswith(("https://", "http://")):
        return f"• [{quoted.markdown(key)}](<{quoted.link_target(urls[key])}>): {quoted.markdown(summary)}"
    return quoted.markdown(line) if line else ""


def _draw_links(progress: BatchProgress) -> None:
    batch = progress.batch
    with st.container(horizontal=True, vertical_alignment="center"):
        places.link("incidents", count_of(batch.incidents, "incident"), batch=batch.id)
        places.link("incidents", f"{batch.eligible:,} met a rule", batch=batch.id, rules="Met a rule")
        places.link("tickets", "Tickets", batch=batch.id)
        places.link("deliveries", count_of(sum(progress.deliveries.values()), "delivery"), batch=batch.id)
        st.download_button(
            "Events as Parquet",
            data=lambda: _events_file(batch.id),
            file_name=f"{batch.id}-events.parquet",
            mime="application/vnd.apache.parquet",
            icon=":material/download:",
            help="One row a line: its class, score, evidence, template, incident and fields.",
            on_click="ignore",
        )


def _events_file(batch_id: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "events.parquet"
        export_batch_events(batch_id, target)
        return target.read_bytes()
