"""Gzip: all members of a file in pieces; what is cut off or damaged ends it with a warning, never an error."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

CHUNK = 1024 * 1024
#: Flags of a gzip member without an extra field. Block compressors (bgzip) set one and cut lines anywhere;
#: other members are files of their own, whose last line ends with them.
_NO_EXTRA = bytes(flag for flag in range(32) if not flag & 4)


def is_gzip(head: bytes) -> bool:
    return head[:2] == b"\x1f\x8b"


def gzip_is_empty(path: Path) -> str:
    """What is wrong with a gzip file that gives nothing."""
    return (
        "The gzip file holds no readable data"
        + (" (it is cut off or damaged)" if path.stat().st_size > 40 else "")
        + ". Compress the log again and upload it."
    )


def unpack_head(path: Path, size: int) -> bytes:
    """At least `size` unpacked bytes, or all there are."""
    data = b""
    for piece in unpack(path, []):
        data += piece
        if len(data) >= size:
            break
    return data


def unpack(path: Path, warnings: list[str]) -> Iterator[bytes]:
    """The content of all gzip members in pieces of ≤ 1 MiB; what is damaged ends it with a warning."""
    with path.open("rb") as raw:
        yield from _members(raw, warnings)


def _members(raw: BinaryIO, warnings: list[str]) -> Iterator[bytes]:
    decoder = zlib.decompressobj(31)
    data = raw.read(CHUNK)
    first = ended = True
    while data:
        try:
            piece = decoder.decompress(data, CHUNK)
        except zlib.error:
            warnings.append(
                "The gzip data is damaged: what could be unpacked before the damage was read."
                if first or data[:2] == b"\x1f\x8b"
                else "There is something after the gzip data that is not gzip; it was ignored."
            )
            return
        if piece:
            yield piece
            ended = piece.endswith(b"\n")
        if decoder.eof:
            data = decoder.unused_data or raw.read(CHUNK)
            first = False
            while data and not data.strip(b"\0"):  # tar and tape pad with NULs
                data = raw.read(CHUNK)
            if data and not data.startswith(b"\x1f"):
                warnings.append("There is something after the gzip data that is not gzip; it was ignored.")
                return
            decoder = zlib.decompressobj(31)
            if not data:
                return
            if not ended and not data[3:4].strip(_NO_EXTRA):
                yield b"\n"
        else:
            data = decoder.unconsumed_tail or raw.read(CHUNK)
    warnings.append("The gzip file is cut off: the lines up to there were read, the last may be incomplete.")
