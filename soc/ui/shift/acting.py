"""Writing what is thought of an incident, giving a shift over, taking it: the forms of the Hand-over page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

import streamlit as st

from soc.access.scopes import Scope
from soc.access.sessions import in_force
from soc.domain.actor import Actor
from soc.domain.roster.handover import Outlook
from soc.handover.document import HandoverDocument
from soc.handover.giving import Taken, accept, give_over, post, write_outlook
from soc.handover.texts import as_html, as_pdf
from soc.integrations.registry import takers, titles
from soc.store.db import read_session
from soc.store.nouns.combined.handovers import HandoverRow, list_handovers
from soc.store.nouns.incidents.incidents import get_incident
from soc.store.nouns.incidents.outlooks import OutlookRow, list_outlooks, to_outlook
from soc.store.nouns.people.people import list_people
from soc.store.unchanged import while_unchanged
from soc.ui import covered
from soc.ui.kit import buttons, outcome, places, quoted, tables, times
from soc.ui.kit.words import count_of
from soc.ui.views.life.seat import actor
from soc.ui.views.life.seat import person_id as person_here


@while_unchanged
def people() -> Mapping[str, str]:
    """The names of everybody who is here, by id."""
    with read_session() as session:
        return {one.id: one.name for one in list_people(session)}


@while_unchanged
def _versions(incident_id: str) -> tuple[str, Sequence[OutlookRow]]:
    with read_session() as session:
        return get_incident(session, incident_id).title, list_outlooks(session, incident_id)


def draw_outlook(incident_id: str) -> None:
    """What is thought of an incident, to be changed; every earlier version below. Raises NotFound."""
    title, versions = _versions(incident_id)
    newest = versions[0] if versions else None
    drawn = st.session_state.setdefault(f"held-outlook-{incident_id}", newest.version if newest else 0)
    if st.button("The whole hand-over", icon=":material/arrow_back:", type="tertiary"):
        places.go("handover")
    st.subheader(quoted.markdown(title), anchor=False)
    places.link("incidents", "Open the incident", incident=incident_id)
    _draw_outlook_form(incident_id, to_outlook(newest), drawn)
    if versions:
        _draw_versions(versions)


@covered.form(Scope.ACT, "What is thought of it")
def _draw_outlook_form(incident_id: str, known: Outlook, drawn: int) -> None:
    with st.container(border=True, gap="small"):
        hypothesis = st.text_area(
            "Hypothesis", known.hypothesis, key=f"hypothesis-{incident_id}", max_chars=4_000
        )
        step = st.text_area("Next step", known.next_step, key=f"step-{incident_id}", max_chars=4_000)
        by_when = st.datetime_input(
            f"By when ({times.zone_name()})", _naive(known.by_when), key=f"by-when-{incident_id}"
        )
        blocker = st.text_input("Blocker", known.blocker, key=f"blocker-{incident_id}", max_chars=4_000)
        outlook = Outlook(
            hypothesis.strip(),
            step.strip(),
            by_when.replace(tzinfo=times.zone()) if by_when else None,
            blocker.strip(),
        )

        def written(came: object) -> outcome.Said:
            st.session_state.pop(f"held-outlook-{incident_id}", None)
            if getattr(came, "overtaken", False):
                return outcome.warning("Saved. Somebody else wrote meanwhile: their version is kept below.")
            return outcome.good("Saved.")

        buttons.act_button(
            "Save",
            lambda _key: write_outlook(incident_id, outlook, based_on=drawn, actor=actor(Scope.ACT)),
            needed=Scope.ACT,
            name=f"outlook-{incident_id}",
            busy="Saving …",
            done=written,
            icon=":material/save:",
            type="primary",
        )


def _naive(moment: datetime | None) -> datetime | None:
    here = times.local(moment)
    return None if here is None else here.replace(tzinfo=None)


def _draw_versions(versions: Sequence[OutlookRow]) -> None:
    tables.show_rows(
        [
            {
                "version": row.version, "when": row.created_at, "who": quoted.cell(row.made_by, 80),
                "hypothesis": quoted.cell(row.hypothesis), "next_step": quoted.cell(row.next_step), "by_when": row.by_when,
                "blocker": quoted.cell(row.blocker),
            }
            for row in versions
        ],
        {
            "version": tables.count_column("Version"), "when": tables.moment_column("Written"),
            "who": tables.whole_column("By", 100), "hypothesis": tables.whole_column("Hypothesis", 170),
            "next_step": tables.whole_column("Next step", 170), "by_when": tables.moment_column("By when"),
            "blocker": tables.whole_column("Blocker", 100),
        },
        alt="Every version of what is thought of this incident, the newest first",
        most=8,
    )  # fmt: skip


def draw_files(document: HandoverDocument, name: str) -> None:
    """The hand-over as HTML and as PDF, made when asked for."""
    zone = times.zone()
    for label, make, ending, mime in (
        ("HTML", as_html, "html", "text/html"), ("PDF", as_pdf, "pdf", "application/pdf"),
    ):  # fmt: skip
        st.download_button(
            label, partial(make, document, zone=zone), file_name=f"{name}.{ending}", mime=mime,
            icon=":material/download:", type="tertiary", on_click="ignore", key=f"file-{ending}-{name}",
        )  # fmt: skip


@covered.form(Scope.ACT, "Giving the shift over")
def draw_giving() -> None:
    """The outgoing lead's words, and the button that keeps what is handed over."""
    with st.container(border=True, gap="small"):
        remark = st.text_area("What else the next shift should know", key="handover-remark", max_chars=4_000)
        buttons.act_button(
            "Give the shift over",
            lambda key: give_over(remark=remark.strip(), actor=actor(Scope.ACT), key=f"hov-{key}"[:60]),
            needed=Scope.ACT,
            name="give-over",
            busy="Writing down what is open …",
            then=lambda row: places.go("handover", handover=row.id),
            icon=":material/swap_horiz:",
            type="primary",
            help="Keeps everything as it is now. The next lead accepts it; nothing is sent by itself.",
        )


def draw_given(row: HandoverRow, document: HandoverDocument) -> None:
    """A hand-over that was given: post it, accept it, take what it tells of."""
    channels = takers("tell_handover")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        buttons.act_button(
            f"Post to {titles(channels)}",
            lambda _key: post(row, document, actor=actor(Scope.ACT)),
            needed=Scope.ACT, name=f"post-{row.id}",
            busy="Handing it to the channel …",
            done=lambda told: outcome.good(f"It goes to {titles(told)}.") if told else outcome.bad(
                f"Nothing was sent: {titles(channels)} is not connected."
            ),
            icon=":material/send:",
        )  # fmt: skip
        draw_files(document, f"hand-over-{row.id}")
    if row.accepted_at is not None:
        who = people().get(row.accepted_person, row.accepted_person)
        st.success(
            f"Accepted by {quoted.markdown(who)} at {times.shown(row.accepted_at)}; {count_of(len(row.taken), 'incident')} "
            "taken over.",
            icon=":material/how_to_reg:",
        )
    _draw_acceptance(row, document)


@covered.form(Scope.ACT, "Taking it over")
def _draw_acceptance(row: HandoverRow, document: HandoverDocument) -> None:
    left = {
        one.incident_id: f"{one.key} {one.title}" for one in document.open if one.incident_id not in row.taken
    }
    known = people()
    if not known:
        st.caption(
            "Nobody stands in the roster yet: add people with `soc people add`, then somebody can accept."
        )
        return
    with st.container(border=True, gap="small"):
        person = row.accepted_person or (person_here() if in_force() else "") or st.selectbox(
            "Who takes over", list(known), index=None, format_func=lambda one: quoted.cell(known[str(one)], 60),
            placeholder="choose yourself", key=f"accept-person-{row.id}",
        )  # fmt: skip
        everything = st.toggle(
            "Take over every open incident", value=not row.accepted_person, key=f"accept-all-{row.id}"
        )
        chosen = list(left) if everything else st.multiselect(
            "Which you take over", list(left), format_func=lambda one: quoted.cell(str(left.get(one, one)), 80),
            key=f"accept-some-{row.id}",
        )  # fmt: skip
        buttons.act_button(
            "Accept" if row.accepted_at is None else "Take these over too",
            lambda _key: accept(row.id, person or "", actor=_taker(person or ""), take=chosen),
            needed=Scope.ACT,
            name=f"accept-{row.id}-{row.accepted_at is not None}",
            busy="Taking over …",
            done=_accepted,
            icon=":material/how_to_reg:",
            type="primary",
            disabled=not person,
        )


def _taker(person: str) -> Actor:
    """Who accepts: whoever signed in; where nobody does, whoever was chosen. Raises NotAllowed, SignedOut."""
    here = actor(Scope.ACT)
    return here if in_force() else Actor.said(person or "nobody")


def _accepted(came: Taken) -> outcome.Said:
    words = f"Accepted; {count_of(len(came.taken), 'incident')} taken over."
    if not came.kept:
        return outcome.good(words)
    first = came.kept[0][1]
    return outcome.warning(f"{words} {len(came.kept):,} stayed where they are: {quoted.markdown(first)}")


@while_unchanged
def _earlier() -> Sequence[HandoverRow]:
    with read_session() as session:
        return list_handovers(session, limit=20)


def draw_earlier() -> None:
    """The last hand-overs; choosing one opens it."""
    rows = _earlier()
    if not rows:
        return
    st.subheader("Earlier hand-overs", anchor=False)
    names = people()
    chosen = tables.choose_row(
        [
            {
                "id": row.id, "created": row.created_at, "open": row.document.get("total"),
                "lacking": row.document.get("lacking"), "accepted": row.accepted_at,
                "who": quoted.cell(names.get(row.accepted_person, row.accepted_person), 60),
                "taken": len(row.taken),
            }
            for row in rows
        ],
        {
            "created": tables.moment_column("Given"), "open": tables.count_column("Open"),
            "lacking": tables.count_column("Missing something"), "accepted": tables.moment_column("Accepted"),
            "who": tables.whole_column("By", 110), "taken": tables.count_column("Taken over"),
        },
        key="earlier-handovers",
        alt="Earlier hand-overs; choose one to open it",
        most=8,
    )  # fmt: skip
    if chosen:
        places.go("handover", handover=chosen)
