"""What Slack sends, read: a pressed button, a sent form, a reply in a thread. The same by HTTP and by Socket Mode."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from soc.domain.acts import Heard, Wish
from soc.integrations.kit.answers.json_text import read_json
from soc.integrations.kit.inbound.hooks import Incoming, Unreadable

Json = Mapping[str, Any]

#: A button's `action_id` begins with this; links and other apps' buttons do not.
PREFIX = "soc."
BUTTONS: Mapping[str, Wish] = {
    f"{PREFIX}{wish.value}": wish
    for wish in (Wish.CREATE_TICKET, Wish.ACKNOWLEDGE, Wish.ASSIGN, Wish.ASK_NOTE, Wish.ASK_CLOSE)
}
FORMS: Mapping[str, Wish] = {f"{PREFIX}{wish.value}": wish for wish in (Wish.ADD_NOTE, Wish.CLOSE)}
#: What has to be filled in each form, by its block; the words are Slack's own for an empty one.
NEEDED: Mapping[Wish, tuple[str, ...]] = {Wish.ADD_NOTE: ("note",), Wish.CLOSE: ("verdict",)}
LONGEST_NOTE = 3000
_INCIDENT = re.compile(r"[a-z0-9-]{1,60}")
_LONGEST = 500


def read_body(content_type: str, body: bytes) -> Json:
    """The payload of a call's body: JSON, or a form with JSON in its `payload`. Raises Unreadable."""
    try:
        if content_type.partition(";")[0].strip().lower() == "application/json":
            value = read_json(body)
        else:
            fields = parse_qs(body.decode("utf-8"), max_num_fields=100)
            value = read_json(fields.get("payload", [""])[-1])
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise Unreadable("This is nothing that Slack sends.")
    return value


def read_payload(payload: Json, *, thread_notes: bool) -> Incoming:
    """What it brings, and what Slack is answered. What is none of ours brings nothing, and is taken all the same."""
    match payload.get("type"):
        case "url_verification":
            return Incoming({"challenge": _text(payload, "challenge")})
        case "block_actions":
            return Incoming(heard=tuple(_pressed(payload)))
        case "view_submission":
            return _sent(payload)
        case "event_callback" if thread_notes:
            return Incoming(heard=tuple(_written(payload)))
    return Incoming()


def _pressed(payload: Json) -> list[Heard]:
    container, trigger = _object(payload, "container"), _text(payload, "trigger_id")
    place = {
        "channel": _text(container, "channel_id") or _text(_object(payload, "channel"), "id"),
        "ts": _text(container, "message_ts"),
        "thread": _text(_object(payload, "message"), "thread_ts"),
    }
    found = []
    actions = payload.get("actions")
    for action in actions if isinstance(actions, list) else []:
        if not isinstance(action, dict) or (wish := BUTTONS.get(_text(action, "action_id"))) is None:
            continue
        incident_id, _, owner = _text(action, "value").partition(" ")
        pressed_at = _text(action, "action_ts")
        found.append(
            Heard(
                key=_key(trigger, wish) if trigger else f"pressed:{place['ts']}:{pressed_at}:{_who(payload)}",
                wish=wish,
                who=_who(payload),
                incident_id=_incident(incident_id),
                said={"owner": owner},
                place=place,
                opens=trigger,
            )
        )
    return found


def _key(trigger: str, wish: Wish) -> str:
    """A press has one trigger; it also opens forms, so it is not kept as it is."""
    return f"trigger:{hashlib.sha256(trigger.encode()).hexdigest()[:32]}:{wish}"


def _sent(payload: Json) -> Incoming:
    view = _object(payload, "view")
    wish = FORMS.get(_text(view, "callback_id"))
    if wish is None:
        return Incoming()
    said = _values(view)
    missing = [name for name in NEEDED[wish] if not said.get(name, "").strip()]
    if missing:
        return Incoming(_wrong(dict.fromkeys(missing, "Fill this in.")))
    try:
        about = read_json(_text(view, "private_metadata") or "{}")
    except (ValueError, RecursionError):
        about = {}
    about = about if isinstance(about, dict) else {}
    place = {name: _text(about, name) for name in ("channel", "ts", "thread")}
    heard = Heard(
        # a form is sent once; it keeps its id when it is sent twice
        key=f"view:{_text(view, 'id')}",
        wish=wish,
        who=_who(payload),
        incident_id=_incident(_text(about, "incident")),
        said={name: text[:LONGEST_NOTE] for name, text in said.items()},
        place=place,
    )
    return Incoming(heard=(heard,), refusal=_wrong)


def _wrong(fields: Mapping[str, str]) -> Json:
    """The form stays open, with this below its fields."""
    return {"response_action": "errors", "errors": dict(fields)}


def _values(view: Json) -> dict[str, str]:
    """By block: what was typed or chosen."""
    found: dict[str, str] = {}
    for block, elements in _object(_object(view, "state"), "values").items():
        for element in elements.values() if isinstance(elements, dict) else ():
            if isinstance(element, dict):
                chosen = _object(element, "selected_option")
                found[str(block)] = str(element.get("value") or chosen.get("value") or "")
    return found


def _written(payload: Json) -> list[Heard]:
    """A person's reply in a thread; not the thread's beginning, not what an app says, not an edit."""
    event = _object(payload, "event")
    thread, ts = _text(event, "thread_ts"), _text(event, "ts")
    spoken = event.get("type") == "message" and event.get("subtype") in (
        None,
        "file_share",
        "thread_broadcast",
    )
    if not spoken or event.get("bot_id") or not thread or thread == ts or not _text(event, "user"):
        return []
    text = str(event.get("text") or "")[:LONGEST_NOTE]
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(entity, character)
    if not text.strip():
        return []
    place = {"channel": _text(event, "channel"), "ts": thread, "thread": thread}
    who, key = _text(event, "user"), _text(payload, "event_id") or f"{place['channel']}:{ts}"
    return [
        Heard(
            key=f"event:{key}",
            wish=Wish.THREAD_NOTE,
            who=who,
            incident_id="",
            said={"note": text},
            place=place,
        )
    ]


def _object(value: Json, name: str) -> Json:
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def _text(value: Json, name: str) -> str:
    found = value.get(name)
    return found[:_LONGEST] if isinstance(found, str) else ""


def _who(payload: Json) -> str:
    return _text(_object(payload, "user"), "id")


def _incident(text: str) -> str:
    return text if _INCIDENT.fullmatch(text) else ""
