"""Process logs: upload or paste, look at the preview, decide who is told, follow the run."""

from __future__ import annotations

from hashlib import sha256

import streamlit as st

from soc.access.scopes import Scope
from soc.batches.intake import submit_batch
from soc.batches.telling.planning import kept_other_channels
from soc.configuration.state import IntegrationState, every_state
from soc.errors import NotFound
from soc.integrations.registry import KINDS, Kind, switched
from soc.metrics.lists import list_batches
from soc.settings import get_settings
from soc.ui import covered
from soc.ui.forms.upload_form import Intake, draw_intake, start_over
from soc.ui.kit import places, quoted, tables
from soc.ui.kit.buttons import act_button
from soc.ui.kit.problems import show_problem
from soc.ui.sitting import actor_here
from soc.ui.views.batch_view import draw_batch


def draw_switch(kind: Kind, state: IntegrationState) -> bool:
    """A switch of the kind's own; off and locked, saying why, where its integration cannot be used."""
    usable = (state.configured or bool(state.wrong)) and state.enabled
    on = st.toggle(kind.toggle, value=usable, disabled=not usable, key=f"enable-{state.kind}-{usable}")
    if state.wrong:
        st.caption(f"Its settings cannot be used. {quoted.markdown(state.wrong)} Its messages wait.")
        places.link("integrations", f"Mend {kind.title}", kind=kind.title)
    elif not state.configured:
        st.caption(f"{kind.title} is not configured.")
        places.link("integrations", f"Connect {kind.title}", kind=kind.title)
    elif not state.enabled:
        st.caption(f"{kind.title} is switched off under Integrations.")
    else:
        effect = kind.switch.effect.format_map(state.masked) if kind.switch is not None else ""
        st.caption(
            f"For incidents that meet a rule, {quoted.markdown(effect)}"
            + (" (practice)." if state.practice else ".")
        )
        if state.paused_reason:
            st.markdown(
                f":small[:orange[Paused: {quoted.markdown(state.paused_reason)} Messages wait until it is mended.]]"
            )
    return on and usable


def draw_others() -> list[str]:
    """Switches for the other integrations that incidents would be sent to; returns those switched off."""
    kinds = kept_other_channels()
    if not kinds:
        return []
    with st.container(horizontal=True):
        return [
            kind
            for kind in kinds
            if not st.toggle(KINDS[kind].toggle, value=True, key=f"tell-{kind}", width="content")
        ]


def draw_cap() -> int:
    """So many incidents are told at once; 0: all."""
    return int(
        st.number_input(
            "Incidents told at once",
            min_value=0,
            max_value=1_000_000,
            value=get_settings().flood_cap,
            step=5,
            width=200,
            key="flood-cap",
            help="Flood cap: the gravest are told at once, the others await release on the batch's page. "
            "What scores 9 or more never waits. 0: no cap.",
        )
    )


def draw_decision(intake: Intake) -> None:
    """Who is told, and the button that starts it."""
    chosen, wait = intake.chosen, "A file is still on its way." if intake.coming else None
    if not chosen:
        wait = wait or "Add a file or paste some lines first."
    kinds, states = switched(), every_state()
    with st.container(border=True):
        on = []
        for column, kind in zip(st.columns(max(len(kinds), 1)), kinds, strict=False):
            with column:
                if draw_switch(kind, states[kind.name]):
                    on.append(kind.name)
        muted = draw_others()
        cap = draw_cap()
        mark = sha256(
            "\n".join([*(upload.id for upload, _ in chosen), str(intake.as_new), str(cap)]).encode()
        ).hexdigest()[:16]

        def open_batch(batch_id: str) -> None:
            start_over()
            st.query_params["batch"] = batch_id

        act_button(
            "Process logs",
            lambda key: submit_batch(
                chosen,
                on=on,
                idempotency_key=key,
                actor=actor_here(Scope.ACT),
                muted=muted,
                as_new=intake.as_new,
                flood_cap=cap,
            ),
            needed=Scope.ACT,
            name=f"process-{mark}",
            busy="Handing the files in …",
            then=open_batch,
            icon=":material/play_arrow:",
            type="primary",
            disabled=wait is not None,
            help=wait,
        )


@covered.form(Scope.ACT, "Handing logs in")
def draw_new_batch() -> None:
    draw_decision(draw_intake())


def draw_recent() -> None:
    """The batches so far; choosing one opens it."""
    batches = list_batches(limit=25)
    if not batches:
        st.caption("No batch yet. Add a file above, or process the sample night from the Overview.")
        return
    st.subheader("Recent batches", anchor=False)
    chosen = tables.choose_row(
        lambda: [
            {
                "id": row.id,
                "name": quoted.cell(row.name, 120),
                "state": row.state,
                "created_at": row.created_at,
                # before its end a batch has no counts: a 0 would say that nothing was found
                "lines_in": row.lines_in if row.finished_at else None,
                "rejected": row.rejected if row.finished_at else None,
                "incidents": row.incidents if row.finished_at else None,
                "eligible": row.eligible if row.finished_at else None,
                "seconds": row.seconds if row.finished_at else None,
                "practice": "practice" if row.practice else "",
            }
            for row in batches
        ],
        {
            "name": tables.text_column("Batch", 260),
            "state": tables.batch_column(),
            "created_at": tables.moment_column("Begun"),
            "lines_in": tables.count_column("Lines in"),
            "rejected": tables.count_column("Rejected"),
            "incidents": tables.count_column("Incidents"),
            "eligible": tables.count_column("Met a rule"),
            "seconds": tables.count_column("Seconds", form="{:.1f}"),
            "practice": tables.text_column("Practice", 80),
        },
        key="recent-batches",
        alt="Recent batches; choose one to open it",
        of=batches,
        most=10,
    )
    if chosen:
        st.query_params["batch"] = chosen
        st.rerun()


def close_batch() -> None:
    st.query_params.pop("batch", None)


if batch_id := places.asked_for("batch"):
    st.button("All batches", icon=":material/arrow_back:", on_click=close_batch, type="tertiary")
    try:
        draw_batch(batch_id)
    except NotFound as error:
        show_problem(error.message, error.hint)
else:
    draw_new_batch()
    draw_recent()
