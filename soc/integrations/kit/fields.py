"""What config fields share: checked URLs, clean secrets, text that any vendor can take."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import httpx
from pydantic import SecretStr

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufdd0-\ufdef\ufffe\uffff]")
#: No URL has these; programs disagree on what they mean (a backslash, for one, may end the host or not).
_NOT_IN_URLS = frozenset('"<>\\`{}')


def checked_url(text: str) -> str:
    """An http(s) URL without credentials, query or fragment, and without a slash at its end.

    Raises ValueError, also for every character that is invisible, half a character, or in no URL.
    """
    text = text.strip()
    # First of all: `urlsplit` drops tabs and line ends without a word.
    if any(not c.isprintable() or c in _NOT_IN_URLS for c in text):
        raise ValueError("holds a character that no web address has; copy it again, or encode it (%20)")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
        httpx.URL(text)
    except (ValueError, httpx.InvalidURL):
        raise ValueError("is not a web address") from None
    if port == 0:
        raise ValueError("must have a port from 1 to 65535, or none")
    if parts.scheme not in ("http", "https") or not host:
        raise ValueError("must be a web address that begins with https://")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not hold a user name or password; they have fields of their own")
    if parts.query or parts.fragment or re.search(r"\s", text):
        raise ValueError("must end after the path: no “?”, no “#”, no spaces")
    return text.rstrip("/")


def clean_secret(value: SecretStr) -> SecretStr:
    """A token as pasted, without the blanks around it. Raises ValueError where no header could carry it."""
    text = value.get_secret_value().strip()
    if not text.isascii() or any(c.isspace() or not c.isprintable() for c in text):
        raise ValueError("holds blanks or letters that no token has; copy it again")
    return SecretStr(text)


def clean_text(text: str) -> str:
    """Text that every vendor can store: no control characters (XML has no place for them), no half characters."""
    whole = text.encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub("\ufffd", whole)


def one_line(text: str) -> str:
    """`clean_text` with every run of white space as one blank."""
    return re.sub(r"[\s\u2028\u2029\x85]+", " ", clean_text(text)).strip()


def length(text: str) -> int:
    """Characters as Java and JavaScript count them (UTF-16 units), which is how vendors' limits are meant."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, limit: int, ending: str = "…") -> str:
    """At most `limit` UTF-16 units, with `ending` in place of what was cut."""
    if length(text) <= limit:
        return text
    kept, room = [], limit - length(ending)
    for character in text[:limit]:
        room -= 2 if ord(character) > 0xFFFF else 1
        if room < 0:
            break
        kept.append(character)
    return "".join(kept) + ending
