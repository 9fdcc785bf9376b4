"""Block Kit's limits, as Slack checks them: each finding says what and, by JSON pointer, where."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

MOST_BLOCKS = 50
KINDS = frozenset(
    [
        "actions",
        "context",
        "divider",
        "file",
        "header",
        "image",
        "input",
        "markdown",
        "rich_text",
        "section",
        "video",
        "table",
        "alert",
        "card",
    ]
)
ELEMENTS = frozenset(
    [
        "button",
        "checkboxes",
        "datepicker",
        "datetimepicker",
        "image",
        "overflow",
        "radio_buttons",
        "static_select",
        "multi_static_select",
        "users_select",
        "multi_users_select",
        "conversations_select",
        "channels_select",
        "plain_text_input",
        "workflow_button",
        "timepicker",
        "external_select",
        "multi_external_select",
    ]
)


def check_blocks(blocks: Any) -> list[str]:
    """What Slack would say is wrong; empty when the blocks are good."""
    if not isinstance(blocks, list):
        return ["must be an array [json-pointer:/blocks]"]
    if len(blocks) > MOST_BLOCKS:
        return [f"no more than {MOST_BLOCKS} items allowed [json-pointer:/blocks]"]
    found = [finding for i, block in enumerate(blocks) for finding in _block(block, f"/blocks/{i}")]
    named = [block.get("block_id") for block in blocks if isinstance(block, dict) and block.get("block_id")]
    if len(named) != len(set(named)):
        found.append("`block_id` already exists [json-pointer:/blocks]")
    return found


def _block(block: Any, at: str) -> Iterator[str]:
    if not isinstance(block, dict):
        yield _say("must be an object", at)
        return
    kind = block.get("type")
    if kind not in KINDS:
        yield _say(f"unsupported type: {kind}", f"{at}/type")
        return
    yield from _string(block, "block_id", 255, at, required=False)
    if kind == "header":
        yield from _text(block, "text", 150, at, kinds=("plain_text",))
    elif kind == "section":
        yield from _section(block, at)
    elif kind == "context":
        yield from _elements(block, 10, at, _context_element)
    elif kind == "actions":
        yield from _elements(block, 25, at, _element)
    elif kind == "image":
        yield from _string(block, "alt_text", 2000, at)
        if not block.get("image_url") and not block.get("slack_file"):
            yield _say("missing required field: image_url", at)
    elif kind == "input":
        yield from _text(block, "label", 2000, at, kinds=("plain_text",))
        yield from _element(block.get("element"), f"{at}/element")
    elif kind == "markdown":
        yield from _string(block, "text", 12000, at)


def check_view(view: Any) -> list[str]:
    """What Slack would say is wrong with a modal; empty when it is good. Fields of a form need a modal."""
    if not isinstance(view, dict) or view.get("type") != "modal":
        return [_say("unsupported type", "/view/type")]
    found = list(_text(view, "title", 24, "/view", kinds=("plain_text",)))
    for name in ("submit", "close"):
        if name in view:
            found += _text(view, name, 24, "/view", kinds=("plain_text",))
    for name, most in (("private_metadata", 3000), ("callback_id", 255), ("external_id", 255)):
        found += _string(view, name, most, "/view", required=False)
    blocks = view.get("blocks")
    if isinstance(blocks, list) and len(blocks) > 100:
        return [_say("no more than 100 items allowed", "/view/blocks")]
    found += check_blocks(blocks)
    inputs = any(isinstance(one, dict) and one.get("type") == "input" for one in blocks or ())
    return (
        found if not inputs or "submit" in view else [*found, _say("missing required field: submit", "/view")]
    )


def _section(block: dict[str, Any], at: str) -> Iterator[str]:
    fields = block.get("fields")
    if "text" not in block and not fields:
        yield _say("missing required field: text or fields", at)
    if "text" in block:
        yield from _text(block, "text", 3000, at)
    if fields is not None:
        if not isinstance(fields, list):
            yield _say("must be an array", f"{at}/fields")
            return
        if len(fields) > 10:
            yield _say("no more than 10 items allowed", f"{at}/fields")
        for i, field in enumerate(fields):
            yield from _text({"text": field}, "text", 2000, f"{at}/fields/{i}")
    if "accessory" in block:
        yield from _element(block["accessory"], f"{at}/accessory")


def _elements(block: dict[str, Any], most: int, at: str, check: Any) -> Iterator[str]:
    elements = block.get("elements")
    if not isinstance(elements, list) or not elements:
        yield _say("must provide at least one element", f"{at}/elements")
        return
    if len(elements) > most:
        yield _say(f"no more than {most} items allowed", f"{at}/elements")
    for i, element in enumerate(elements):
        yield from check(element, f"{at}/elements/{i}")


def _context_element(element: Any, at: str) -> Iterator[str]:
    if isinstance(element, dict) and element.get("type") == "image":
        yield from _string(element, "alt_text", 2000, at)
    else:
        yield from _text({"text": element}, "text", 3000, at)


def _element(element: Any, at: str) -> Iterator[str]:
    if not isinstance(element, dict):
        yield _say("must be an object", at)
        return
    if element.get("type") not in ELEMENTS:
        yield _say(f"unsupported type: {element.get('type')}", f"{at}/type")
        return
    yield from _string(element, "action_id", 255, at, required=False)
    if element["type"] != "button":
        return
    yield from _text(element, "text", 75, at, kinds=("plain_text",))
    yield from _string(element, "value", 2000, at, required=False)
    yield from _string(element, "url", 3000, at, required=False)
    if element.get("style", "primary") not in ("primary", "danger"):
        yield _say("must be one of: primary, danger", f"{at}/style")


def _text(
    holder: dict[str, Any], name: str, most: int, at: str, *, kinds: tuple[str, ...] = ()
) -> Iterator[str]:
    """A text object: a known type and 1 to `most` characters."""
    value = holder.get(name)
    if not isinstance(value, dict):
        yield _say(f"missing required field: {name}", at)
        return
    if value.get("type") not in (kinds or ("mrkdwn", "plain_text")):
        yield _say(f"unsupported type: {value.get('type')}", f"{at}/{name}/type")
        return
    yield from _string(value, "text", most, f"{at}/{name}")


def _string(holder: dict[str, Any], name: str, most: int, at: str, *, required: bool = True) -> Iterator[str]:
    value = holder.get(name)
    if value is None and not required:
        return
    if not isinstance(value, str):
        yield _say(f"missing required field: {name}" if value is None else "must be a string", f"{at}/{name}")
    elif not value and required:
        yield _say("must be more than 0 characters", f"{at}/{name}")
    elif len(value) > most:
        yield _say(f"must be less than {most + 1} characters", f"{at}/{name}")


def _say(what: str, at: str) -> str:
    return f"{what} [json-pointer:{at}]"
