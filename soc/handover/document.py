"""What a hand-over says, as a value: sections of lines, and the open incidents with what is missing; to JSON and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from soc import clock
from soc.clock import isoformat
from soc.domain.roster.handover import Outlook


@dataclass(frozen=True)
class Line:
    """One thing of a section: what it is, and what is to be known of it. `page` and `about` name its page here."""

    title: str
    words: str
    page: str = ""
    about: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Section:
    """`total` counts all of them, `lines` are the first."""

    title: str
    total: int
    lines: Sequence[Line]


@dataclass(frozen=True)
class Open:
    """An open incident as the next shift gets it; `missing` is what nobody has written down."""

    incident_id: str
    title: str
    key: str
    severity: str
    entity: str
    owner: str
    owner_name: str
    due_at: datetime
    outlook: Outlook
    version: int
    missing: Sequence[str]


@dataclass(frozen=True)
class HandoverDocument:
    """`lacking` of the `total` open incidents miss something; `open` are the first of them, those on top."""

    at: datetime
    since: datetime
    remark: str
    total: int
    lacking: int
    open: Sequence[Open]
    sections: Sequence[Section]


def as_json(document: HandoverDocument) -> dict[str, Any]:
    """For the store and programs: moments as ISO 8601."""
    return {
        "at": isoformat(document.at),
        "since": isoformat(document.since),
        "remark": document.remark,
        "total": document.total,
        "lacking": document.lacking,
        "open": [
            {
                "incident_id": one.incident_id, "title": one.title, "ticket": one.key, "severity": one.severity,
                "entity": one.entity, "owner": one.owner, "owner_name": one.owner_name, "due_at": isoformat(one.due_at),
                "hypothesis": one.outlook.hypothesis, "next_step": one.outlook.next_step,
                "by_when": isoformat(one.outlook.by_when) if one.outlook.by_when else None, "blocker": one.outlook.blocker,
                "version": one.version, "missing": list(one.missing),
            }
            for one in document.open
        ],
        "sections": [
            {
                "title": section.title, "total": section.total,
                "lines": [{"title": line.title, "words": line.words, "page": line.page, "about": dict(line.about)} for line in section.lines],
            }
            for section in document.sections
        ],
    }  # fmt: skip


def from_json(stored: Mapping[str, Any]) -> HandoverDocument:
    """A document as it was kept."""
    return HandoverDocument(
        at=clock.parse(stored["at"]), since=clock.parse(stored["since"]), remark=stored["remark"], total=stored["total"],
        lacking=stored["lacking"],
        open=[
            Open(
                one["incident_id"], one["title"], one["ticket"], one["severity"], one["entity"], one["owner"],
                one["owner_name"], clock.parse(one["due_at"]),
                Outlook(
                    one["hypothesis"], one["next_step"], clock.parse(one["by_when"]) if one["by_when"] else None,
                    one["blocker"],
                ),
                one["version"], tuple(one["missing"]),
            )
            for one in stored["open"]
        ],
        sections=[
            Section(
                section["title"], section["total"],
                [Line(one["title"], one["words"], one["page"], tuple(one["about"].items())) for one in section["lines"]],
            )
            for section in stored["sections"]
        ],
    )  # fmt: skip
