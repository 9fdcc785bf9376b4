"""The API's description of itself (OpenAPI 3.1): servers, who may call what, tags, headers, an example for each answer."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic.json_schema import models_json_schema

from soc.api.examples import example_of
from soc.api.problems import MEDIA_TYPE, Problem
from soc.api.scopes import scope_of
from soc.integrations.registry import KINDS

TAGS: tuple[tuple[str, str], ...] = (
    ("health", "Is it alive, and are its parts? Needs no key."),
    ("batches", "Log files in: upload, progress, report."),
    ("events", "The lines of a batch, each with its verdict."),
    ("incidents", "What was found, why, and what was done about it."),
    ("tickets", "The incidents' tickets and their SLA clocks."),
    ("deliveries", "What was told to whom; every attempt; replay."),
    ("rules", "When an incident is acted upon, and over which channels."),
    ("sla", "How long tickets may wait, and where their clocks stand."),
    ("integrations", "Configurations, connection tests, and what each vendor can be asked to do."),
    ("people", "Who works here: people and teams of the roster."),
    ("audit", "Who did what, before and after, and whether it is still what was written."),
    ("roster", "Who is on duty, who gets a ticket and why, hand-over."),
    ("escalation", "Who is told before a ticket's time is up: chains, preview, holes."),
    ("keys", "Who may call this API."),
    ("approvals", "What waits for a second administrator."),
)
_SECURITY = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "`Authorization: Bearer soc_…`. Not needed on a fresh install that listens on loopback.",
    },
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "The same key, bare."},
}
#: All else that a setting says beside its type is for the form on the page, and gets an `x-` here.
_OF_JSON_SCHEMA = frozenset({"default", "deprecated", "enum", "examples", "format", "pattern"})
_REQUEST_ID = {
    "description": "The request's name, as it stands in the log: yours, or a made one.",
    "schema": {"type": "string"},
    "example": "req-7k2m9q4x1c",
}


def describe(api: FastAPI, routes: Iterable[APIRoute]) -> dict[str, Any]:
    """The document. Built once, but for the address; FastAPI keeps it."""
    if api.openapi_schema is None:
        document = get_openapi(
            title=api.title,
            version=api.version,
            summary=api.summary,
            description=api.description,
            license_info=api.license_info,
            routes=api.routes,
            tags=[{"name": name, "description": text} for name, text in TAGS],
        )
        _add_schemas(document)
        for route in routes:
            for method in route.methods or ():
                _complete(document, document["paths"][route.path][method.lower()], route)
        _say_once(document)
        api.openapi_schema = document
    base = getattr(api.state, "base", "")  # where a proxy or Streamlit's baseUrlPath put everything
    api.openapi_schema["servers"] = [{"url": f"{base}/api/v1", "description": "This server."}]
    return api.openapi_schema


def _add_schemas(document: dict[str, Any]) -> None:
    """The configurations, which are checked by their own models and so are unknown to the framework; no leftovers."""
    parts = document.setdefault("components", {})
    configs = [(kind.config, "validation") for kind in KINDS.values()]
    _, schemas = models_json_schema(
        [*configs, (Problem, "validation")],  # type: ignore[list-item]
        ref_template="#/components/schemas/{model}",
    )
    known: dict[str, Any] = parts.setdefault("schemas", {})
    known.update(schemas["$defs"])
    for kind in KINDS.values():
        for name, field in kind.config.model_fields.items():
            setting = known[kind.config.__name__]["properties"][name]
            said = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
            for word in said.keys() - _OF_JSON_SCHEMA:
                setting[f"x-{word}"] = setting.pop(word)
    for name in ("HTTPValidationError", "ValidationError"):
        known.pop(name, None)
    for name in [name for name in known if name.startswith("Body_")]:
        _rename(document, name, f"{''.join(word.title() for word in name.split('_')[1:])}Form")
    parts["securitySchemes"] = _SECURITY
    parts["headers"] = {"RequestId": _REQUEST_ID}


def _rename(document: dict[str, Any], old: str, new: str) -> None:
    """The framework names a form after its function (`Body_create_batch`)."""
    schemas = document["components"]["schemas"]
    schemas[new] = {**schemas.pop(old), "title": new}
    for part in schemas[new]["properties"].values():
        file = part.get("items", part)
        if "contentMediaType" in file:  # what generators of clients know a file by
            file["format"] = "binary"
    for call in [call for calls in document["paths"].values() for call in calls.values()]:
        for content in call.get("requestBody", {}).get("content", {}).values():
            if content["schema"].get("$ref") == f"#/components/schemas/{old}":
                content["schema"]["$ref"] = f"#/components/schemas/{new}"


def _complete(document: dict[str, Any], call: dict[str, Any], route: APIRoute) -> None:
    scope = scope_of(route)
    call["operationId"] = route.name
    call["security"] = [] if scope is None else [{"bearer": []}, {"header": []}]
    call["x-scope"] = "none" if scope is None else scope.value
    for status, answer in call["responses"].items():
        answer.setdefault("headers", {})["X-Request-ID"] = {"$ref": "#/components/headers/RequestId"}
        content = answer.setdefault("content", {})
        if status >= "400":
            content.pop("application/json", None)
        if status == "401":
            answer["headers"]["WWW-Authenticate"] = {
                "schema": {"type": "string"},
                "example": 'Bearer realm="soc"',
            }
        if status in ("429", "503"):
            answer["headers"]["Retry-After"] = {"schema": {"type": "integer"}, "example": 1}
        if status in ("201", "202"):
            answer["headers"]["Location"] = {
                "description": "Where it is now.",
                "schema": {"type": "string"},
                "example": f"/api/v1{route.path}",
            }
        for media, one in content.items():
            if media in ("application/json", MEDIA_TYPE) and not {"example", "examples"} & set(one):
                one["example"] = example_of(one.get("schema", {}), document)
            if media == MEDIA_TYPE:
                one["example"] = {**one["example"], "status": int(status), "title": answer["description"]}
        if not content:
            del answer["content"]


def _say_once(document: dict[str, Any]) -> None:
    """A refusal that several calls answer with in the same words is said once, below `components/responses`.

    Said at each call they are most of the document, and what reads it (a page of documentation, a generator of clients)
    takes seconds for them.
    """
    places: dict[str, list[tuple[dict[str, Any], str]]] = {}
    for call in [call for calls in document["paths"].values() for call in calls.values()]:
        for status, answer in call["responses"].items():
            if status >= "400":
                places.setdefault(json.dumps([status, answer], sort_keys=True), []).append(
                    (call["responses"], status)
                )
    shared: dict[str, Any] = document["components"].setdefault("responses", {})
    # the most frequent words of a status have its plain name, whatever is declared first
    for told in sorted(places, key=lambda one: (-len(places[one]), one)):
        if len(places[told]) < 2:
            continue
        status, answer = json.loads(told)
        name = f"Refused{status}"
        number = sum(one.partition("-")[0] == name for one in shared)
        name = f"{name}-{number + 1}" if number else name
        shared[name] = answer
        for responses, its_status in places[told]:
            responses[its_status] = {"$ref": f"#/components/responses/{name}"}
    document["components"]["responses"] = dict(sorted(shared.items()))


def references(part: Any) -> Iterator[str]:
    """Every `$ref` within."""
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for inner in part.values():
            yield from references(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from references(inner)
