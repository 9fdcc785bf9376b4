"""FastAPI application: health and the first endpoints. Errors are problem+json and never echo input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from soc import __version__
from soc.api import batches, health, integrations, records
from soc.api.guard import problem
from soc.errors import ConfigurationError, DeliveryError, LogParseError, NotFound, SocError

api = FastAPI(
    title="SOC operations dashboard",
    version=__version__,
    summary="Batches, incidents, tickets and deliveries.",
    docs_url="/docs",
    redoc_url=None,
    openapi_url="/openapi.json",
    root_path_in_servers=False,
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


@api.exception_handler(SocError)
async def _soc_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, SocError)
    status = next(number for kind, number in _STATUS if isinstance(error, kind))
    return problem(status, error.message, error.hint)


@api.exception_handler(HTTPException)
async def _http_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return problem(error.status_code, str(error.detail))


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
    fields = [{"field": _place(one), "message": str(one["msg"])} for one in error.errors()]
    return problem(422, "The request is not valid.", "See “errors” for the fields.", errors=fields)
