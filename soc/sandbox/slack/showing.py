"""The console's cards and forms of the practice Slack, as HTML."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

from soc.sandbox.slack import catalogue as slack
from soc.sandbox.slack.memory import SlackMessage, View
from soc.sandbox.slack.show import blocks


def message_card(message: SlackMessage, replies: Iterable[SlackMessage], me: slack.Member) -> str:
    """A message with its thread; its buttons are pressed by `me`."""
    thread = "".join(f"<blockquote>{_one(reply, me)}</blockquote>" for reply in replies)
    answer = (
        f"<form method='post' action='/slack/reply'>{_hidden(message, me)}"
        "<input name='text' aria-label='Reply in thread' placeholder='Reply in thread'> <button>Reply</button></form>"
    )
    anchor = f"p{message.ts.replace('.', '')}"
    return f"<div class='card' id='{anchor}'>{_one(message, me)}{thread}{'' if message.only_for else answer}</div>"


def _one(message: SlackMessage, me: slack.Member) -> str:
    edited = " · edited" if message.edited else ""
    private = " · only you can see this" if message.only_for else ""
    author = slack.MEMBERS.get(message.user, slack.BOT)

    def press(element: dict[str, Any]) -> str:
        style = " class='danger'" if element.get("style") == "danger" else ""
        label, action = escape(str(element["text"]["text"])), escape(str(element.get("action_id", "")))
        return (
            f"<form class='inline' method='post' action='/slack/press'>{_hidden(message, me)}"
            f"<input type='hidden' name='action' value='{action}'><button{style}>{label}</button></form>"
        )

    attached = "".join(
        f"<blockquote>{blocks(a.get('blocks') or [], str(a.get('text') or a.get('fallback') or ''))}</blockquote>"
        for a in message.attachments
    )
    body = blocks(message.blocks, message.text, press) if message.blocks or message.text else ""
    head = f"{escape(author.real_name)} · ts {message.ts}{edited}{private}"
    return f"<div class='muted'>{head}</div>{body}{attached}"


def _hidden(message: SlackMessage, me: slack.Member) -> str:
    fields = {"channel": message.channel, "ts": message.ts, "who": me.id}
    return "".join(
        f"<input type='hidden' name='{name}' value='{escape(value)}'>" for name, value in fields.items()
    )


def who_field(here: str, me: slack.Member) -> str:
    """Who presses."""
    options = "".join(
        f"<option value='{one.id}'{' selected' if one is me else ''}>{escape(one.real_name)}</option>"
        for one in slack.PEOPLE
    )
    return (
        f"<form method='get' action='{here}'><label>You are <select name='who'>{options}</select></label>"
        "<button>Be this person</button></form>"
    )


def form_page(view: View) -> str:
    """A modal, as a page."""
    shown = [f"<h1>{escape(str(view.view['title']['text']))}</h1>"]
    shown += [f"<p class='tag danger'>{escape(text)}</p>" for block, text in view.errors.items() if not block]
    shown += [_field(block, view.errors) for block in view.view["blocks"]]
    submit = escape(str(view.view.get("submit", {}).get("text", "Submit")))
    return f"<form method='post' class='card'>{''.join(shown)}<button>{submit}</button></form>"


def _field(block: dict[str, Any], errors: dict[str, str]) -> str:
    if block.get("type") != "input":
        return blocks([block], "")
    name, element = escape(str(block.get("block_id"))), block["element"]
    label = escape(str(block["label"]["text"])) + (" (optional)" if block.get("optional") else "")
    if element["type"] == "static_select":
        options = "".join(
            f"<option value='{escape(str(one['value']))}'>{escape(str(one['text']['text']))}</option>"
            for one in element["options"]
        )
        field = f"<select name='{name}'><option value=''>Choose one</option>{options}</select>"
    elif element.get("multiline"):
        field = (
            f"<textarea name='{name}' rows='5' maxlength='{int(element.get('max_length', 3000))}'></textarea>"
        )
    else:
        field = f"<input name='{name}'>"
    wrong = f" <span class='tag danger'>{escape(errors[name])}</span>" if name in errors else ""
    hint = f"<br><span class='muted'>{escape(str(block['hint']['text']))}</span>" if block.get("hint") else ""
    return f"<p><label>{label}<br>{field}</label>{wrong}{hint}</p>"
