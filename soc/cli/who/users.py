"""`soc users` and `soc sessions`: who may sign in, and who is signed in, from the shell of the machine that serves."""

from __future__ import annotations

from typing import Any

import typer
from sqlmodel import Session

from soc import clock
from soc.access import accounts
from soc.access.accounts import LOCAL, Identity
from soc.access.local import drop_codes
from soc.access.providers import role_table
from soc.access.scopes import AccessRole
from soc.access.sessions import end_session, living_sessions
from soc.cli.say import explained, give, note, open_store, result
from soc.cli.who.services import (
    add_service,
    changed_service_role,
    refuse_service,
    switched_service,
    tell_services,
)
from soc.domain.actor import AT_THE_SHELL
from soc.errors import NotFound
from soc.settings import get_settings
from soc.store.db import read_session, write_session
from soc.store.nouns.people.accounts import AccountRow, get_account, list_accounts
from soc.store.nouns.people.people import PersonRow, find_by_email


def _role(text: str) -> AccessRole:
    if text not in list(AccessRole):
        raise typer.BadParameter(f"{text!r} is not a role; one of {', '.join(AccessRole)}.")
    return AccessRole(text)


def print_users() -> None:
    with explained():
        open_store()
        with read_session() as session:
            rows, programs = list_accounts(session), tell_services(session)
        if not rows:
            note("Nobody may sign in. `soc users add NAME` adds somebody.")
        for account, person in rows:
            told = _told(account, person)
            words = [told["role"] or "no role", told["state"], f"{account.subject} at {account.issuer}"]
            result(f"{account.id}  {person.name}  ({', '.join(words)})")
        for one in programs:
            words = [one["role"], one["state"], "a service account", *([one["team"]] if one["team"] else [])]
            result(f"{one['id']}  {one['name']}  ({', '.join(words)})")
        give({"users": [_told(account, person) for account, person in rows], "service_accounts": programs})


def add_user(
    subject: str, *, role: str, name: str, issuer: str, person: str, service: bool, team: str
) -> None:
    """A local one gets a one-time link by which the password is set. Raises typer.BadParameter for what does not go together."""
    chosen = _role(role)
    if service and (name or issuer or person):
        raise typer.BadParameter("A service account is no person: leave --name, --issuer and --person out.")
    if team and not service:
        raise typer.BadParameter("A person's team is set by `soc people set`; --team goes with --service.")
    if service:
        add_service(subject, role=chosen, team=team)
        return
    with explained():
        open_store()
        now = clock.now()
        with write_session() as session:
            identity = Identity(issuer or LOCAL, subject, name=name)
            found = find_by_email(session, person) if "@" in person else None
            row = accounts.add_account(
                session,
                identity,
                chosen,
                person_id=found.id if found else person,
                actor=AT_THE_SHELL,
                now=now,
            )
            invitation = (
                accounts.invite(session, row.id, actor=AT_THE_SHELL, now=now) if row.issuer == LOCAL else ""
            )
            told = {"id": row.id, "person": row.person_id, "role": row.role}
        result(f"{told['id']} may sign in as {subject}, with the role {chosen}.")
        _say_link(invitation)
        give(told)


def invite_user(user: str) -> None:
    """A new one-time link, for whoever forgot the password or never used the first."""
    with explained():
        open_store()
        with write_session() as session:
            row = _find(session, user)
            token = accounts.invite(session, row.id, actor=AT_THE_SHELL, now=clock.now())
        _say_link(token)


def _say_link(token: str) -> None:
    if token:
        base = get_settings().public_url or "http://127.0.0.1:8501"
        note("The password is set here, once, within a day; hand the link over safely:")
        print(f"{base}/signin/link?token={token}")
        if not get_settings().public_url:
            note(
                "SOC_PUBLIC_URL is not set: it opens on this machine, and where the dashboard has this port."
            )


def set_user_role(user: str, role: str) -> None:
    chosen = _role(role)
    with explained():
        open_store()
        with write_session() as session:
            changed = changed_service_role(session, user, chosen)
            if not changed:
                changed = accounts.change_role(
                    session, _find(session, user).id, chosen, actor=AT_THE_SHELL
                ).id
        result(f"{changed} has the role {chosen} from now on.")


def forget_codes(user: str) -> None:
    with explained():
        open_store()
        with write_session() as session:
            row = _find(session, user)
            drop_codes(session, row.id, actor=AT_THE_SHELL)
        result(f"{row.id} signs in without a one-time code until it is set up again.")


def switch_user(user: str, *, enabled: bool) -> None:
    with explained():
        open_store()
        with write_session() as session:
            if switched_service(session, user, enabled=enabled):
                said = "are in force again" if enabled else "open nothing any more"
                said = f"The keys of {user} {said}."
            elif enabled:
                accounts.enable_person(session, _find(session, user).person_id, actor=AT_THE_SHELL)
                said = f"{user} may sign in again."
            else:
                person = _find(session, user).person_id
                ended = accounts.disable_person(session, person, actor=AT_THE_SHELL, now=clock.now())
                said = f"{user} may not sign in any more; {ended} sessions ended."
        result(said)


def sync_roles() -> None:
    with explained():
        open_store()
        with write_session() as session:
            rows = accounts.apply_table(session, role_table(), actor=AT_THE_SHELL)
            told = {row.id: row.role for row in rows}
        for account, role in told.items():
            result(
                f"{account} has {f'the role {role}' if role else 'no role, and may not come in,'} from now on."
            )
        if not told:
            note("Everybody has the role that their groups give.")
        give({"changed": told})


def print_sessions() -> None:
    with explained():
        open_store()
        with read_session() as session:
            rows = living_sessions(session)
        if not rows:
            note("Nobody is signed in.")
        told = []
        for seat, row in rows:
            result(f"{seat.session_id}  {seat.name} ({seat.role})  since {seat.began_at:%Y-%m-%d %H:%M}Z  "
                   f"last used {seat.seen_at:%H:%M}Z  from {row.address}")  # fmt: skip
            told.append({"id": seat.session_id, "person": seat.person_id, "role": seat.role.value})
        give({"sessions": told})


def end_one_session(session_id: str) -> None:
    with explained():
        open_store()
        with write_session() as session:
            end_session(session, session_id, actor=AT_THE_SHELL, now=clock.now())
        result(f"{session_id} has ended.")


def _find(session: Session, given: str) -> AccountRow:
    """By its id, or by the name that the person signs in with. Raises NotFound, ConfigurationError for a service account."""
    refuse_service(session, given)
    if given.startswith("acc-"):
        return get_account(session, given)
    found = [account for account, _ in list_accounts(session) if account.subject == given]
    if len(found) != 1:
        raise NotFound(
            f"There is no one account {given}.", hint="`soc users list` shows them with their ids."
        )
    return found[0]


def _told(account: AccountRow, person: PersonRow) -> dict[str, Any]:
    states = {
        "disabled": account.disabled_at is not None,
        "left": not person.active,
        "invited": account.issuer == LOCAL and not account.password,
    }
    return {
        "id": account.id,
        "person": person.id,
        "name": person.name,
        "issuer": account.issuer,
        "subject": account.subject,
        "role": account.role,
        "by_groups": account.by_groups,
        "codes": bool(account.totp),
        "state": next((state for state, so in states.items() if so), "in force"),
        "signed_in_at": account.signed_in_at.isoformat() if account.signed_in_at else None,
    }
