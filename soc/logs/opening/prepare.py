"""A file made ready: text, format, blocks. Runs in the pool; whatever is wrong with a file ends in words."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

from soc.logs.formats import all_formats, format_named
from soc.logs.formats.kit.declare import Found, Sample
from soc.logs.formats.kit.finding import find_format, members
from soc.logs.layout import Intake, Layout, LogFormat, ReadOptions
from soc.logs.opening.blocks import clean, cut_blocks, mend_newlines
from soc.logs.opening.bounds import UNBOUNDED, Bounds, Outgrown
from soc.logs.opening.decode import SAMPLE_BYTES, Text, make_text
from soc.logs.opening.json_array import write_lines
from soc.logs.text.display import clean_name

#: No block is larger, whatever the setting allows: more costs memory and gains no speed (the caches are small).
LARGEST_BLOCK = 4 * 1024 * 1024
#: Blocks end with a line; this much more than an even share keeps the last block from being a crumb.
_SPARE = 64 * 1024


def prepare_file(
    path: Path,
    name: str,
    options: ReadOptions,
    *,
    work_dir: Path,
    max_bytes: int,
    block_bytes: int,
    stop_at: int = 0,
    bounds: Bounds = UNBOUNDED,
    as_of: int = 0,
) -> Intake:
    """Everything that must be known before blocks can be read. Never raises for bad content.

    `as_of`: when the file was handed in (µs since 1970). Raises OSError where this machine cannot read or write, and NotWanted as `bounds` say; a file that outgrows them
    comes back with its question.
    """
    shown = clean_name(name)
    failed = Layout(shown, path, options.format)
    if not path.is_file():
        return Intake(failed, "", "", error="The file could not be read: it is not there. Upload it again.")
    try:
        text = make_text(path, name, work_dir=work_dir, max_bytes=max_bytes, stop_at=stop_at, bounds=bounds)
        if text.error:
            return Intake(failed, text.encoding, text.compression, warnings=text.warnings, error=text.error)
        intake = _lay_out(text, shown, options, work_dir, block_bytes, bounds)
        return replace(intake, layout=replace(intake.layout, as_of=as_of))
    except Outgrown as question:
        return Intake(failed, "", "", question=f"{shown}: {question}.")


def _lay_out(
    text: Text, shown: str, options: ReadOptions, work_dir: Path, block_bytes: int, bounds: Bounds
) -> Intake:
    with text.path.open("rb") as raw:
        sample = raw.read(SAMPLE_BYTES)
    lone_cr = _has_lone_cr(sample)
    start_of_text = _decode(sample, lone_cr, whole=len(sample) < SAMPLE_BYTES)
    found = find_format(Sample(start_of_text, shown), options.format.declared, options, all_formats())
    layout = Layout(
        name=shown,
        text_path=text.path,
        format=LogFormat(found.format),
        lone_cr=lone_cr and (found.table is None or b"\n" not in sample),
        table=found.table,
        default_source=options.default_source or _stem(shown),
        zone=options.zone,
        only=tuple(members(options.format, all_formats())),
    )
    warnings = (*text.warnings, *found.warnings)
    if found.error:
        return Intake(layout, text.encoding, text.compression, warnings=warnings, error=found.error)
    start = first_line = 0
    if found.nested:
        target = work_dir / "records.jsonl"
        work_dir.mkdir(parents=True, exist_ok=True)
        write_lines(text.path, target, bounds)
        layout = replace(layout, text_path=target, lone_cr=False)
    elif found.header_lines:
        start = _header_end(sample, layout, found)
        first_line = (
            mend_newlines(sample[:start]).count(b"\n") if layout.lone_cr else sample[:start].count(b"\n")
        )
    size = layout.text_path.stat().st_size
    blocks, lines = cut_blocks(
        layout,
        start=start,
        first_line=first_line + 1,
        block_bytes=_share(size - start, block_bytes),
        bounds=bounds,
    )
    return Intake(layout, text.encoding, text.compression, blocks, size, warnings, lines=lines)


def _share(size: int, block_bytes: int) -> int:
    """Size of a block such that all blocks are about equal, and even in number where there are several."""
    limit = min(block_bytes, LARGEST_BLOCK)
    count = math.ceil(size / limit)
    if count <= 1:
        return limit
    return min(limit, math.ceil(size / (count + count % 2)) + _SPARE)


def _stem(name: str) -> str:
    stem = name.replace("\\", "/").rsplit("/", 1)[-1]
    for ending in (".gz", *(ending for one in all_formats() for ending in one.endings)):
        stem = stem.removesuffix(ending)
    return stem or name


def _has_lone_cr(sample: bytes) -> bool:
    """Old-Mac newlines: a CR that no LF follows, in a sample where they plainly end lines."""
    lone = sample.count(b"\r") - sample.count(b"\r\n") - sample.endswith(b"\r")
    return lone > 0 and (b"\n" not in sample or lone * 10 >= sample.count(b"\n"))


def _decode(sample: bytes, lone_cr: bool, *, whole: bool) -> str:
    if lone_cr:
        sample = mend_newlines(sample)
    if not whole and b"\n" in sample:
        sample = sample[: sample.rfind(b"\n")]
    return sample.replace(b"\0", b"").decode("utf-8", "replace")


def _header_end(sample: bytes, layout: Layout, found: Found) -> int:
    """The byte after the header's record."""
    loaded = clean(sample, layout, 0)
    record_ends = format_named(layout.format).container.record_ends
    if found.table is None or record_ends is None or not found.table.has_header:
        return int(loaded.line_starts[min(found.header_lines, len(loaded.line_starts) - 1)])
    lines = loaded.line_starts
    begin = int(lines[found.header_lines - 1])
    array = loaded.array[int(loaded.starts[found.header_lines - 1]) :]
    ends, _ = record_ends(array, found.table, True)
    extra = int((array[: int(ends[0])] == 10).sum())
    following = found.header_lines - 1 + extra
    return int(lines[following]) if following < len(lines) and extra else max(begin, len(sample))
