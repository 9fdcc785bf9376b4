"""`soc why FILE:LINE`: what was read of a line, who decided what it is, what its score is made of, and where it leads."""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from soc.analysis.why import Considered, Why, explain_line
from soc.batches.ruleset import ruleset_in_force
from soc.cli.process.processing import options_for
from soc.cli.say import give, open_store, refuse, result
from soc.domain.incident import Incident
from soc.rules.decide import Decision, decide
from soc.settings import get_settings
from soc.store.db import read_session
from soc.store.nouns.rules.rules import list_rules


def print_why(place: str, *, format: str, zone: str) -> None:
    """Say it. Raises ConfigurationError for what is no FILE:LINE, LogParseError where there is no such line."""
    name, _, number = place.rpartition(":")
    if not name or not number.isdecimal() or not int(number):
        refuse(f"{place!r} names no line.", hint="Write FILE:LINE, as in auth.log:17.")
    if not Path(name).is_file():
        refuse(f"{name} is no file.", hint="Write FILE:LINE, as in auth.log:17.")
    options = options_for(format, source_column="", message_column="", zone=zone)
    open_store()
    settings = get_settings()
    with tempfile.TemporaryDirectory(prefix="soc-why-") as work:
        why = explain_line(
            Path(name), int(number), options=options, settings=settings, ruleset=ruleset_in_force(settings),
            work_dir=Path(work),
        )  # fmt: skip
    rules = _ask_rules(why.incident)
    for line in _lines(why, rules):
        result(line)
    give(_document(why, rules))


def _ask_rules(incident: Incident | None) -> list[Decision]:
    if incident is None:
        return []
    with read_session() as session:
        return decide(incident, list_rules(session))


def _lines(why: Why, rules: list[Decision]) -> list[str]:
    row = why.row
    time = f"{row['@timestamp']:%Y-%m-%d %H:%M:%S %Z}" if row["@timestamp"] else "unknown"
    assumed = f" (assumed: {row['time_assumed']})" if row["time_assumed"] else ""
    lines = [
        why.text[:1_000],
        f"Read as   {row['format']}; time {time}{assumed}",
        *(f"  {name} = {value}" for name, value in why.fields.items()),
    ]
    if row["rejected_reason"]:
        return [*lines, f"Rejected  {row['rejected_reason']}"]
    verdict = f"{row['classification']}, score {row['score']}, confidence {row['confidence']:.2f}"
    lines.append(f"Verdict   {verdict}; decided by {row['decided_by']}")
    lines += [_considered(one) for one in (*why.stages, *why.signatures)]
    lines.append("Score")
    lines += [f"  {one['weight']:+d}  {one['title']}" for one in why.score if one["weight"]] or [
        "  1  nothing explains the line"
    ]
    if why.incident is None:
        return [*lines, "Incident  none: alone it is too weak, or it is counted and too few came."]
    found = why.incident
    lines.append(f"Incident  {found.title}: score {found.score}, {found.count:,} lines")
    lines += [f"  {one.title}" for one in found.reasons[:8]]
    lines += [f"Rule      {one.rule.name}: {one.explanation}" for one in rules]
    return [*lines, f"Ticket    {'yes' if any(one.matched for one in rules) else 'no'}"]


def _considered(one: Considered) -> str:
    mark = "✓" if one.counts else "·"
    words = f" “{one.words[:120]}” [{one.start}–{one.end}]" if one.start >= 0 else ""
    return f"  {mark} {one.name}{f' ({one.title})' if one.title else ''}: {one.said}{words}"


def _document(why: Why, rules: list[Decision]) -> dict[str, Any]:
    row = why.row
    keys = (
        "format",
        "@timestamp",
        "time_assumed",
        "rejected_reason",
        "classification",
        "score",
        "confidence",
        "decided_by",
        "rule_id",
    )
    return {
        "line": row["line_no"], "text": why.text, **{key: row[key] for key in keys}, "fields": why.fields,
        "stages": [asdict(one) for one in why.stages], "signatures": [asdict(one) for one in why.signatures],
        "score_steps": list(why.score),
        "incident": why.incident.model_dump(mode="json", exclude={"samples"}) if why.incident else None,
        "rules": [{"id": one.rule.id, "name": one.rule.name, "matched": one.matched, "explanation": one.explanation} for one in rules],
        "ticket": any(one.matched for one in rules),
    }  # fmt: skip
