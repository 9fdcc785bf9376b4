"""What a backup says of itself: `manifest.json`, written last, with the digest of every file that belongs to it.

A folder without it is a backup that was not finished. It is signed with the store's key, whose public half stands in it: by
itself the signature says that nothing was damaged. Only who has the key, and compares (`is_of_this_key`), knows that the
backup is one of this store, and that nobody else made it.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, ValidationError

from soc.errors import StoreError
from soc.store import vault
from soc.store.trail.chain import public_key_id

NAME = "manifest.json"
_SIGNED = b"soc-backup-v1 "
_PIECE = 1 << 20


class Content(BaseModel):
    """One file of the backup."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bytes: int
    sha256: str


class Manifest(BaseModel):
    """`taken_at`: the one moment of both databases. `key`: the first 16 hex digits of the SHA-256 of `public_key` (base64),
    which follows from the key that seals the credentials; the key itself is there only with `with_key`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1] = 1
    version: str
    #: The store's schema (the revision of its last migration).
    revision: str
    database: Literal["sqlite", "postgresql"]
    taken_at: datetime
    seconds: float
    key: str
    public_key: str
    with_key: bool
    with_files: bool
    #: Rows by table of the store.
    rows: Mapping[str, int]
    #: By the path below the backup.
    content: Mapping[str, Content]
    #: Files that were to be copied and went meanwhile (their batch is too old).
    gone: tuple[str, ...] = ()
    #: Ed25519, by the store's key, over the rest.
    signature: str = ""

    @property
    def bytes(self) -> int:
        """How large all of it is."""
        return sum(one.bytes for one in self.content.values())


def write_manifest(folder: Path, manifest: Manifest) -> Manifest:
    """Sign it and put it into the folder: from then on the backup is one. Raises NoKey."""
    signed = manifest.model_copy(update={"signature": base64.b64encode(vault.sign(_text(manifest))).decode()})
    scratch = folder / f".{NAME}"
    scratch.write_text(signed.model_dump_json(indent=2) + "\n", encoding="utf-8")
    scratch.replace(folder / NAME)
    return signed


def read_manifest(folder: Path) -> Manifest:
    """Raises StoreError where there is none, or it is not as it was written."""
    try:
        manifest = Manifest.model_validate_json((folder / NAME).read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        raise StoreError(
            f"{folder} holds no whole backup: {NAME} is missing.",
            hint="A backup is the folder that `soc backup` wrote; if it is this one, it was not finished: take another.",
        ) from None
    except ValidationError:
        manifest = None
    if manifest is None:
        raise StoreError(
            f"{folder / NAME} is damaged, or was written by a newer version.",
            hint="Take another backup, or restore it with the version that made it.",
        )
    try:
        raw = base64.b64decode(manifest.public_key)
        public = Ed25519PublicKey.from_public_bytes(raw)
        public.verify(base64.b64decode(manifest.signature), _text(manifest))
        if public_key_id(raw) != manifest.key:
            raise ValueError("the mark is of another key")
    except (InvalidSignature, ValueError):
        raise StoreError(
            f"{folder / NAME} is not as it was written.", hint="The backup is damaged: take another one."
        ) from None
    return manifest


def is_of_this_key(manifest: Manifest) -> bool:
    """Whether this installation's key signed it, which `read_manifest` does not look at. Raises NoKey."""
    return base64.b64decode(manifest.public_key) == vault.public_key()


def digest_of(path: Path) -> Content:
    """Size and SHA-256 of a file, read once. Raises OSError."""
    size, digest = 0, hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            size += len(piece)
            digest.update(piece)
    return Content(bytes=size, sha256=digest.hexdigest())


def digests_of(folder: Path) -> dict[str, Content]:
    """Every file below the folder but the manifest, by its path there, sorted."""
    return {name: digest_of(folder / name) for name in names_in(folder)}


def names_in(folder: Path) -> list[str]:
    """The paths of those files."""
    names = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(name for name in names if name not in (NAME, f".{NAME}"))


def _text(manifest: Manifest) -> bytes:
    plain = manifest.model_dump(mode="json", exclude={"signature"})
    return _SIGNED + json.dumps(plain, sort_keys=True, separators=(",", ":")).encode()
