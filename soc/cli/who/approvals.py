"""`soc approvals`: what waits for a second administrator; and `--why`, by which a command asks for one."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from soc import clock
from soc.access import approvals
from soc.access.approvals import ApprovalState, NeedsApproval, asks_two, state_of
from soc.cli.given import writable
from soc.cli.say import explained, give, note, open_store, result
from soc.domain.actor import AT_THE_SHELL
from soc.store.db import read_session, write_session
from soc.store.nouns.rules.approvals import list_approvals


@contextmanager
def asking(why: str) -> Iterator[None]:
    """What takes a second administrator is asked for, with this reason. Raises NeedsApproval where it is empty."""
    try:
        yield
    except NeedsApproval as error:
        if not why:
            raise
        with write_session() as session:
            row = approvals.ask(session, error.wanted, why, actor=AT_THE_SHELL, now=clock.now())
        result(
            f"Asked for as {row.id}: {row.what} Another administrator has until {row.expires_at:%Y-%m-%d %H:%M}Z."
        )
        give({"status": "asked", "approval": row.id})


def print_approvals() -> None:
    """One request a line, the newest first: until when, state, who, what, why."""
    with explained():
        open_store()
        if not asks_two():
            note(
                "Nobody needs a second administrator here: people do not sign in, or there is one administrator."
            )
        with read_session() as session:
            rows = list_approvals(session)
        now = clock.now()
        for row in rows:
            result(
                f"{row.id}  {state_of(row, now):9}  until {row.expires_at:%Y-%m-%d %H:%M}Z  {row.made_by}  {row.act}: "
                f"{row.what} ({row.reason}){f' {row.changed_by}' if row.changed_by else ''}{f': {row.said}' if row.said else ''}"
            )
        told = [
                {
                    "id": row.id, "act": row.act, "subject": row.subject, "what": row.what, "reason": row.reason,
                    "state": ApprovalState(state_of(row, now)).value, "asked_by": row.made_by, "until": row.expires_at.isoformat(),
                    "decided_by": row.changed_by, "said": row.said,
                }
                for row in rows
        ]  # fmt: skip
        give({"items": told})


def withdraw(approval_id: str) -> None:
    """Take back what was asked for at the shell."""
    with explained():
        open_store()
        approvals.withdraw(approval_id, actor=AT_THE_SHELL)
    result(f"{approval_id} is withdrawn.")


def refuse(approval_id: str, *, why: str) -> None:
    """Say no to a request."""
    with explained():
        open_store()
        approvals.refuse(approval_id, reason=why, actor=AT_THE_SHELL)
    result(f"{approval_id} is refused.")


@contextmanager
def _scratch_beside(target: Path) -> Iterator[TextIO]:
    """A file that only its owner may read; it takes the target's place where nothing goes wrong."""
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=target.absolute().parent, delete=False
    ) as scratch:
        try:
            yield scratch  # type: ignore[misc]
            scratch.flush()
            os.replace(scratch.name, target)
        except BaseException:
            os.unlink(scratch.name)
            raise


def fetch(approval_id: str, target: Path) -> None:
    """Write the export that was asked for at the shell and approved; once."""
    writable(target)
    with explained():
        open_store()
        with _scratch_beside(target) as scratch:  # first: what is fetched is nowhere else any more
            scratch.write(approvals.collect(approval_id, actor=AT_THE_SHELL) + "\n")
    result(f"Written to {target}.")
