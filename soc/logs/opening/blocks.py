"""Cut a text into blocks of whole records, and load one block as clean bytes. All by numpy, never by line."""

from __future__ import annotations

import codecs
from pathlib import Path

import numpy as np

from soc.logs.formats import format_named
from soc.logs.formats.kit.continued import begins_anew, last_new_line
from soc.logs.layout import Block, Layout
from soc.logs.opening.bounds import UNBOUNDED, Bounds
from soc.logs.text.loaded import LINE_CAP, Loaded
from soc.logs.text.views import PADDING, Bytes, Ints

#: A line that does not end within this many bytes is not held: its head is read, the rest skipped.
GIANT = 64 * 1024 * 1024
#: No block has more lines: at some kilobytes a line while it is read, this many take about 300 MB.
BLOCK_LINES = 131_072

#: Stands for one byte that is not UTF-8 while offsets must not move; shown as U+FFFD.
SUBSTITUTE = "\x1a"


def _keep_length(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return SUBSTITUTE * (error.end - error.start), error.end


codecs.register_error("soc-keep-length", _keep_length)


def mend_newlines(data: bytes) -> bytes:
    """Old-Mac newlines: each CR that no LF follows becomes LF. Length and offsets stay."""
    array = np.frombuffer(data, np.uint8)
    if not (array == 13).any():
        return data
    following = np.append(array[1:], np.uint8(0))
    return np.where((array == 13) & (following != 10), np.uint8(10), array).tobytes()


def _line_starts(array: Bytes) -> Ints:
    newlines = np.flatnonzero(array == 10).astype(np.int64) + 1
    starts = np.concatenate((np.zeros(1, np.int64), newlines))
    return starts[:-1] if len(newlines) and newlines[-1] == len(array) else starts


def load_block(layout: Layout, block: Block) -> Loaded:
    """Read and clean one block."""
    with layout.text_path.open("rb") as text:
        text.seek(block.start)
        data = text.read(block.load)
    return clean(data, layout, block.start)


def clean(data: bytes, layout: Layout, at: int) -> Loaded:
    """Make `data` (which begins at offset `at`) valid UTF-8 without NULs; newlines stay where they are."""
    if layout.lone_cr:
        data = mend_newlines(data)
    line_starts = own_starts = _line_starts(np.frombuffer(data, np.uint8))
    nuls = data.count(0)
    if nuls:
        data = data.replace(b"\0", b"")
        own_starts = _line_starts(np.frombuffer(data, np.uint8))
    invalid = 0
    if not data.isascii():
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            before = data.count(b"\x1a")
            data = data.decode("utf-8", "soc-keep-length").encode("utf-8")
            invalid = data.count(b"\x1a") - before
    array: Bytes = np.frombuffer(data, np.uint8)
    return Loaded(data, data + bytes(PADDING), array, own_starts, line_starts + at, invalid, nuls)


def _record_ends(data: bytes, layout: Layout, *, at_eof: bool) -> Ints:
    """Where the records of `data` end."""
    container = format_named(layout.format).container
    array: Bytes = np.frombuffer(data, np.uint8)
    if layout.table is None or container.record_ends is None:
        ends = np.flatnonzero(array == 10).astype(np.int64) + 1
        if container.joins:
            anew = begins_anew(np.frombuffer(data + bytes(4), np.uint8), ends)
            ends = ends[anew] if anew.any() else ends
        return np.append(ends, len(data)) if at_eof and not data.endswith(b"\n") else ends
    ends, _ = container.record_ends(array, layout.table, at_eof)
    return np.asarray(ends, np.int64)


def _last_record_end(data: bytes, layout: Layout, *, at_eof: bool) -> int:
    container = format_named(layout.format).container
    if layout.table is None or container.record_ends is None:
        end = len(data) if at_eof else data.rfind(b"\n") + 1
        return last_new_line(data, end) if container.joins and end and not at_eof else end
    ends = _record_ends(data, layout, at_eof=at_eof)
    return int(ends[-1]) if len(ends) else 0


def cut_blocks(
    layout: Layout, *, start: int, first_line: int, block_bytes: int, bounds: Bounds = UNBOUNDED
) -> tuple[tuple[Block, ...], int]:
    """Blocks of whole records from byte `start` to the end of the text, and the number of its lines.

    A block has about `block_bytes`, and no more than BLOCK_LINES lines unless one record has: what a block costs in
    memory goes by its lines as much as by its bytes. Raises NotWanted and Outgrown as `bounds` say.
    """
    blocks: list[Block] = []
    size = layout.text_path.stat().st_size
    with layout.text_path.open("rb") as text:
        while start < size:
            bounds.check_lines(first_line)
            want = block_bytes
            while True:
                text.seek(start)
                data = text.read(want)
                if data.endswith(b"\r"):
                    data += text.read(1)
                at_eof = start + len(data) >= size
                if layout.lone_cr:
                    data = mend_newlines(data)
                length = _last_record_end(data, layout, at_eof=at_eof)
                if length or at_eof or want >= GIANT:
                    break
                want = min(want * 2, GIANT)
            if not length:
                length = _skip_line(layout.text_path, start, size)
                blocks.append(Block(len(blocks), start, start + length, first_line, LINE_CAP * 2))
                first_line, start = first_line + 1, start + length
                continue
            for part, lines in _by_lines(data[:length], layout, at_eof=at_eof):
                blocks.append(Block(len(blocks), start, start + part, first_line, part))
                first_line, start = first_line + lines, start + part
    bounds.check_lines(first_line)
    return tuple(blocks), first_line - 1


def _by_lines(data: bytes, layout: Layout, *, at_eof: bool) -> list[tuple[int, int]]:
    """Length and newlines of each part of `data`: about equal in lines, none with more than BLOCK_LINES."""
    count = data.count(b"\n")
    if count <= BLOCK_LINES:
        return [(len(data), count)]
    share = -(-count // -(-count // BLOCK_LINES))
    newlines = np.flatnonzero(np.frombuffer(data, np.uint8) == 10)
    ends = _record_ends(data, layout, at_eof=at_eof)
    ends = np.append(ends[ends < len(data)], len(data))
    lines = np.searchsorted(newlines, ends)  # newlines before each end
    parts: list[tuple[int, int]] = []
    at = before = 0
    while at < len(data):
        last = int(np.searchsorted(lines, before + share, side="right")) - 1
        last = max(last, int(np.searchsorted(ends, at, side="right")))  # one record may have more
        parts.append((int(ends[last]) - at, int(lines[last]) - before))
        at, before = int(ends[last]), int(lines[last])
    return parts


def _skip_line(path: Path, start: int, size: int) -> int:
    """Length of the line that begins at `start`, its newline included, without holding it."""
    with path.open("rb") as text:
        text.seek(start)
        at = start
        while piece := text.read(1024 * 1024):
            found = piece.find(b"\n")
            if found >= 0:
                return at + found + 1 - start
            at += len(piece)
    return size - start
