"""Chains as their page shows them: who would be told when, and a form for each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st
from sqlmodel import Session

from soc import clock
from soc.access.scopes import Scope
from soc.domain.escalation.chain import Chain, check_chain
from soc.domain.severity import Priority
from soc.errors import ConfigurationError
from soc.escalation import chains as changing
from soc.escalation.carriers import titles
from soc.metrics.escalation import find_holes, list_chains, preview_chain
from soc.store.db import write_session
from soc.ui import covered
from soc.ui.kit import buttons, outcome, quoted, tables
from soc.ui.kit.problems import show_problem
from soc.ui.views.life import seat

_NEW = "new"
_EDITED = "chain-edited"
_COLUMNS = (
    "title",
    "share",
    "plus_minutes",
    "tell",
    "channels",
    "raise_priority",
    "reassign",
    "again_minutes",
    "times",
)
#: What the columns are called for people.
_LABELS = {
    "title": "Step", "share": "At % of the time", "plus_minutes": "and minutes later", "tell": "Tell",
    "channels": "Channels", "raise_priority": "Raises the priority", "reassign": "Gives it to another",
    "again_minutes": "Again after minutes", "times": "So often",
}  # fmt: skip


def draw_chains() -> None:
    """Every chain in the order in which they are asked, each with its preview; the one that is edited with its form."""
    chains = list_chains()
    st.subheader("Chains", anchor=False)
    st.caption(
        "The first chain that takes a ticket's priority is the ticket's. A change is a new version, for tickets that open "
        "from then on."
    )
    edited = st.session_state.get(_EDITED)
    for chain in chains:
        with st.container(border=True, gap="small", key=f"chain-{chain.id}"):
            _draw_chain(chain)
            if edited == chain.id:
                draw_form(chain)
            else:
                _draw_preview(chain, key=chain.id)
    if edited == _NEW:
        with st.container(border=True, gap="small"):
            draw_form(chains[0].model_copy(update={"id": _NEW, "name": "New chain"}) if chains else None)
    else:
        covered.button(
            "Add a chain",
            needed=Scope.LEAD,
            icon=":material/add:",
            key="add-chain",
            on_click=_edit,
            args=(_NEW,),
        )


def _edit(chain_id: str) -> None:
    st.session_state[_EDITED] = chain_id


def _close() -> None:
    st.session_state.pop(_EDITED, None)


def _write(change: Callable[[Session], object]) -> None:
    with write_session() as session:
        change(session)


def _draw_chain(chain: Chain) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{quoted.markdown(chain.name)}**", width="content")
        st.badge("on" if chain.enabled else "off", color="green" if chain.enabled else "gray")
        takes = ", ".join(chain.priorities) or "every priority"
        st.caption(f"{takes} · {chain.clock} clock · version {chain.version}", width="content")
        covered.button(
            "Change",
            needed=Scope.LEAD,
            key=f"change-{chain.id}",
            icon=":material/edit:",
            on_click=_edit,
            args=(chain.id,),
        )
        buttons.act_button(
            "Delete",
            lambda _key: _write(
                lambda session: changing.remove_chain(session, chain.id, actor=seat.actor(Scope.LEAD), now=clock.now())
            ),
            needed=Scope.LEAD, name=f"delete-chain-{chain.id}", busy="Deleting …", icon=":material/delete:", type="tertiary",
            help="Tickets that were planned with it go on by it.",
        )  # fmt: skip
    acks = ", ".join(f"{minutes} min at {name}" for name, minutes in chain.ack_minutes.items())
    st.caption(
        f"An acknowledgement runs out after {acks}; at other priorities it holds."
        if acks
        else "An acknowledgement holds."
    )


def _draw_preview(chain: Chain, *, key: str) -> None:
    """Who would be told when, if a ticket opened now."""
    options = list(chain.priorities or Priority)
    priority = st.segmented_control(
        "If a ticket opened now", options, default=options[0], key=f"preview-{key}"
    )
    tried = chain.model_dump_json()
    found, holes = preview_chain(tried, Priority(priority or options[0])), find_holes(tried)
    tables.show_rows(
        lambda: [
            {
                "At": one.at,
                "Step": quoted.cell(one.title + (f" (repeat {one.loop})" if one.loop else "")),
                "Told": quoted.cell(one.words + (" (the fallback)" if one.instead and one.told else "")),
                "Does": one.does or "–",
                "Not reached": quoted.cell("; ".join(one.missed) or "–"),
            }
            for one in found
        ],
        {
            "At": tables.moment_column("At"), "Step": tables.text_column("Step", 170),
            "Told": tables.whole_column("Told", 240), "Does": tables.text_column("Does", 170),
            "Not reached": tables.whole_column("Not reached", 280),
        },
        alt=f"Who would be told by {chain.name}", of=found,
    )  # fmt: skip
    if holes:
        st.caption(f"It has {len(holes)} holes in the next 14 days: see above.")


@covered.form(Scope.LEAD, "Chains")
def draw_form(chain: Chain | None) -> None:
    """The fields of a chain, its preview, and its button; nothing is saved before."""
    name = chain.id if chain else _NEW
    with st.container(horizontal=True, vertical_alignment="bottom"):
        title = st.text_input(
            "Name", value=chain.name if chain else "", key=f"chain-name-{name}", max_chars=120
        )
        taken = st.multiselect(
            "Priorities", list(Priority), default=list(chain.priorities) if chain else [], key=f"chain-takes-{name}",
            placeholder="every priority",
        )  # fmt: skip
        cap = st.number_input(
            "Notices a recipient an hour", 1, 60, chain.cap_an_hour if chain else 6, key=f"cap-{name}"
        )
        enabled = st.toggle("On", value=chain.enabled if chain else True, key=f"chain-on-{name}")
    st.caption(
        f"One row a step. Tell: `role:lead`, `team:Security`, `person:per-…`, `owner`. Channels: {', '.join(titles())}."
    )
    rows = st.data_editor(
        pd.DataFrame(_as_rows(chain), columns=list(_COLUMNS)),
        num_rows="dynamic",
        key=f"steps-{name}",
        column_config=_LABELS,
        hide_index=True,
    )
    acks = st.text_input(
        "Acknowledgements run out after (minutes)", key=f"acks-{name}",
        value=", ".join(f"{one}={minutes}" for one, minutes in (chain.ack_minutes if chain else {}).items()),
        help="Highest=30, High=120; a priority that is not named: never.",
    )  # fmt: skip
    try:
        tried = _read(chain, name, title, taken, int(cap), enabled, rows, acks)
    except ConfigurationError as error:
        show_problem(error.message, error.hint)
        st.button("Cancel", key=f"cancel-{name}", on_click=_close)
        return
    _draw_preview(tried, key=f"form-{name}")
    with st.container(horizontal=True):
        buttons.act_button(
            "Save the chain", lambda _key: _write(lambda session: _save(session, tried)), needed=Scope.LEAD, name=f"save-chain-{name}",
            busy="Saving …", type="primary", icon=":material/save:", then=lambda _nothing: _close(),
            done=lambda _nothing: outcome.good("Saved, for tickets that open from now on."),
        )  # fmt: skip
        st.button("Cancel", key=f"cancel-{name}", on_click=_close)


def _save(session: Session, chain: Chain) -> None:
    change = changing.add_chain if chain.id == _NEW else changing.replace_chain
    change(session, chain, actor=seat.actor(Scope.LEAD), now=clock.now())


def _as_rows(chain: Chain | None) -> list[dict[str, Any]]:
    return [
        {
            **step.model_dump(include=set(_COLUMNS)),
            "tell": ", ".join(
                "owner" if one.kind == "owner" else f"{one.kind}:{one.id}" for one in step.tell
            ),
            "channels": ", ".join(step.channels),
        }
        for step in (chain.steps if chain else ())
    ]


def _read(
    chain: Chain | None,
    name: str,
    title: str,
    taken: list[Priority],
    cap: int,
    enabled: bool,
    rows: Any,
    acks: str,
) -> Chain:
    """Raises ConfigurationError."""
    steps = []
    for row in rows.to_dict("records"):
        filled = {key: value for key, value in row.items() if value is not None and value == value}
        step = {key: int(value) if isinstance(value, float) else value for key, value in filled.items()}
        step["tell"] = [_target(one) for one in _parts(step.get("tell"))]
        step["channels"] = _parts(step.get("channels"))
        steps.append(step)
    kept = chain.model_dump(mode="json") if chain else {}
    minutes = {
        name.strip(): _number(text.strip()) for name, _, text in (one.partition("=") for one in _parts(acks))
    }
    given = {
        **kept, "name": title, "priorities": taken, "cap_an_hour": cap, "enabled": enabled, "steps": steps,
        "ack_minutes": minutes,
    }  # fmt: skip
    return check_chain(changing.read_chain(given, chain_id=name), channels=titles())


def _number(text: str) -> int | str:
    """What is no number stays as it was typed, for the words that refuse it."""
    return int(text) if text.isdecimal() else text


def _parts(text: Any) -> list[str]:
    return [one.strip() for one in str(text or "").split(",") if one.strip()]


def _target(text: str) -> dict[str, str]:
    kind, _, who = text.partition(":")
    return {"kind": kind.strip(), "id": who.strip()}
