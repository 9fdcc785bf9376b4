"""What Slack is told by each message: text for notifications, blocks for the channel. Pure."""

from __future__ import annotations

from typing import Any, NamedTuple

from soc.domain.message import (
    CallAction,
    Escalation,
    Message,
    SendAlert,
    SendSummary,
    TellHandover,
    TellPerson,
    TellThread,
    TellTrouble,
    UpdateAlert,
)
from soc.integrations.kit.bodies import read_call, unknown_message
from soc.integrations.vendors.slack.blocks import (
    LONGEST_SECTION,
    LONGEST_TEXT,
    PRACTICE,
    alert_blocks,
    alert_text,
    escape,
    no_buttons,
    section,
    summary_blocks,
    summary_text,
)
from soc.integrations.vendors.slack.bodies import SendSlackAlert, requested_blocks, requested_text
from soc.integrations.vendors.slack.config import SlackConfig
from soc.integrations.vendors.slack.escalation import escalation_blocks, escalation_text
from soc.integrations.vendors.slack.interactive.buttons import buttons_of


class Said(NamedTuple):
    """`about` is the id of what it is about, for the message's metadata."""

    about: str
    text: str
    blocks: list[dict[str, Any]]


def say(message: Message, config: SlackConfig) -> Said:
    """Raises PermanentDeliveryError for a message that Slack is not told."""
    practice = config.practice
    pressed = buttons_of if config.answers_back else no_buttons
    match message:
        case UpdateAlert():
            text = alert_text(message.incident, practice=practice, ticket=message.ticket)
            blocks = alert_blocks(
                message.incident, practice=practice, ticket=message.ticket, url=message.url,
                standing=message.standing, pressed=pressed,
            )  # fmt: skip
            return Said(message.incident.id, text, blocks)
        case SendAlert():
            text = alert_text(message.incident, practice=practice)
            blocks = alert_blocks(message.incident, practice=practice, url=message.url, pressed=pressed)
            return Said(message.incident.id, text, blocks)
        case SendSummary():
            return Said(
                message.batch_id,
                summary_text(message, practice=practice),
                summary_blocks(message, practice=practice),
            )
        case TellThread() | TellPerson():
            said = (PRACTICE if practice else "") + message.text
            about = message.incident.id if isinstance(message, TellThread) else message.interaction_id
            return Said(about, escape(said, LONGEST_TEXT), [section(escape(said, LONGEST_SECTION))])
        case TellHandover():
            said = (PRACTICE if practice else "") + message.text + (f"\n{message.url}" if message.url else "")
            parts = _sections(said)
            return Said(message.handover_id, escape(said, LONGEST_TEXT), [section(part) for part in parts])
        case TellTrouble():
            mark = "✅ " if message.over else "⚠️ "
            said = (PRACTICE if practice else "") + mark + message.said
            parts = _sections(said + (f"\n{message.url}" if message.url else ""))
            return Said(message.subject, escape(said, LONGEST_TEXT), [section(part) for part in parts])
        case Escalation():
            text, blocks = (
                escalation_text(message, practice=practice),
                escalation_blocks(message, practice=practice),
            )
            return Said(message.subject, text, blocks)
        case CallAction(name="send-alert"):
            asked = read_call(SendSlackAlert, message)
            blocks = requested_blocks(asked, practice=practice, url=message.url)
            return Said(asked.incident_id, requested_text(asked, practice=practice), blocks)
    raise unknown_message("Slack", message.name if isinstance(message, CallAction) else message.action)


#: Slack takes 50 blocks; a hand-over needs fewer.
_MOST_SECTIONS = 40


def _sections(text: str) -> list[str]:
    """The lines in as few sections as hold them."""
    parts: list[str] = []
    for line in text.split("\n"):
        told = escape(line, LONGEST_SECTION)
        if parts and len(parts[-1]) + len(told) < LONGEST_SECTION:
            parts[-1] += f"\n{told}"
        elif len(parts) < _MOST_SECTIONS:
            parts.append(told or " ")
    return parts
