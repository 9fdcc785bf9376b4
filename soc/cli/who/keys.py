"""`soc keys`: API keys from the shell of the machine that serves."""

from __future__ import annotations

import typer

from soc import clock
from soc.access import keys
from soc.access.scopes import Scope
from soc.cli.say import explained, note, open_store
from soc.domain.actor import AT_THE_SHELL
from soc.store.db import read_session, write_session
from soc.store.nouns.keys import list_keys


def create_key(name: str, scope: str) -> None:
    """Make a key and print it, the only time that it is shown. Raises typer.BadParameter for an unknown scope."""
    if scope not in list(Scope):
        raise typer.BadParameter(f"{scope!r} is not a scope; one of {', '.join(Scope)}.")
    with explained():
        open_store()
        with write_session() as session:
            row, key = keys.make_key(session, name, Scope(scope), actor=AT_THE_SHELL, now=clock.now())
    note(f"{row.id} ({scope}) for {name}. Keep the key now; it cannot be shown again:")
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
                print(f"{row.id}  {row.scope:5}  {'revoked' if row.revoked_at else used:24}  {row.name}")


def revoke_key(key_id: str) -> None:
    """Put a key out of force."""
    with explained():
        open_store()
        with write_session() as session:
            row = keys.revoke_key(session, key_id, actor=AT_THE_SHELL, now=clock.now())
    print(f"{row.id} ({row.name}) is revoked.")
