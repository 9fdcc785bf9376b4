"""Files that break readers of logs, all made here: what is in each, and what must come out of it."""

from __future__ import annotations

import gzip
import json
import zlib
from dataclasses import dataclass

LOGIN = b"Mar  1 00:00:%02d h sshd[1]: Failed password for u%d from 203.0.113.%d port 2 ssh2"
LOGINS = b"".join(LOGIN % (n, n, n) + b"\n" for n in range(50))
TEXT = LOGINS.decode()


@dataclass(frozen=True)
class Hostile:
    """`lines` are records, of which `rejected` with a reason; `alerts` are failed logins among the others.

    `error` and `warning`: words of what the user is told, "" where nothing is.
    """

    data: bytes
    lines: int
    alerts: int = 0
    rejected: int = 0
    error: str = ""
    warning: str = ""


def _damaged_gzip() -> bytes:
    """Whole but for its checksum, which only its end can show; more than is unpacked at a time."""
    packed = gzip.compress(LOGINS * 400)
    return packed[:-8] + bytes(4) + packed[-4:]


def _records(indent: int | None = None) -> bytes:
    return json.dumps([{"message": line} for line in TEXT.splitlines()], indent=indent).encode()


def _bgzip() -> bytes:
    """Members with an extra field, cut in the middle of lines, as block compressors write them."""
    out = b""
    for at in range(0, len(LOGINS), 333):
        piece = LOGINS[at : at + 333]
        packer = zlib.compressobj(6, zlib.DEFLATED, -15)
        body = packer.compress(piece) + packer.flush()
        head = b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0BC\x02\0" + len(body).to_bytes(2, "little")
        out += head + body + zlib.crc32(piece).to_bytes(4, "little") + len(piece).to_bytes(4, "little")
    return out


HOSTILE: dict[str, Hostile] = {
    # nothing, or no log
    "empty.log": Hostile(b"", 0, error="The file is empty"),
    "blanks.log": Hostile(b" \t \n\r\n   \n", 0, error="only blanks"),
    "mark-alone.log": Hostile(b"\xef\xbb\xbf", 0, error="holds no"),
    "header-alone.csv": Hostile(b"timestamp,source,message\n", 0, error="no records"),
    "picture.log": Hostile(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8, 0, error="PNG picture"),
    "paper.log": Hostile(b"%PDF-1.7\n1 0 obj\n", 0, error="PDF document"),
    "events.evtx": Hostile(b"ElfFile\0" + bytes(64), 0, error="Windows event log"),
    "sheet.xlsx": Hostile(b"PK\x03\x04" + bytes(30), 0, error="Save it as CSV"),
    "logs.zip": Hostile(b"PK\x03\x04" + bytes(30), 0, error="ZIP archive"),
    "logs.7z": Hostile(b"7z\xbc\xaf\x27\x1c" + bytes(30), 0, error="7-Zip"),
    "logs.bz2": Hostile(b"BZh91AY&SY" + bytes(30), 0, error="bzip2"),
    "logs.zst": Hostile(b"\x28\xb5\x2f\xfd" + bytes(30), 0, error="zstd"),
    "database.log": Hostile(b"SQLite format 3\0" + bytes(90), 0, error="database file"),
    "binary.log": Hostile(bytes(range(1, 32)) * 60, 0, error="binary data"),
    "table.parquet": Hostile(b"PAR1" + bytes(90), 0, error="Parquet"),
    "wide.csv": Hostile(",".join(f"c{n}" for n in range(2000)).encode() + b"\n1\n", 2),
    # newlines
    "lone-cr.log": Hostile(LOGINS.replace(b"\n", b"\r"), 50, 50),
    "crlf.log": Hostile(LOGINS.replace(b"\n", b"\r\n"), 50, 50),
    "mixed-newlines.log": Hostile(b"".join(line + (b"\n", b"\r\n", b"\r")[n % 3] for n, line in enumerate(LOGINS.splitlines())), 50, 50),
    "no-newline-at-all.log": Hostile(LOGIN % (1, 1, 1), 1, 1),
    "only-newlines-between.log": Hostile(LOGINS.replace(b"\n", b"\n\n\n"), 50, 50),
    # encodings
    "utf16.log": Hostile(TEXT.encode("utf-16"), 50, 50),
    "utf16-no-mark.log": Hostile(TEXT.encode("utf-16-le"), 50, 50),
    "utf16-be-no-mark.log": Hostile(TEXT.encode("utf-16-be"), 50, 50),
    "utf16-half-a-character.log": Hostile(TEXT.encode("utf-16") + b"x", 51, 50, warning="incomplete in UTF-16"),
    "utf32.log": Hostile(TEXT.encode("utf-32"), 50, 50),
    "latin1.log": Hostile("Grüße\n".encode("latin-1") + LOGINS, 51, 50, warning="2 bytes are not UTF-8"),
    "mixed-encodings.log": Hostile("Grüße\n".encode("cp1252") + "Grüße\n".encode() + LOGINS, 52, 50, warning="not UTF-8"),
    "surrogates.log": Hostile(b"\xed\xa0\x80\xed\xb0\x80 half a pair\n" + LOGINS, 51, 50, warning="not UTF-8"),
    "overlong.log": Hostile(b"\xc0\xaf\xc0\xae\xf8\x88\x80\x80\x80\n" + LOGINS, 51, 50, warning="not UTF-8"),
    "cut-character.log": Hostile(LOGINS + b"ends in half a \xe6\x97", 51, 50, warning="2 bytes are not UTF-8"),
    # bytes that deceive
    "nuls.log": Hostile(LOGINS.replace(b"sshd", b"s\0shd"), 50, 50, warning="50 NUL bytes were removed"),
    "controls.log": Hostile(LOGINS.replace(b"Failed", b"\x1b[31mFailed").replace(b"port", b"\x07port"), 50, 50),
    "right-to-left.log": Hostile(LOGINS.replace(b" port", " \u202etrop\u202c".encode()), 50, 50),
    "substitute.log": Hostile(b"\x1a\x1a\x1a eof of old days\n" + LOGINS, 51, 50),
    "no-break-blanks.log": Hostile("\u00a0\u2003\u3000\n".encode() + LOGINS, 50, 50),
    # size
    "giant-line.log": Hostile(LOGINS + b"A" * 150_000 + b"\n", 51, 50, warning="64 KiB were cut there: line 51"),
    "alert-beyond-the-cap.log": Hostile(b"A" * 70_000 + b" Failed password for x\n" + LOGINS, 51, 50, warning="line 1"),
    "many-short.log": Hostile(b"x\n" * 20_000, 20_000),
    "runs-of-one-letter.log": Hostile(b"\n".join(c * 20_000 for c in (b"a", b"1.", b'"', b"a=")), 4, warning=""),
    # gzip
    "packed.log": Hostile(gzip.compress(LOGINS), 50, 50),
    "two-members.log": Hostile(gzip.compress(LOGINS) + gzip.compress(LOGINS[:-1]), 100, 100),
    "first-member-without-newline.log": Hostile(gzip.compress(LOGINS[:-1]) + gzip.compress(LOGINS), 100, 100),
    "members-cut-anywhere.log": Hostile(_bgzip(), 50, 50),
    "truncated-gzip.log": Hostile(gzip.compress(LOGINS, 0)[:-48], 50, 49, warning="cut off"),
    "gzip-without-its-end.log": Hostile(gzip.compress(LOGINS)[:-8], 50, 50, warning="cut off"),
    "gzip-head-alone.log": Hostile(b"\x1f\x8b\x08\x00", 0, error="no readable data"),
    "gzip-padded.log": Hostile(gzip.compress(LOGINS) + bytes(512), 50, 50),
    "gzip-and-garbage.log": Hostile(gzip.compress(LOGINS) + b"garbage", 50, 50, warning="not gzip; it was ignored"),
    "gzip-of-nothing.log": Hostile(gzip.compress(b""), 0, error="no readable data"),
    "gzip-of-gzip.log": Hostile(gzip.compress(gzip.compress(bytes(range(256)) * 40, 0)), 0, error="binary data"),
    "damaged-gzip.log": Hostile(_damaged_gzip(), -1, warning="damaged"),
    "damaged-and-small.log": Hostile(b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + b"\xff" * 60, 0, error="cut off or damaged"),
    # JSON
    "deep.json": Hostile(b'{"a":' * 5_000 + b"1" + b"}" * 5_000 + b'\n{"message":"x"}\n', 2, rejected=1),
    "deep-array.json": Hostile(b"[" * 5_000 + b"]" * 5_000, 1, rejected=1),
    "array.json": Hostile(_records(), 50, 50),
    "pretty-array.json": Hostile(_records(indent=2), 50, 50),
    "cut-array.json": Hostile(_records()[:-10], 50, 49, rejected=1),
    "empty-array.json": Hostile(b"[]", 0, error="no records"),
    "half-a-pair.jsonl": Hostile(b'{"message": "half \\ud800 pair"}\n{"message": "x"}\n', 2, rejected=1),
    "huge-number.jsonl": Hostile(b'{"message":"x","id":' + b"9" * 500 + b"}\n", 1),
    "keys-twice.jsonl": Hostile(b'{"message":"x","message":"y"}\n{"message":"z"}\n', 2),
    "nonsense.jsonl": Hostile(b'{"message":"x"}\nplain words\n{"message":\n{"message":"z"}\n', 4, rejected=2),
    # CSV
    "quotes.csv": Hostile(b"t,source,message\n" + b'"' * 3_001 + b"\n" + b"t,s,x\n" * 20, 21, rejected=1),
    "quote-in-every-line.csv": Hostile(b"time,source,message\n" + b't,s,"x\n' * 300, -1),
    "never-closed.csv": Hostile(b'time,source,message\nt,s,"open\n' + b"t,s,x\n" * 20, 21, rejected=1),
    "ragged.csv": Hostile(b"time,source,message\nt,s,one\nt,s\nt,s,two,more\n,\n", 4, rejected=2),
    "twice.csv": Hostile(b"message,message,source\nFailed password for x,b,c\n", 1, 1, warning="more than once"),
    "spaced-header.csv": Hostile(b" Time Stamp ;Host Name;MESSAGE \nt;h;Failed password for x\n", 1, 1),
    "commas-alone.csv": Hostile(b"time,source,message\n" + b",,\n" * 20, 20, rejected=20),
    "formula.csv": Hostile(b"time,source,message\nt,s,=HYPERLINK(1)\nt,s,@SUM(1)\n", 2),
}  # fmt: skip
