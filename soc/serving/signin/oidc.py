"""OpenID Connect, by the authorization code with PKCE (RFC 9700): our own routes, so that our own session follows from it.

What a sign-in began with (state, nonce, verifier, where to) travels in the browser, sealed, for ten minutes. The provider is
spoken to over the guarded client that all vendors are spoken to over.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx
import structlog

from soc import clock
from soc.access.accounts import Identity
from soc.access.id_tokens import KeyUnknown, TokenRefused, check_id_token, key_set
from soc.access.providers import Provider
from soc.errors import SocError
from soc.integrations.kit.connection import shared_client, within
from soc.settings import get_settings
from soc.store import vault

log = structlog.get_logger(__name__)
#: Seconds for all that a provider is asked at one step.
PATIENCE = 15.0
#: A sign-in must be finished in this time.
BEGUN_FOR = timedelta(minutes=10)
_KEPT_FOR = timedelta(hours=1)
_LARGEST_ANSWER = 1024 * 1024
_OWNER = "oidc-sign-in"


class ProviderAway(SocError):
    """The provider does not answer, or not as one does."""

    def __init__(self, why: str) -> None:
        super().__init__(
            "The provider cannot be asked now.", hint="Try again; an administrator finds why in the log."
        )
        self.why = why


@dataclass(frozen=True)
class Begun:
    """A sign-in that left for the provider."""

    issuer: str
    state: str
    nonce: str
    verifier: str
    onward: str
    at: float

    def seal(self) -> str:
        """For the browser to keep."""
        return vault.seal({"begun": json.dumps(vars(self))}, owner=_OWNER)

    @classmethod
    def unseal(cls, text: str) -> Begun:
        """Raises TokenRefused for what is not ours, or is over."""
        try:
            begun = cls(**json.loads(vault.unseal(text, owner=_OWNER)["begun"]))
        except (SocError, KeyError, TypeError, ValueError):
            raise TokenRefused("nothing was begun in this browser") from None
        if not 0 <= clock.now().timestamp() - begun.at <= BEGUN_FOR.total_seconds():
            raise TokenRefused("it was begun too long ago")
        return begun


def begin(provider: Provider, redirect: str, onward: str) -> tuple[str, Begun]:
    """The provider's address to leave for, and what was begun. Raises ProviderAway."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": redirect,
        "scope": provider.scopes,
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    address = _endpoint(_metadata(provider), "authorization_endpoint", provider)
    joined = f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"
    return joined, Begun(provider.issuer, state, nonce, verifier, onward, clock.now().timestamp())


def finish(provider: Provider, begun: Begun, answer: Mapping[str, str], redirect: str) -> Identity:
    """Who it is, by what came back to `redirect`. Raises TokenRefused, ProviderAway."""
    if not hmac.compare_digest(answer.get("state", "").encode(), begun.state.encode()):
        raise TokenRefused("the state")
    metadata = _metadata(provider)
    named = metadata.get("authorization_response_iss_parameter_supported") is True
    if (named or "iss" in answer) and answer.get("iss") != provider.issuer:  # RFC 9207
        raise TokenRefused("another provider answered")
    if not answer.get("code"):
        raise TokenRefused(f"the provider refused ({answer.get('error', '')[:40]!r})")
    with within(PATIENCE):
        given = _exchange(provider, metadata, begun, answer["code"], redirect)
        token = given.get("id_token")
        if not isinstance(token, str):
            raise TokenRefused("there is no ID token")
        claims = _checked(provider, metadata, token, begun.nonce)
        claims = {**_more(metadata, provider, claims, given), **claims}
    return _identity(provider, claims)


def _identity(provider: Provider, claims: Mapping[str, Any]) -> Identity:
    said = claims.get(get_settings().groups_claim)
    many = said if isinstance(said, list) else [said]
    # one that is only cleaned might be the name of another group
    groups = tuple(one for one in many if isinstance(one, str) and one.isprintable())
    name = next(
        (claims[one] for one in ("name", "preferred_username") if isinstance(claims.get(one), str)), ""
    )
    clean = " ".join("".join(one if one.isprintable() else " " for one in name).split())[:200]
    return Identity(provider.issuer, claims["sub"], clean, groups)


def _checked(provider: Provider, metadata: Mapping[str, Any], token: str, nonce: str) -> Mapping[str, Any]:
    """The claims; a key that is not known yet has the set read anew, once."""
    address = _endpoint(metadata, "jwks_uri", provider)
    for fresh in (False, True):
        keys = key_set(_documents.read(address, fresh=fresh))
        try:
            return check_id_token(
                token,
                keys,
                issuer=provider.issuer,
                client_id=provider.client_id,
                nonce=nonce,
                now=clock.now(),
            )
        except KeyUnknown:
            if fresh:
                raise
    raise AssertionError("unreachable")


def _exchange(
    provider: Provider, metadata: Mapping[str, Any], begun: Begun, code: str, redirect: str
) -> Mapping[str, Any]:
    """The code for tokens, at the provider's own address and nowhere else."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect,
        "code_verifier": begun.verifier,
    }
    headers = {"content-type": "application/x-www-form-urlencoded"}
    ways = metadata.get("token_endpoint_auth_methods_supported")
    if provider.client_secret and (not isinstance(ways, list) or not ways or "client_secret_basic" in ways):
        pair = f"{quote(provider.client_id, safe='')}:{quote(provider.client_secret, safe='')}"
        headers["authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    else:
        form["client_id"] = provider.client_id
        if provider.client_secret:
            form["client_secret"] = provider.client_secret
    address = _endpoint(metadata, "token_endpoint", provider)
    return _ask("POST", address, headers=headers, content=urlencode(form))


def _more(
    metadata: Mapping[str, Any], provider: Provider, claims: Mapping[str, Any], given: Mapping[str, Any]
) -> Mapping[str, Any]:
    """What the provider says beside the token, where that names no groups; of the same person alone."""
    access = given.get("access_token")
    if (
        get_settings().groups_claim in claims
        or "userinfo_endpoint" not in metadata
        or not isinstance(access, str)
    ):
        return {}
    address = _endpoint(metadata, "userinfo_endpoint", provider)
    said = _ask("GET", address, headers={"authorization": f"Bearer {access}"})
    if said.get("sub") != claims["sub"]:
        raise TokenRefused("the provider speaks of somebody else")
    return said


def _metadata(provider: Provider) -> Mapping[str, Any]:
    address = f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration"
    with within(PATIENCE):
        metadata = _documents.read(address)
    if metadata.get("issuer") != provider.issuer:
        raise ProviderAway("it calls itself by another name than the issuer of the settings")
    return metadata


def _endpoint(metadata: Mapping[str, Any], name: str, provider: Provider) -> str:
    """An address that the provider names: as well guarded as its own."""
    address = metadata.get(name)
    try:
        parts = urlsplit(address if isinstance(address, str) else "")
        named = bool(parts.hostname) and str(address).isprintable()
    except ValueError:  # half an IPv6 address, a character that hides a slash
        named = False
    if not named or not isinstance(address, str):
        raise ProviderAway(f"it names no {name}")
    if parts.scheme != "https" and urlsplit(provider.issuer).scheme == "https":
        raise ProviderAway(f"its {name} is no https address")
    return address


def leaving(provider: Provider, back: str) -> str:
    """Where one signs out at the provider too, and comes back from (RP-initiated logout); "" where it declares no such address.

    It names our client and no token, since none is kept: the provider asks whether it is meant.
    """
    try:
        metadata = _metadata(provider)
        address = (
            _endpoint(metadata, "end_session_endpoint", provider)
            if "end_session_endpoint" in metadata
            else ""
        )
    except (ProviderAway, TokenRefused):
        return ""
    if not address:
        return ""
    about = urlencode({"client_id": provider.client_id, "post_logout_redirect_uri": back})
    return f"{address}{'&' if urlsplit(address).query else '?'}{about}"


class _Documents:
    """What providers publish, kept for an hour."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[datetime, Mapping[str, Any]]] = {}
        self._lock = threading.Lock()

    def read(self, address: str, *, fresh: bool = False) -> Mapping[str, Any]:
        with self._lock:
            kept = self._kept.get(address)
        if kept is not None and not fresh and timedelta() <= clock.now() - kept[0] < _KEPT_FOR:
            return kept[1]
        try:
            read = _ask("GET", address)
        except TokenRefused as error:  # what is published needs no proof
            raise ProviderAway(error.why) from None
        with self._lock:
            self._kept[address] = (clock.now(), read)
        return read

    def forget(self) -> None:
        with self._lock:
            self._kept.clear()


_documents = _Documents()


def forget_documents() -> None:
    """Ask providers anew for what they publish."""
    _documents.forget()


def _ask(method: str, address: str, **more: Any) -> Mapping[str, Any]:
    """The JSON object of a 2xx. Raises ProviderAway, TokenRefused where the provider refuses what it was given."""
    try:
        with shared_client().stream(method, address, **more) as answer:
            body = b""
            for block in answer.iter_bytes():
                body += block
                if len(body) > _LARGEST_ANSWER:
                    raise ProviderAway("its answer is too long")
            status = answer.status_code
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ProviderAway(type(error).__name__) from None
    if status in (400, 401, 403):
        raise TokenRefused(f"the provider answered {status}")
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        said = None
    if not 200 <= status < 300 or not isinstance(said, dict):
        raise ProviderAway(f"it answered {status}")
    return said
