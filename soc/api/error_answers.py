"""What each error becomes: a problem with a status and a hint, in which nothing of the request is repeated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from soc import clock
from soc.access.approvals import NeedsApproval, ask
from soc.api.guard import actor_of
from soc.api.problems import at, problem, store_is_away
from soc.api.scopes import allowed_methods, matching
from soc.errors import ConfigurationError, Conflict, DeliveryError, LogParseError, NotFound, SocError
from soc.store.db import STORE_IS_AWAY, write_session
from soc.store.faults import is_full
from soc.wrong_values import said_of

_STATUS: tuple[tuple[type[SocError], int], ...] = (
    (NotFound, 404),
    (Conflict, 409),
    (LogParseError, 422),
    (ConfigurationError, 422),
    (DeliveryError, 502),
    (SocError, 500),
)

#: Why something that takes two administrators is asked for.
REASON = "Approval-Reason"

#: The framework's own words, where a person would want better ones.
_TITLES: Mapping[tuple[int, str], str] = {
    (400, "There was an error parsing the body"): "The body cannot be read.",
    (404, "Not Found"): "There is nothing at this address.",
    (405, "Method Not Allowed"): "This address does not take this method.",
}


def answer_errors(api: FastAPI) -> None:
    """Have every error of the application answered as a problem."""
    api.add_exception_handler(SocError, _soc_error)
    for away in (*STORE_IS_AWAY, OSError):
        api.add_exception_handler(away, _store_away)
    api.add_exception_handler(HTTPException, _http_error)
    api.add_exception_handler(RequestValidationError, _invalid)
    api.add_exception_handler(Exception, _broken)


async def _soc_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, SocError)
    if isinstance(error, NeedsApproval) and request.headers.get(REASON):
        return await run_in_threadpool(_ask_for, request, error)
    status = next(number for kind, number in _STATUS if isinstance(error, kind))
    hint = error.hint
    if not hint and status == 422:
        hint = "Change what the title names, and send it again."
    return problem(status, error.message, hint or "The log of the server says more.")


def _ask_for(request: Request, error: NeedsApproval) -> JSONResponse:
    """The request that an administrator makes by saying why: 202, with where to look for what becomes of it."""
    try:
        with write_session() as session:
            row = ask(
                session, error.wanted, request.headers[REASON], actor=actor_of(request), now=clock.now()
            )
    except (ConfigurationError, Conflict) as wrong:
        return problem(409 if isinstance(wrong, Conflict) else 422, wrong.message, wrong.hint)
    where = {"Location": at(request, f"/approvals/{row.id}")}
    return JSONResponse({"status": "asked", "approval": row.id}, status_code=202, headers=where)


async def _store_away(_request: Request, error: Exception) -> JSONResponse:
    """Raises what is neither the database's fault nor a lack of room: `_broken` answers it, and the log is told."""
    if isinstance(error, OSError) and not is_full(error):
        raise error
    answer = store_is_away(error)
    answer.headers["Connection"] = "close"  # half of an upload may still be on its way
    return answer


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    title = _TITLES.get((error.status_code, str(error.detail)), str(error.detail))
    headers = dict(error.headers or {})
    if error.status_code == 405:  # the framework names the methods of one route only, not of its address
        headers["Allow"] = _allowed(request) or headers.get("Allow", "GET, HEAD")
    answer = problem(error.status_code, title, _next_step(request, error.status_code, headers))
    answer.headers.update(headers)
    return answer


def _allowed(request: Request) -> str:
    root = str(request.scope.get("root_path", ""))
    path = str(request.scope["path"]).removeprefix(root)
    _, there = matching(request.app.state.routes, request.method, path)
    exact = [
        route for route in there if route.path == path
    ]  # rather than one whose parameter could be this word
    return allowed_methods(exact or there)


def _next_step(request: Request, status: int, headers: Mapping[str, str]) -> str:
    """What the caller can do about a refusal that the framework makes; it knows no hints."""
    docs = f"{request.scope.get('root_path', '')}/docs"
    if status == 405:
        return f"This address takes {headers['Allow']}; {docs} lists every address."
    steps = {
        400: "Send JSON as “content-type: application/json”, files as “multipart/form-data”, both in UTF-8.",
        404: f"Check the address; {docs} lists every one.",
        413: "Send less at once.",
        503: "Wait as many seconds as “Retry-After” says, and ask again.",
        422: "Send it again without what the title names; whatever writes the JSON has cut or nested it wrongly.",
    }
    return steps.get(status, f"{docs} says how each address is called.")


async def _broken(_request: Request, _error: Exception) -> JSONResponse:
    """A mistake of the product. Its text stays out of the answer: it may hold what was sent to a vendor."""
    return problem(500, "Something went wrong here.", "It is a mistake of the product; the log says where.")


def _place(error: Mapping[str, Any]) -> str:
    """Where in the request; a name that is not known is what somebody typed, and may be a secret."""
    parts = [str(part) for part in error["loc"]]
    if error["type"] == "extra_forbidden":
        parts[-1] = "(a name that is not known)"
    return ".".join(parts)


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    """Names the fields that are wrong and why, without the value that was sent: it may be a secret."""
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    fields = [{"field": _place(one), "message": said_of(one)} for one in found]
    hint = "Change the fields that “errors” names, and send it again."
    if any(one["type"] == "json_invalid" for one in found):
        hint = "The body is no JSON; “errors” says at which character it breaks. Mend it, and send it again."
    return problem(422, "The request is not valid.", hint, errors=fields)
