"""What is to be sent, what is being sent, what came of it. The only writer of deliveries and attempts.

`begin` commits the intent and says what to do; `finish_*` write what happened. A delivery found in state
*sending* by somebody who is not sending it was cut off: its outcome is unknown, never "not sent".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlmodel import Session

from soc.delivery import breaker, rate_limit
from soc.delivery.queues import delivery_queue
from soc.delivery.sealing import opened
from soc.delivery.turns import gave_way, still_wanted, throttle_of, turn_of
from soc.domain.actor import Actor
from soc.domain.delivery import FINAL_STATES, TRANSITIONS, DeliveryState
from soc.domain.message import Message, Receipt, read_message
from soc.errors import FailureReason, LocalFault, StoreError
from soc.ids import derived_id
from soc.store.db import insert_ignoring
from soc.store.nouns.deliveries.attempts import Ending, Holder, close_attempt, find_holder, open_attempt
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.deliveries.doubts import doubt
from soc.store.nouns.deliveries.outbox import lock_delivery
from soc.store.nouns.installation.executors import is_at_work
from soc.store.nouns.vendors.health import read_health
from soc.tracing.context import current_traceparent
from soc.tracing.spans import mark

#: A send without an outcome after this long belongs to a process that is gone.
LONGEST_SEND = timedelta(minutes=10)


@dataclass(frozen=True)
class Intent:
    """One message to plan, and who wants it. `key` is its identity: the same key is never planned twice.

    `suppressed` says why it is not sent, `joined` to what it belongs that was told before, `awaiting` why it is to be released first.
    """

    key: str
    integration: str
    message: Message
    actor: Actor
    incident_id: str | None = None
    batch_id: str | None = None
    practice: bool = False
    score: int = 1
    suppressed: str = ""
    joined: str = ""
    awaiting: str = ""
    #: The trace that it belongs to; "": the one in which it is planned.
    traceparent: str = ""


class Try(NamedTuple):
    """A try to enqueue: on which queue, which delivery, the number of the try, and not before when."""

    queue: str
    delivery_id: str
    number: int
    at: datetime


@dataclass(frozen=True)
class Skip:
    """Nothing to do for this try; perhaps another one is due."""

    then: Try | None = None


@dataclass(frozen=True)
class Send:
    message: Message


@dataclass(frozen=True)
class Reconcile:
    message: Message
    since: datetime
    done: int


Step = Skip | Send | Reconcile


def _first_state(intent: Intent) -> DeliveryState:
    kept = (
        (intent.suppressed, DeliveryState.SUPPRESSED), (intent.joined, DeliveryState.JOINED), (intent.awaiting, DeliveryState.AWAITING),
    )  # fmt: skip
    return next((state for why, state in kept if why), DeliveryState.PENDING)


def plan(session: Session, intents: list[Intent], *, now: datetime) -> list[Try]:
    """Write the intents as pending (or suppressed, joined or awaiting release, with the reason); returns the tries that are due."""
    rows = []
    for intent in intents:
        state, kept = _first_state(intent), intent.suppressed or intent.joined or intent.awaiting
        follows, identity = intent.traceparent or current_traceparent(), derived_id("dlv", intent.key)
        of_it = {"soc.delivery": identity, "soc.integration": intent.integration, "soc.action": intent.message.action}  # fmt: skip
        row = DeliveryRow(
            id=identity, key=intent.key, integration=intent.integration, action=intent.message.action,
            incident_id=intent.incident_id, batch_id=intent.batch_id, payload=intent.message.model_dump(mode="json"),
            subject=intent.incident_id or str(getattr(intent.message, "subject", "")), made_by=str(intent.actor),
            state=state.value, reason=kept, practice=intent.practice, score=intent.score, created_at=now, updated_at=now,
            next_try_at=None if kept else now, armed_at=None if kept else now,
            traceparent=follows if kept else mark("plan delivery", "producer", of_it, parent=follows),
        )  # fmt: skip
        rows.append(row.model_dump())
    rate_limit.book(session, rows, now=now)
    insert_ignoring(session, DeliveryRow, rows)
    due = [row for row in rows if row["next_try_at"] is not None]
    return [Try(delivery_queue(one["integration"], one["action"]), one["id"], 1, one["next_try_at"]) for one in due]  # fmt: skip


def move(row: DeliveryRow, state: DeliveryState, *, now: datetime) -> None:
    current = DeliveryState(row.state)
    if state is not current and state not in TRANSITIONS[current]:
        raise StoreError(f"Delivery {row.id} cannot go from {current} to {state}.")
    row.state, row.updated_at = state.value, now


def begin(
    session: Session, delivery_id: str, try_number: int, *, executor: str, settle: timedelta, now: datetime, run: int = 0
) -> Step:  # fmt: skip
    """Claim this try. Commits (with the caller's transaction) the intent before anything is sent.

    `run` says which run of the executor claims it; the caller is not at work on this try already.
    """
    row = lock_delivery(session, delivery_id)
    state = DeliveryState(row.state)
    if state in FINAL_STATES:
        return Skip()
    if row.try_number != try_number:
        return Skip(_try(row))
    if state is DeliveryState.SENDING:
        if is_held_by_another(session, row, Holder(executor, run)):
            return Skip()  # whoever sends it writes down what came of it; the sweep looks after him
        close_interrupted(session, row, now=now)
        move(row, DeliveryState.UNKNOWN, now=now)
        return Skip(again(session, row, at=now + settle, now=now))
    health = read_health(session, row.integration)
    if health.paused:
        return _hold(session, row, reason=health.paused_reason, now=now)
    due = max(filter(None, (row.next_try_at, health.throttled_until, throttle_of(session, row))), default=now)
    if due > now + rate_limit.EARLY:
        return Skip(again(session, row, at=due, now=now))
    if gave_way(session, row, now=now):
        return Skip()
    if (turn := turn_of(session, row, now=now)) is not None:
        row.hint = "Waits for an earlier message about the same incident."
        return Skip(again(session, row, at=turn, now=now))
    if doubt(session, row, now=now):
        move(row, DeliveryState.UNKNOWN, now=now)
        return Skip(again(session, row, at=now + settle, now=now))
    try:
        message = opened(read_message(row.payload), delivery_id=row.id)
    except LocalFault:
        raise  # the key of this process is another: the message is sound
    except StoreError as error:
        return _unreadable(session, row, error, now=now)
    sends = state is not DeliveryState.UNKNOWN  # else it is looked up first
    if (wanted := ask_again(session, row, message, now=now) if sends else message) is None:
        return Skip()
    if (booked := rate_limit.take_permit(session, row, now=now) if sends else None) is not None:
        return Skip(wait_for_permit(session, row, at=booked, now=now))
    barred = breaker.pass_or_wait(session, row.integration, claimant=row.id, now=now)
    if barred is not None:
        if sends:
            rate_limit.give_permit_back(session, row)
        return Skip(again(session, row, at=barred, now=now))
    if not sends:
        open_attempt(session, row, "reconcile", executor=executor, run=run, now=now)
        return Reconcile(message, since=row.sent_at or row.created_at, done=row.reconciled)
    begin_send(session, row, executor=executor, run=run, now=now)
    return Send(wanted)


def ask_again(session: Session, row: DeliveryRow, message: Message, *, now: datetime) -> Message | None:
    """What of the message is still to be told; where nothing is left it is cancelled, with who called it off."""
    wanted, why = still_wanted(session, message)
    if wanted is None:
        cancel(session, row, why=why, now=now)
    elif wanted is not message:
        row.payload = wanted.model_dump(mode="json")
    return wanted


def cancel(session: Session, row: DeliveryRow, *, why: str, now: datetime) -> None:
    """It is not wanted any more. Whether it may have been sent before, its attempts say."""
    move(row, DeliveryState.CANCELLED, now=now)
    row.next_try_at, row.booked_at, row.reason, row.error, row.hint = None, None, why, "", ""
    session.add(row)


def is_held_by_another(session: Session, row: DeliveryRow, mine: Holder) -> bool:
    """Whether the send that has not ended is that of another process at work, and not a cut-off one."""
    holder = find_holder(session, row.id, row.try_number)
    return holder is not None and holder != mine and is_at_work(session, *holder)


def wait_for_permit(session: Session, row: DeliveryRow, *, at: datetime, now: datetime) -> Try:
    """The vendor's rate limit leaves nothing now: no intent, no failure, only a later time."""
    row.hint = "Waits for its turn: the vendor takes no more in this time."
    return again(session, row, at=at, now=now)


def _unreadable(session: Session, row: DeliveryRow, error: StoreError, *, now: datetime) -> Skip:
    """Its sealed values cannot be opened, today or tomorrow: that is this message's trouble, not its integration's."""
    bury(session, row, now=now)
    row.reason, row.error = FailureReason.CLIENT.value, str(error)
    row.hint = "Ask for the action again: its parameters were sealed with another key."
    return Skip()


def begin_send(session: Session, row: DeliveryRow, *, executor: str, now: datetime, run: int = 0) -> None:
    """Write the intent of one send, for which a permit was taken."""
    move(row, DeliveryState.SENDING, now=now)
    row.sends += 1
    row.sent_at = row.armed_at = now
    row.next_try_at = now + LONGEST_SEND
    row.hint = ""
    open_attempt(session, row, "send", executor=executor, run=run, now=now)


def close_interrupted(session: Session, row: DeliveryRow, *, now: datetime) -> None:
    ending = Ending("interrupted", error="The process ended before the answer was written down.")
    close_attempt(session, row, "send", ending, now=now)
    rate_limit.end_permit(session, row)
    row.reason, row.error = "interrupted", "The outcome of the last try is not known."
    row.hint = "It is looked up at the vendor before anything is sent again."
    row.reconciled = 0


def _try(row: DeliveryRow) -> Try | None:
    at = row.next_try_at
    return (
        None if at is None else Try(delivery_queue(row.integration, row.action), row.id, row.try_number, at)
    )


def again(session: Session, row: DeliveryRow, *, at: datetime, now: datetime) -> Try:
    row.try_number += 1
    row.next_try_at, row.armed_at = at, now
    session.add(row)
    return Try(delivery_queue(row.integration, row.action), row.id, row.try_number, at)


def _hold(session: Session, row: DeliveryRow, *, reason: str, now: datetime) -> Skip:
    """Keep the delivery until its integration is mended: no workflow, no burnt attempts."""
    row.next_try_at, row.updated_at = None, now
    row.hint = f"Held: {reason}" if reason else "Held until the integration is configured."
    session.add(row)
    return Skip()


def hold_unconfigured(session: Session, delivery_id: str, try_number: int, *, now: datetime) -> None:
    """The integration has no configuration (any more): keep the delivery for when it has one."""
    row = lock_delivery(session, delivery_id)
    if row.try_number == try_number and DeliveryState(row.state) not in FINAL_STATES:
        if DeliveryState(row.state) is DeliveryState.SENDING:
            close_interrupted(session, row, now=now)
            move(row, DeliveryState.UNKNOWN, now=now)
        _hold(session, row, reason="", now=now)


def end_attempt(
    session: Session, delivery_id: str, try_number: int, kind: str, ending: Ending, *, now: datetime
) -> DeliveryRow | None:
    """Close the attempt's row; None when somebody else has taken the delivery over meanwhile."""
    row = lock_delivery(session, delivery_id)
    if row.try_number != try_number or DeliveryState(row.state) in FINAL_STATES:
        return None
    close_attempt(session, row, kind, ending, now=now)
    if kind == "send":
        rate_limit.end_permit(session, row)
    row.reason, row.http_status = ending.reason, ending.status
    row.error, row.hint, row.updated_at = ending.error, ending.hint, now
    return row


def deliver(session: Session, row: DeliveryRow, receipt: Receipt, *, now: datetime) -> None:
    """The vendor has it."""
    move(row, DeliveryState.DELIVERED, now=now)
    row.receipt, row.delivered_at, row.next_try_at = receipt.model_dump(), now, None
    row.open_end = receipt.open
    row.reason = row.error = row.hint = ""
    session.add(row)


def update_receipt(session: Session, delivery_id: str, receipt: Receipt) -> None:
    """Keep what became of a delivered message since."""
    row = lock_delivery(session, delivery_id)
    row.receipt, row.open_end = receipt.model_dump(), receipt.open


def retry(session: Session, row: DeliveryRow, state: DeliveryState, *, at: datetime, now: datetime) -> Try:
    """Try again (or look again) at a later time."""
    move(row, state, now=now)
    return again(session, row, at=at, now=now)


def hold(session: Session, row: DeliveryRow, state: DeliveryState, *, now: datetime) -> None:
    """Keep it until the integration works again; the try was not its fault."""
    move(row, state, now=now)
    row.try_number += 1
    row.next_try_at = None
    session.add(row)


def bury(session: Session, row: DeliveryRow, *, now: datetime) -> None:
    """No further try by itself; it stays visible, explained and replayable."""
    move(row, DeliveryState.DEAD, now=now)
    row.next_try_at = None
    session.add(row)
