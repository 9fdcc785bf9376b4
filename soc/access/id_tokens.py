"""Whether an ID token is what our provider said to us, now, about the sign-in that we began (OpenID Connect Core 3.1.3.7)."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, import_key

from soc.errors import SocError

#: Signatures that a provider's public key proves. Never `none`, and never HMAC: its key would be the one that is public.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
_PUBLIC_KINDS = frozenset({"RSA", "EC", "OKP"})
#: How far two clocks may be apart, in seconds.
LEEWAY = 60
_LONGEST_TOKEN, _LONGEST_SUBJECT = 64 * 1024, 255
#: Seconds since 1970 that a float holds exactly; no token is in force so long.
_LATEST = 2**53


class TokenRefused(SocError):
    """The token proves nothing. `why` is for the log; who tries is told no more than that."""

    def __init__(self, why: str) -> None:
        super().__init__("The provider's answer does not prove who you are.", hint="Sign in again.")
        self.why = why


class KeyUnknown(TokenRefused):
    """It is signed with a key that is not in the set: the provider may have a new one."""


def key_set(document: Any) -> KeySet:
    """The public keys of a provider's set that sign; what cannot be read of it is left out. Raises TokenRefused for none."""
    given = document.get("keys") if isinstance(document, Mapping) else None
    keys: list[Any] = []
    for one in given if isinstance(given, list) else []:
        with suppress(JoseError, ValueError, KeyError, TypeError):
            if isinstance(one, dict) and one.get("kty") in _PUBLIC_KINDS and one.get("use", "sig") == "sig":
                keys.append(import_key(one))
    if not keys:
        raise TokenRefused("the provider names no key")
    return KeySet(keys)


def check_id_token(
    token: str, keys: KeySet, *, issuer: str, client_id: str, nonce: str, now: datetime
) -> Mapping[str, Any]:
    """The claims of a token that holds. Raises KeyUnknown, TokenRefused."""
    claims = _proved(token, keys)
    moment = int(now.timestamp())
    audience = claims.get("aud")
    everybody = audience if isinstance(audience, list) else [audience]
    subject = claims.get("sub")
    wrong = {
        "issuer": claims.get("iss") != issuer,
        "audience": client_id not in everybody,
        "another party": "azp" in claims and claims["azp"] != client_id,
        "many audiences": len(everybody) > 1 and "azp" not in claims,
        "over": not _number(claims.get("exp")) or claims["exp"] <= moment - LEEWAY,
        "of the future": not _number(claims.get("iat")) or claims["iat"] > moment + LEEWAY,
        "not yet": "nbf" in claims and (not _number(claims["nbf"]) or claims["nbf"] > moment + LEEWAY),
        "nonce": not nonce or not hmac.compare_digest(str(claims.get("nonce", "")).encode("utf-8", "replace"), nonce.encode()),
        "subject": not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT or not subject.isprintable(),
    }  # fmt: skip
    if why := [name for name, so in wrong.items() if so]:
        raise TokenRefused(", ".join(why))
    return claims


def _proved(token: str, keys: KeySet) -> Mapping[str, Any]:
    if len(token) > _LONGEST_TOKEN or token.count(".") != 2:
        raise TokenRefused("it is no signed token")
    try:
        header = jws.extract_compact(token.encode()).headers()
        if header.get("alg") not in ALGORITHMS:
            raise TokenRefused("the algorithm")
        known = {key.kid for key in keys.keys}
        if ("kid" in header and header["kid"] not in known) or ("kid" not in header and len(keys.keys) != 1):
            raise KeyUnknown("the key")
        key = next(key for key in keys.keys if "kid" not in header or key.kid == header["kid"])
        return jwt.decode(token, key, algorithms=list(ALGORITHMS)).claims
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise TokenRefused(type(error).__name__) from None


def _number(value: object) -> bool:
    """A moment that is one: JSON as Python reads it knows NaN, which is after nothing and before nothing, and numbers of any length."""
    return (
        isinstance(value, (int, float))
        and not isinstance(value, bool)
        and abs(value) < _LATEST  # NaN is below nothing
    )
