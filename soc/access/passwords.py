"""Passwords as argon2id keeps them, and one-time codes (TOTP) as authenticator apps show them."""

from __future__ import annotations

import hmac
from datetime import datetime
from functools import lru_cache

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from soc.errors import ConfigurationError

#: argon2id with 64 MiB, three passes, four lanes (RFC 9106's second choice): the library's own default.
_HASHER = PasswordHasher()
SHORTEST, LONGEST = 12, 200
_STEP_SECONDS = 30


def hash_password(password: str) -> str:
    """Raises ConfigurationError for one that is too short, too long or one sign over and over."""
    if not SHORTEST <= len(password) <= LONGEST or len(set(password)) < 4:
        raise ConfigurationError(
            "That password cannot be used.",
            hint=f"{SHORTEST} to {LONGEST} characters, of at least four kinds. Several words make a good one.",
        )
    return _HASHER.hash(password)


def is_password(password: str, kept: str) -> bool:
    """Takes as long where nothing is kept."""
    try:
        return _HASHER.verify(kept or _nobody(), password[:LONGEST]) and bool(kept)
    except (VerificationError, InvalidHashError):
        return False


@lru_cache(maxsize=1)
def _nobody() -> str:
    """Compared with where nobody has that name, so that the answer takes as long."""
    return _HASHER.hash("nobody's password")


def new_secret() -> str:
    """Of one-time codes: 160 bits, in base 32."""
    return pyotp.random_base32()


def address_of_secret(secret: str, name: str) -> str:
    """What an authenticator app takes in (`otpauth://…`)."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name="SOC operations")


def step_of_code(code: str, secret: str, now: datetime) -> int:
    """The time step that this code stands for; 0 where it is none of this minute's. Who takes it notes the step."""
    digits = "".join(code.split())
    totp = pyotp.TOTP(secret, interval=_STEP_SECONDS)
    current = int(now.timestamp()) // _STEP_SECONDS
    for step in (current, current - 1, current + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), digits.encode()):
            return step
    return 0
