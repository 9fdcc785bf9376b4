"""Windows' binary event logs (EVTX): each record becomes one line of JSON, within bounds, whatever the file holds."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

import evtx

from soc.logs.opening.bounds import Bounds

MAGIC = b"ElfFile\0"
#: So many times its size a log may grow to as text: templates are kept once a chunk and written with each record.
_MOST_TIMES = 60
#: So many records are written between two looks at the bounds.
_LOOK = 256
_LEAST = 8 * 1024 * 1024


def write_records(path: Path, target: Path, limit: int, bounds: Bounds) -> tuple[list[str], str]:
    """Write the records of `path`, one a line. Returns what to warn of, and why nothing could be read ("" where it could).

    A record that is broken is left out and counted. Raises NotWanted and Outgrown as `bounds` say.
    """
    stored = path.stat().st_size
    limit = min(limit, max(_LEAST, stored * _MOST_TIMES))
    written = records = 0
    said: list[str] = []
    with warnings.catch_warnings(record=True) as broken, target.open("wb") as out:
        warnings.simplefilter("always")
        for line in _records(path, said):
            if written + len(line) > limit:
                said.append(f"The log holds more than {limit:,} bytes of text: the rest was NOT analysed.")
                break
            out.write(line)
            written += len(line)
            records += 1
            if not records % _LOOK:
                bounds.check_unpacked(stored, written)
                bounds.check_lines(records)
    if broken:
        said.append(f"{len(broken):,} damaged records of the event log were left out.")
    if not records:
        return said, "The file is a Windows event log (EVTX) in which no record can be read. Export it again."
    return said, ""


def _records(path: Path, said: list[str]) -> Iterator[bytes]:
    """Each record as a line; ends, and says so, where the library can go no further."""
    try:
        records = evtx.PyEvtxParser(str(path), number_of_threads=1, skip_errors=True).records_json()
        for record in records:
            if record is not None:
                yield record["data"].replace("\n", " ").encode("utf-8", "replace") + b"\n"
    except GeneratorExit:
        raise
    except BaseException as error:
        # what the library did not foresee comes as a kind of its own, beside all others
        if not isinstance(error, RuntimeError | ValueError | OSError) and not _is_panic(error):
            raise
        said.append(f"The event log is damaged: it was read up to that place ({str(error)[:120]}).")


def _is_panic(error: BaseException) -> bool:
    return type(error).__name__ == "PanicException"
