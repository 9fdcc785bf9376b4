"""One incident: what it is, why it was scored so, what the rules said, its raw lines, its ticket and deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import polars as pl
import streamlit as st

from soc import clock
from soc.batches.reading.folders import events_of
from soc.batches.reading.lines import read_lines
from soc.domain.incident import Origin
from soc.domain.rule import EVERY_CHANNEL
from soc.domain.sla import SlaState
from soc.errors import NotFound
from soc.integrations.registry import KINDS
from soc.metrics.lists import read_story
from soc.sla.clocks import read_clock
from soc.store.nouns.incidents.incidents import IncidentRow
from soc.store.nouns.rules.decisions import DecisionRow
from soc.store.nouns.tickets.tickets import TicketRow
from soc.store.unchanged import while_unchanged
from soc.ui.kit import places, quoted, tables, times
from soc.ui.kit.grid import Lines
from soc.ui.kit.severity import practice_badge, severity_badge, sla_badge
from soc.ui.views.life.acting import draw_acts
from soc.ui.views.life.delivered import draw_deliveries
from soc.ui.views.life.family import draw_belonging, draw_family, draw_merging
from soc.ui.views.life.history import draw_history
from soc.ui.views.life.marks import draw_marks
from soc.ui.views.life.notes import draw_notes
from soc.ui.views.life.splitting import draw_splitting
from soc.ui.views.life.steps import draw_steps
from soc.ui.views.life.waiting import draw_release

_LINES_PAGE = 100


def draw_incident(incident_id: str) -> None:
    """Everything about one incident. Raises NotFound."""
    story = read_story(incident_id)
    row, tickets, deliveries = story.incident, story.tickets, story.deliveries
    places.name_tab(f"Incident {tickets[0].key if tickets else row.id}: {row.title}")
    _draw_head(row, practice=any(one.practice for one in tickets) or any(one.practice for one in deliveries))
    draw_release(row)
    family = draw_belonging(incident_id)
    with st.container(border=True, gap="small"):
        draw_acts(incident_id, place="incident")
        draw_merging(incident_id)
        draw_splitting(row)
    draw_family(family)
    draw_notes(incident_id, [one.incident.id for one in family.merged])
    draw_history(incident_id)
    draw_steps(row)
    row_of_two = st.grid(2, min_column_width=400, gap="medium")
    with row_of_two.container():
        _draw_reasons(row)
    with row_of_two.container():
        _draw_decisions(row, story.decisions)
        _draw_tickets(row, tickets)
        draw_deliveries(row.id, deliveries)
    _draw_lines(row)
    for one in family.merged:
        with st.expander(
            f"Lines of {quoted.markdown(one.name)}, which was merged into this ({one.incident.count:,})",
            key=f"lines-of-{one.incident.id}", on_change="rerun",
        ) as box:  # fmt: skip
            if box.open:
                _draw_lines(one.incident)


def _draw_head(row: IncidentRow, *, practice: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        severity_badge(row.severity, row.score)
        st.subheader(quoted.markdown(row.title), anchor=False, width="content")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(row.classification, color="gray")
        st.badge(f"confidence {row.confidence:.0%}", color="gray")
        told = (
            f"{row.count:,} line{'s' if row.count != 1 else ''}"
            if row.origin == Origin.LOG
            else "told by the API"
        )
        st.badge(told, color="gray")
        if practice:
            practice_badge()
        st.caption(row.id, width="content")
        if row.origin == Origin.LOG:
            places.link("incidents", "All of its batch", batch=row.batch_id)
        if address := places.address("incidents", incident=row.id):
            with st.popover("Link", icon=":material/link:", type="tertiary"):
                st.code(address, language=None, wrap_lines=True)
    facts = {
        "Source": quoted.markdown(row.source) or "–",
        "Host or address": quoted.markdown(row.entity) or "–",
        "First seen": _moment(row.first_seen),
        "Last seen": _moment(row.last_seen),
        "Found": _moment(row.created_at),
    }
    with st.grid(5, min_column_width=170, gap="small"):
        for label, text in facts.items():
            st.markdown(f":gray[{label}]  \n{text}", help=_utc_help(label, row))


def _moment(moment: Any) -> str:
    return times.shown(moment) if moment else "the log names no time"


def _utc_help(label: str, row: IncidentRow) -> str | None:
    moment = {"First seen": row.first_seen, "Last seen": row.last_seen, "Found": row.created_at}.get(label)
    return times.in_utc(moment) if moment else None


def _spans(text: str, reasons: Sequence[dict[str, Any]]) -> list[tuple[int, int]]:
    """Byte ranges of the matched words in a line: at their offset, else where the words first stand."""
    raw = text.encode("utf-8", "surrogatepass")
    found: list[tuple[int, int]] = []
    for reason in reasons:
        words = str(reason.get("words", "")).encode("utf-8", "surrogatepass")
        start, end = int(reason.get("start", 0)), int(reason.get("end", 0))
        if words and raw[start:end] != words:
            start = raw.find(words)
            end = start + len(words)
        if words and start >= 0:
            found.append((start, end))
    return found


def _draw_reasons(row: IncidentRow) -> None:
    total = sum(int(reason.get("weight", 0)) for reason in row.reasons)
    st.subheader(f"Why score {row.score}", anchor=False)
    if not row.reasons:
        st.caption("No signature matched; the score is that of its class.")
    else:
        tables.show_rows(
            lambda: [
                {
                    "title": quoted.cell(str(reason.get("title", ""))),
                    "words": _words(reason),
                    "weight": reason.get("weight", 0),
                    "signature": Lines(str(reason.get("signature", "")), str(reason.get("attack", ""))),
                }
                for reason in row.reasons
            ],
            {
                "weight": tables.count_column("Weight", form="{:+d}"),
                "title": tables.whole_column("Reason", 150),
                "words": tables.whole_column(
                    "Words matched", 100, help="Below: their bytes within the raw line (UTF-8)."
                ),
                "signature": tables.whole_column("Signature", 110, help="Below: the ATT&CK technique."),
            },
            alt="The reasons for the score: signature, matched words, weight",
            most=8,
            of=row,
        )
        weights = " ".join(f"{int(reason.get('weight', 0)):+d}" for reason in row.reasons)
        st.caption(
            f"{weights} = {total}"
            + ("" if total == row.score else f", kept within 1–10: {row.score}")
            + f" · signature that decided: {row.rule_id}"
        )
    sample = row.samples[0] if row.samples else {"text": row.message, "file": "", "line_no": 0}
    where = (
        f"{sample.get('file', '')} line {sample.get('line_no', 0):,}"
        if sample.get("line_no")
        else "the message"
    )
    st.caption(f"{'Matched words in' if row.reasons else 'As it stands in'} {quoted.markdown(where)}:")
    draw_marked_line(str(sample.get("text", "")), _spans(str(sample.get("text", "")), row.reasons))
    with st.expander("Template that groups its lines", key=f"template-{row.id}", on_change="rerun") as box:
        if box.open:
            st.code(quoted.visible(row.template), language=None, wrap_lines=True)


def _words(reason: dict[str, Any]) -> Lines | None:
    """What matched, and at which bytes; a story's reasons match no words."""
    if not reason.get("words"):
        return None
    return Lines(quoted.cell(str(reason["words"])), f"bytes {reason.get('start', 0)}–{reason.get('end', 0)}")


def draw_marked_line(text: str, spans: Sequence[tuple[int, int]]) -> None:
    """A raw line with the matched words marked; whatever the line holds is shown, not obeyed."""
    st.html(
        '<pre style="white-space:pre-wrap;overflow-wrap:anywhere;margin:0;padding:.6rem .75rem;'
        'border:1px solid rgba(128,138,153,.35);border-radius:6px;font-size:.9em">'
        f"{quoted.highlighted(text, spans)}</pre>"
    )


def _draw_decisions(row: IncidentRow, decisions: Sequence[DecisionRow]) -> None:
    st.subheader("What the rules said", anchor=False)
    if not decisions:
        st.caption("No rule was asked about this incident.")
        return
    for decision in decisions:
        verdict = (
            ":green-badge[:material/check: matched]"
            if decision.matched
            else ":gray-badge[:material/close: did not match]"
        )
        told = f" → {_channels(decision.actions)}" if decision.matched and decision.actions else ""
        st.markdown(
            f"{verdict} {quoted.markdown(decision.rule_name)}  \n"
            f":small[:gray[{quoted.markdown(decision.explanation)}{told}]]"
        )
    if not row.eligible:
        st.caption("No rule matched, so nobody was told. The lines above say what would have changed that.")


def _draw_tickets(row: IncidentRow, tickets: Sequence[TicketRow]) -> None:
    st.subheader("Ticket", anchor=False)
    if not tickets:
        st.caption("It has no ticket." if row.eligible else "It needs none: no rule matched.")
        return
    now = clock.now()
    for ticket in tickets:
        state = read_clock(ticket, now=now)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.link_button(
                quoted.markdown(ticket.key), quoted.link_target(ticket.url), icon=":material/open_in_new:"
            )
            st.badge(quoted.markdown(ticket.status), color="gray")
            st.badge(quoted.markdown(ticket.priority), color="gray")
            sla_badge(state.state)
        places.link("tickets", _due(state.state, times.shown(ticket.due_at)), ticket=str(ticket.id))
        draw_marks(ticket)
        if ticket.not_synced:
            st.caption(quoted.markdown(f"Only at {KINDS[ticket.integration].title}: {ticket.not_synced}"))


def _due(state: SlaState, due: str) -> str:
    return f"due {due}" if state not in (SlaState.MET, SlaState.MISSED) else f"was due {due}"


def _channels(actions: Sequence[str]) -> str:
    """The channels of a rule as people call them."""
    return (
        "every channel"
        if EVERY_CHANNEL in actions
        else ", ".join(KINDS[one].title for one in actions if one in KINDS)
    )


def _draw_lines(row: IncidentRow) -> None:
    if row.origin == Origin.API:
        st.subheader("What the caller said", anchor=False)
        st.code(quoted.visible(row.message), language=None, wrap_lines=True)
        return
    st.subheader(f"Raw lines ({row.count:,})", anchor=False)
    if _are_kept(row.batch_id):
        offset = tables.choose_page(row.count, key=f"lines-{row.id}", size=_LINES_PAGE)
        with suppress(NotFound):
            _draw_raw(_read_lines(row.batch_id, row.id, offset))
            return
    st.caption("The batch's lines are no longer kept; these samples were kept with the incident.")
    samples = "\n".join(str(one.get("text", "")) for one in row.samples) or row.message
    st.code(quoted.visible(samples), language=None, wrap_lines=True)


@while_unchanged
def _are_kept(batch_id: str) -> bool:
    return events_of(batch_id).exists()


@while_unchanged
def _read_lines(batch_id: str, incident_id: str, offset: int) -> pl.DataFrame:
    return read_lines(batch_id, incident_id=incident_id, offset=offset, limit=_LINES_PAGE)


def _draw_raw(frame: pl.DataFrame) -> None:
    tables.show_rows(
        lambda: [
            {
                "file": quoted.cell(str(one["file"] or ""), 80),
                "line_no": one["line_no"],
                "at": one["@timestamp"],
                "score": one["score"],
                "raw": quoted.cell(str(one["raw"] or ""), 2_000),
            }
            for one in frame.iter_rows(named=True)
        ],
        {
            "file": tables.whole_column("File", 110),
            "line_no": tables.count_column("Line"),
            "at": tables.moment_column("Time in the log"),
            "score": tables.count_column("Score"),
            "raw": tables.line_column("The line", 420),
        },
        alt="The incident's raw lines",
        most=12,
        of=frame,
    )
