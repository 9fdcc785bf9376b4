"""An example of a schema, made of the examples of its parts."""

from __future__ import annotations

from typing import Any

#: What a text of a format looks like.
_FORMATS = {"date-time": "2026-01-14T22:00:00Z", "date": "2026-01-14"}
_PLAIN: dict[str, Any] = {
    "string": "…",
    "integer": 1,
    "number": 1.0,
    "boolean": True,
    "null": None,
    "array": [],
}


def example_of(schema: dict[str, Any], document: dict[str, Any]) -> Any:
    """What an answer of this schema looks like; the document holds what it refers to."""
    if "$ref" in schema:
        found = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        return example_of(
            {**found, **{key: one for key, one in schema.items() if key == "examples"}}, document
        )
    if schema.get("examples"):
        return schema["examples"][0]
    for name in ("example", "const", "default"):
        if name in schema:
            return schema[name]
    if schema.get("enum"):
        return schema["enum"][0]
    for name in ("anyOf", "oneOf", "allOf"):
        if name in schema:
            return example_of(schema[name][0], document)
    if schema.get("type") == "array":
        return [example_of(schema["items"], document)] if "items" in schema else []
    if schema.get("type") == "object":
        if "properties" in schema:
            return {name: example_of(one, document) for name, one in schema["properties"].items()}
        inner = schema.get("additionalProperties")
        return {"name": example_of(inner, document)} if isinstance(inner, dict) and inner else {}
    if schema.get("format") in _FORMATS:
        return _FORMATS[schema["format"]]
    return _PLAIN.get(str(schema.get("type", "")), {})
