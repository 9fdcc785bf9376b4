"""A file's bytes become UTF-8 text: compression, encoding and things that are not logs are found out here.

A file that is already uncompressed text in UTF-8 (or nearly) is left where it is; anything else is
written once to a temporary file, and offsets then refer to that decoded text.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from soc.logs.opening.archives import CHUNK, gzip_is_empty, is_gzip, unpack, unpack_head
from soc.logs.opening.bounds import UNBOUNDED, Bounds
from soc.logs.opening.event_log import MAGIC, write_records
from soc.logs.opening.framed import unframe

SAMPLE_BYTES = 256 * 1024

_BOMS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

#: Tables come from spreadsheets, which write what Windows is set to. Of other logs, which may be damaged, more is asked.
_TABLE = re.compile(r"(?i)\.[ct]sv(?:\.gz(?:ip)?)?$")
#: Bytes that Windows-1252 has no character for, or that no text holds; bytes beyond ASCII; and those beside a letter.
_NOT_1252 = re.compile(rb"[\x00-\x08\x0e-\x1a\x81\x8d\x8f\x90\x9d]")
_HIGH = re.compile(rb"[\x80-\xff]")
_WITHIN_WORD = re.compile(rb"(?<=[A-Za-z])[\x80-\xff]|[\x80-\xff](?=[A-Za-z])")

#: First bytes of what people drop in by mistake, and what they can do about it.
_NOT_LOGS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG", "is a PNG picture, not a text log. Upload the log that the picture shows."),
    (b"\xff\xd8\xff", "is a JPEG picture, not a text log. Upload the log that the picture shows."),
    (b"GIF8", "is a GIF picture, not a text log."),
    (b"%PDF", "is a PDF document, not a text log. Export the log as text or CSV."),
    (b"\x7fELF", "is a program, not a text log."),
    (b"MZ\x90", "is a Windows program, not a text log."),
    (b"SQLite format 3", "is a database file, not a text log. Export the table as CSV."),
    (b"PAR1", "is a Parquet file, not a text log. Export it as CSV or JSON lines."),
    (b"\xd0\xcf\x11\xe0", "is an old Office document, not a text log. Save the sheet as CSV."),
    (b"7z\xbc\xaf", "is a 7-Zip archive. Unpack it and upload the files inside."),
    (b"BZh", "is compressed with bzip2. Unpack it, or compress it with gzip."),
    (b"\xfd7zXZ", "is compressed with xz. Unpack it, or compress it with gzip."),
    (b"\x28\xb5\x2f\xfd", "is compressed with zstd. Unpack it, or compress it with gzip."),
    (b"Rar!", "is a RAR archive. Unpack it and upload the files inside."),
)


@dataclass(frozen=True)
class Text:
    """Text that is ready to be cut into blocks, or `error`."""

    path: Path
    encoding: str = ""
    compression: str = ""
    warnings: tuple[str, ...] = ()
    error: str = ""


def make_text(
    path: Path, name: str, *, work_dir: Path, max_bytes: int, stop_at: int = 0, bounds: Bounds = UNBOUNDED
) -> Text:
    """Find out what `path` holds and make it UTF-8 text.

    `stop_at` > 0 reads no more than that many decoded bytes (a preview). Never raises for bad content; raises
    NotWanted and Outgrown as `bounds` say.
    """
    warnings: list[str] = []
    with path.open("rb") as raw:
        head = raw.read(SAMPLE_BYTES)
    if not head:
        return Text(path, error="The file is empty. Check the export that made it, then upload it again.")
    compression = "gzip" if is_gzip(head) else ""
    if not compression and name.lower().endswith((".gz", ".gzip")):
        return Text(
            path,
            error="The name says gzip but the content is not. Compress it again, or remove “.gz” from the name.",
        )
    if not compression and path.stat().st_size > max_bytes:
        return Text(
            path,
            error=f"The file is larger than the limit of {max_bytes:,} bytes. Split it and upload the parts.",
        )
    sample = head
    if compression:
        sample = unpack_head(path, SAMPLE_BYTES)
        if not sample:
            return Text(path, compression=compression, error=gzip_is_empty(path))
    if head.startswith(MAGIC):
        return _text_of_events(path, work_dir, min(stop_at or max_bytes, max_bytes), bounds)
    complaint = _not_a_log(sample, name)
    if complaint:
        return Text(path, compression=compression, error=complaint)
    encoding, skip = find_encoding(sample)
    if encoding == "utf-8" and _is_windows_1252(sample, table=bool(_TABLE.search(name))):
        encoding = "cp1252"
    if not compression and encoding == "utf-8":
        unframed = work_dir / f"{path.name[:40].encode().hex()[:40]}.framed"
        unframed.parent.mkdir(parents=True, exist_ok=True)
        said = unframe(path, head, unframed, min(stop_at or max_bytes, max_bytes), bounds)
        if said is not None:
            return Text(unframed, encoding, compression, tuple(said))
        return Text(path, encoding, compression)
    target = work_dir / f"{path.name[:40].encode().hex()[:40]}.txt"
    target.parent.mkdir(parents=True, exist_ok=True)
    limit = min(stop_at or max_bytes, max_bytes)
    _write_decoded(path, target, compression, encoding, skip, limit, warnings, bounds, preview=bool(stop_at))
    if target.stat().st_size == 0:
        return Text(target, encoding, compression, tuple(warnings), gzip_is_empty(path))
    return Text(target, "utf-8" if encoding == "utf-8-sig" else encoding, compression, tuple(warnings))


def _text_of_events(path: Path, work_dir: Path, limit: int, bounds: Bounds) -> Text:
    """A Windows event log as lines of JSON."""
    target = work_dir / f"{path.name[:40].encode().hex()[:40]}.jsonl"
    target.parent.mkdir(parents=True, exist_ok=True)
    warnings, error = write_records(path, target, limit, bounds)
    return Text(target, "utf-8", "evtx", tuple(warnings), error)


def find_encoding(sample: bytes) -> tuple[str, int]:
    """The encoding and how many bytes of byte order mark to skip. UTF-16/32 without mark: by where NULs stand."""
    for mark, encoding in _BOMS:
        if sample.startswith(mark):
            return encoding, len(mark)
    window = sample[: 4096 - len(sample[:4096]) % 4]
    if len(window) >= 8 and window.count(0) >= len(window) * 0.3:
        for encoding in ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be"):
            if _is_mostly_text(window, encoding):
                return encoding, 0
    return "utf-8", 0


#: So many places within words make Windows-1252 of a text, by whether it is a table; at least this share of all.
_WORDS_OF, _SHARE_OF = {True: 2, False: 6}, {True: 0.66, False: 0.8}


def _is_windows_1252(sample: bytes, *, table: bool) -> bool:
    """Text in which nothing beyond ASCII is UTF-8, and most of it stands beside a letter, as it does in words.

    Several such places: a lone byte is damage, and what attackers send is bytes beside bytes.
    """
    if sample.isascii() or sample.decode("utf-8", "ignore").isascii() is False or _NOT_1252.search(sample):
        return False
    high, within = len(_HIGH.findall(sample)), len(_WITHIN_WORD.findall(sample))
    return within >= _WORDS_OF[table] and within >= high * _SHARE_OF[table]


def _is_mostly_text(window: bytes, encoding: str) -> bool:
    try:
        text = window.decode(encoding)
    except UnicodeDecodeError:
        return False
    plain = sum(map(str.isprintable, text)) + text.count("\n") + text.count("\r") + text.count("\t")
    return plain >= len(text) * 0.95 and sum(map(str.isascii, text)) >= len(text) * 0.5


def _not_a_log(sample: bytes, name: str) -> str:
    """Why the sample cannot be a log, "" if it may be one."""
    for magic, meaning in _NOT_LOGS:
        if sample.startswith(magic):
            return f"The file {meaning}"
    if sample.startswith(b"PK\x03\x04") or name.lower().endswith((".xlsx", ".zip")):
        if name.lower().endswith((".xlsx", ".xlsm", ".docx", ".ods")):
            return "The file is a spreadsheet or document, not a text log. Save it as CSV and upload that."
        return "The file is a ZIP archive. Unpack it and upload the files inside (gzip is read as it is)."
    window = sample[:65536]
    if find_encoding(sample)[0] != "utf-8":
        return ""
    control = len(window) - len(
        window.translate(None, bytes([*range(9), 11, *range(14, 27), *range(28, 32), 127]))
    )
    if control > len(window) * 0.1:
        return "The file is not a text log (it holds binary data). Export the log as text, CSV or JSON lines."
    return ""


def _write_decoded(
    path: Path,
    target: Path,
    compression: str,
    encoding: str,
    skip: int,
    limit: int,
    warnings: list[str],
    bounds: Bounds,
    *,
    preview: bool,
) -> None:
    """Unpack and transcode piecewise. At `limit` bytes it stops and (unless it is a preview) says so."""
    pieces = unpack(path, warnings) if compression else _read_pieces(path)
    plain = encoding in ("utf-8", "utf-8-sig")
    decoder = None if plain else codecs.getincrementaldecoder(encoding)(errors="replace")
    written = dropped = 0
    stored = path.stat().st_size
    with target.open("wb") as out:
        for piece in pieces:
            bounds.check_unpacked(stored, written)
            body, skip = piece[skip:], max(0, skip - len(piece))
            if decoder is not None:
                body = decoder.decode(body).encode("utf-8", "replace")
            room = limit - written
            out.write(body[:room])
            written += min(len(body), room)
            dropped += max(0, len(body) - room)
            if dropped:
                break
        if decoder is not None and not dropped:
            tail = decoder.decode(b"", final=True).encode("utf-8", "replace")
            out.write(tail)
            if tail:
                warnings.append(f"The last character is incomplete in {encoding.upper()}.")
    if dropped and not preview:
        warnings.append(
            f"Unpacked, the file is larger than the limit of {limit:,} bytes: only that much was read, "
            "the rest was NOT analysed. Split the file and upload the parts."
        )


def _read_pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as raw:
        while piece := raw.read(CHUNK):
            yield piece
