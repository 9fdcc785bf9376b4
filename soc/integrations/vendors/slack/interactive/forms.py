"""The forms (Slack's modals) for a note and for closing, within Slack's limits."""

from __future__ import annotations

import json
from typing import Any

from soc.domain.acts import VERDICT_TITLES, Wish
from soc.integrations.kit.fields import cut, one_line
from soc.integrations.kit.inbound.interactive import Form
from soc.integrations.vendors.slack.blocks import escape, section
from soc.integrations.vendors.slack.interactive.payloads import LONGEST_NOTE, PREFIX

LONGEST_TITLE = 24


def view_of(form: Form, *, practice: bool) -> dict[str, Any]:
    """The modal. Where it was asked for goes along in `private_metadata`, so that what is sent says so."""
    closing = form.wish is Wish.ASK_CLOSE
    about = {"incident": form.incident_id, **form.place}
    blocks = [section(f"*{escape(one_line(form.title) or form.incident_id, 500)}*")]
    if closing:
        blocks += [
            _verdict(),
            _line(
                "duplicate_of",
                "Duplicate of",
                "Only for a duplicate: the other one's ticket, or its incident's id.",
            ),
        ]
    blocks.append(_note(optional=closing))
    return {
        "type": "modal",
        "callback_id": f"{PREFIX}{Wish.CLOSE if closing else Wish.ADD_NOTE}",
        "title": _plain(
            ("Practice: " if practice else "") + ("Close" if closing else "Add note"), LONGEST_TITLE
        ),
        "submit": _plain("Close incident" if closing else "Add", LONGEST_TITLE),
        "close": _plain("Cancel", LONGEST_TITLE),
        "private_metadata": json.dumps(about, ensure_ascii=False)[:3000],
        "blocks": blocks,
    }


def _plain(text: str, most: int) -> dict[str, str]:
    return {"type": "plain_text", "text": cut(text, most)}


def _verdict() -> dict[str, Any]:
    options = [
        {"text": _plain(title, 75), "value": verdict.value} for verdict, title in VERDICT_TITLES.items()
    ]
    element = {
        "type": "static_select",
        "action_id": "chosen",
        "placeholder": _plain("What was it?", 150),
        "options": options,
    }
    return {"type": "input", "block_id": "verdict", "label": _plain("Verdict", 2000), "element": element}


def _line(block: str, label: str, hint: str) -> dict[str, Any]:
    element = {"type": "plain_text_input", "action_id": "typed", "max_length": 60}
    return {
        "type": "input", "block_id": block, "optional": True, "label": _plain(label, 2000),
        "hint": _plain(hint, 2000), "element": element,
    }  # fmt: skip


def _note(*, optional: bool) -> dict[str, Any]:
    element = {
        "type": "plain_text_input",
        "action_id": "typed",
        "multiline": True,
        "max_length": LONGEST_NOTE,
    }
    return {
        "type": "input", "block_id": "note", "optional": optional, "label": _plain("Note", 2000), "element": element,
    }  # fmt: skip
