"""API keys as their page shows them: made and shown once, listed, taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

import streamlit as st

from soc import clock
from soc.access.keys import LONGEST_NAME, revoke_key
from soc.access.keys import make_key as make_stored_key
from soc.access.scopes import Scope
from soc.store.db import read_session, write_session
from soc.store.nouns.people.keys import ApiKeyRow, list_keys
from soc.store.nouns.people.people import list_people
from soc.store.nouns.people.service_accounts import list_service_accounts
from soc.store.unchanged import while_unchanged
from soc.ui.kit import buttons, outcome, quoted, tables, times
from soc.ui.sitting import actor_here

_SHOWN_ONCE = "new-api-key"
_SCOPES = {
    Scope.READ: "look at everything, change nothing",
    Scope.ACT: "also open tickets, send messages, upload batches",
    Scope.LEAD: "also change rules, suppressions, SLA policies, chains, shifts",
    Scope.AUDIT: "look at everything and at the audit",
    Scope.ADMIN: "everything, also the settings of integrations",
}


def make_key(name: str, scope: Scope, days: int, owner: str) -> str:
    """A new key, which is only known to the caller. Raises ConfigurationError where it has no name, or the owner may less."""
    with write_session() as session:
        lasts = timedelta(days=days) if days else None
        return make_stored_key(
            session, name, scope, actor=actor_here(Scope.ADMIN), now=clock.now(), lasts=lasts, owner=owner
        )[1]


def take_back(key_id: str) -> None:
    """Raises NotFound."""
    with write_session() as session:
        revoke_key(session, key_id, actor=actor_here(Scope.ADMIN), now=clock.now())


def draw_shown_once() -> None:
    """A key that was just made, until somebody says that it is copied."""
    key: str | None = st.session_state.get(_SHOWN_ONCE)
    if key is None:
        return
    with st.container(border=True):
        st.markdown("**Your new key.** It is shown this once; only its digest is kept.")
        st.code(key, language=None)
        st.caption("Send it as `Authorization: Bearer …`.")
        st.button(
            "I have copied it", on_click=lambda: st.session_state.pop(_SHOWN_ONCE, None), type="primary"
        )


@while_unchanged
def _keys() -> Sequence[ApiKeyRow]:
    with read_session() as session:
        return list_keys(session)


@while_unchanged
def _programs() -> Mapping[str, str]:
    """The names of service accounts in force, by id."""
    with read_session() as session:
        return {row.id: row.name for row in list_service_accounts(session, in_force_only=True)}


@while_unchanged
def _owners() -> Mapping[str, str]:
    """The names of all who may own a key, by id."""
    with read_session() as session:
        programs = {row.id: row.name for row in list_service_accounts(session)}
        return {one.id: one.name for one in list_people(session, active_only=False)} | programs


def draw_new_key() -> None:
    rows = _keys()
    if not any(row.revoked_at is None for row in rows):
        st.info(
            "No key is in force, so programs on this machine may use the API without one. As soon as the first key "
            "exists, every call needs one.",
            icon=":material/lock_open:",
        )
    round = st.session_state.get("key-round", 0)
    with st.container(border=True, gap="small"):
        st.markdown("**New key**")
        with st.grid(2, min_column_width=260):
            name = st.text_input(
                "Name", key=f"key-name-{round}", max_chars=LONGEST_NAME, placeholder="ticket-bot",
                help="The program that will use it, so that you know which one to take back.",
            )  # fmt: skip
            scope = st.selectbox(
                "What it may do",
                options=[one.value for one in Scope],
                format_func=lambda one: f"{one}: {_SCOPES[Scope(one)]}",
                key=f"key-scope-{round}",
            )
        owner = _draw_owner(round)
        days = st.number_input(
            "Ends after so many days",
            min_value=0,
            max_value=3650,
            value=0,
            key=f"key-days-{round}",
            width=260,
            help="0: never.",
        )
        buttons.act_button(
            "Make the key",
            lambda _key: make_key(name, Scope(scope), int(days), owner),
            needed=Scope.ADMIN,
            name="make-key",
            busy="Making the key …",
            then=lambda key: st.session_state.update({_SHOWN_ONCE: key, "key-round": round + 1}),
            icon=":material/key:",
            type="primary",
        )


def _draw_owner(round: int) -> str:
    """The id of the service account that is chosen; "" for none, and where there is none to choose."""
    programs = _programs()
    if not programs:
        return ""
    chosen = st.selectbox(
        "Whose it is", options=["", *programs], key=f"key-owner-{round}", width=260,
        format_func=lambda one: quoted.cell(programs[one]) if one else "mine",
        help="A key of a service account may no more than its role and ends with it; your own may no more than yours and ends with you.",
    )  # fmt: skip
    return str(chosen or "")


def draw_keys() -> None:
    """Every key, revoked ones too; those in force can be taken back."""
    rows = _keys()
    if not rows:
        return
    st.subheader("Keys", anchor=False)
    tables.show_rows(
        lambda: [_row(row) for row in rows],
        {
            "name": tables.whole_column("Name", 160),
            "may": tables.text_column("May"),
            "state": tables.text_column("State"),
            "owner": tables.whole_column("Whose", 120),
            "created": tables.moment_column("Created"),
            "last_used": tables.moment_column("Last used"),
            "ends": tables.moment_column("Ends"),
            "revoked": tables.moment_column("Revoked"),
            "key_id": tables.whole_column("Id"),
        },
        alt="Every key, revoked ones too",
        of=rows,
    )
    _draw_revocation([row for row in rows if row.revoked_at is None])


def _row(row: ApiKeyRow) -> dict[str, object]:
    return {
        "name": quoted.cell(row.name),
        "may": row.scope,
        "state": _state(row),
        "owner": quoted.cell(_owners().get(row.owner, row.owner) or "–"),
        "created": row.created_at,
        "last_used": row.last_used_at,
        "ends": row.expires_at,
        "revoked": row.revoked_at,
        "key_id": row.id,
    }


def _state(row: ApiKeyRow) -> str:
    if row.revoked_at is not None:
        return "revoked"
    return "over" if row.expires_at is not None and row.expires_at <= clock.now() else "in force"


def _draw_revocation(rows: Sequence[ApiKeyRow]) -> None:
    if not rows:
        return
    by_id = {row.id: row for row in rows}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Take a key back",
            options=list(by_id),
            index=None,
            placeholder="Choose a key",
            format_func=lambda one: f"{quoted.cell(by_id[one].name)} ({by_id[one].scope}, {one})",
            key="key-to-revoke",
            width=420,
        )
    if chosen is None:
        return
    used = times.ago(by_id[chosen].last_used_at)
    last = " No other key is in force: the API then needs none on this machine." if len(rows) == 1 else ""
    st.caption(f"Last used: {used}. Programs that use it are refused at once, and for good.{last}")
    buttons.act_button(
        "Revoke it",
        lambda _key: take_back(chosen),
        needed=Scope.ADMIN,
        name=f"revoke-{chosen}",
        busy="Revoking …",
        done=lambda _nothing: outcome.good("The key is revoked."),
        then=lambda _nothing: st.session_state.pop("key-to-revoke", None),
        icon=":material/key_off:",
    )
