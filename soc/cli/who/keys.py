"""`soc keys`: API keys from the shell of the machine that serves."""

from __future__ import annotations

from datetime import timedelta

import typer

from soc import clock
from soc.access import keys
from soc.access.scopes import Scope
from soc.cli.say import explained, note, open_store
from soc.domain.actor import AT_THE_SHELL
from soc.store.db import read_session, write_session
from soc.store.nouns.people.keys import ApiKeyRow, list_keys


def create_key(name: str, scope: str, *, days: int | None = None, owner: str = "") -> None:
    """Make a key and print it, the only time that it is shown. Raises typer.BadParameter for an unknown scope."""
    if scope not in list(Scope):
        raise typer.BadParameter(f"{scope!r} is not a scope; one of {', '.join(Scope)}.")
    with explained():
        open_store()
        with write_session() as session:
            owned = keys.find_owner(session, owner) if owner else ""
            lasts = None if days is None else timedelta(days=days)
            row, key = keys.make_key(
                session, name, Scope(scope), actor=AT_THE_SHELL, now=clock.now(), lasts=lasts, owner=owned
            )
    note(f"{row.id} ({scope}) for {name}. Keep the key now; it cannot be shown again:")
    print(key)


def rotate_key(key_id: str, *, overlap_hours: int) -> None:
    """Make the key's successor and print it, the only time that it is shown."""
    with explained():
        open_store()
        overlap = timedelta(hours=overlap_hours)
        with write_session() as session:
            row, key = keys.rotate_key(session, key_id, overlap=overlap, actor=AT_THE_SHELL, now=clock.now())
            name = row.name
    note(
        f"{row.id} takes the place of {key_id} ({name}), which works for {overlap_hours} h. Keep the key now:"
    )
    print(key)


def print_keys() -> None:
    """One line a key."""
    with explained():
        open_store()
        with read_session() as session:
            rows = list_keys(session)
            if not rows:
                note("There are no keys.")
            for row in rows:
                used = f"used {row.last_used_at:%Y-%m-%d %H:%M}Z" if row.last_used_at else "never used"
                print(
                    f"{row.id}  {row.scope:5}  {_state(row) or used:24}  {row.hint:8}  {row.name}{f'  of {row.owner}' if row.owner else ''}"
                )


def _state(row: ApiKeyRow) -> str:
    if row.revoked_at:
        return "revoked"
    return "over" if row.expires_at is not None and row.expires_at <= clock.now() else ""


def revoke_key(key_id: str) -> None:
    """Put a key out of force."""
    with explained():
        open_store()
        with write_session() as session:
            row = keys.revoke_key(session, key_id, actor=AT_THE_SHELL, now=clock.now())
    print(f"{row.id} ({row.name}) is revoked.")
