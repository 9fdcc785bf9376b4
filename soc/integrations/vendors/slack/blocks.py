"""Alerts and summaries as Slack messages: pure, within Slack's limits, with log text that can mention nobody."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from soc.clock import isoformat
from soc.domain.incident import Incident, telling
from soc.domain.message import SendSummary, Standing, TicketLink
from soc.domain.severity import Severity
from soc.integrations.kit.fields import clean_text, cut, length, one_line

LONGEST_HEADER = 150
LONGEST_SECTION = 3000
LONGEST_FIELD = 2000
LONGEST_TEXT = 4000
LONGEST_CONTEXT = 2000
LONGEST_URL = 3000
PRACTICE = "PRACTICE · "
#: Shapes, so that the level is seen without telling colours apart.
ICONS: Mapping[Severity, str] = {
    Severity.CRITICAL: ":octagonal_sign:",
    Severity.HIGH: ":warning:",
    Severity.MEDIUM: ":large_orange_diamond:",
    Severity.LOW: ":small_blue_diamond:",
    Severity.INFO: ":information_source:",
}


#: Nobody has done anything about it.
UNTOUCHED = Standing()
#: The rows of buttons of an incident (its id, how it stands, whether it has a ticket).
Pressed = Callable[[str, Standing, bool], list[dict[str, Any]]]


def no_buttons(_incident_id: str, _standing: Standing, _has_ticket: bool) -> list[dict[str, Any]]:
    return []


def escape(text: str, limit: int) -> str:
    """`& < >` as Slack wants them, so that `<!channel>` is text; at most `limit` characters, no entity cut in two."""
    room = limit
    parts: list[str] = []
    clean = clean_text(text).replace("```", "ʼʼʼ")  # a log line begins and ends no code block
    for number, character in enumerate(clean):
        part = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}.get(character, character)
        size = length(part)
        last = number == len(clean) - 1
        if size > room - (0 if last else 1):
            return "".join(parts) + "…"
        parts.append(part)
        room -= size
    return "".join(parts)


def code_block(text: str, limit: int) -> str:
    """Text in a code block, "" where there is none."""
    quiet = clean_text(text).strip("\n")
    return f"```{escape(quiet, limit - 6)}```" if quiet.strip() else ""


def _markdown(text: str) -> dict[str, Any]:
    """Slack's markup, verbatim: addresses and names in log lines become no links."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": _markdown(text)}


def field(label: str, value: str) -> dict[str, Any]:
    return _markdown(f"*{label}*\n{escape(one_line(value) or '–', LONGEST_FIELD - 60)}")


def header(text: str) -> dict[str, Any]:
    # plain_text is not parsed, yet Slack counts and shows entities as they are: nothing is escaped here.
    return {"type": "header", "text": {"type": "plain_text", "text": cut(one_line(text), LONGEST_HEADER)}}


def context(text: str) -> dict[str, Any]:
    return {
        "type": "context",
        "elements": [_markdown(escape(one_line(text), LONGEST_CONTEXT))],
    }


def _s(number: int) -> str:
    return "" if number == 1 else "s"


def _seen(first: datetime | None, last: datetime | None) -> str:
    if first is None or last is None:
        return "no time in the log"
    return isoformat(first) if first == last else f"{isoformat(first)} to {isoformat(last)}"


def headline(incident: Incident, *, practice: bool) -> str:
    """`[CRITICAL] Security Alert - SecuritySystem (Severity 9)`, the ticket's own summary."""
    text = f"[{incident.severity.upper()}] {incident.classification} - {one_line(incident.source)} (Severity {incident.score})"
    return (PRACTICE if practice else "") + text


def alert_text(incident: Incident, *, practice: bool, ticket: TicketLink | None = None) -> str:
    """What notifications and screen readers get."""
    text = escape(headline(incident, practice=practice), 600)
    if ticket:
        text += f" · ticket {escape(ticket.key, 100)}"
    return text + "\n" + escape(one_line(incident.message), LONGEST_TEXT - 900)


def alert_blocks(
    incident: Incident,
    *,
    practice: bool,
    ticket: TicketLink | None = None,
    url: str = "",
    standing: Standing = UNTOUCHED,
    pressed: Pressed = no_buttons,
) -> list[dict[str, Any]]:
    """The alert; with `ticket`, also its key and a “View Ticket” button; with `url`, one to the incident's page.

    `standing` is how the incident stands; `pressed` gives the buttons that are pressed (none where nobody would hear it).
    """
    blocks = [
        header(headline(incident, practice=practice)),
        section(f"{ICONS[incident.severity]} *{escape(one_line(incident.title) or 'Incident', 500)}*"),
        {
            "type": "section",
            "fields": [
                field("Source", incident.source),
                field("Classification", incident.classification),
                field("Severity", f"{incident.score} of 10 ({incident.severity})"),
                field("Confidence", f"{incident.confidence:.0%}"),
                field("Count", f"{incident.count:,} line{_s(incident.count)}"),
                field("First and last seen", _seen(incident.first_seen, incident.last_seen)),
            ],
        },
    ]
    if message := code_block(incident.message, LONGEST_SECTION):
        blocks.append(section(message))
    if incident.reasons:
        lines = [
            f"• {r.told(escape(one_line(r.title), 150), f'“{escape(one_line(r.words), 150)}”')}"
            for r in telling(incident.reasons)[:6]
        ]
        blocks.append(section("*Why*\n" + "\n".join(lines)))
    if ticket:
        blocks.append(section(f"*Ticket:* <{_link(ticket.url)}|{escape(ticket.key, 100)}>"))
    said = (
        ("Status", standing.status),
        ("Owner", standing.owner),
        ("Acknowledged", standing.acknowledged),
        ("Verdict", standing.verdict),
    )
    if facts := [field(label, value) for label, value in said if value]:
        blocks.append({"type": "section", "fields": facts})
    blocks += pressed(incident.id, standing, ticket is not None)
    blocks += buttons(
        ("View Ticket", ticket.url[:LONGEST_URL] if ticket else "", "view_ticket"),
        ("Open Incident", url, "open_incident"),
    )
    place = f" · {incident.entity}" if incident.entity else ""
    blocks.append(
        context(f"Incident {incident.id} · rule {incident.rule_id} · batch {incident.batch_id}{place}")
    )
    return blocks


def buttons(*links: tuple[str, str, str]) -> list[dict[str, Any]]:
    """A row of (label, address, action id); those without an address, or with one that Slack refuses, are left out."""
    elements = [
        {"type": "button", "text": {"type": "plain_text", "text": label}, "url": url, "action_id": action_id}
        for label, url, action_id in links
        if url and len(url) <= LONGEST_URL
    ]
    return [{"type": "actions", "elements": elements}] if elements else []


def _link(url: str) -> str:
    return escape(url, 2000).replace("|", "%7C")


_LATE = (
    "of them were late before anybody here could know (breached at intake): counted apart, never escalated."
)


_WAIT = "more than are told at once: they await release on the batch's page. Their time to answer runs."


def summary_text(summary: SendSummary, *, practice: bool) -> str:
    """The batch summary in one line."""
    text = (
        f"{PRACTICE if practice else ''}Batch summary: {one_line(summary.name) or summary.batch_id}: "
        f"{summary.lines:,} line{_s(summary.lines)}, {summary.incidents:,} incident{_s(summary.incidents)}, {summary.eligible:,} to act upon"
        + (f", {summary.awaiting:,} await release" if summary.awaiting else "")
    )
    return escape(text, LONGEST_TEXT)


def summary_blocks(summary: SendSummary, *, practice: bool) -> list[dict[str, Any]]:
    """The batch summary: what came in, what was found, the most severe incidents."""
    counts = [f"{summary.by_severity[s]:,} {s}" for s in Severity if summary.by_severity.get(s)]
    blocks = [
        header(f"{PRACTICE if practice else ''}Batch summary: {one_line(summary.name) or summary.batch_id}"),
        {
            "type": "section",
            "fields": [
                field(
                    "Lines", f"{summary.lines:,} = {summary.parsed:,} parsed + {summary.rejected:,} rejected"
                ),
                field("Incidents", f"{summary.incidents:,}, of which {summary.eligible:,} to act upon"),
                field("By severity", ", ".join(counts) or "none"),
            ],
        },
    ]
    if summary.awaiting:
        blocks.append(section(f"{summary.awaiting:,} {_WAIT}"))
    if summary.intake:
        blocks.append(section(f"{summary.intake:,} {_LATE}"))
    if summary.top:
        lines = [f"• {escape(one_line(title), 250)}" for title in summary.top[:10]]
        blocks.append(section("*Most severe*\n" + "\n".join(lines)))
    blocks += buttons(("Open Batch", summary.url, "open_batch"))
    blocks.append(context(f"Batch {summary.batch_id}"))
    return blocks
