"""The API's description of itself: an example for every body, and what a refusal looks like."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from soc.access.scopes import Scope
from soc.api import api
from soc.api.description import references
from soc.api.problems import REFUSALS
from soc.integrations.kit.declared import example_of
from soc.integrations.registry import KINDS, validate

PATHS: dict[str, dict[str, Any]] = api.openapi()["paths"]
WRITES = [(path, calls["post"]) for path, calls in PATHS.items() if "post" in calls]


def _told(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer itself, also where the call names one that is said once for all."""
    if "$ref" not in answer:
        return answer
    shared: dict[str, Any] = api.openapi()["components"]["responses"]
    told: dict[str, Any] = shared[answer["$ref"].removeprefix("#/components/responses/")]
    return told


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
    assert "application/problem+json" in _told(call["responses"]["422"])["content"], path
    assert {"401", "403", "429"} <= set(call["responses"])


OPERATIONS = [(method, path, call) for path, calls in PATHS.items() for method, call in calls.items()]


def test_every_operation_has_a_name_a_person_would_choose_and_one_of_the_tags() -> None:
    names = [call["operationId"] for _, _, call in OPERATIONS]
    assert len(set(names)) == len(names)
    tags = {tag["name"] for tag in api.openapi()["tags"]}
    for method, path, call in OPERATIONS:
        assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)+", call["operationId"]), call["operationId"]
        assert set(call["tags"]) <= tags, (method, path)
        assert len(call["tags"]) == 1
    assert {"list_incidents", "get_incident", "create_batch", "update_rule", "revoke_key"} <= set(names)


def test_every_answer_has_a_type_and_an_example_that_is_of_it() -> None:
    document = api.openapi()
    for method, path, call in OPERATIONS:
        for status, answer in call["responses"].items():
            for media, content in _told(answer).get("content", {}).items():
                assert content.get("schema"), (method, path, status)
                if media.endswith("json"):
                    whole = {**content["schema"], "components": document["components"]}
                    Draft202012Validator(whole).validate(content["example"])


def test_no_answer_is_just_any_object() -> None:
    schemas = api.openapi()["components"]["schemas"]
    for method, path, call in OPERATIONS:
        for status in ("200", "201", "202"):
            content = call["responses"].get(status, {}).get("content", {}).get("application/json")
            if content is None:
                continue
            schema = content["schema"]
            name = schema.get("items", schema).get("$ref", "").rpartition("/")[2]
            assert schemas[name].get("properties"), (method, path, status)


def test_no_reference_leads_nowhere() -> None:
    document = api.openapi()
    for reference in set(references(document)):
        part: Any = document
        for step in reference.removeprefix("#/").split("/"):
            part = part[step]


def test_the_server_the_security_and_the_headers_are_described() -> None:
    document = api.openapi()
    assert document["servers"] == [{"url": "/api/v1", "description": "This server."}]
    assert {one["type"] for one in document["components"]["securitySchemes"].values()} == {"http", "apiKey"}
    for method, path, call in OPERATIONS:
        assert bool(call["security"]) is (not path.startswith("/health")), (method, path)
        assert call["x-scope"] in ("none", *Scope)
        assert "WWW-Authenticate" in _told(call["responses"]["401"])["headers"]
        assert {"Retry-After"} <= set(_told(call["responses"]["503"])["headers"])
        for status in {"201", "202"} & set(call["responses"]):
            assert "Location" in call["responses"][status]["headers"]
        assert all("X-Request-ID" in _told(answer)["headers"] for answer in call["responses"].values())


def test_no_refusal_is_said_twice_and_what_one_call_says_otherwise_stays_with_it() -> None:
    said = [
        json.dumps([status, answer], sort_keys=True)
        for _, _, call in OPERATIONS
        for status, answer in call["responses"].items()
        if status >= "400" and "$ref" not in answer
    ]
    assert len(set(said)) == len(said) < 10
    shared = api.openapi()["components"]["responses"]
    assert {f"Refused{status}" for status in REFUSALS} <= set(shared)
    for status, refusal in REFUSALS.items():
        assert shared[f"Refused{status}"]["description"] == refusal["description"]
