"""A second administrator for what one alone must not do: asked for, approved or refused by another, taken back, over in a day.

It holds where people sign in and two persons or more are administrators; else the act is done at once, as ever. The acts ask
`need_second` where they are done, so no way in goes around it. What the act takes is sealed until it is decided.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlmodel import Session

from soc import clock
from soc.access.askers import is_asker, may_take, person_behind, refuse_nobody_s_key
from soc.access.scopes import AccessRole
from soc.access.sessions import in_force
from soc.audit.write import record
from soc.domain.actor import Actor, ActorKind, Known
from soc.domain.audit import Subject, parse_subject
from soc.errors import ConfigurationError, Conflict
from soc.ids import new_id
from soc.settings import get_settings
from soc.store import vault
from soc.store.db import read_session, write_session
from soc.store.nouns.people.accounts import list_accounts
from soc.store.nouns.rules import approvals as stored
from soc.store.nouns.rules.approvals import ApprovalRow

LONGEST_REASON = 500
#: No act takes so long: what is not finished by then ended with its process.
LONGEST_ACT = timedelta(hours=1)
_ENDED = "The process ended while it was done. Look in the audit whether it was; ask anew if not."
_PRODUCT = Actor.system("approval")


class ApprovedAct(StrEnum):
    """What a second administrator has to approve."""

    UNCHECKED = "switch off certificate checks"
    EXPORT = "export secrets"


class ApprovalState(StrEnum):
    WAITING = "waiting"
    #: Approved, and being done.
    APPROVED = "approved"
    DONE = "done"
    #: Approved, and it could not be done; or nobody knows whether it was, since the process ended meanwhile.
    FAILED = "failed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    #: Nobody decided in time.
    OVER = "over"


@dataclass(frozen=True)
class Wanted:
    """An act that needs a second administrator. `what` is a sentence without secrets; `takes` are JSON values, which may hold some."""

    act: ApprovedAct
    subject: Subject
    what: str
    takes: Mapping[str, Any]


@dataclass(frozen=True)
class Granted:
    """Two administrators stand for the act that is done now. Nobody makes one but `begin`."""

    approval_id: str
    asked_by: str
    approved_by: str

    @property
    def note(self) -> str:
        return f"asked for by {self.asked_by}, approved by {self.approved_by} ({self.approval_id})"


class NeedsApproval(Conflict):
    """The act was not done: another administrator has to approve it first. `wanted` is what `ask` takes."""

    def __init__(self, wanted: Wanted) -> None:
        super().__init__(
            "Another administrator has to approve this.",
            hint="Nothing was changed. Say why you want it (on the page; header “Approval-Reason”; `--why`), then it is asked for.",
        )
        self.wanted = wanted


def administrators(session: Session) -> set[str]:
    """The persons who may sign in as administrators, by id."""
    return {
        account.person_id
        for account, person in list_accounts(session)
        if account.role == AccessRole.ADMIN and account.disabled_at is None and person.active
    }


def asks_two() -> bool:
    """Whether the acts named here need a second administrator."""
    if not in_force():
        return False
    with read_session() as session:
        return len(administrators(session)) > 1


def need_second(wanted: Wanted, granted: Granted | None) -> None:
    """Raises NeedsApproval unless it was granted, or nobody needs a second administrator here."""
    if granted is None and asks_two():
        raise NeedsApproval(wanted)


def ask(session: Session, wanted: Wanted, reason: str, *, actor: Actor, now: datetime) -> ApprovalRow:
    """Put the request before the other administrators. One at a time is open for an act and what it is done to: the same, asked
    again, is the same request; asked otherwise, it takes the place of the asker's earlier one.

    Raises ConfigurationError without a reason, Conflict for a key that is nobody's and where somebody else's request is open.
    """
    why = " ".join(reason.split())[:LONGEST_REASON]
    if not why:
        raise ConfigurationError("The request has no reason.", hint="Say why, for whoever approves it.")
    refuse_nobody_s_key(session, actor)
    stored.forget_sealed(session, before=now)
    if (open_one := _own_open(session, wanted, why, actor=actor, now=now)) is not None:
        return open_one
    row = ApprovalRow(
        id=new_id("apr"),
        act=wanted.act.value,
        subject=str(wanted.subject),
        what=wanted.what,
        reason=why,
        state=ApprovalState.WAITING.value,
        created_at=now,
        expires_at=now + timedelta(hours=get_settings().approval_hours),
        made_by=str(actor),
        asked_person=person_behind(session, actor),
    )
    row.sealed = vault.seal({"takes": json.dumps(dict(wanted.takes))}, owner=row.id)
    session.add(row)
    told = {"act": wanted.act, "what": wanted.what, "until": row.expires_at}
    record(session, actor, "ask for approval", wanted.subject, after=told, group=row.id, note=why)
    return row


def _own_open(
    session: Session, wanted: Wanted, why: str, *, actor: Actor, now: datetime
) -> ApprovalRow | None:
    """The asker's request where it is this very one; another one of theirs is taken back. Raises Conflict for somebody else's."""
    waiting = ApprovalState.WAITING.value
    row = stored.find_open(session, act=wanted.act.value, subject=str(wanted.subject), state=waiting, now=now)
    if row is None:
        return None
    if not may_take(session, row, actor):
        raise Conflict(
            f"Somebody else asked for it already: {row.id} waits.",
            hint="Approve or refuse that one on the page Approvals; ask when it is decided.",
        )
    takes = json.dumps(dict(wanted.takes))
    if (vault.unseal(row.sealed, owner=row.id)["takes"], row.reason) == (takes, why):
        return row
    _end(session, row, ApprovalState.WITHDRAWN, "withdraw approval", actor, "It was asked for anew.")
    return None


def state_of(row: ApprovalRow, now: datetime) -> ApprovalState:
    state = ApprovalState(row.state)
    return ApprovalState.OVER if state is ApprovalState.WAITING and row.expires_at <= now else state


def begin(approval_id: str, *, actor: Actor) -> tuple[Wanted, Granted]:
    """Approve it: whoever is first has what is to be done now, and says by `finish` what came of it.

    Raises NotFound, Conflict where it does not wait any more, and where it is nobody's to approve but another administrator's.
    """
    now = clock.now()
    with write_session() as session:
        row = stored.get_approval(session, approval_id)
        _refuse_own(session, row, actor)
        _move(session, row, ApprovalState.APPROVED, actor, now)
        session.refresh(row)
        takes = json.loads(vault.unseal(row.sealed, owner=row.id)["takes"])
        row.sealed = ""
        session.add(row)
        subject = parse_subject(row.subject)
        record(
            session, actor, "approve", subject, after={"act": row.act, "asked by": row.made_by}, group=row.id
        )
        wanted = Wanted(ApprovedAct(row.act), subject, row.what, takes)
        return wanted, Granted(row.id, row.made_by, str(actor))


def _refuse_own(session: Session, row: ApprovalRow, actor: Actor) -> None:
    if actor.kind is not ActorKind.PERSON or actor.known is not Known.SIGNED_IN:
        raise Conflict("Only a person who signed in can approve this.", hint="Sign in and approve it there.")
    if is_asker(session, row, actor):
        raise Conflict(
            "Nobody approves what they asked for.", hint="Ask another administrator to look at it."
        )
    if actor.id not in administrators(session):
        raise Conflict("Only an administrator can approve this.", hint="Ask one.")


def _move(session: Session, row: ApprovalRow, to: ApprovalState, actor: Actor, now: datetime) -> None:
    waiting = ApprovalState.WAITING.value
    if not stored.move_approval(session, row.id, state=waiting, to=to.value, by=str(actor), now=now):
        raise Conflict(
            f"This request does not wait any more: it is {state_of(row, now)}.",
            hint="Ask anew if it is still wanted.",
        )


def finish(approval_id: str, *, failed: str = "", result: str = "") -> None:
    """What came of an approved act: why it failed, or that it was done, with what is for whoever asked.

    That is kept as long as a request waits, from now on. Nothing is written where it was ended already.
    """
    with write_session() as session:
        row = stored.get_approval(session, approval_id, to_change=True)
        if row.state != ApprovalState.APPROVED:
            return
        if result:
            row.result = vault.seal({"result": result}, owner=row.id)
            row.expires_at = clock.now() + timedelta(hours=get_settings().approval_hours)
        _finished(session, row, failed)


def fail_stuck(session: Session, *, now: datetime) -> None:
    """What was approved and whose process ended before it said what came of it."""
    for row in stored.list_stuck(session, state=ApprovalState.APPROVED.value, before=now - LONGEST_ACT):
        _finished(session, row, _ENDED)


def _finished(session: Session, row: ApprovalRow, failed: str) -> None:
    row.state, row.said = (ApprovalState.FAILED if failed else ApprovalState.DONE).value, failed
    session.add(row)
    told = {"act": row.act, "state": row.state}
    record(
        session, _PRODUCT, "end approval", parse_subject(row.subject), after=told, group=row.id, note=failed
    )


def refuse(approval_id: str, *, reason: str, actor: Actor) -> None:
    """Say no. Raises NotFound, Conflict."""
    with write_session() as session:
        row = stored.get_approval(session, approval_id)
        if is_asker(session, row, actor):
            raise Conflict("It is your own request.", hint="Withdraw it instead.")
        _end(
            session,
            row,
            ApprovalState.REFUSED,
            "refuse approval",
            actor,
            " ".join(reason.split())[:LONGEST_REASON],
        )


def withdraw(approval_id: str, *, actor: Actor) -> None:
    """Take one's own request back. Raises NotFound, Conflict."""
    with write_session() as session:
        row = stored.get_approval(session, approval_id)
        if not may_take(session, row, actor):
            raise Conflict("Somebody else asked for it.", hint="Refuse it instead.")
        _end(session, row, ApprovalState.WITHDRAWN, "withdraw approval", actor, "")


def _end(session: Session, row: ApprovalRow, to: ApprovalState, action: str, actor: Actor, said: str) -> None:
    _move(session, row, to, actor, clock.now())
    session.refresh(row)
    row.sealed, row.said = "", said
    session.add(row)
    record(
        session, actor, action, parse_subject(row.subject), after={"act": row.act}, group=row.id, note=said
    )


def collect(approval_id: str, *, actor: Actor) -> str:
    """What came of it, once, for whoever asked. Raises NotFound, Conflict."""
    with write_session() as session:
        row = stored.get_approval(session, approval_id, to_change=True)
        if not may_take(session, row, actor):
            raise Conflict("Somebody else asked for it.", hint="They fetch it themselves.")
        stored.forget_sealed(session, before=clock.now())
        session.refresh(row)
        if not row.result:
            raise Conflict(
                "There is nothing to fetch.",
                hint=f"It is fetched once, and kept for {get_settings().approval_hours} hours.",
            )
        result = vault.unseal(row.result, owner=row.id)["result"]
        row.result = ""
        session.add(row)
        record(session, actor, "fetch", parse_subject(row.subject), after={"act": row.act}, group=row.id)
        return result
