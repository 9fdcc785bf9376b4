"""A hand-over as the page shows it: what is missing on top, then everything by section; each row leads to its page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from soc import clock
from soc.domain.audit import Head
from soc.handover.document import HandoverDocument, Line, Open, Section
from soc.ui.kit import places, quoted, tables, times
from soc.ui.kit.grid import Lines
from soc.ui.kit.words import count_of


def draw_open(document: HandoverDocument, *, key: str) -> str:
    """The open incidents; returns the id of the one that was chosen."""
    lacking = f", {document.lacking:,} of them miss something" if document.lacking else ""
    st.subheader(f"{count_of(document.total, 'open incident')}{lacking}", anchor=False)
    if not document.open:
        st.caption("No ticket is open.")
        return ""
    if document.total > len(document.open):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(
                f"The first {len(document.open):,} are listed: those that miss something, then the next to run out.",
                width="content",
            )
            places.link("tickets", f"All {document.total:,} open tickets", open="true")
    return tables.choose_row(
        lambda: [_row(one) for one in document.open],
        {
            "missing": tables.whole_column("Missing", 105),
            "title": tables.text_column("Incident", 160),
            "severity": tables.severity_column(),
            "owner": tables.whole_column("Owner", 80),
            "hypothesis": tables.text_column("Hypothesis", 140),
            "next_step": tables.text_column("Next step, by when", 150),
            "blocker": tables.text_column("Blocker", 90),
            "due": tables.moment_column("Due"),
        },
        key=key,
        alt="Open incidents, those of which something is missing on top; choose one to write what is thought of it",
        of=document.open,
    )


def _row(one: Open) -> dict[str, object]:
    return {
        "id": one.incident_id,
        "missing": ", ".join(one.missing),
        "title": Lines(quoted.cell(one.title), quoted.cell(one.key, 40)),
        "severity": one.severity,
        "owner": quoted.cell(one.owner_name, 60),
        "hypothesis": quoted.cell(one.outlook.hypothesis),
        "next_step": Lines(quoted.cell(one.outlook.next_step), _by(one.outlook.by_when)),
        "blocker": quoted.cell(one.outlook.blocker),
        "due": one.due_at,
    }


def _by(moment: datetime | None) -> str:
    return f"by {times.shown(moment)}" if moment is not None else ""


def draw_sections(sections: Sequence[Section], *, key: str) -> None:
    """What has something in it, then what has nothing in one line."""
    for number, section in enumerate(sections):
        if section.total:
            _draw_section(section, f"{key}-{number}")
    empty = [section.title for section in sections if not section.total]
    if empty:
        st.caption(f"Nothing of: {', '.join(one[0].lower() + one[1:] for one in empty)}.")


def _draw_section(section: Section, key: str) -> None:
    st.subheader(f"{section.title} ({section.total:,})", anchor=False)
    heads = [head for line in section.lines if (head := _head_in(line)) is not None]
    if heads:
        for head in heads:
            _draw_head(head)
        return
    by_id = dict(zip(_ids(section.lines), section.lines, strict=True))
    opened = tables.choose_row(
        lambda: [
            {"id": line_id, "title": quoted.cell(line.title), "words": quoted.cell(line.words)}
            for line_id, line in by_id.items()
        ],
        {"title": tables.whole_column("What", 260), "words": tables.whole_column("To know", 320)},
        key=key,
        alt=f"{section.title}; choose one to open it",
        most=8,
        of=section.lines,
    )
    if section.total > len(section.lines):
        st.caption(f"{section.total - len(section.lines):,} more.")
    if opened and opened in by_id:
        _open(by_id[opened])


def _head_in(line: Line) -> Head | None:
    try:
        return Head.read(line.words)
    except ValueError:
        return None


def _draw_head(head: Head) -> None:
    """What the chain came to, in words; as it leaves for whoever verifies it later."""
    st.caption(
        f"The audit had {head.seq:,} entries at {times.shown(clock.parse(head.at))}. Its signed head leaves with the hand-over: "
        "what is changed before it is found later."
    )
    with st.expander("The signed head", icon=":material/verified:"):
        st.caption("A line for `soc audit verify --heads`.")
        st.code(head.line(), language=None, wrap_lines=True)


def _ids(lines: Sequence[Line]) -> list[str]:
    """Where each line leads, so that a click means it though another came on top; several of one place are told apart."""
    seen: Counter[str] = Counter()
    found = []
    for line in lines:
        place = "&".join((line.page, *(f"{name}={value}" for name, value in line.about)))
        seen[place] += 1
        found.append(f"{place}#{seen[place]}")
    return found


def _open(line: Line) -> None:
    if line.page:
        places.go(line.page, **dict(line.about))


def said_when(document: HandoverDocument) -> str:
    return f"From {times.shown(document.since)} to {times.shown(document.at)} ({times.zone_name()})."
