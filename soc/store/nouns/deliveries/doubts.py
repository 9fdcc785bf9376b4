"""What a restored backup has as not sent may have been sent since the backup was taken: it is looked up before it is sent.

The same holds for what is planned anew about something that the backup had (a batch that is read once more, a schedule that
catches up): it may have been told in the time that was lost. Each delivery is doubted once, when its turn comes, by an
attempt that nobody remembers; the ledger asks for it, in its transaction. Found at the vendor, it is delivered; not there, it is sent. Where the vendor cannot be asked
it is given up for a person to look, unless somebody asked for it anew: a replay sends it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from soc.domain.actor import Actor, ActorKind
from soc.domain.message import announcements
from soc.store.nouns.batches.batches import BatchRow
from soc.store.nouns.deliveries.attempts import AttemptRow
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.deliveries.restorations import RestorationRow, last_restoration
from soc.store.nouns.incidents.incidents import IncidentRow

#: The attempt's reason. One of the second kind is sent where the vendor cannot be asked.
RESTORED, ABOUT_RESTORED = "restored", "about restored"
#: What its attempt says after a person was asked to look.
HELD = "held"
#: Schedules have told by then what became due while nobody was at work.
CAUGHT_UP = timedelta(hours=1)

_ERROR = "A backup was restored: whether it was sent after the backup was taken is not known."
_HINT = "It is looked up at the vendor before anything is sent."
_LOOK = (
    "It may have been sent after the backup was taken, and the vendor cannot be asked. Look for it there; if it is "
    "missing, replay."
)


def doubt(session: Session, row: DeliveryRow, *, now: datetime) -> bool:
    """Whether it has to be looked up because of a restore; then the attempt that nobody remembers is written.

    The caller makes it unknown, in the same transaction.
    """
    restoration = last_restoration(session)
    if restoration is None or not (reason := _why(session, row, restoration)):
        return False
    if _find(session, row, since=restoration.restored_at) is not None:
        return False
    session.add(
        AttemptRow(
            delivery_id=row.id, number=row.try_number, kind="send", executor=restoration.made_by, started_at=restoration.taken_at,
            finished_at=max(now, restoration.restored_at), outcome="unknown", reason=reason, error=_ERROR, hint=_HINT,
        )
    )  # fmt: skip
    row.sends, row.reconciled = row.sends + 1, 0
    row.sent_at = min(row.sent_at or row.created_at, restoration.taken_at)  # it is looked for from then on
    row.reason, row.error, row.hint, row.booked_at = RESTORED, _ERROR, _HINT, None
    return True


def waits_for_a_person(session: Session, row: DeliveryRow, *, shown: bool) -> bool:
    """Whether, as it was not found, only a person can say whether it may be sent; then the row says what to do.

    `shown`: the vendor would show it. The caller gives it up. A person is asked once: whoever replays it wants it sent.
    """
    restoration = last_restoration(session)
    if shown or restoration is None:
        return False
    attempt = _find(session, row, since=restoration.restored_at)
    if attempt is None or attempt.reason != RESTORED or attempt.outcome == HELD:
        return False
    attempt.outcome, attempt.hint = HELD, _LOOK
    session.add(attempt)
    row.reason, row.error, row.hint = RESTORED, _ERROR, _LOOK
    return True


def _why(session: Session, row: DeliveryRow, restoration: RestorationRow) -> str:
    """The attempt's reason; "" where it cannot have been told in the time that was lost."""
    if row.created_at <= restoration.through:
        return RESTORED
    batch = session.get(BatchRow, row.batch_id) if row.batch_id else None
    incident = session.get(IncidentRow, row.incident_id) if row.incident_id else None
    about = [one.created_at for one in (batch, incident) if one is not None]
    if about and min(about) > restoration.through:
        return ""
    by_itself = Actor.parse(row.made_by).kind in (ActorKind.RULE, ActorKind.SYSTEM)
    catches_up = row.created_at <= restoration.restored_at + CAUGHT_UP
    if not about:  # a hand-over, an escalation of several tickets
        return RESTORED if by_itself and catches_up else ""
    tells = row.action in (*announcements(), "send_summary")
    return RESTORED if by_itself and (tells or catches_up) else ABOUT_RESTORED


def _find(session: Session, row: DeliveryRow, *, since: datetime) -> AttemptRow | None:
    """The attempt by which it was doubted since this restore."""
    one = AttemptRow
    return session.exec(
        select(one).where(
            one.delivery_id == row.id, one.kind == "send", col(one.reason).in_((RESTORED, ABOUT_RESTORED)),
            col(one.finished_at) >= since,
        )
    ).first()  # fmt: skip
