"""A request that carries a key of the caller's own is done once: again, it is answered with what came of the first.

The key is put down in the transaction of what is done, with a fingerprint of all that was asked and by whom. So a
crash leaves either both or neither, two at once are one, and a used key takes no other request: not another body, file,
option, address or caller.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from soc import clock
from soc.domain.actor import Actor
from soc.errors import ConfigurationError
from soc.store import vault
from soc.store.nouns.installation.requests import RequestRow, claim_request, keep_answer


class KeyTaken(ConfigurationError):
    """The caller's key stands for another request."""

    def __init__(self) -> None:
        super().__init__(
            "This Idempotency-Key was used for another request.", hint="Use a new key for a new request."
        )


@dataclass(frozen=True)
class Once:
    """A keyed request. `asked` is all that makes it this one: where to, what, by whom; JSON values."""

    key: str
    actor: Actor
    asked: tuple[Any, ...]

    @property
    def id(self) -> str:
        return hashlib.sha256(self.key.encode()).hexdigest()

    def about(self, *more: Any) -> Once:
        """The same request, of which more is known by now: the digests of its files."""
        return Once(self.key, self.actor, (*self.asked, *more))

    def claim(self, session: Session) -> dict[str, Any] | None:
        """None for the first one, which may go on; else what it was answered from. Raises KeyTaken.

        Call it first in the transaction that does the work.
        """
        row = RequestRow(
            id=self.id,
            fingerprint=self._fingerprint(),
            made_by=str(self.actor),
            created_at=clock.now(),
        )
        first = claim_request(session, row)
        if first is None:
            return None
        if first.fingerprint != row.fingerprint:
            raise KeyTaken()
        secret = vault.unseal(first.sealed, owner=self._owner) if first.sealed else {}
        return {**first.answer, **secret}

    def keep(self, session: Session, answer: dict[str, Any], *, secret: dict[str, str] | None = None) -> None:
        """What a repetition is answered from; what is secret in it is sealed, and forgotten soon."""
        sealed = vault.seal(secret, owner=self._owner) if secret else ""
        keep_answer(session, self.id, answer, sealed=sealed)

    @property
    def _owner(self) -> str:
        return f"request:{self.id}"

    def _fingerprint(self) -> str:
        """Made with the vault's key: what is asked may hold passwords, which a plain digest would let others guess."""
        asked = [str(self.actor), *self.asked]
        return vault.fingerprint(json.dumps(asked, sort_keys=True, ensure_ascii=True).encode())
