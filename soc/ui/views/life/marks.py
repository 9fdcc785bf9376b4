"""A ticket's labels, components and who watches it; changed where they stand."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st
from sqlmodel import Session

from soc.access.scopes import Scope
from soc.domain.acts import ActKind, Ending
from soc.metrics.life import Life, read_life
from soc.store.nouns.tickets.tickets import TicketRow
from soc.tickets import acts
from soc.tickets.acts import Asked, Outcome
from soc.tickets.acts.marking import OURS
from soc.tickets.acts.members import Field, Members, read_members
from soc.ui import covered
from soc.ui.kit import quoted
from soc.ui.kit.buttons import act_button
from soc.ui.kit.words import count_of
from soc.ui.views.life.acting import do, said_of


def draw_marks(ticket: TicketRow) -> None:
    """What stands on the ticket but the product's own labels, and the way to change it."""
    assert ticket.id is not None
    known, life = read_members(ticket.id, ticket.integration), read_life(ticket.incident_id)
    labels = [one for one in known.labels if not one.startswith(OURS)]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for label in labels:
            st.badge(quoted.markdown(label), icon=":material/label:", color="gray")
        for component in known.components:
            st.badge(quoted.markdown(component), icon=":material/category:", color="gray", help="Component")
        if watching := _watching(known, life):
            st.badge(
                quoted.markdown(watching),
                icon=":material/notifications:",
                color="gray",
                help="Who watches it",
            )
        with st.popover(
            "Labels, watchers",
            icon=":material/edit:",
            type="tertiary",
            key=f"marks-{ticket.id}",
            on_change="rerun",
        ) as box:
            if box.open:
                _draw_changing(ticket, known, labels, life)


def _watching(known: Members, life: Life) -> str:
    names = [life.names.get(one, one) for one in known.watchers]
    more = [f"{count_of(known.others, 'other')}"] if known.others else []
    return ", ".join([*names, *more])


@covered.form(Scope.ACT, "What stands on the ticket")
def _draw_changing(ticket: TicketRow, known: Members, labels: Sequence[str], life: Life) -> None:
    people = {one.id: one.name for one in life.people}
    round_ = hash((known.labels, known.components, known.watchers))
    chosen: dict[Field, Sequence[str]] = {
        "labels": st.multiselect(
            "Labels", labels, default=labels, accept_new_options=True, key=f"labels-{ticket.id}-{round_}",
            placeholder="type a label", help="Words without blanks.",
        ),
        "components": st.multiselect(
            "Components", known.components, default=known.components, accept_new_options=True,
            key=f"components-{ticket.id}-{round_}", placeholder="type a component", help="As the project names them.",
        ),
        "watchers": st.multiselect(
            "Who watches", list(people), default=[one for one in known.watchers if one in people],
            format_func=lambda one: people.get(one, one), key=f"watchers-{ticket.id}-{round_}",
            placeholder="choose people", help="People of the roster who have an account there.",
        ),
    }  # fmt: skip
    shown: dict[Field, Sequence[str]] = {
        "labels": labels, "components": known.components,
        "watchers": [one for one in known.watchers if one in people],
    }  # fmt: skip
    act_button(
        "Keep", lambda key: _keep(ticket.incident_id, shown, chosen, key), needed=Scope.ACT, name=f"marks-{ticket.id}",
        busy="…", done=said_of, icon=":material/save:", type="primary",
    )  # fmt: skip


def _keep(
    incident_id: str, shown: dict[Field, Sequence[str]], chosen: dict[Field, Sequence[str]], key: str
) -> Outcome:
    """Each set by what came and went since it was drawn, so that nobody's change is undone; the first that was refused is told."""
    came: list[Outcome] = []
    for field, members in chosen.items():
        new = [one for one in members if one not in shown[field]]
        gone = [one for one in shown[field] if one not in members]
        if new or gone:
            work = partial(_change, incident_id, field, new, gone)
            came.append(do(work, f"{key}:{field}"))
    if not came:
        return Outcome(incident_id, ActKind.SET_LABELS, Ending.ALREADY, "Nothing was changed.")
    return next((one for one in came if not one.stands), came[-1])


def _change(
    incident_id: str, field: Field, new: list[str], gone: list[str], session: Session, asked: Asked
) -> Outcome:
    return acts.change_members(session, incident_id, field, new, gone, asked)
