"""Ids that people read aloud: a prefix and base-32 without look-alike letters."""

from __future__ import annotations

import hashlib
import secrets

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def _base32(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, digit = divmod(number, 32)
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))


def new_id(prefix: str) -> str:
    """A random id such as `bat-7k2m9q4x1c` (50 bits)."""
    return f"{prefix}-{_base32(secrets.randbits(50), 10)}"


def derived_id(prefix: str, *parts: str | int) -> str:
    """The same parts give the same id (60 bits of SHA-256): re-running a step cannot make a second row."""
    digest = hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest()
    return f"{prefix}-{_base32(int.from_bytes(digest[:8], 'big') >> 4, 12)}"
