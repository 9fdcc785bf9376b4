"""What people paste where PagerDuty's keys, ids and addresses belong: taken where it says the same, else explained."""

from __future__ import annotations

import re
from urllib.parse import urlsplit, urlunsplit

from pydantic import SecretStr

from soc.integrations.kit.fields import pasted

_INTEGRATION_KEY = re.compile(r"[A-Za-z0-9]{32}")
#: A REST API key is 20 characters, the newer ones `u+…` and `y_…`.
_REST_TOKEN = re.compile(r"(?=.*[A-Z0-9+])[A-Za-z0-9_+-]{20}")
_WHERE = (
    "; copy the “Integration Key” of an Events API v2 integration (Services → the service → Integrations)"
)


def key_in(value: SecretStr) -> SecretStr:
    """The integration key, also out of an integration's address. Raises ValueError for an id or an e-mail address."""
    text = value.get_secret_value()
    if found := re.match(
        r"(?i)https?://events[^/]*\.pagerduty\.com/(?:[^?#]*/)?([A-Za-z0-9]{32})(?=[/?#]|$)", text
    ):
        return SecretStr(found[1])
    if re.match(r"(?i)https?://", text):
        raise ValueError(f"is an address{_WHERE}")
    if "@" in text:
        raise ValueError(f"is an e-mail address{_WHERE}")
    if re.fullmatch(r"[PQ][A-Z0-9]{6,13}", text):
        raise ValueError(f"is the id of a service or an integration, not a key{_WHERE}")
    return value


def refuse_swapped(key: str, token: str) -> None:
    """Raises ValueError once where a key stands in the other's place."""
    key_is_token, token_is_key = _REST_TOKEN.fullmatch(key), _INTEGRATION_KEY.fullmatch(token)
    if key_is_token and token_is_key:
        raise ValueError("integration_key: and the REST API token are swapped; exchange the two")
    if key_is_token:
        raise ValueError(f"integration_key: looks like a REST API key, which cannot send events{_WHERE}")
    if token_is_key:
        raise ValueError(
            "rest_token: looks like an integration key (32 letters and digits), which belongs above; a REST API key is "
            "made under Integrations → API Access Keys"
        )


def id_in(text: str) -> str:
    """An id, also at the end of its page's address."""
    text = pasted(text)
    if not re.match(r"(?i)https?://", text):
        return text
    found = re.findall(r"(?<=[/#])[PQ][A-Z0-9]{5,13}(?=[/?#]|$)", text)
    return found[0] if found else text


def api_host(url: str) -> str:
    """The API's address without a path of its own. Raises ValueError for the web pages' host."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if not host.endswith("pagerduty.com"):
        return url.removesuffix("/v2/enqueue").removesuffix("/v2")
    if host.split(".")[0] not in ("api", "events"):
        raise ValueError(
            "is a page of PagerDuty; its APIs are https://events.pagerduty.com and https://api.pagerduty.com"
        )
    return urlunsplit((parts.scheme, parts.netloc, "", "", ""))
