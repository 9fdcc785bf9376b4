"""What a body says is taken as what it is: no `true` for a number, no 1 for a switch, no NUL that a database refuses."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Annotated, Any, get_args

from fastapi.testclient import TestClient
from pydantic import BaseModel, TypeAdapter, ValidationError

from soc.api import api
from soc.api.application import ROUTES
from soc.store.migrate import migrate

#: What a vendor is sent is data of the caller's: it goes on as it is, and is cleaned for the vendor.
ELSEWHERE = ("/integrations/", "/keys")


def _example(content: dict[str, Any]) -> Any:
    if "example" in content:
        return content["example"]
    schemas = api.openapi()["components"]["schemas"]
    return schemas[content["schema"]["$ref"].rpartition("/")[2]]["examples"][0]


def _bodies() -> Iterator[tuple[str, str, Any]]:
    for path, calls in api.openapi()["paths"].items():
        for method, call in calls.items():
            content = call.get("requestBody", {}).get("content", {})
            if "application/json" in content and not path.startswith(ELSEWHERE):
                yield method, path, _example(content["application/json"])


def _leaves(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    parts = (
        value.items() if isinstance(value, dict) else enumerate(value[:1]) if isinstance(value, list) else ()
    )
    yield from (leaf for name, part in parts for leaf in _leaves(part, (*at, name)))
    if not isinstance(value, (dict, list)):
        yield at, value


def _wrong(value: Any) -> list[Any]:
    if isinstance(value, bool):
        return [1]
    if isinstance(value, int):
        return [True, 2**70]
    return ["a\x00b"] if isinstance(value, str) else []


def _put(body: Any, at: tuple[Any, ...], value: Any) -> Any:
    made = copy.deepcopy(body)
    inner = made
    for name in at[:-1]:
        inner = inner[name]
    inner[at[-1]] = value
    return made


def test_no_body_takes_a_switch_for_a_number_or_a_number_for_a_switch_or_a_nul() -> None:
    migrate()
    client = TestClient(api, base_url="http://127.0.0.1:8501")  # without the guard, which counts calls
    taken = []
    for method, path, example in _bodies():
        for at, value in _leaves(example):
            for wrong in _wrong(value):
                answer = client.request(method, path, json=_put(example, at, wrong))
                if answer.status_code < 400 or answer.status_code >= 500:
                    taken.append((method, path, at, wrong, answer.status_code))
    assert taken == []


def test_no_address_holds_what_a_database_refuses() -> None:
    migrate()
    client = TestClient(api, base_url="http://127.0.0.1:8501")
    broken = []
    for path, calls in api.openapi()["paths"].items():
        for method, call in calls.items():
            for one in call.get("parameters", []):
                at = re.sub(rf"{{{one['name']}}}", "a%00b", path)
                asked = {one["name"]: "a\0b"} if one["in"] == "query" else {}
                if one["in"] in ("path", "query"):
                    answer = client.request(method, re.sub(r"{\w+}", "1", at), params=asked)
                    broken += [(method, path, one["name"])] if answer.status_code >= 500 else []
    assert broken == []


def _moments() -> Iterator[tuple[str, Any]]:
    """Each moment that a body may hold: where it stands, and what the field takes."""
    for route in ROUTES:
        for model in _models(route.body_field.field_info.annotation) if route.body_field else ():
            for name, field in model.model_fields.items():
                if re.search(r"datetime|Datetime", str(field.annotation)):
                    yield f"{model.__name__}.{name}", Annotated[field.annotation, field, *field.metadata]


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        for field in annotation.model_fields.values():
            yield from _models(field.annotation)
    for part in get_args(annotation):
        yield from _models(part)


def test_no_body_takes_a_number_for_a_moment() -> None:
    moments = dict(_moments())
    assert len(moments) > 10
    taken = []
    for name, kind in moments.items():
        field = TypeAdapter(kind)
        for wrong in (0, 1767225600, 1.5, "1767225600", True):
            for value in (wrong, [wrong]):
                with suppress(ValidationError):
                    taken.append((name, value, field.validate_python(value)))
    assert taken == []
