"""What every practice Slack method has in common: arguments, tokens, scopes, errors, cursors."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request

from soc.sandbox.slack import catalogue

Json = dict[str, Any]


class SlackError(Exception):
    """`ok: false` with this code; `details` are further keys of the answer."""

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code)
        self.body: Json = {"ok": False, "error": code, **details}


@dataclass(frozen=True)
class Arguments:
    """A method's arguments, from the query, a form or JSON, and the token's scopes."""

    values: Json
    scopes: tuple[str, ...]
    site: str
    archived: tuple[str, ...] = ()
    warnings: list[str] = field(default_factory=list)

    def text(self, name: str) -> str:
        """A string argument, "" when it is missing."""
        value = self.values.get(name)
        return "" if value is None else str(value)

    def flag(self, name: str) -> bool:
        return self.text(name).lower() in ("1", "true")

    def number(self, name: str, default: int, most: int) -> int:
        """Between 1 and `most`; `invalid_limit` otherwise."""
        try:
            number = int(self.text(name) or default)
        except ValueError as error:
            raise SlackError("invalid_limit") from error
        if number < 0 or number > most:
            raise SlackError("invalid_limit")
        return number or default

    def structure(self, name: str, error: str) -> Any:
        """A structured argument: JSON as it is, or JSON in a string (forms); None when it is missing."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError as problem:
            raise SlackError(error) from problem

    def need(self, scope: str) -> None:
        """Raise `missing_scope` unless the token has it."""
        if scope not in self.scopes:
            raise SlackError("missing_scope", needed=scope, provided=",".join(self.scopes))

    def channel(self, *, by_name: bool = False) -> catalogue.Channel:
        """The channel asked for; `channel_not_found` otherwise."""
        found = catalogue.find_channel(self.text("channel"), by_name=by_name)
        if found is None:
            raise SlackError("channel_not_found")
        return self.as_it_is(found)

    def as_it_is(self, channel: catalogue.Channel) -> catalogue.Channel:
        """The channel, archived where somebody did that meanwhile."""
        gone = channel.is_archived or channel.name in self.archived
        return replace(channel, is_archived=gone, is_member=channel.is_member and not gone)


async def read_arguments(request: Request, archived: Iterable[str] = ()) -> Arguments:
    """Arguments and token of a request, and the names of what was archived. Raises SlackError on a bad token or a body that cannot be read."""
    body = await request.body()
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    values: Json = dict(request.query_params)
    warnings: list[str] = []
    if kind == "application/json":
        values |= _object(body)
        if "charset" not in request.headers["content-type"].lower():
            warnings.append("missing_charset")
    elif body and kind in ("application/x-www-form-urlencoded", ""):
        values |= dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
    elif body:
        raise SlackError("invalid_post_type")
    site = str(request.base_url).rstrip("/") + "/slack"
    gone = tuple(name.removeprefix("#") for name in archived)
    return Arguments(values, _scopes(request, values), site, gone, warnings)


def _object(body: bytes) -> Json:
    try:
        value = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise SlackError("invalid_json") from error
    if not isinstance(value, dict):
        raise SlackError("json_not_object")
    return value


def _scopes(request: Request, values: Json) -> tuple[str, ...]:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    token = token.strip() if scheme.lower() == "bearer" else str(values.get("token") or "")
    if not token:
        raise SlackError("not_authed")
    if token == catalogue.APP_TOKEN:
        return ("connections:write",)
    if token not in catalogue.TOKENS:
        raise SlackError("invalid_auth")
    return catalogue.TOKENS[token]


def next_cursor(kind: str, position: str) -> str:
    return base64.b64encode(f"{kind}:{position}".encode()).decode()


def read_cursor(kind: str, cursor: str) -> str:
    """The position in a cursor of this kind, "" without one; `invalid_cursor` for any other."""
    if not cursor:
        return ""
    try:
        found, _, position = base64.b64decode(cursor, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise SlackError("invalid_cursor") from error
    if found != kind:
        raise SlackError("invalid_cursor")
    return position
