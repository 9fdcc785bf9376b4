"""The roster's forms: people, shifts, absences, hand-over, and how tickets are given out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta

import streamlit as st
from sqlmodel import Session

from soc import clock
from soc.access.people import add_person, add_team
from soc.access.scopes import Scope
from soc.domain.people import Role
from soc.domain.roster.shifts import DAY_NAMES
from soc.roster import assigning, changing, finding, handing_over
from soc.roster.handing_over import HandedOver
from soc.roster.standing import Member
from soc.store.db import read_session, write_session
from soc.store.nouns.people.roster import AbsenceRow, ShiftRow, list_absences, list_shifts
from soc.store.nouns.people.roster_rules import RosterRulesRow, read_rules
from soc.store.nouns.people.teams import find_team
from soc.store.unchanged import while_unchanged
from soc.ui import covered
from soc.ui.kit import buttons, outcome, quoted, times
from soc.ui.kit.outcome import Said
from soc.ui.views.duty.roster_view import accounts, members
from soc.ui.views.life import seat


def draw_forms() -> None:
    """Each folded: the page is read far more often than it is changed."""
    everybody = members()
    with st.expander("Add a person", icon=":material/person_add:", expanded=not everybody):
        _draw_person()
    if not everybody:
        return
    with st.expander("Shifts and times out of office", icon=":material/calendar_month:"):
        _draw_times(everybody)
    with st.expander("Hand over all that somebody holds", icon=":material/swap_horiz:"):
        _draw_hand_over(everybody)
    with st.expander("How tickets are given out", icon=":material/tune:"):
        _draw_rules()


def _write(change: Callable[[Session], object]) -> None:
    with write_session() as session:
        change(session)


@covered.form(Scope.ADMIN, "People")
def _draw_person() -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input("Name", key="person-name", max_chars=200)
        email = st.text_input("E-mail", key="person-email", max_chars=200)
        role = st.selectbox("Role", [one.value for one in Role], key="person-role")
        team = st.text_input(
            "Team", key="person-team", max_chars=200, help="Made where there is none of that name."
        )
        zone = st.text_input("Time zone", value=times.zone_name(), key="person-zone", max_chars=60)

    def add(session: Session) -> None:
        given = {"name": name, "email": email, "role": role, "zone": zone}
        if team.strip():
            found = find_team(session, team) or add_team(
                session, team, actor=seat.actor(Scope.ADMIN), now=clock.now()
            )
            given["team_id"] = found.id
        add_person(session, given, actor=seat.actor(Scope.ADMIN), now=clock.now())

    with st.container(horizontal=True):
        buttons.act_button(
            "Add the person", lambda _key: _write(add), needed=Scope.ADMIN, name="add-person", busy="Adding …", type="primary",
            icon=":material/person_add:", done=lambda _nothing: outcome.good(f"{quoted.markdown(name)} is in the roster."),
        )  # fmt: skip
        buttons.act_button(
            "Find accounts by e-mail", lambda _key: finding.find_accounts(actor=seat.actor(Scope.ADMIN)), needed=Scope.ADMIN, name="find-accounts",
            busy="Asking …", icon=":material/search:", done=_said_of_accounts,
            help=f"Asks the connected vendors: {', '.join(accounts().values())}. An empty roster gets the practice vendors' people first, where they are connected.",
        )  # fmt: skip


def _said_of_accounts(found: object) -> Said:
    rows = [one for one in found if isinstance(one, finding.Found)] if isinstance(found, list) else []
    got = [one for one in rows if one.account]
    trouble = next((one.trouble for one in rows if one.trouble), "")
    if trouble:
        return outcome.warning(f"{len(got)} found; then: {quoted.markdown(trouble)}")
    missing = ", ".join(f"{one.name} ({one.what})" for one in rows if not one.account)
    more = f" Not found: {quoted.markdown(missing)}." if missing else ""
    return (outcome.good if got else outcome.note)(f"{len(got)} accounts found.{more}")


def _choose(everybody: Sequence[Member], label: str, key: str) -> Member:
    by_id = {one.person.id: one for one in everybody}
    chosen = st.selectbox(label, list(by_id), format_func=lambda one: by_id[one].person.name, key=key)
    return by_id[chosen]


@while_unchanged
def _times(person_id: str) -> tuple[Sequence[ShiftRow], Sequence[AbsenceRow]]:
    with read_session() as session:
        shifts = list_shifts(session, person_id=person_id)
        return shifts, list_absences(session, person_id=person_id, since=clock.now())


_held = while_unchanged(handing_over.what_is_held)


@while_unchanged
def _rules() -> RosterRulesRow:
    with read_session() as session:
        return read_rules(session)


def _draw_times(everybody: Sequence[Member]) -> None:
    one = _choose(everybody, "Person", "times-person")
    person = one.person.id
    shifts, absences = _times(person)
    if not shifts:
        st.caption("No shifts: on call at any time.")
    for row in shifts:
        _draw_entry(row.id, row.as_shift().words, changing.remove_shift)
    for away in absences:
        words = f"away {times.shown(away.start)} to {times.shown(away.end)} {away.note}"
        _draw_entry(away.id, words, changing.remove_absence)
    _draw_new_shift(one)
    _draw_new_absence(person)


@covered.form(Scope.LEAD, "Shifts")
def _draw_new_shift(one: Member) -> None:
    person = one.person.id
    with st.container(horizontal=True, vertical_alignment="bottom"):
        days = st.multiselect(
            "Days", list(range(7)), default=list(range(5)), format_func=lambda d: DAY_NAMES[d], key="days"
        )
        start = st.time_input("From", time(8), key="shift-start")
        end = st.time_input("To", time(16), key="shift-end", help="Not after the start: on the next day.")
        buttons.act_button(
            "Add the shift",
            lambda _key: _write(
                lambda session: changing.add_shift(
                    session, person, weekdays=days, start=start or time(0), end=end or time(0), actor=seat.actor(Scope.LEAD)
                )
            ),
            needed=Scope.LEAD, name=f"add-shift-{person}", busy="Adding …", icon=":material/add:",
            help=f"By the wall clock of {one.person.zone}.",
        )  # fmt: skip


@covered.form(Scope.ACT, "Times out of office")
def _draw_new_absence(person: str) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        today = clock.now().astimezone(times.zone()).date()
        first = st.date_input("Away from", today, key="away-from")
        last = st.date_input("until the end of", today, key="away-until")
        note = st.text_input("Note", key="away-note", max_chars=200)
        buttons.act_button(
            "Add the absence",
            lambda _key: _write(
                lambda session: changing.add_absence(
                    session, person, start=datetime.combine(first, time(0), times.zone()),
                    end=datetime.combine(last, time(0), times.zone()) + timedelta(days=1), note=note, actor=seat.actor(Scope.ACT),
                )
            ),
            needed=Scope.ACT, name=f"add-absence-{person}", busy="Adding …", icon=":material/event_busy:",
        )  # fmt: skip


def _draw_entry(entry: str, words: str, remove: Callable[..., None]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(quoted.markdown(words), width="content")
        buttons.act_button(
            "Take away", lambda _key: _write(lambda session: remove(session, entry, actor=seat.actor(Scope.LEAD))),
            needed=Scope.LEAD, name=f"remove-{entry}", busy="Taking away …", icon=":material/delete:", type="tertiary",
        )  # fmt: skip


@covered.form(Scope.ACT, "Hand-over")
def _draw_hand_over(everybody: Sequence[Member]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        giver = _choose(everybody, "From", "hand-over-from")
        others = [one for one in everybody if one is not giver]
        if not others:
            st.caption("There is nobody else.")
            return
        taker = _choose(others, "To", "hand-over-to")
    held = _held(giver.person.id)
    keys = ", ".join(one.key for one in held[:30])
    more = f" and {len(held) - 30} more" if len(held) > 30 else ""
    st.markdown(f"{len(held)} open: {quoted.markdown(keys)}{more}" if held else "Nothing is open.")
    buttons.act_button(
        f"Hand over {len(held)}",
        lambda key: handing_over.hand_over(giver.person.id, taker.person.id, actor=seat.actor(Scope.ACT), key=key),
        needed=Scope.ACT, name=f"hand-over-{giver.person.id}-{taker.person.id}", busy="Handing over …", type="primary",
        icon=":material/swap_horiz:", disabled=not held, done=_said_of_hand_over,
    )  # fmt: skip


def _said_of_hand_over(done: HandedOver) -> Said:
    if done.kept:
        why = "; ".join(f"{key}: {reason}" for key, reason in done.kept[:5])
        return outcome.warning(
            f"{len(done.moved)} changed hands, {len(done.kept)} did not. {quoted.markdown(why)}"
        )
    return outcome.good(f"{len(done.moved)} changed hands.")


@covered.form(Scope.LEAD, "These rules")
def _draw_rules() -> None:
    row = _rules()
    automatic = st.toggle("Give tickets out when they open", value=row.automatic, key="rules-automatic")
    team = st.text_input(
        "Security team", value=row.security_team, key="rules-team", max_chars=200,
        help="Critical tickets go to its lead; high ones to an available analyst; the rest in turn.",
    )  # fmt: skip
    buttons.act_button(
        "Save",
        lambda _key: _write(
            lambda session: assigning.set_rules(session, automatic=automatic, security_team=team, actor=seat.actor(Scope.LEAD))
        ),
        needed=Scope.LEAD, name="save-roster-rules", busy="Saving …", icon=":material/save:",
        done=lambda _nothing: outcome.good("Saved, for tickets that open from now on."),
    )  # fmt: skip
