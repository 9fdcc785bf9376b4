"""Features of texts: words, pairs of words, and runs of 3 to 5 characters, each hashed to a bucket. All texts at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

#: So many buckets; a power of two.
BUCKETS = 1 << 16
#: Characters of a text that are looked at (bytes, once lower case).
READ = 240

Codes = npt.NDArray[np.uint32]

_PRIME = np.uint32(16777619)
_WORD, _PAIR = np.uint32(0x9E3779B1), np.uint32(0x85EBCA77)
_SPACE, _END = ord(" "), ord("\n")


@dataclass(frozen=True)
class Features:
    """`bucket` of each feature, those of a text together; `begin`: where each text's begin; `size`: how many it has."""

    bucket: Codes
    begin: npt.NDArray[np.int64]
    size: npt.NDArray[np.int64]


def features_of(texts: pl.Series) -> Features:
    """One entry a text. `texts` are templates: what varies stands as `<*>`."""
    plain = (
        texts.str.to_lowercase()
        .str.replace_all("<*>", "0", literal=True)
        .str.replace_all(r"[^!-~]+", " ")
        .str.head(READ)
    )
    data = np.frombuffer(("\n".join(f" {text} " for text in plain.to_list()) + "\n").encode(), np.uint8)
    document = np.cumsum(data == _END) - (data == _END)
    codes, owners = [], []
    for code, at in (*_runs(data), *_words(data)):
        codes.append(code)
        owners.append(document[at])
    owner = np.concatenate(owners)
    order = np.argsort(owner, kind="stable")
    size = np.bincount(owner, minlength=len(texts)).astype(np.int64)
    bucket = _mixed(np.concatenate(codes))[order]
    return Features(bucket, np.cumsum(size) - size, size)


def _mixed(code: Codes) -> Codes:
    code = (code ^ (code >> np.uint32(15))) * np.uint32(0x2C1B3C6D)
    return (code ^ (code >> np.uint32(13))) & np.uint32(BUCKETS - 1)


def _runs(data: npt.NDArray[np.uint8]) -> list[tuple[Codes, npt.NDArray[np.int64]]]:
    """Runs of characters that cross no end of a text, and where each begins."""
    wide = data.astype(np.uint32)
    found = []
    for size in (3, 4, 5):
        count = len(data) - size + 1
        if count < 1:
            continue
        code = np.full(count, size, np.uint32)
        inside = np.ones(count, np.bool_)
        for offset in range(size):
            code = code * _PRIME + wide[offset : offset + count]
            inside &= data[offset : offset + count] != _END
        at = np.flatnonzero(inside)
        found.append((code[at], at))
    return found


def _words(data: npt.NDArray[np.uint8]) -> list[tuple[Codes, npt.NDArray[np.int64]]]:
    """Words between blanks, and pairs of neighbours in a text, and where each begins."""
    letter = (data != _SPACE) & (data != _END)
    start = np.flatnonzero(letter & ~np.concatenate(([False], letter[:-1])))
    if not len(start):
        return []
    place = np.arange(len(data)) - np.maximum.accumulate(
        np.where(letter & np.isin(np.arange(len(data)), start), np.arange(len(data)), 0)
    )
    power = np.cumprod(np.full(READ + 8, _PRIME, np.uint32), dtype=np.uint32)
    term = np.where(
        letter, (data.astype(np.uint32) + np.uint32(1)) * power[np.minimum(place, READ + 7)], np.uint32(0)
    )
    word = np.add.reduceat(term, start, dtype=np.uint32)
    row = np.cumsum(data == _END)[start]
    near = np.flatnonzero(row[1:] == row[:-1])
    return [(word * _WORD, start), (word[near] * _PAIR + word[near + 1], start[near])]
