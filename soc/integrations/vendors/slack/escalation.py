"""Escalations as Slack messages: whoever is told is mentioned, log text can mention nobody."""

from __future__ import annotations

import re
from typing import Any

from soc.domain.message import EscalatedTicket, Escalation
from soc.integrations.kit.fields import one_line
from soc.integrations.vendors.slack.blocks import (
    LONGEST_TEXT,
    PRACTICE,
    buttons,
    context,
    escape,
    header,
    section,
)

#: What Slack calls a person; anything else would be markup of somebody else's making.
_PERSON = re.compile(r"[UW][A-Z0-9]{2,30}")


def mention(address: str, name: str) -> str:
    """`<@U024BE7LH>`; the name where the address is none of Slack's."""
    return f"<@{address}>" if _PERSON.fullmatch(address) else escape(one_line(name), 200)


def escalation_text(message: Escalation, *, practice: bool) -> str:
    """What notifications and screen readers get."""
    to = f"{mention(message.address, message.recipient)} " if message.recipient else ""
    said = "; ".join(f"{one.key} {one.step}: {one.why}" for one in message.tickets)
    return to + escape(
        one_line(f"{PRACTICE if practice else ''}{message.headline}. {said}"), LONGEST_TEXT - 400
    )


def escalation_blocks(message: Escalation, *, practice: bool) -> list[dict[str, Any]]:
    """The notice: who is told, a line a ticket, the rest in one line, what became moot, who was not reached."""
    blocks = [header((PRACTICE if practice else "") + message.headline)]
    if message.recipient:
        blocks.append(section(mention(message.address, message.recipient)))
    blocks += [section(_line(one)) for one in message.tickets]
    if message.fold:
        blocks.append(section(escape(one_line(message.fold), 2900)))
    if message.skipped:
        blocks.append(context("Not told any more: " + "; ".join(message.skipped)))
    if message.note:
        blocks.append(context(message.note))
    only = message.tickets[0] if len(message.tickets) == 1 and not message.folded else None
    blocks += buttons(
        ("View Ticket", only.url if only else "", "view_ticket"), ("Open", message.url, "open_incident")
    )
    return blocks


def _line(one: EscalatedTicket) -> str:
    key = escape(one.key, 100)
    linked = f"<{escape(one.url, 2000).replace('|', '%7C')}|{key}>" if one.url else key
    title = escape(one_line(one.title), 300)
    return f"*{linked}* ({escape(one.priority, 40)}) {title}\n*{escape(one.step, 200)}*: {escape(one_line(one.why), 600)}"
