"""The API's description of itself: an example for every body, and what a refusal looks like."""

from __future__ import annotations

from typing import Any

import pytest

from soc.api import api
from soc.integrations.kit.declared import example_of
from soc.integrations.registry import KINDS, validate

PATHS: dict[str, dict[str, Any]] = api.openapi()["paths"]
WRITES = [(path, calls["post"]) for path, calls in PATHS.items() if "post" in calls]


def _example(call: dict[str, Any]) -> Any:
    content = call["requestBody"]["content"].get("application/json", {})
    if "example" in content:
        return content["example"]
    parts = [content["schema"], *content["schema"].get("anyOf", [])]
    names = [one["$ref"].rpartition("/")[2] for one in parts if "$ref" in one]
    schemas = api.openapi()["components"]["schemas"]
    return next((schemas[name]["examples"][0] for name in names if "examples" in schemas[name]), None)


@pytest.mark.parametrize(
    ("path", "call"),
    [one for one in WRITES if "application/json" in one[1].get("requestBody", {}).get("content", {})],
)
def test_every_json_body_has_an_example(path: str, call: dict[str, Any]) -> None:
    assert _example(call), path


@pytest.mark.parametrize("kind", KINDS)
def test_the_example_of_a_configuration_can_be_saved_as_it_is(kind: str) -> None:
    assert validate(kind, example_of(KINDS[kind].config)).enabled


@pytest.mark.parametrize(("path", "call"), WRITES)
def test_a_refusal_is_described_as_a_problem(path: str, call: dict[str, Any]) -> None:
    assert "application/problem+json" in call["responses"]["422"]["content"], path
    assert {"401", "403", "429"} <= set(call["responses"])
