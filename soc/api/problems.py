"""Every refusal is a problem (RFC 9457): what is wrong, and what to do about it. None repeats what was sent."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse

from soc.door.request_ids import current_request_id
from soc.store.faults import what_ails
from soc.tracing.context import current_trace_id

MEDIA_TYPE = "application/problem+json"


class FieldProblem(BaseModel):
    """One field of the request that is wrong."""

    field: str = Field(description="Where it stands, as in `body.delivery_ids.0`.")
    message: str = Field(description="What is wrong with it. Never holds the value.")


class Problem(BaseModel):
    """What every refusal looks like (RFC 9457)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "about:blank",
                    "title": "The request is not valid.",
                    "status": 422,
                    "hint": "Change the fields that “errors” names, and send it again.",
                    "request_id": "req-0bqr4mj9p4g2",
                    "errors": [{"field": "body.delivery_ids", "message": "is missing"}],
                }
            ]
        }
    )

    type: str = "about:blank"
    title: str = Field(description="What is wrong.")
    status: int
    hint: str = Field(description="What to do about it.")
    request_id: str = Field(default="", description="The request's name, as in the header X-Request-ID.")
    trace_id: str | None = Field(
        default=None,
        description="The trace that the request belongs to, where it came with a `traceparent` or traces are collected.",
    )
    errors: list[FieldProblem] | None = Field(default=None, description="The fields that are wrong, if any.")
    reasons: list[str] | None = Field(
        default=None, description="What keeps it from working, if that was asked."
    )
    delivery_id: str | None = Field(default=None, description="The delivery that was refused, if any.")
    state: str | None = Field(default=None, description="Where that delivery stands.")
    outcome: str | None = Field(
        default=None, description="Of an act: `taken` (somebody else was first) or `refused`."
    )
    by: str | None = Field(default=None, description="Who was first.")


def problem(status: int, title: str, hint: str = "", **more: object) -> JSONResponse:
    """The answer. A 401 says how to show a key."""
    body = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "hint": hint,
        "request_id": current_request_id(),
        **more,
    }
    if trace := current_trace_id():
        body["trace_id"] = trace
    answer = JSONResponse(body, status_code=status, media_type=MEDIA_TYPE)
    if status == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="soc"'
    return answer


def store_is_away(error: BaseException | None = None) -> JSONResponse:
    """For whoever asks while the database does not answer, or has no room: nothing was done, and it may be asked again."""
    if error is not None and (found := what_ails(error)):
        answer = problem(503, found[0], f"Nothing was changed. {found[1]}, and send it again.")
    else:
        answer = problem(
            503, "The database does not answer.", "Nothing was changed. Send it again in a moment."
        )
    answer.headers["Retry-After"] = "5"
    return answer


def at(request: Request, path: str) -> str:
    """The address of something of this API, for `Location`."""
    return f"{request.scope.get('root_path', '')}{path}"


def refusal(description: str) -> dict[str, Any]:
    """A refusal's entry in the OpenAPI document."""
    return {
        "description": description,
        "content": {
            MEDIA_TYPE: {
                "schema": {"$ref": "#/components/schemas/Problem"},
            }
        },
    }


#: What any call may be answered with, besides what it says itself.
REFUSALS: dict[int | str, dict[str, Any]] = {
    400: refusal("The body cannot be read."),
    401: refusal("A key is needed, or this one is not in force."),
    403: refusal("The key's scope does not cover it, or another web site asked."),
    404: refusal("It is not there."),
    405: refusal("The address does not take this method; `Allow` says which it takes."),
    408: refusal("The request did not come in time: half of it was sent, and then nothing."),
    409: refusal("It stands in the way of what is there."),
    413: refusal("The body is too large."),
    422: refusal("The request or the configuration is wrong; `errors` names the fields."),
    429: refusal("Too many requests; `Retry-After` says when to come again."),
    500: refusal("A mistake of the product; the log names the request."),
    502: refusal("The vendor refused."),
    503: refusal(
        "The database does not answer, the disk is full, or too much waits for this vendor; `Retry-After` says when to come again."
    ),
}
