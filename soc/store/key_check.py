"""One store, one key: who has another one, or none, is told so before it does anything.

A process that went on with a key of its own would find every stored credential broken, and say so to all others.
"""

from __future__ import annotations

from sqlmodel import Session, SQLModel

from soc.domain.actor import Actor
from soc.errors import KeyFault, StoreError
from soc.store import vault
from soc.store.db import write_session
from soc.store.nouns.installation.key_checks import forget_check, list_sealed, read_check, write_check
from soc.store.nouns.vendors.integrations import IntegrationRow, delete_integration, list_integrations
from soc.store.nouns.vendors.versions import IntegrationVersionRow
from soc.store.trail.chain import note_new_key
from soc.store.trail.restored_later import note_restored_without_key

_OWNER = "key check"
_CONSTANT = {"key": "of this store"}


def check_key() -> None:
    """At every start: make the key of an empty store, or compare. Raises NoKey or WrongKey, which say what to do."""
    with write_session() as session:
        if read_check(session):
            _compare(session)
            note_restored_without_key(session)
            return
        sealed = _sealed(session)
        fresh = not vault.has_key()
        if fresh and sealed:
            raise vault.NoKey
        if fresh:
            vault.generate_key()
        if sealed and not any(_opens(kind, text) for kind, text in sealed):
            raise vault.WrongKey
        write_check(session, vault.seal(_CONSTANT, owner=_OWNER))
        try:
            _compare(session)  # another machine may have come first
        except KeyFault:
            if fresh:
                vault.forget_generated_key()
            raise


def take_new_key(*, actor: Actor) -> list[str]:
    """Forget the lost key: this process's own (made where it has none) is the store's from now on.

    Returns the integrations whose credentials it cannot open; they are to be entered again.
    """
    with write_session() as session:
        forget_check(session)
        if not vault.has_key():
            vault.generate_key()
        lost = [
            row.kind for row in list_integrations(session) if row.sealed and not _opens(row.kind, row.sealed)
        ]
        for kind in lost:
            delete_integration(session, kind, actor=actor)
        write_check(session, vault.seal(_CONSTANT, owner=_OWNER))
        vault.trust_key()
        note_new_key(session, actor=actor, lost=lost)
        note_restored_without_key(session)
    return lost


def _compare(session: Session) -> None:
    if not vault.has_key():
        raise vault.NoKey
    try:
        vault.unseal(read_check(session), owner=_OWNER)
    except StoreError:
        raise vault.WrongKey from None
    vault.trust_key()


def _sealed(session: Session) -> list[tuple[str, str]]:
    tables: tuple[type[SQLModel], ...] = (IntegrationRow, IntegrationVersionRow)
    return [one for rows in tables for one in list_sealed(session, rows=rows)]


def _opens(kind: str, text: str) -> bool:
    try:
        vault.unseal(text, owner=f"integration:{kind}")
    except StoreError:
        return False
    return True
