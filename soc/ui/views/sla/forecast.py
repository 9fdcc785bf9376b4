"""What is to be expected of the open tickets, how good such forecasts were, and which can still be saved."""

from __future__ import annotations

import streamlit as st

from soc.domain.sla.forecast import LEAST_CLOSED
from soc.metrics.forecast import AtRisk, Learnt, read_at_risk, read_expected, read_memory
from soc.ui.kit import places, quoted, tables


def draw_forecast() -> None:
    st.subheader("At risk: can it still be saved?", anchor=False)
    memory, expected = read_memory(), read_expected()
    if all(one.enough for one in memory.learnt.values()):
        for kind, one in memory.learnt.items():
            st.caption(
                f"{kind.value.capitalize()}: of {expected[kind].running:,} clocks that have not run out "
                f"**{expected[kind].breaches or 0:.1f}** are expected to. {_scored(one)}"
            )
    else:
        st.caption(next(one.said for one in memory.learnt.values() if one.said))
    chosen = _draw_at_risk()
    if chosen:
        places.go("tickets", ticket=chosen)


def _scored(one: Learnt) -> str:
    if one.score is None:
        return f"Nothing could be compared yet: the forecasts begin with the {LEAST_CLOSED}th closed ticket."
    better = one.score.brier < one.score.base_brier
    return (
        f"Brier score of {one.score.number:,} past forecasts, each from what was known then: {one.score.brier:.3f}; "
        f"of saying the base rate each time: {one.score.base_brier:.3f} (less is better"
        f"{'' if better else ': these forecasts are no better than that'})."
    )


_CHANCE = "By how long like tickets took that lasted as long; –: too few like it were closed."


def _draw_at_risk() -> str:
    found = read_at_risk()
    if not found:
        st.caption("No ticket is at risk.")
        return ""
    return tables.choose_row(
        lambda: [_row(one) for one in found],
        {
            "key": tables.whole_column("Ticket", 70),
            "priority": tables.text_column("Priority"),
            "clock": tables.text_column("Clock", 90),
            **(
                {"chance": tables.text_column("Chance to run out", help=_CHANCE)}
                if any(one.chance is not None for one in found)
                else {}
            ),
            "saved": tables.text_column("Can it be saved?", 420),
        },
        key="at-risk",
        alt="Tickets at risk, the next to run out on top; choose one to open it",
        of=found,
        most=10,
    )


def _row(one: AtRisk) -> dict[str, str]:
    return {
        "id": str(one.ticket.id),
        "key": quoted.cell(one.ticket.key, 40),
        "priority": one.ticket.priority,
        "clock": one.kind.value,
        "chance": "–" if one.chance is None else f"{one.chance:.0%}",  # no column where nothing has one
        "saved": quoted.cell(one.saving.words, 300),
    }
