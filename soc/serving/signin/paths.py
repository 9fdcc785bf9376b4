"""The addresses at which nobody has to be signed in: by them people do it."""

from __future__ import annotations

from starlette.types import Scope

SIGN_IN, LINK, START, CALLBACK, HERE, SIGN_OUT, ACCOUNT = (
    "/signin", "/signin/link", "/signin/start", "/signin/callback", "/signin/here", "/signout", "/account",
)  # fmt: skip
#: Each asks for a session itself, where it needs one.
PATHS = frozenset({SIGN_IN, LINK, START, CALLBACK, HERE, SIGN_OUT, ACCOUNT})
_LONGEST = 2000


def safe_next(text: str, base: str) -> str:
    """Where to go on: a path of this server with its query, below the base; the first page for anything else.

    `//evil.example`, `/\\evil.example` and `https:evil.example` are other servers to a browser.
    """
    home = f"{base}/"
    plain = text.isascii() and text.isprintable() and len(text) <= _LONGEST and "\\" not in text
    if not plain or not text.startswith(home) or text.startswith("//") or " " in text:
        return home
    path = text.partition("?")[0].removeprefix(base)
    return home if path in PATHS or path.startswith("//") else text


def asked_path(scope: Scope) -> str:
    """The path and query of a request, to come back to."""
    query = scope.get("query_string", b"").decode("latin-1")
    return f"{scope['path']}?{query}" if query else str(scope["path"])
