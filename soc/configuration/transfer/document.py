"""The document that carries configurations: its format, and how its secrets are sealed.

Sealed secrets are bound to their integration and to where its settings send them (the config's `PLACES`): in a
document whose addresses were edited they do not open, so that nobody on the way can have a token sent to a server
of their own. All other settings may be edited.
"""

from __future__ import annotations

import base64
import json
import secrets as randomness
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from soc.errors import ConfigurationError
from soc.integrations.registry import KINDS

FORMAT = "soc-configuration-1"
#: A passphrase has to withstand guessing offline: 64 MiB and about 0.2 s a guess.
_SCRYPT = {"n": 2**16, "r": 8, "p": 1}
SHORTEST_PASSPHRASE = 12


def _key(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, **_SCRYPT).derive(passphrase.encode())


def bound_to(kind: str, settings: Mapping[str, Any]) -> bytes:
    """What a sealing vouches for beside the secrets: their integration, and the addresses they are sent to."""
    places = {name: str(settings.get(name) or "") for name in KINDS[kind].config.PLACES}
    return json.dumps([FORMAT, kind, places], sort_keys=True).encode()


def seal(values: dict[str, str], passphrase: str, place: bytes) -> str:
    salt, nonce = randomness.token_bytes(16), randomness.token_bytes(12)
    sealed = AESGCM(_key(passphrase, salt)).encrypt(nonce, json.dumps(values).encode(), place)
    return base64.b64encode(salt + nonce + sealed).decode()


def unseal(text: str, passphrase: str, place: bytes) -> dict[str, str]:
    """Raises ConfigurationError where passphrase, document or addresses are not those of the export."""
    if not passphrase:
        raise ConfigurationError(
            "The document's secrets are sealed.", hint="Give the passphrase it was exported with."
        )
    try:
        raw = base64.b64decode(text, validate=True)
        opened = AESGCM(_key(passphrase, raw[:16])).decrypt(raw[16:28], raw[28:], place)
    except (InvalidTag, ValueError):
        raise ConfigurationError(
            "The secrets do not open with this passphrase.",
            hint="It may be mistyped, or the document was changed: the addresses must stay as they were exported. "
            "Change them after the import.",
        ) from None
    values: dict[str, str] = json.loads(opened)
    return values
