"""What every practice StackStorm answer has in common: the key, `faultstring`, pages, chosen attributes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from soc.sandbox.stackstorm import catalogue

DEFAULT_LIMIT = 100
Json = dict[str, Any]


class StackStormError(Exception):
    """An answer `{"faultstring": …}`."""

    def __init__(self, status: int, fault: str) -> None:
        super().__init__(fault)
        self.status = status
        self.body = {"faultstring": fault}


@dataclass(frozen=True)
class Answer:
    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """One authenticated request; `by_token` when it came with X-Auth-Token."""

    request: Request
    by_token: bool

    @property
    def site(self) -> str:
        """The sandbox's own address, without a trailing slash."""
        return str(self.request.base_url).rstrip("/")

    def path(self, name: str) -> str:
        return str(self.request.path_params[name])

    def query(self, name: str) -> str:
        return self.request.query_params.get(name, "")

    def names(self, name: str) -> list[str]:
        """A list of the query: repeated, separated by commas, or both."""
        values = self.request.query_params.getlist(name)
        return [part for value in values for part in value.split(",") if part]

    def number(self, name: str, default: int) -> int:
        """A whole number; 400 for anything else and for a negative one (-1 as `limit` is the default)."""
        text = self.query(name) or str(default)
        label = name.capitalize()
        try:
            number = int(text)
        except ValueError as error:
            raise StackStormError(400, f'{label}, "{text}" specified, must be an integer.') from error
        if name == "limit" and number == -1:
            return default
        if number < 0:
            raise StackStormError(400, f'{label}, "{text}" specified, must be a positive number.')
        return number

    def chosen(self, shown: Json) -> Json:
        """Only what `include_attributes` names, or all but `exclude_attributes`; the id always."""
        included, excluded = self.names("include_attributes"), self.names("exclude_attributes")
        if included and excluded:
            raise StackStormError(
                400, "exclude_attributes and include_attributes arguments are mutually exclusive."
            )
        if included:
            return {name: value for name, value in shown.items() if name in ("id", *included)}
        return {name: value for name, value in shown.items() if name == "id" or name not in excluded}

    async def body(self) -> Json:
        """The request's JSON object; 400 for anything else."""
        try:
            value = json.loads(await self.request.body(), parse_constant=_not_json)
        except ValueError as error:
            raise StackStormError(400, "Invalid JSON") from error
        if not isinstance(value, dict):
            raise StackStormError(400, f"{value!r} is not of type 'object'")
        return value


def _not_json(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


Endpoint = Callable[[Call], Awaitable[Answer]]


def answering(endpoint: Endpoint) -> Callable[..., Any]:
    """Wrap an endpoint: check the key, turn errors into StackStorm's own answers."""

    async def answer(request: Request) -> Response:
        try:
            done = await endpoint(Call(request, by_token=_authenticate(request)))
            return JSONResponse(done.body, done.status, done.headers)
        except StackStormError as error:
            return JSONResponse(error.body, error.status)
        except RecursionError:
            return JSONResponse({"faultstring": "The request body is nested too deeply."}, 400)

    return answer


def page(call: Call, values: Sequence[Any], show: Callable[[Any], Json] = lambda value: value) -> Answer:
    """One page of a list: `limit` (100), `offset`; the total is in a header. Only what is on it is shown."""
    limit, offset = call.number("limit", DEFAULT_LIMIT), call.number("offset", 0)
    found = [call.chosen(show(value)) for value in values[offset : offset + limit]]
    headers = {"x-total-count": str(len(values)), "x-limit": str(limit)}
    return Answer(found, headers=headers)


def _authenticate(request: Request) -> bool:
    """Whether it came by token (True) or key (False); 401 without either, with both, or with a wrong one."""
    key, token = request.headers.get("st2-api-key"), request.headers.get("x-auth-token")
    if key and token:
        raise StackStormError(401, "Unauthorized - Only one of Token or API key expected.")
    if not key and not token:
        raise StackStormError(401, "Unauthorized - One of Token or API key required.")
    if token and token != catalogue.API_KEY:
        raise StackStormError(401, "Unauthorized - Token with provided value not found.")
    if key and key != catalogue.API_KEY:
        digest = hashlib.sha512(key.encode()).hexdigest()
        raise StackStormError(401, f"Unauthorized - ApiKey with key_hash={digest} not found.")
    return bool(token)
