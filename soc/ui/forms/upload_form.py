"""The first half of "Process logs": files and pasted lines, each with its preview and its options."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

import streamlit as st

from soc.analysis import FilePreview
from soc.batches.intake import Upload, earlier_batches, keep_paste, keep_upload, preview_upload
from soc.errors import SocError
from soc.logs.layout import LogFormat, ReadOptions
from soc.settings import get_settings
from soc.ui.forms import picker
from soc.ui.kit import places, quoted, tables
from soc.ui.kit.problems import show_problem
from soc.zone import known_zones, parse_zone

Chosen = list[tuple[Upload, ReadOptions]]
#: What Streamlit's own uploader takes (MB): it holds each file twice in the server's memory.
PLAIN_MOST = 20
_HELP = "CSV, syslog, JSON lines or plain lines; each also gzipped. Several at once are one batch."


@dataclass(frozen=True)
class Intake:
    """The files with the options that were chosen for them; `coming` says that more are on their way.

    `as_new`: what was found before in the same content is told anew.
    """

    chosen: Chosen
    coming: bool = False
    as_new: bool = False


def start_over() -> None:
    """Forget the files that were chosen, for the next upload."""
    picker.forget_picked(_picker_key())
    st.session_state["intake-round"] = _round() + 1
    st.session_state.pop("intake-kept", None)
    st.session_state.pop("intake-previews", None)


def _round() -> int:
    number: int = st.session_state.get("intake-round", 0)
    return number


def _picker_key() -> str:
    return f"files-{_round()}"


def draw_intake() -> Intake:
    """Draw picker, paste box and previews."""
    row = st.grid(2, min_column_width=320, gap="medium")
    with row.container():
        uploads, coming = _draw_files()
    with row.container():
        pasted = st.text_area(
            "Or paste lines",
            height=118,
            key=f"paste-{_round()}",
            placeholder="Jan 15 10:30:00 web-1 sshd[812]: Failed password for root from 203.0.113.7",
        )
    if pasted.strip():
        mark = sha256(pasted.encode("utf-8", "replace")).hexdigest()
        kept = _keep(f"paste-{mark}", "pasted lines", lambda: keep_paste(pasted))
        uploads += [kept] if kept else []
    zone = _ask_zone() if uploads else ""
    chosen = [draw_file(upload, first=number == 0, zone=zone) for number, upload in enumerate(uploads)]
    return Intake(chosen, coming, any(earlier_batches(upload) for upload in uploads) and _ask_about_known())


def _ask_zone() -> str:
    """Of times that name none: the browser's, the setting's or UTC, or any other that is known."""
    mine, usual = _known_zone(st.context.timezone or ""), get_settings().zone or "UTC"
    zones = list(dict.fromkeys([*([mine] if mine else []), usual, "UTC", *sorted(known_zones())]))

    def label(zone: str) -> str:
        return f"{zone} (your browser's)" if zone == mine else zone

    picked = st.selectbox(
        "Zone of times that name none",
        zones,
        format_func=label,
        key=f"zone-{_round()}",
        width=320,
        help="Times such as `2026-03-01 02:00:00` do not say where they were read off. Those that do are left as they are.",
    )
    return str(picked or "")


def _known_zone(text: str) -> str:
    """What a browser says, "" where it is no zone."""
    try:
        return parse_zone(text)
    except ValueError:
        return ""


_JOIN, _NEW = "Join it to what is there", "Tell of it anew"


def _ask_about_known() -> bool:
    """What becomes of what is found again."""
    chosen = st.radio(
        "What was found before in the same content",
        [_JOIN, _NEW],
        key=f"again-{_round()}",
        horizontal=True,
        captions=["No second ticket and no second alert.", "New incidents, new tickets and alerts."],
    )
    return chosen == _NEW


def _draw_files() -> tuple[list[Upload], bool]:
    """The picker; Streamlit's own uploader where the picker cannot send, or `?uploader=plain` asks for it."""
    if not (st.session_state.get(picker.PLAIN) or places.asked_for("uploader") == "plain"):
        return picker.pick_files("Log files", key=_picker_key(), help=_HELP)
    files = st.file_uploader(
        "Log files",
        accept_multiple_files=True,
        max_upload_size=PLAIN_MOST,
        key=f"plain-{_round()}",
        help=f"{_HELP} This plain uploader takes {PLAIN_MOST} MB a file; larger ones by the API or `soc process`.",
    )
    kept = [
        _keep(f"file-{one.file_id}", one.name, lambda one=one: keep_upload(one.name, one)) for one in files
    ]
    return [upload for upload in kept if upload], False


def _keep(mark: str, name: str, keep) -> Upload | None:  # type: ignore[no-untyped-def]
    """Keep a file once, however often the page is drawn; a file that cannot be kept says why."""
    known: dict[str, Upload] = st.session_state.setdefault("intake-kept", {})
    if mark not in known:
        try:
            known[mark] = keep()
        except SocError as error:
            show_problem(f"{name}: {error.message}", error.hint)
            return None
    return known[mark]


def _preview(upload: Upload, options: ReadOptions) -> FilePreview:
    known: dict[tuple[str, ReadOptions], FilePreview] = st.session_state.setdefault("intake-previews", {})
    if (upload.id, options) not in known:
        known[upload.id, options] = preview_upload(upload, options)
    return known[upload.id, options]


def draw_file(upload: Upload, *, first: bool, zone: str = "") -> tuple[Upload, ReadOptions]:
    """One file's card: what was found, what may be changed, its first records."""
    with st.container(border=True, gap="small"):
        head = st.container(horizontal=True, vertical_alignment="center")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            chosen = st.selectbox(
                "Format",
                list(LogFormat),
                format_func=lambda one: one.label,
                key=f"format-{upload.id}",
                width=230,
            )
            options = ReadOptions(format=chosen or LogFormat.AUTO, zone=zone)
            preview = _preview(upload, options)
            options = _draw_columns(upload, options, preview)
        preview = _preview(upload, options)
        with head:
            _draw_facts(upload, preview)
        for batch_id in earlier_batches(upload)[-1:]:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.info("The same content was processed before.", icon=":material/content_copy:")
                places.link("process_logs", "See that batch", batch=batch_id)
        if preview.error:
            show_problem(
                f"{upload.name} cannot be read as a log.",
                f"{preview.error} It will be listed with this reason; the other files are processed.",
            )
        for warning in preview.warnings:
            st.warning(quoted.markdown(warning), icon=":material/warning:")
        _draw_first_records(upload, preview, most=6 if first else 4)
    return upload, options


def _draw_facts(upload: Upload, preview: FilePreview) -> None:
    st.markdown(f"**{quoted.markdown(upload.name)}**", width="content")
    st.badge(size_of(upload.size), color="gray")
    if not preview.error:
        st.badge(preview.format.label, icon=":material/description:", color="blue")
        st.badge(preview.encoding or "unknown encoding", color="gray")
        if preview.compression:
            st.badge(preview.compression, icon=":material/folder_zip:", color="gray")


def _draw_columns(upload: Upload, options: ReadOptions, preview: FilePreview) -> ReadOptions:
    """Which column of a table is what; for other formats, what to call the source."""
    if preview.error and not preview.columns:
        return options
    if not preview.format.has_columns:
        source = st.text_input(
            "Source, where lines name none",
            key=f"source-{upload.id}",
            placeholder="taken from the file's name",
            width=230,
        )
        return replace(options, default_source=source.strip())
    columns = list(preview.columns)
    chosen: dict[str, str] = {}
    for name, label, found in (
        ("source_column", "Source column", preview.source_column),
        ("message_column", "Message column", preview.message_column),
        ("time_column", "Time column", preview.time_column),
    ):
        picked = st.selectbox(
            label,
            columns,
            index=columns.index(found) if found in columns else None,
            format_func=quoted.cell,
            placeholder="none",
            key=f"{name}-{upload.id}",
            width=180,
        )
        # what was found stays "found", so that the same preview serves
        chosen[name] = "" if picked in (None, found) else str(picked)
    return replace(
        options,
        source_column=chosen["source_column"],
        message_column=chosen["message_column"],
        time_column=chosen["time_column"],
    )


def _draw_first_records(upload: Upload, preview: FilePreview, *, most: int) -> None:
    if not preview.rows:
        return
    rows: Sequence[dict[str, str]] = [
        {name: quoted.cell(str(text)) for name, text in row.items() if text is not None}
        for row in preview.rows
    ]
    names = list(dict.fromkeys(name for row in rows for name in row))
    tables.show_rows(
        rows,
        {name: tables.whole_column(quoted.cell(name, 40)) for name in names},
        alt="The file's first records as they will be read",
        key=f"first-{upload.id}",
        most=most,
    )
    st.caption(f"The first {len(rows)} records, as they will be read.")


def size_of(size: int) -> str:
    """`812 B`, `3.4 MB`."""
    for unit, step in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= step:
            return f"{size / step:,.1f} {unit}"
    return f"{size:,} B"
