"""Files whose records are not lines: journald's export, syslog as it came over a stream, what a container runtime cut. Each record becomes one line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import orjson

from soc.logs.opening.bounds import Bounds

#: A frame of a stream (RFC 6587): its length, a blank, and the line that begins with its priority.
_FRAME = re.compile(rb"(\d{1,5}) (?=<\d{1,3}>)")
#: The beginning of an export: fields of the journal itself.
_EXPORT = re.compile(rb"\A(?:__(?:CURSOR|REALTIME_TIMESTAMP|MONOTONIC_TIMESTAMP|SEQNUM)[^=\n]*=[^\n]*\n)")
_NAME = re.compile(rb"[A-Z0-9_]{1,64}\Z")
#: A line of a container runtime: time, stream, and whether it goes on (`P`) or ends (`F`); a beginning of such with one that goes on.
_CONTAINER = re.compile(rb"(\d{4}-\d\d-\d\dT\S{8,30}) (stdout|stderr) ([FP])((?::\S{1,40})?) ?")
_GOES_ON = re.compile(rb"(?m)^\d{4}-\d\d-\d\dT\S{8,30} std(?:out|err) P")
#: No field and no line of an export is longer.
_LONGEST = 1024 * 1024
_CHUNK, _LOOK = 1024 * 1024, 1024


def unframe(path: Path, head: bytes, target: Path, limit: int, bounds: Bounds) -> list[str] | None:
    """Write the records of `path`, which begins with `head`, one a line; returns what to warn of, None where it
    has lines like other files and nothing was written. Raises Outgrown and NotWanted as `bounds` say."""
    read = _reader(head)
    if read is None:
        return None
    said = [
        "The file's records are not lines: line numbers count records, offsets refer to one record a line."
    ]
    written = 0
    with path.open("rb") as stream, target.open("wb") as out:
        for number, line in enumerate(read(stream), 1):
            written += len(line)
            if written > limit:
                said.append(f"The file holds more than {limit:,} bytes of text: the rest was NOT analysed.")
                break
            out.write(line)
            if not number % _LOOK:
                bounds.check_lines(number)
    return said


def _reader(head: bytes) -> Callable[[BinaryIO], Iterator[bytes]] | None:
    if _EXPORT.match(head):
        return _entries
    if _CONTAINER.match(head) and _GOES_ON.search(head):
        return _said_by_containers
    first = _FRAME.match(head)
    if first is not None and _FRAME.match(head, first.end() + int(first[1])):
        return _frames
    return None


def _frames(stream: BinaryIO) -> Iterator[bytes]:
    """The lines of the frames; where one does not begin as frames do the rest is left as it is."""
    rest = b""
    while chunk := stream.read(_CHUNK):
        rest += chunk
        at = 0
        while (frame := _FRAME.match(rest, at)) and frame.end() + int(frame[1]) <= len(rest):
            at = frame.end() + int(frame[1])
            yield rest[frame.end() : at].rstrip(b"\n").replace(b"\n", b"\\n") + b"\n"
        rest = rest[at:]
        if len(rest) > _CHUNK:
            yield rest
            rest = b""
    if rest:
        yield rest


def _said_by_containers(stream: BinaryIO) -> Iterator[bytes]:
    """Each line of a program in one, where the runtime cut it; other lines as they are."""
    begun: dict[bytes, bytes] = {}
    while line := stream.readline(_LONGEST):
        part = _CONTAINER.match(line)
        if part is None:
            yield line
            continue
        text = line[part.end() :]
        head = begun.pop(part[2], b"") or part[1] + b" " + part[2] + b" F" + part[4] + b" "
        if part[3] == b"P" and len(head) < _LONGEST:
            begun[part[2]] = head + text.rstrip(b"\r\n")
        else:
            yield head + text
    yield from (one + b"\n" for one in begun.values())


def _entries(stream: BinaryIO) -> Iterator[bytes]:
    """The entries as objects; a field whose value holds ends of lines is written with its length (systemd's export format)."""
    entry: dict[str, str] = {}
    while line := stream.readline(_LONGEST):
        text = line.rstrip(b"\n")
        if not text:
            if entry:
                yield orjson.dumps(entry) + b"\n"
            entry = {}
            continue
        name, mark, value = text.partition(b"=")
        if not mark and _NAME.match(name):
            size = int.from_bytes(stream.read(8), "little")
            value = stream.read(min(size, _LONGEST))
            stream.readline(_LONGEST)
        entry[name.decode("utf-8", "replace")] = value.decode("utf-8", "replace")
    if entry:
        yield orjson.dumps(entry) + b"\n"
