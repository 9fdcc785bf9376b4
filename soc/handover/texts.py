"""A hand-over as a file for people (HTML, PDF) and as a post for a channel. Pure; every text is escaped where it lands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from html import escape

from soc import clock
from soc.domain.audit import Head
from soc.handover.document import HandoverDocument, Line, Open
from soc.handover.pdf import write_pdf
from soc.links import incident_url

_STYLE = (
    "body{font:14px system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1A2230}"
    "table{border-collapse:collapse;width:100%}td,th{border:1px solid #D5DBE4;padding:4px 8px;text-align:left;"
    "vertical-align:top}code{display:block;font-size:11px;overflow-wrap:anywhere;color:#4A5568}.when{white-space:nowrap}.missing{background:#FFF1F1}.lack{color:#A60D26;font-weight:600}h2{margin-top:1.6rem}"
)
#: Lines of each section in a post.
_POSTED = 5


def _when(moment: datetime | None, zone: tzinfo) -> str:
    return "–" if moment is None else moment.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def _head(document: HandoverDocument, zone: tzinfo) -> str:
    return (
        f"Shift from {_when(document.since, zone)} to {_when(document.at, zone)} ({zone}). {document.total:,} open, "
        f"{document.lacking:,} of them miss something."
    )


def as_html(document: HandoverDocument, *, zone: tzinfo) -> bytes:
    """One file without anything from elsewhere, no script."""
    rows = "".join(_row(one, zone) for one in document.open)
    more = document.total - len(document.open)
    parts = [
        "<!doctype html><html lang='en'><head><meta charset='utf-8'><title>Shift hand-over</title>",
        f"<style>{_STYLE}</style></head><body><h1>Shift hand-over</h1><p>{escape(_head(document, zone))}</p>",
        f"<p style='white-space:pre-wrap'>{escape(document.remark)}</p>" if document.remark else "",
        "<h2>Open incidents</h2><table><thead><tr><th>Incident</th><th>Owner</th><th>Hypothesis</th><th>Next step</th><th>By "
        f"when</th><th>Blocker</th><th>Due</th></tr></thead><tbody>{rows}</tbody></table>",
        f"<p>{more:,} more are open.</p>" if more else "",
    ]
    for section in document.sections:
        if section.total:
            parts.append(f"<h2>{escape(section.title)} ({section.total:,})</h2><ul>")
            parts += [*(_item(line) for line in section.lines), "</ul>"]
        if section.total > len(section.lines):
            parts.append(f"<p>{section.total - len(section.lines):,} more.</p>")
    parts.append(f"<p>{escape(_nothing_of(document))}</p>")
    return ("".join(parts) + "</body></html>").encode("utf-8", "replace")


def _nothing_of(document: HandoverDocument) -> str:
    """What has nothing in it, in one line; "" where everything has."""
    empty = [section.title for section in document.sections if not section.total]
    return f"Nothing of: {', '.join(one[0].lower() + one[1:] for one in empty)}." if empty else ""


def _item(line: Line) -> str:
    words, kept = _said(line)
    code = f"<code>{escape(kept)}</code>" if kept else ""
    return f"<li><b>{escape(line.title)}</b> – {escape(words)}{code}</li>"


def _said(line: Line) -> tuple[str, str]:
    """Words for people, and what is to be kept to the letter ("": nothing): a head of the audit is a line of JSON."""
    try:
        head = Head.read(line.words)
    except ValueError:
        return line.words, ""
    at = clock.parse(head.at).strftime("%Y-%m-%d %H:%M:%S")
    return (
        f"hash {head.hash[:16]}…, of {at} UTC, signed with the key {head.key}. `soc audit verify --heads FILE` wants this line:",
        line.words,
    )


def _row(one: Open, zone: tzinfo) -> str:
    name = escape(f"{one.key} {one.title}")
    link = incident_url(one.incident_id)
    cells = [
        f"<a href='{escape(link, quote=True)}'>{name}</a>" if link else name,
        escape(one.owner_name), escape(one.outlook.hypothesis), escape(one.outlook.next_step),
        _day_and_time(one.outlook.by_when, zone), escape(one.outlook.blocker), _day_and_time(one.due_at, zone),
    ]  # fmt: skip
    lack = f"<br><span class='lack'>Missing: {escape(', '.join(one.missing))}</span>" if one.missing else ""
    where = "" if one.entity in one.title else f", {one.entity}"
    cells[0] += f"<br>{escape(one.severity + where)}{lack}"
    kind = " class='missing'" if one.missing else ""
    return f"<tr{kind}>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _day_and_time(moment: datetime | None, zone: tzinfo) -> str:
    """For a narrow cell: the day on one line, the time below it."""
    return f"<span class='when'>{_when(moment, zone).replace(' ', '<br>')}</span>" if moment else ""


def as_pdf(document: HandoverDocument, *, zone: tzinfo) -> bytes:
    """A4, as many pages as it takes."""
    return write_pdf(_lines(document, zone), foot=f"Shift hand-over of {_when(document.at, zone)} ({zone})")


def _lines(document: HandoverDocument, zone: tzinfo) -> Iterator[tuple[str, str]]:
    """(style, text): `title`, `head`, `bold`, `bad`, `text` or `item`."""
    yield "title", "Shift hand-over"
    yield "text", _head(document, zone)
    if document.remark:
        yield "text", document.remark
    yield "head", f"Open incidents ({document.total:,})"
    for one in document.open:
        yield "bold", f"{one.key} {one.title} ({one.severity}, due {_when(one.due_at, zone)})"
        if one.missing:
            yield "bad", f"Missing: {', '.join(one.missing)}"
        for name, text in (
            ("Owner", one.owner_name), ("Hypothesis", one.outlook.hypothesis), ("Next step", one.outlook.next_step),
            ("By when", _when(one.outlook.by_when, zone) if one.outlook.by_when else ""), ("Blocker", one.outlook.blocker),
        ):  # fmt: skip
            if text:
                yield "text", f"{name}: {text}"
    if document.total > len(document.open):
        yield "text", f"{document.total - len(document.open):,} more are open."
    for section in document.sections:
        if section.total:
            yield "head", f"{section.title} ({section.total:,})"
        for line in section.lines:
            words, kept = _said(line)
            yield "item", f"{line.title} – {words}"
            if kept:
                yield "text", kept
        if section.total > len(section.lines):
            yield "text", f"{section.total - len(section.lines):,} more."
    if nothing := _nothing_of(document):
        yield "text", ""
        yield "text", nothing


def post_of(document: HandoverDocument) -> str:
    """What a channel is told: what is missing first, then the number of everything and the first of each. Times are UTC."""
    lines = [
        f"Shift hand-over, {document.at:%Y-%m-%d %H:%M} UTC: {document.total:,} open, {document.lacking:,} miss something."
    ]
    if document.remark:
        lines.append(document.remark)
    lines += [
        f"• {one.key} {one.title}: missing {', '.join(one.missing)}" for one in _lacking(document)[:_POSTED]
    ]
    for section in document.sections:
        if section.total:
            lines.append(f"{section.title}: {section.total:,}")
            lines += [
                "\n".join(filter(None, (f"• {line.title}: {words}", kept)))
                for line in section.lines[:_POSTED]
                for words, kept in [_said(line)]
            ]
    return "\n".join(lines)


def _lacking(document: HandoverDocument) -> Sequence[Open]:
    return [one for one in document.open if one.missing]
