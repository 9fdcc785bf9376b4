"""What a span may say. Nothing else leaves: no line of a log, no message, no address's path, no name of a file, no secret."""

from __future__ import annotations

from collections.abc import Mapping

ATTRIBUTES: dict[str, str] = {
    "soc.batch": "the batch's id",
    "soc.batch.try": "the number of its try",
    "soc.batch.incidents": "how many incidents were found",
    "soc.block.file": "the number of the file within the batch, from 0",
    "soc.block.lines": "how many lines the block has",
    "soc.incident": "the incident's id",
    "soc.incident.score": "its score, 1 to 10",
    "soc.delivery": "the delivery's id",
    "soc.delivery.try": "the number of its try",
    "soc.delivery.outcome": "what came of the try: `delivered`, `found`, `refused`, `not sent`, `unknown` …",
    "soc.integration": "the kind of the integration",
    "soc.action": "the kind of message",
    "http.request.method": "the method",
    "http.route": "the route of the API as it is declared, with its parameters' names",
    "http.response.status_code": "the answer's status",
    "server.address": "the vendor's host",
    "server.port": "its port",
    "error.type": "the error's type, or the reason of a failure; never its text",
}

Value = str | int | float | bool
_LONGEST = 200


def checked(attributes: Mapping[str, Value]) -> dict[str, Value]:
    """The same, texts cut at 200 characters. Raises ValueError for one that is not declared."""
    if unknown := attributes.keys() - ATTRIBUTES.keys():
        raise ValueError(f"Undeclared attributes of a span: {', '.join(sorted(unknown))}.")
    return {name: value[:_LONGEST] if isinstance(value, str) else value for name, value in attributes.items()}


def attribute_table() -> str:
    """For docs/tracing.md."""
    rows = [f"| `{name}` | {meaning} |" for name, meaning in ATTRIBUTES.items()]
    return "\n".join(["| attribute | what it is |", "|---|---|", *rows])
