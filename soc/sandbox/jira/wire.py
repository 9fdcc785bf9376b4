"""What every practice Jira answer has in common: two flavours, credentials, errors, JSON in and out."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from soc.sandbox.jira import catalogue
from soc.sandbox.jira.memory import JiraMemory

Json = dict[str, Any]
FIELD_LIMIT = 32767


@dataclass(frozen=True)
class Flavour:
    """Jira Cloud or Jira Data Center: where it is mounted and which API versions it has.

    `people` is the path of the site that people see, where the API is elsewhere; `token` is what it takes.
    """

    name: str
    prefix: str
    versions: tuple[str, ...]
    people: str = ""
    token: str = catalogue.TOKEN

    @property
    def is_cloud(self) -> bool:
        return self.name == "cloud"


CLOUD = Flavour("cloud", "/jira", ("2", "3", "latest"))
GATEWAY = Flavour(
    "cloud", f"/ex/jira/{catalogue.CLOUD_ID}", ("2", "3", "latest"), "/jira", catalogue.SCOPED_TOKEN
)
DATA_CENTER = Flavour("dc", "/jira-dc", ("2", "latest"))


class JiraError(Exception):
    """An answer that is an error: `messages` for the whole request, `errors` by field."""

    def __init__(self, status: int, *messages: str, errors: Mapping[str, str] | None = None) -> None:
        super().__init__(*messages)
        self.status = status
        self.messages = list(messages)
        self.errors = dict(errors or {})

    @property
    def body(self) -> Json:
        return {"errorMessages": self.messages, "errors": self.errors}


@dataclass(frozen=True)
class Call:
    """One authenticated request: the flavour and version it speaks, and who is asking."""

    request: Request
    flavour: Flavour
    version: str
    memory: JiraMemory

    @property
    def zone(self) -> str:
        """The zone in which this account reads and writes times."""
        return self.memory.user_zone

    @property
    def account(self) -> str:
        """Whose credentials came with it: each person's own e-mail or name, the product's account for all others."""
        return account_of(self.request)

    @property
    def is_adf(self) -> bool:
        """Whether rich text is an ADF object here (API version 3) and not a string."""
        return self.version == "3"

    @property
    def site(self) -> str:
        """The base URL of this Jira, without a trailing slash."""
        return str(self.request.base_url).rstrip("/") + self.flavour.prefix

    @property
    def people(self) -> str:
        """The base URL of the site that people see."""
        return str(self.request.base_url).rstrip("/") + (self.flavour.people or self.flavour.prefix)

    def link(self, path: str) -> str:
        """A `self` link."""
        return f"{self.site}/rest/api/{self.version}/{path}"

    def query(self, name: str) -> str:
        return self.request.query_params.get(name, "")

    def number(self, name: str, default: int) -> int:
        """A whole number of the query; 400 for anything else."""
        return whole_number(self.query(name) or default, name)

    async def body(self) -> Json:
        """The request's JSON object; 400 for anything else."""
        value = await self.any_json()
        if not isinstance(value, dict):
            raise JiraError(
                400, "Invalid request payload. Refer to the REST API documentation and try again."
            )
        return value

    async def any_json(self) -> Any:
        """The request's JSON, whatever it is; 415 without a JSON content type, 400 when it is not JSON."""
        if not self.request.headers.get("content-type", "").startswith("application/json"):
            raise JiraError(415, "Unsupported Media Type")
        try:
            return json.loads(await self.request.body())
        except ValueError as error:
            message = "There was an error parsing JSON. Check that your request body is valid."
            raise JiraError(400, message) from error


Endpoint = Callable[[Call], Awaitable[Response]]


def whole_number(value: Any, name: str) -> int:
    """`value` as a number not below 0; 400 otherwise."""
    try:
        number = int(value)
    except (TypeError, ValueError) as error:
        raise JiraError(400, f"The value of '{name}' must be a whole number.") from error
    if number < 0:
        raise JiraError(400, f"The value of '{name}' must not be negative.")
    return number


def comma_separated(value: Any) -> list[str]:
    """Names from `"a,b"` or `["a", "b,c"]`."""
    parts: Sequence[Any] = value.split(",") if isinstance(value, str) else value or ()
    return [name.strip() for part in parts for name in str(part).split(",") if name.strip()]


def answering(
    endpoint: Endpoint, flavour: Flavour, memory: JiraMemory, *, public: bool = False
) -> Callable[..., Any]:
    """Wrap an endpoint: check version and credentials, turn errors into Jira's own answers."""

    async def answer(request: Request) -> Response:
        version = request.path_params.get("version", "latest")  # a service desk's API has none
        if version not in flavour.versions:
            return _dead_link(request)
        if not public and not is_authenticated(request, flavour):
            return unauthenticated()
        call = Call(request, flavour, "2" if version == "latest" else version, memory)
        try:
            return await endpoint(call)
        except JiraError as error:
            return JSONResponse(error.body, error.status)
        except RecursionError:
            return JSONResponse(JiraError(400, "The request body is nested too deeply.").body, 400)

    return answer


def is_authenticated(request: Request, flavour: Flavour) -> bool:
    """Basic with any user name and the door's token; Data Center also takes the token as Bearer."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return not flavour.is_cloud and value == flavour.token
    user, token = _basic(request)
    return token == flavour.token and bool(user)


def account_of(request: Request) -> str:
    """The account that the credentials belong to."""
    user, _ = _basic(request)
    known = (one for one in catalogue.USERS.values() if user.casefold() in (one.email, one.name))
    return next(known, catalogue.BOT).account_id


def _basic(request: Request) -> tuple[str, str]:
    """User and token of a basic authorization, ("", "") where there is none."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        user, _, token = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return user, token


def unauthenticated() -> Response:
    """Jira's 401: plain text, not JSON."""
    return PlainTextResponse(
        "Client must be authenticated to access this resource.",
        401,
        {"x-seraph-loginreason": "AUTHENTICATED_FAILED", "www-authenticate": 'OAuth realm="practice"'},
    )


async def unknown_path(call: Call) -> Response:
    """The answer to a path that this practice Jira does not play (as Jira's to one that it does not have)."""
    raise JiraError(404, f"null for uri: {call.request.url.path}")


def _dead_link(request: Request) -> Response:
    page = "<html><head><title>Oops, you've found a dead link.</title></head><body>404</body></html>"
    return Response(page, 404, media_type="text/html")
