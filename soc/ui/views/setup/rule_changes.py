"""Who changed which rule, as the Rules page shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from soc.domain.rule import Rule
from soc.store.db import read_session
from soc.store.nouns.rules.rules import RuleChangeRow, list_changes
from soc.store.unchanged import while_unchanged
from soc.ui.kit import quoted, tables
from soc.ui.views.rules_view import told_by


@while_unchanged
def _changes() -> Sequence[RuleChangeRow]:
    with read_session() as session:
        return list_changes(session, limit=25)


def draw_changes() -> None:
    """Who did what, newest first."""
    rows = _changes()
    if not rows:
        return
    with st.expander(f"Changes ({len(rows)})", icon=":material/history:"):
        tables.show_rows(
            lambda: [
                {
                    "At": row.created_at,
                    "What": row.act,
                    "Rule": quoted.cell(str((row.after or row.before).get("name", row.rule_id))),
                    "Before": _short(row.before),
                    "After": _short(row.after),
                    "Who": row.made_by,
                }
                for row in rows
            ],
            {
                "At": tables.moment_column("At"),
                "What": tables.text_column("What", 100),
                "Rule": tables.text_column("Rule", 260),
                "Before": tables.text_column("Before", 260),
                "After": tables.text_column("After", 260),
                "Who": tables.text_column("Who", 170),
            },
            alt="Changes of the rules",
            of=rows,
        )


def _short(kept: Mapping[str, object]) -> str:
    if not kept:
        return "–"
    rule = Rule.model_validate(kept)
    words = f", class contains “{rule.class_contains}”" if rule.class_contains else ""
    off = "" if rule.enabled else " (off)"
    return quoted.cell(f"{rule.position}. score ≥ {rule.min_score}{words} → {told_by(rule)}{off}")
