"""What an incident tells: its steps in the order of time, and who takes part."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import streamlit as st

from soc.store.nouns.incidents.incidents import IncidentRow
from soc.ui.kit import quoted, tables

#: So many of one kind of those who take part are named.
_NAMED = 12
_KINDS = {"ip": "Addresses", "user": "Users", "host": "Hosts"}
_COLUMNS = {
    "first": tables.moment_column("From"),
    "last": tables.moment_column("To"),
    "title": tables.text_column("Step", 260),
    "score": tables.count_column("Score"),
    "count": tables.count_column("Lines"),
    "attack": tables.whole_column("ATT&CK", 90),
}


def draw_steps(row: IncidentRow) -> None:
    """Nothing where there is one step and nobody takes part but who is named above."""
    if len(row.steps) > 1:
        st.subheader(f"What happened: {len(row.steps)} steps", anchor=False)
        tables.show_rows(
            lambda: [_shown(number, step) for number, step in enumerate(row.steps)],
            _COLUMNS,
            alt="What was done, step by step: when, how grave, how many lines",
            most=10,
        )
    by_kind: dict[str, list[str]] = {}
    for one in row.entities:
        by_kind.setdefault(str(one["type"]), []).append(str(one["value"]))
    if sum(map(len, by_kind.values())) > 1:
        said = [_words(_KINDS.get(kind, kind), names) for kind, names in by_kind.items()]
        st.markdown("  \n".join(said))


def _words(label: str, names: list[str]) -> str:
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return f":gray[{label}] {', '.join(quoted.markdown(name) for name in names[:_NAMED])}{more}"


def _shown(number: int, step: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": str(number),
        "first": _moment(step.get("first")),
        "last": _moment(step.get("last")),
        "title": quoted.cell(str(step.get("title", ""))),
        "score": step.get("score", 0),
        "count": step.get("count", 0),
        "attack": str(step.get("attack", "")),
    }


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
