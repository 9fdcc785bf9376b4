"""Scanning: one address that tries many ports or many pages that are not there. Worked out on groups.

A block marks the lines that can be part of a scan and what each of them tried; groups carry the distinct
values. Groups of one address that follow each other within the window are one scan when they tried enough.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl

from soc.detection.signatures import SIGNATURES
from soc.domain.classification import Classification
from soc.domain.incident import Incident, Reason, Sample
from soc.ids import derived_id

PORT_SCAN, WEB_SCAN = "scan.ports", "scan.web"
#: So many different ports refused, or pages not found, within the window.
PORTS, PATHS = 15, 20
SCAN_SCORE, SCAN_CONFIDENCE = 8, 0.9
#: No more different values are kept of one group; the count then says "at least".
VALUES = 512

#: What a scanner's own groups are: they become part of its scan. Attacks in earnest stay incidents of their own.
_PROBES: dict[str, frozenset[str]] = {
    PORT_SCAN: frozenset({PORT_SCAN, *(s.id for s in SIGNATURES if "port-probe" in s.tags)}),
    WEB_SCAN: frozenset({WEB_SCAN, *(s.id for s in SIGNATURES if "page-probe" in s.tags)}),
}
_REFUSED = [s.id for s in SIGNATURES if "connection-refused" in s.tags]
_NEEDED = {PORT_SCAN: PORTS, WEB_SCAN: PATHS}
_NAMES = {PORT_SCAN: "Port scan", WEB_SCAN: "Web scanning"}
_SAID = {PORT_SCAN: "different ports refused to", WEB_SCAN: "different paths not found for"}
_ATTACK = {PORT_SCAN: "T1046", WEB_SCAN: "T1595.003"}
_TITLES = {signature.id: signature.title for signature in SIGNATURES}
_SAMPLES = 5

_DENIED = ["deny", "denied", "drop", "dropped", "block", "blocked", "reject", "rejected"]
_PORT_KEY = r"(?i)\b(?:dpt|dport|dst_?port|dest(?:ination)?_?port)=\"?(\d{1,5})\b"
_PORT_WORDS = r"(?i)\bto [0-9a-f.:]{3,45}(?: port |[:/])(\d{1,5})\b|\bdst \S{1,60}?/(\d{1,5})\b"


def scan_marks(events: pl.DataFrame) -> pl.DataFrame:
    """`row, kind, value` of the lines that may belong to a scan; `value` is a hash of the port or path tried."""
    there = events["source.ip"].is_not_null()
    missing = (events["http.response.status_code"] == 404) & events["url.path"].is_not_null() & there
    pages = missing.fill_null(False).arg_true()
    action = events["event.action"].str.to_lowercase().is_in(_DENIED)
    refused = (events["rule_id"].is_in(_REFUSED) | action).fill_null(False) & there
    lines = refused.arg_true()
    raw = events["raw"].gather(lines).alias("r").to_frame()
    port = raw.select(
        pl.coalesce(
            pl.col("r").str.extract(_PORT_KEY, 1),
            pl.col("r").str.extract(_PORT_WORDS, 1),
            pl.col("r").str.extract(_PORT_WORDS, 2),
        )
    ).to_series() if len(lines) else pl.Series([], dtype=pl.String)  # fmt: skip
    parts = [
        pl.DataFrame({"row": rows, "value": values.cast(pl.String)})
        .drop_nulls()
        .with_columns(pl.lit(kind).alias("kind"), pl.col("value").hash(seed=3))
        for kind, rows, values in (
            (WEB_SCAN, pages, events["url.path"].gather(pages)),
            (PORT_SCAN, lines, port),
        )
    ]
    return pl.concat(parts).unique("row", keep="first", maintain_order=True)


def scan_incidents(
    batch_id: str, sessions: Iterable[dict[str, Any]], window_us: int
) -> list[tuple[Incident, list[int]]]:
    """Scans among the sessions, each with the numbers of the sessions that are part of it."""
    found = []
    by_entity: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for session in sessions:
        for kind, probes in _PROBES.items():
            if session["entity"] and session["rule_id"] in probes:
                by_entity.setdefault((kind, session["entity"]), []).append(session)
    for (kind, entity), members in sorted(by_entity.items()):
        for run in _runs(members, window_us):
            if _is_scan(run, _NEEDED[kind], window_us):
                scan = _scan(batch_id, kind, entity, run, len(_values(run)))
                found.append((scan, [session["session"] for session in run]))
    return found


def _values(run: Iterable[dict[str, Any]]) -> set[int]:
    return set().union(*(session["values"] for session in run))


def _is_scan(run: list[dict[str, Any]], needed: int, window_us: int) -> bool:
    """Whether so many different things were tried within one window, or in every window on average."""
    if run[0]["first"] is None:
        return len(_values(run)) >= needed
    span = run[-1]["reach"] - run[0]["first"]
    if len(_values(run)) >= needed * max(1.0, span / window_us):
        return True
    for index, begin in enumerate(run):
        near = [session for session in run[index:] if session["last"] - begin["first"] <= window_us]
        if len(_values(near)) >= needed:
            return True
    return False


def _runs(members: Sequence[dict[str, Any]], window_us: int) -> list[list[dict[str, Any]]]:
    """Sessions that follow each other within the window; those without time are one run."""
    timed = sorted(
        (session for session in members if session["first"] is not None),
        key=lambda session: (session["first"], session["session"]),
    )
    runs: list[list[dict[str, Any]]] = []
    reach = 0
    for session in timed:
        if not runs or session["first"] - reach > window_us:
            runs.append([])
            reach = session["last"]
        reach = max(reach, session["last"])
        runs[-1].append({**session, "reach": reach})
    untimed = [session for session in members if session["first"] is None]
    return [*runs, untimed] if untimed else runs


def _scan(batch_id: str, kind: str, entity: str, run: list[dict[str, Any]], values: int) -> Incident:
    own = min(run, key=lambda session: (-len(session["values"]), -session["n"], session["session"]))
    texts = sorted((text for session in run for text in session["samples"]), key=_place)
    seen = [session for session in run if session["first_seen"] is not None]
    kinds = Counter(dict.fromkeys(sorted({session["rule_id"] for session in run}), 0))
    for session in run:
        kinds[session["rule_id"]] += session["n"]
    count = f"at least {values}" if values >= VALUES else str(values)
    main = Reason(
        signature=kind, title=f"{count} {_SAID[kind]} {entity}", words="", start=0, end=0,
        weight=SCAN_SCORE, attack=_ATTACK[kind],
    )  # fmt: skip
    parts = (
        Reason(signature=rule, title=f"{_TITLES[rule]}: {lines} lines", words="", start=0, end=0, weight=0)
        for rule, lines in kinds.most_common()
        if rule != kind
    )
    return Incident(
        id=derived_id("inc", batch_id, kind, entity, "-" if run[0]["first"] is None else run[0]["first"]),
        batch_id=batch_id,
        title=f"{_NAMES[kind]} from {entity}",
        source=own["source"],
        classification=Classification.SECURITY_ALERT,
        score=SCAN_SCORE,
        confidence=SCAN_CONFIDENCE,
        rule_id=kind,
        template_id=own["template_id"],
        template=own["template"],
        entity=entity,
        count=sum(session["n"] for session in run),
        first_seen=min((session["first_seen"] for session in seen), default=None),
        last_seen=max((session["last_seen"] for session in seen), default=None),
        message=own["message"],
        reasons=(main, *parts),
        samples=tuple(Sample(**{name: text[name] for name in _SAMPLE}) for text in texts[:_SAMPLES]),
    )


_SAMPLE = ("file", "line_no", "offset", "text")


def _place(sample: dict[str, Any]) -> tuple[int, int]:
    return sample["file_no"], sample["line_no"]
