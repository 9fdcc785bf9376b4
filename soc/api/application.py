"""FastAPI application: health and the first endpoints. Errors are problem+json and never echo input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi_offline import FastAPIOffline
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from soc import __version__
from soc.api import batches, health, integrations, records
from soc.api.guard import problem
from soc.api.inputs import writable_json
from soc.errors import ConfigurationError, DeliveryError, LogParseError, NotFound, SocError


class Problem(BaseModel):
    """What every refusal looks like (RFC 9457)."""

    type: str = "about:blank"
    title: str = Field(description="What is wrong.")
    status: int
    hint: str = Field(description="What to do about it.")


def _refusal(description: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        "model": Problem,
        "description": description,
        "content": {"application/problem+json": {"schema": schema}},
    }


#: What any call may be answered with, besides what it says itself.
_REFUSALS: dict[int | str, dict[str, Any]] = {
    401: _refusal("A key is needed, or this one is not in force."),
    403: _refusal("The key's scope does not cover it, or another web site asked."),
    404: _refusal("It is not there."),
    413: _refusal("The body is too large."),
    422: _refusal("The request or the configuration is wrong; `errors` names the fields."),
    429: _refusal("Too many requests; `Retry-After` says when to come again."),
    502: _refusal("The vendor refused."),
}

api = FastAPIOffline(
    title="SOC operations dashboard",
    version=__version__,
    summary="Batches, incidents, tickets and deliveries.",
    docs_url="/docs",
    redoc_url=None,
    openapi_url="/openapi.json",
    root_path_in_servers=False,
    dependencies=[Depends(writable_json)],
    responses=_REFUSALS,
)
api.include_router(health.router)
api.include_router(batches.router)
api.include_router(records.router)
api.include_router(integrations.router)

_STATUS: tuple[tuple[type[SocError], int], ...] = (
    (NotFound, 404),
    (LogParseError, 422),
    (ConfigurationError, 422),
    (DeliveryError, 502),
    (SocError, 500),
)

#: The framework's own words, where a person would want better ones.
_TITLES: Mapping[tuple[int, str], str] = {
    (400, "There was an error parsing the body"): "The body cannot be read.",
    (404, "Not Found"): "There is nothing at this address.",
    (405, "Method Not Allowed"): "This address does not take this method.",
}


@api.exception_handler(SocError)
async def _soc_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, SocError)
    status = next(number for kind, number in _STATUS if isinstance(error, kind))
    hint = error.hint
    if not hint and status == 422:
        hint = "Change what the title names, and send it again."
    return problem(status, error.message, hint or "The log of the server says more.")


@api.exception_handler(HTTPException)
async def _http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    title = _TITLES.get((error.status_code, str(error.detail)), str(error.detail))
    answer = problem(error.status_code, title, _next_step(request, error))
    answer.headers.update(error.headers or {})
    return answer


def _next_step(request: Request, error: HTTPException) -> str:
    """What the caller can do about a refusal that the framework makes; it knows no hints."""
    docs = f"{request.scope.get('root_path', '')}/docs"
    if error.status_code == 405:
        allowed = (error.headers or {}).get("Allow", "")
        return f"This address takes {allowed or 'other methods'}; {docs} lists every address."
    steps = {
        400: "Send JSON as “content-type: application/json”, files as “multipart/form-data”, both in UTF-8.",
        404: f"Check the address; {docs} lists every one.",
        413: "Send less at once.",
        422: "Send it again without what the title names; whatever writes the JSON has cut or nested it wrongly.",
    }
    return steps.get(error.status_code, f"{docs} says how each address is called.")


@api.exception_handler(Exception)
async def _broken(_request: Request, _error: Exception) -> JSONResponse:
    """A mistake of the product. Its text stays out of the answer: it may hold what was sent to a vendor."""
    return problem(500, "Something went wrong here.", "It is a mistake of the product; the log says where.")


def _place(error: Mapping[str, Any]) -> str:
    """Where in the request; a name that is not known is what somebody typed, and may be a secret."""
    parts = [str(part) for part in error["loc"]]
    if error["type"] == "extra_forbidden":
        parts[-1] = "(a name that is not known)"
    return ".".join(parts)


@api.exception_handler(RequestValidationError)
async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    """Names the fields that are wrong and why, without the value that was sent: it may be a secret."""
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    fields = [
        {"field": _place(one), "message": str(one["msg"]).removeprefix("Value error, ")} for one in found
    ]
    hint = "Change the fields that “errors” names, and send it again."
    if any(one["type"] == "json_invalid" for one in found):
        hint = "The body is no JSON; “errors” says at which character it breaks. Mend it, and send it again."
    return problem(422, "The request is not valid.", hint, errors=fields)
