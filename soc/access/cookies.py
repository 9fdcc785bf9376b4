"""The cookie that a session stands behind. Where people come by https its name begins with `__Host-`: no neighbour can set it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

_PLAIN, _SECURE = "soc_session", "__Host-soc_session"


def token_in(cookies: Mapping[str, str]) -> str:
    """What the session's cookie holds; "" for none. The one that no neighbour can set goes first."""
    return cookies.get(_SECURE) or cookies.get(_PLAIN) or ""


def token_of(headers: Iterable[tuple[bytes, bytes]], *, secure: bool) -> str:
    """The same of a request. Where people come by https the plain one is not looked at."""
    name = _SECURE if secure else _PLAIN
    return cookie_of(headers, name)


def cookie_of(headers: Iterable[tuple[bytes, bytes]], name: str) -> str:
    """The first cookie of this name; "" for none."""
    for header, value in headers:
        if header.lower() == b"cookie":
            for part in value.decode("latin-1").split(";"):
                found, _, text = part.strip().partition("=")
                if found == name:
                    return text
    return ""


def cookie(token: str, *, secure: bool) -> str:
    """The value of `Set-Cookie`: it lasts as long as the browser, the row says for how long it is good."""
    return set_cookie(_SECURE if secure else _PLAIN, token, secure=secure)


def no_cookie(*, secure: bool) -> str:
    """The value of `Set-Cookie` that takes it away."""
    return set_cookie(_SECURE if secure else _PLAIN, "", secure=secure, seconds=0)


def set_cookie(name: str, value: str, *, secure: bool, seconds: int | None = None) -> str:
    """`HttpOnly`, `SameSite=Lax`, for the whole host; `Secure` where people come by https."""
    lasting = "" if seconds is None else f"; Max-Age={seconds}"
    return f"{name}={value}; Path=/; HttpOnly; SameSite=Lax{lasting}{'; Secure' if secure else ''}"
