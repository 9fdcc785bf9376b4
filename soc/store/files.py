"""Files of the installation: uploads and what runs leave behind, below one root that every machine reaches.

The root is `SOC_FILES_URL`: the data folder unless told otherwise, another folder, or a bucket (`s3://bucket/prefix`).
A file's name is relative to it and written with slashes; rows hold names, so a worker elsewhere finds the file by
the same row. On a folder nothing is ever copied: a name is a path there. From a bucket a file is fetched when it
is read, once a machine.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

import fsspec

from soc import clock
from soc.errors import ConfigurationError, NotFound, SocError, StoreError
from soc.settings import get_settings

#: Fetched copies beyond this many bytes go, the longest unused first; but none that was used this recently.
COPIES_BYTES = 4 * 1024**3
_IN_USE_SECONDS = 3600.0
#: What `pip install` needs for a protocol that fsspec cannot speak by itself.
_PACKAGES = {
    "s3": "soc-operations-dashboard[s3]",
    "gs": "gcsfs",
    "gcs": "gcsfs",
    "az": "adlfs",
    "abfs": "adlfs",
}


@dataclass(frozen=True)
class Files:
    """The root. `folder` is where it lies on this machine, None for a bucket; `copies` holds what was fetched."""

    filesystem: Any
    base: str
    folder: Path | None
    copies: Path

    def address(self, name: str) -> str:
        """Where the file lies for `filesystem`. Raises StoreError for a name that leaves the root."""
        parts = PurePosixPath(name).parts
        if not parts or ".." in parts or name.startswith("/"):
            raise StoreError(f"{name!r} is not a file of this installation.", hint="Upload the file again.")
        return f"{self.base}/{'/'.join(parts)}"

    @contextmanager
    def write(self, name: str) -> Iterator[BinaryIO]:
        """A new file, streamed to its place. When the block raises, nothing is kept."""
        with _explained(name, writing=True):
            if self.folder is not None:
                (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            try:
                with self.filesystem.open(self.address(name), "wb") as target:
                    yield cast(BinaryIO, target)
            except BaseException:
                with suppress(OSError):
                    self.filesystem.rm_file(self.address(name))
                raise

    def read_head(self, name: str, size: int) -> bytes:
        """The file's first `size` bytes."""
        with _explained(name), self.filesystem.open(self.address(name), "rb", cache_type="none") as source:
            return cast(bytes, source.read(size))

    def put(self, source: Path, name: str) -> None:
        """Copy a file of this machine to its place."""
        with _explained(name, writing=True):
            self.filesystem.put_file(str(source), self.address(name))

    def fetch(self, name: str, target: Path) -> None:
        """Copy a file to this machine; it appears whole or not at all. Raises NotFound."""
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _explained(name), tempfile.TemporaryDirectory(dir=target.parent, prefix=".fetch-") as beside:
            self.filesystem.get_file(self.address(name), f"{beside}/file")
            Path(beside, "file").replace(target)

    def local(self, name: str) -> Path:
        """A path on this machine that holds the file, for reading: its own place, or a copy that was fetched once.

        Raises NotFound where it had to be fetched and is not there.
        """
        if self.folder is not None:
            return self.folder / name
        copy = self.copies / name
        try:
            os.utime(copy)
        except FileNotFoundError:
            self.fetch(name, copy)
            make_room(self.copies)
        return copy

    def names(self, folder: str) -> list[str]:
        """The names of the files directly in a folder, sorted; [] where there is none."""
        with _explained(folder):
            try:
                found = self.filesystem.ls(self.address(folder), detail=True)
            except FileNotFoundError:
                return []
            return sorted(PurePosixPath(one["name"]).name for one in found if one["type"] == "file")

    def names_below(self, folder: str) -> list[str]:
        """The names, below the root, of all files in a folder and in its folders, sorted; [] where there is none."""
        with _explained(folder):
            try:
                found = self.filesystem.find(self.address(folder))
            except FileNotFoundError:
                return []
            return sorted(str(path).removeprefix(f"{self.base}/") for path in found)

    def written_at(self, name: str) -> datetime:
        """When its last byte was written, by the clock of the place where it lies. Raises NotFound."""
        with _explained(name):
            return cast(datetime, self.filesystem.modified(self.address(name)))

    def delete(self, name: str) -> None:
        """Remove a file; nothing happens where there is none."""
        with _explained(name), suppress(FileNotFoundError):
            self.filesystem.rm_file(self.address(name))

    def delete_folder(self, folder: str) -> None:
        """Remove a folder with all that is in it; nothing happens where there is none."""
        with _explained(folder), suppress(FileNotFoundError):
            self.filesystem.rm(self.address(folder), recursive=True)


@dataclass(frozen=True)
class Folder:
    """A folder for reading: below the root, or (without `files`) any path of this machine."""

    name: str
    files: Files | None = None

    def exists(self) -> bool:
        return Path(self.name).is_dir() if self.files is None else bool(self.files.names(self.name))

    def names(self) -> list[str]:
        """Names of its files, sorted; [] where it is not there."""
        if self.files is not None:
            return self.files.names(self.name)
        return sorted(os.listdir(self.name)) if Path(self.name).is_dir() else []

    def local(self, name: str) -> Path:
        """A path on this machine that holds this file of it."""
        return Path(self.name, name) if self.files is None else self.files.local(f"{self.name}/{name}")


def get_files() -> Files:
    """The root for the current settings. Raises ConfigurationError for a SOC_FILES_URL that cannot be used."""
    settings = get_settings()
    return _files_for(settings.files_url, settings.data_dir)


@lru_cache(maxsize=4)
def _files_for(url: str, data_dir: Path) -> Files:
    copies = data_dir / "cache" / "files"
    if not url or "://" not in url or url.startswith("file://"):
        folder = Path(url.removeprefix("file://") or data_dir).expanduser().resolve()
        return Files(fsspec.filesystem("file"), folder.as_posix(), folder, copies)
    protocol, _, place = url.partition("://")
    if "@" in place.partition("/")[0]:
        raise ConfigurationError(
            "SOC_FILES_URL holds credentials.",
            hint="Write s3://bucket/prefix, and set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY beside it.",
        )
    if not place.strip("/"):
        raise ConfigurationError("SOC_FILES_URL names no bucket.", hint="Write s3://bucket/prefix.")
    try:
        # listings are not kept: other machines write there
        filesystem = fsspec.filesystem(protocol, use_listings_cache=False)
    except (ImportError, ValueError) as problem:
        package = _PACKAGES.get(protocol)
        raise ConfigurationError(
            f"SOC_FILES_URL begins with {protocol}://, which needs a package that is not installed."
            if package
            else f"SOC_FILES_URL begins with {protocol}://, which is not known here.",
            hint=f"pip install '{package}'" if package else "Write s3://bucket/prefix, or a folder.",
        ) from problem
    return Files(filesystem, place.strip("/"), None, copies)


def name_of(stored: str) -> str | None:
    """The name that a row holds, relative to the root; None for a file that is read where it lies on this machine.

    Rows of earlier versions hold absolute paths below the data folder: those count as names, wherever the data
    folder lies today.
    """
    path = Path(stored)
    if not path.is_absolute():
        return stored
    if path.parent.name == "uploads" and (path.parent.parent == get_settings().data_dir or not path.exists()):
        return f"uploads/{path.name}"
    return None


def make_room(copies: Path, *, limit: int = COPIES_BYTES) -> None:
    """Forget the fetched copies that were longest unused, until `limit` bytes are left."""
    found = []
    for path in copies.rglob("*"):
        with suppress(OSError):
            if path.is_file():
                found.append((path.stat().st_mtime, path.stat().st_size, path))
    total = sum(size for _, size, _ in found)
    for used, size, path in sorted(found):
        if total <= limit or used > clock.now().timestamp() - _IN_USE_SECONDS:
            return
        with suppress(OSError):
            path.unlink()
            total -= size


@contextmanager
def _explained(name: str, *, writing: bool = False) -> Iterator[None]:
    """A bucket's own errors in our words: they come in many classes, and some quote the request."""
    try:
        yield
    except FileNotFoundError as problem:
        if writing:  # the bucket itself is not there
            raise _unreachable(problem) from None
        raise NotFound(f"The file {name} is not there (any more).", hint="Upload it again.") from problem
    except (SocError, OSError) as problem:
        if isinstance(problem, SocError) or get_files().folder is not None:
            raise
        raise _unreachable(problem) from None
    except Exception as problem:
        if type(problem).__module__.partition(".")[0] not in ("botocore", "aiobotocore", "aiohttp", "s3fs"):
            raise
        raise _unreachable(problem) from None


def _unreachable(problem: Exception) -> StoreError:
    return StoreError(
        f"The place of SOC_FILES_URL cannot be used ({type(problem).__name__}).",
        hint="Check the bucket's name, its address (AWS_ENDPOINT_URL) and the credentials in the environment.",
    )
