"""What config fields share: checked URLs, clean secrets, text that any vendor can take."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx
from pydantic import SecretStr

from soc.storable import is_storable

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufdd0-\ufdef\ufffe\uffff]")
#: No URL has these; programs disagree on what they mean (a backslash, for one, may end the host or not).
_NOT_IN_URLS = frozenset('"<>\\`{}')


#: Blanks that are seen and marks that are not, which come along when something is copied.
_AROUND = " \t\r\n\u00a0\u200b\u200c\u200d\u2060\ufeff"
_PAIRS = ('""', "''", "``", "“”", "„“", "‘’", "‚‘", "«»")
#: A host without its scheme, as people write it.
_BARE_HOST = re.compile(r"(?i)[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}(?::\d{1,5})?(?:[/?#].*)?")
_AUTHORITY = re.compile(r"(?i)^(https?://)([^/?#@\\]*(?:@[^/?#@\\]*)*)@")


def pasted(text: str, pairs: tuple[str, ...] = _PAIRS) -> str:
    """What was meant by what was pasted: without blanks, unseen marks and one pair of quotes around it."""
    text = text.strip(_AROUND)
    for pair in pairs:
        if len(text) > 1 and text[0] == pair[0] and text[-1] == pair[1]:
            return text[1:-1].strip(_AROUND)
    return text


def pasted_url(text: str) -> str:
    """An address as it was meant: without what surrounds it, with https:// before a bare host."""
    text = pasted(text, (*_PAIRS, "<>"))
    return f"https://{text}" if _BARE_HOST.fullmatch(text) else text


def checked_url(text: str) -> str:
    """An http(s) URL without credentials, query or fragment, and without a slash at its end.

    Raises ValueError, also for every character that is invisible, half a character, or in no URL.
    """
    text = pasted_url(text)
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
    if host in ("http", "https"):
        raise ValueError("begins with https:// twice")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not hold a user name or password; they have fields of their own")
    if parts.query or parts.fragment or re.search(r"\s", text):
        raise ValueError("must end after the path: no “?”, no “#”, no spaces")
    return text.rstrip("/")


def split_query(url: str) -> tuple[str, str]:
    """An address, and what follows its “?” without the fragment ("" where nothing does): it may hold a token."""
    address, _, query = url.partition("?")
    return address.partition("#")[0] if query else address, query.partition("#")[0]


def split_user(url: str) -> tuple[str, tuple[str, str] | None]:
    """An address without `user:password@`, and the two, decoded; None where there are none."""
    url = pasted_url(url)
    found = _AUTHORITY.match(url)
    if found is None:
        return url, None
    user, _, password = found[2].partition(":")
    return found[1] + url[found.end() :], (unquote(user), unquote(password))


def checked_query(value: SecretStr) -> SecretStr:
    """The secret query of an address, without its “?”. Raises ValueError where it must be encoded first."""
    text = value.get_secret_value().strip().removeprefix("?")
    if not re.fullmatch(r"[!-~]{0,2000}", text) or "#" in text:
        raise ValueError("holds blanks, “#” or letters outside of ASCII; encode them (%20)")
    return SecretStr(text)


def clean_secret(value: SecretStr, *schemes: str, needed: bool = False) -> SecretStr:
    """A token as it was meant: without blanks and quotes around it, and without its header's words before it.

    `schemes` are such words (“Bearer”, “St2-Api-Key:”). Raises ValueError, which does not repeat it, where no header
    could carry it and where it is needed and empty.
    """
    text = pasted(value.get_secret_value())
    for scheme in schemes:
        if text.lower().startswith(f"{scheme.lower()} "):
            text = pasted(text[len(scheme) :])
    if re.match(r"(?i)(?:export\s+)?[A-Z][A-Z0-9]*_[A-Z0-9_]+\s*=", text):
        raise ValueError("holds a whole line of an .env file; give only what follows the “=”")
    if not text.isascii() or any(c.isspace() or not c.isprintable() for c in text):
        raise ValueError("holds blanks or letters that no token has; copy it again")
    if needed and not text:
        raise ValueError("is empty")
    return SecretStr(text)


def holds_control(value: Any) -> bool:
    """Whether a text, or one within a list or an object, holds what `clean_text` takes out; names count."""
    if isinstance(value, str):
        return _CONTROL.search(value) is not None or not is_storable(value)
    if isinstance(value, Mapping):
        return any(holds_control(name) or holds_control(one) for name, one in value.items())
    return isinstance(value, (list, tuple)) and any(map(holds_control, value))


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
