"""The roster as its page shows it: presence, load, and why tickets went to whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from soc import clock
from soc.domain.roster.assignment import TOO_MANY, Choice
from soc.domain.severity import Priority
from soc.integrations.registry import KINDS
from soc.roster import assigning
from soc.roster.standing import Member, read_members
from soc.store.db import read_session
from soc.store.nouns.people.roster import AssignmentRow, list_assignments
from soc.store.nouns.tickets.tickets import get_ticket
from soc.store.unchanged import while_unchanged
from soc.ui.kit import quoted, tables


@while_unchanged
def members() -> Sequence[Member]:
    with read_session() as session:
        return read_members(session, now=clock.now())


@while_unchanged
def _next() -> Mapping[Priority, Choice]:
    with read_session() as session:
        return {one: assigning.preview(session, one, now=clock.now()) for one in Priority}


@while_unchanged
def _decisions() -> tuple[Sequence[AssignmentRow], Mapping[int, str]]:
    """The newest, and the keys of their tickets."""
    with read_session() as session:
        rows = list_assignments(session, limit=50)
        return rows, {row.ticket_id: get_ticket(session, row.ticket_id).key for row in rows}


def accounts() -> dict[str, str]:
    """The columns of a person that hold an account at a vendor, with their words for people."""
    return {way.needs: way.needs_words for kind in KINDS.values() for way in kind.ways if way.needs}


def draw_members() -> None:
    """Everybody with presence and load; what is wrong stands on top."""
    everybody = members()
    if not everybody:
        st.info(
            "The roster is empty. Add the people who work here below: tickets are given to them.",
            icon=":material/flag:",
        )
        return
    for one in everybody:
        if one.warning:
            st.warning(quoted.markdown(one.warning), icon=":material/warning:")
    known = accounts()
    tables.show_rows(
        lambda: [
            {
                "Name": quoted.cell(one.person.name),
                "Role": one.person.role,
                "Team": quoted.cell(one.team or "–"),
                "On duty": "yes" if one.presence.on else "no",
                "Why": quoted.cell(one.presence.why),
                "Open": one.held,
                **{words: quoted.cell(getattr(one.person, column) or "–") for column, words in known.items()},
                "E-mail": quoted.cell(one.person.email or "–"),
            }
            for one in everybody
        ],
        {
            "Name": tables.whole_column("Name", 140),
            "Role": tables.text_column("Role", 90),
            "Team": tables.text_column("Team", 100),
            "On duty": tables.text_column("On duty", 60),
            "Why": tables.whole_column("Why", 240, help="Who has no shifts is on call at any time."),
            "Open": tables.count_column("Open", help=f"Open tickets; more than {TOO_MANY} is too many."),
            **{words: tables.whole_column(words, 110) for words in known.values()},
            "E-mail": tables.whole_column("E-mail", 150),
        },
        alt="The roster",
        of=everybody,
    )


def draw_next() -> None:
    """Who would get the next ticket."""
    if not members():
        return
    with st.expander("Who gets the next ticket", icon=":material/assignment_ind:", expanded=True):
        for priority, choice in _next().items():
            st.markdown(f"**{priority}** · {choice.way}: {quoted.markdown(choice.sentence)}")


def draw_decisions() -> None:
    """The newest decisions, each with its reasons."""
    rows, keys = _decisions()
    if not rows:
        return
    st.subheader("Why tickets went to whom", anchor=False)
    tables.show_rows(
        lambda: [
            {
                "When": row.created_at,
                "Ticket": quoted.cell(keys[row.ticket_id]),
                "How": row.way,
                "Why": quoted.cell(row.why),
            }
            for row in rows
        ],
        {
            "When": tables.moment_column("When"),
            "Ticket": tables.whole_column("Ticket", 90),
            "How": tables.text_column("How", 130),
            "Why": tables.whole_column("Why", 520),
        },
        alt="Decisions who gets a ticket",
        of=rows,
    )
