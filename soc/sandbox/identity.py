"""Whose practice vendors listen at an address: they prove it by a token that only their own installation knows.

Who asks sends a challenge; the answer is its HMAC under the token. Neither side shows the token, and an answer fits one question.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import secrets
from contextlib import suppress
from enum import Enum

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

PATH = "/admin/whose"
#: A server that has just begun to listen may be this late with its first answer.
PATIENCE = 5.0
_LONGEST = 200


class Whose(Enum):
    NOBODY = "nobody listens"
    OURS = "it has our token"
    ANOTHER = "somebody else's, or it does not answer"


def new_token() -> str:
    return secrets.token_hex(16)


def route(token: str) -> Route:
    """Answers who asks for a proof; 404 where these practice vendors have no token."""

    async def prove(request: Request) -> Response:
        challenge = request.query_params.get("challenge", "")
        if not token or not 0 < len(challenge) <= _LONGEST:
            return PlainTextResponse("no proof", 404)
        return PlainTextResponse(_proof(token, challenge))

    return Route(PATH, prove)


def ask(host: str, port: int, token: str, *, patience: float = PATIENCE) -> Whose:
    """Who listens there. Never raises; an address that accepts and says nothing is another's."""
    challenge = secrets.token_hex(16)
    connection = http.client.HTTPConnection(host, port, timeout=patience)
    try:
        connection.connect()
    except OSError:
        return Whose.NOBODY
    with suppress(OSError, http.client.HTTPException):
        connection.request("GET", f"{PATH}?challenge={challenge}")
        answer = connection.getresponse()
        said = answer.read(_LONGEST).decode("ascii", "replace")
        if answer.status == 200 and token and hmac.compare_digest(said, _proof(token, challenge)):
            connection.close()
            return Whose.OURS
    connection.close()
    return Whose.ANOTHER


def _proof(token: str, challenge: str) -> str:
    return hmac.new(token.encode(), challenge.encode(), hashlib.sha256).hexdigest()
