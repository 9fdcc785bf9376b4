"""Seals secrets: AES-256-GCM, bound to the row they belong to, so that a token cannot be moved between rows."""

from __future__ import annotations

import base64
import hmac
import json
import logging
import os
import secrets
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from soc.errors import KeyFault, StoreError
from soc.settings import get_settings

_VERSION = b"\x01"
_NONCE_BYTES = 12
log = logging.getLogger(__name__)


def _key_file(data_dir: Path) -> Path:
    return data_dir / "secret.key"


class NoKey(KeyFault):
    """This process has no key. Only an empty store is given a new one (`soc.store.key_check`)."""

    def __init__(self) -> None:
        super().__init__(
            "This process has no key for the stored credentials.",
            hint="Set SOC_SECRET_KEY to the key of the other processes, or copy their data/secret.key here.",
        )


class WrongKey(KeyFault):
    """The store was sealed with another key than this process has."""

    def __init__(self) -> None:
        super().__init__(
            "The key of this process is not the one that sealed this store's credentials.",
            hint="Set SOC_SECRET_KEY (or restore data/secret.key) to the key of the other processes, or of before. "
            "If it is lost, `soc config new-key` forgets what it sealed.",
        )


def has_key() -> bool:
    settings = get_settings()
    given = settings.secret_key is not None and bool(settings.secret_key.get_secret_value())
    return given or _key_file(settings.data_dir).exists()


def forget_generated_key() -> None:
    """The key that was generated a moment ago came second: nothing is sealed with it."""
    _key_file(get_settings().data_dir).unlink(missing_ok=True)


def generate_key() -> None:
    """A key in the data folder, owner-only; nothing happens where one is there."""
    _create_key_file(_key_file(get_settings().data_dir))


def _create_key_file(path: Path) -> None:
    """Whichever process comes first makes it."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    scratch = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as handle:
        handle.write(fresh + "\n")
        handle.flush()
        os.fsync(handle.fileno())
    try:
        # link() fails if the name exists: two processes starting at once agree on one key
        os.link(scratch, path)
        log.warning(
            "A key for stored credentials was generated at %s (owner-only). Back it up with the database, "
            "or set SOC_SECRET_KEY: without it the credentials must be entered again.",
            path,
        )
    except FileExistsError:
        pass
    finally:
        scratch.unlink()


@lru_cache(maxsize=4)
def _cipher(secret: str) -> AESGCM:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"soc vault v1").derive(secret.encode())
    return AESGCM(derived)


def _secret() -> str:
    """What this process's key is made from, as it is now. Raises NoKey."""
    settings = get_settings()
    if settings.secret_key is not None and settings.secret_key.get_secret_value():
        return settings.secret_key.get_secret_value()
    try:
        return _key_file(settings.data_dir).read_text().strip()
    except FileNotFoundError:
        raise NoKey from None


def reveal_key() -> str:
    """What this process's key is made from: only for a backup that is asked to hold it. Raises NoKey."""
    return _secret()


def take_key(secret: str) -> None:
    """Put a backup's key into the data folder of a machine that has none, owner-only."""
    path = _key_file(get_settings().data_dir)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        handle.write(f"{secret}\n")


def _store() -> tuple[str, Path]:
    settings = get_settings()
    return settings.database_url, settings.data_dir


#: By store: the key that was compared with it at the start.
_compared: dict[tuple[str, Path], str] = {}


def trust_key() -> None:
    """The key of this process is that of the store: what does not open from now on is itself broken."""
    _compared[_store()] = _secret()


@lru_cache(maxsize=4)
def _marking_key(secret: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"soc fingerprints v1").derive(secret.encode())


def fingerprint(content: bytes) -> str:
    """Stands for the content, and lets nobody without the key find out by guessing what it was."""
    return hmac.new(_marking_key(_secret()), content, "sha256").hexdigest()


@lru_cache(maxsize=4)
def _signing_key(secret: str) -> Ed25519PrivateKey:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"soc audit signing v1").derive(
        secret.encode()
    )
    return Ed25519PrivateKey.from_private_bytes(derived)


@lru_cache(maxsize=4)
def _public_key(secret: str) -> bytes:
    return _signing_key(secret).public_key().public_bytes_raw()


def public_key() -> bytes:
    """Of the pair that follows from this process's key: 32 bytes that anybody may have. Raises NoKey."""
    return _public_key(_secret())


def sign(content: bytes) -> bytes:
    """An Ed25519 signature, which `public_key` verifies. Raises NoKey."""
    return _signing_key(_secret()).sign(content)


def seal(values: dict[str, str], *, owner: str) -> str:
    """Encrypt `values` for the row named `owner` (for example `integration:jira`)."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed = _cipher(_secret()).encrypt(nonce, json.dumps(values).encode(), owner.encode())
    return base64.urlsafe_b64encode(_VERSION + nonce + sealed).decode()


def unseal(text: str, *, owner: str) -> dict[str, str]:
    """Decrypt what `seal` made for the same owner.

    Raises StoreError when the row is another one's or broken, KeyFault when this process's key is not the store's.
    """
    if not text:
        return {}
    raw = base64.urlsafe_b64decode(text)
    nonce, sealed = raw[1 : 1 + _NONCE_BYTES], raw[1 + _NONCE_BYTES :]
    try:
        opened = _cipher(_secret()).decrypt(nonce, sealed, owner.encode())
    except InvalidTag:
        if _compared.get(_store(), _secret()) != _secret():
            raise WrongKey from None  # it was changed under this process
        raise StoreError(
            f"The stored credentials of {owner} cannot be opened with the current key.",
            hint="Restore SOC_SECRET_KEY (or data/secret.key), or enter the credentials again.",
        ) from None
    values: dict[str, str] = json.loads(opened)
    return values
