"""A batch's files with what was read of each, and the lines that no parser understood."""

from __future__ import annotations

import streamlit as st

from soc.analysis import read_events
from soc.batches.progress import BatchProgress
from soc.batches.reading.folders import events_of
from soc.errors import NotFound
from soc.logs.layout import LogFormat
from soc.ui.forms.upload_form import size_of
from soc.ui.kit import quoted, tables
from soc.ui.kit.problems import show_problem

_REJECTED_PAGE = 100


def draw_files(progress: BatchProgress) -> None:
    st.subheader("Files", anchor=False)
    rows = [
        {
            "name": quoted.cell(file.name, 120),
            "lines_in": file.lines_in,
            "parsed": file.parsed,
            "rejected": file.rejected,
            "format": next(
                (one.label for one in LogFormat if one == file.format and one is not LogFormat.AUTO), ""
            ),
            "encoding": " ".join(part for part in (file.encoding, file.compression) if part),
            "size": size_of(file.size),
            "note": quoted.cell(file.error or "; ".join(file.warnings)),
        }
        for file in progress.files
    ]
    tables.show_rows(
        rows,
        {
            "name": tables.whole_column("File", 200),
            "lines_in": tables.count_column("Lines in", help="Lines in = parsed + rejected."),
            "parsed": tables.count_column("Parsed"),
            "rejected": tables.count_column("Rejected"),
            "format": tables.text_column("Format"),
            "encoding": tables.text_column("Encoding"),
            "size": tables.count_column("Size"),
            "note": tables.whole_column("What was odd", 300),
        },
        alt="The batch's files with their line counts",
        most=8,
    )
    for file in progress.files:
        if file.error:
            st.warning(
                f"**{quoted.markdown(file.name)}** {quoted.markdown(file.error)}", icon=":material/error:"
            )


def draw_rejected(progress: BatchProgress) -> None:
    total = progress.batch.rejected
    if not total:
        return
    with st.expander(
        f"Rejected lines ({total:,})", on_change="rerun", key=f"rejected-{progress.batch.id}"
    ) as area:
        if not area.open:
            return
        offset = tables.choose_page(total, key="rejected-page", size=_REJECTED_PAGE)
        try:
            frame = read_events(
                events_of(progress.batch.id), rejected_only=True, offset=offset, limit=_REJECTED_PAGE
            )
        except NotFound as error:
            show_problem(error.message, error.hint)
            return
        rows = [
            {
                "file": quoted.cell(str(row["file"] or ""), 80),
                "line_no": row["line_no"],
                "offset": row["offset"],
                "reason": quoted.cell(str(row["rejected_reason"] or "")),
                "line": quoted.cell(str(row["raw"] or "")),
            }
            for row in frame.iter_rows(named=True)
        ]
        tables.show_rows(
            rows,
            {
                "file": tables.whole_column("File", 130),
                "line_no": tables.count_column("Line"),
                "offset": tables.count_column("Byte offset"),
                "reason": tables.whole_column("Why it was rejected", 240),
                "line": tables.line_column("The line", 360),
            },
            alt="Lines that no parser understood, with the reason",
            most=10,
        )
