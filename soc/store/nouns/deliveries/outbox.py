"""What the ledger and the sweep ask of the deliveries: which one, whose turn, what is due, held, late or still open.

Reads and locks only; the ledger (`soc.delivery.ledger`) is the one that writes.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from soc.clock import UtcDateTime
from soc.domain.delivery import FINAL_STATES, DeliveryState
from soc.errors import NotFound
from soc.store.nouns.deliveries.attempts import AttemptRow
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.tickets.tickets import TicketRow
from soc.store.paging import portions

_FINAL = [state.value for state in FINAL_STATES]
WAITING = [DeliveryState.PENDING.value, DeliveryState.RETRY.value, DeliveryState.UNKNOWN.value]
NOT_FINAL = [state.value for state in DeliveryState if state not in FINAL_STATES]
#: A send that may have reached its vendor.
_UNKNOWN = (AttemptRow.kind == "send", col(AttemptRow.outcome).in_(("unknown", "interrupted", "")))


def lock_delivery(session: Session, delivery_id: str) -> DeliveryRow:
    """The row, locked for this transaction. Raises NotFound."""
    row = session.exec(
        select(DeliveryRow).where(DeliveryRow.id == delivery_id).with_for_update(key_share=True)
    ).first()
    if row is None:
        raise NotFound(f"There is no delivery {delivery_id}.", hint="Open “Deliveries” for the list.")
    return row


def list_holding(session: Session) -> Sequence[str]:
    """The integrations that hold deliveries back until they are mended."""
    row = DeliveryRow
    held = (col(row.state).in_(WAITING), col(row.next_try_at).is_(None))
    return session.exec(select(row.integration).where(*held).distinct()).all()


def lock_held(session: Session, integration: str) -> Sequence[DeliveryRow]:
    """The deliveries that wait for this integration to be mended, locked for this transaction."""
    query = select(DeliveryRow).where(
        DeliveryRow.integration == integration,
        col(DeliveryRow.state).in_(WAITING),
        col(DeliveryRow.next_try_at).is_(None),
    )
    return session.exec(query.with_for_update(key_share=True)).all()


def get_dead(session: Session, integration: str, *, limit: int) -> Sequence[DeliveryRow]:
    """The deliveries of this integration that were given up, oldest first."""
    query = select(DeliveryRow).where(*_dead(integration))
    return session.exec(query.order_by(col(DeliveryRow.created_at), col(DeliveryRow.id)).limit(limit)).all()


def list_dead(session: Session, integration: str = "", *, limit: int) -> Sequence[str]:
    """The ids of the deliveries of this integration ("": of all) that were given up, oldest first."""
    query = select(DeliveryRow.id).where(*_dead(integration))
    return session.exec(query.order_by(col(DeliveryRow.created_at), col(DeliveryRow.id)).limit(limit)).all()


def count_dead(session: Session, integration: str) -> int:
    return session.scalars(
        sa.select(sa.func.count()).select_from(DeliveryRow).where(*_dead(integration))
    ).one()


def _dead(integration: str) -> list[sa.ColumnElement[bool]]:
    row = DeliveryRow
    which = [col(row.state) == DeliveryState.DEAD.value]
    return [col(row.integration) == integration, *which] if integration else which


def list_doubtful(session: Session, delivery_ids: Sequence[str]) -> set[str]:
    """Which of these have some send whose outcome is not known."""
    row, found = AttemptRow, set[str]()
    for some in portions(delivery_ids):
        query = select(row.delivery_id).where(col(row.delivery_id).in_(some), *_UNKNOWN)
        found.update(session.exec(query.distinct()).all())
    return found


def list_known(session: Session, delivery_ids: Sequence[str]) -> set[str]:
    """Which of these deliveries there are already."""
    known: set[str] = set()
    for some in portions(delivery_ids):
        known.update(session.exec(select(DeliveryRow.id).where(col(DeliveryRow.id).in_(some))).all())
    return known


def may_have_arrived(session: Session, delivery_id: str) -> bool:
    """Whether some send of it has an outcome that is not known."""
    query = select(AttemptRow.delivery_id).where(AttemptRow.delivery_id == delivery_id, *_UNKNOWN)
    return session.exec(query.limit(1)).first() is not None


_EARLIER = (
    sa.select(col(DeliveryRow.next_try_at), col(DeliveryRow.state))
    .where(
        col(DeliveryRow.subject) == sa.bindparam("its_subject"),
        col(DeliveryRow.integration) == sa.bindparam("its_integration"),
        col(DeliveryRow.created_at) < sa.bindparam("its_birth", type_=UtcDateTime()),
        col(DeliveryRow.state).not_in(_FINAL),
    )
    .order_by(col(DeliveryRow.created_at))
    .limit(1)
)


class Earlier(NamedTuple):
    """A message about the same subject that has not ended. `next_try_at` is None while it is held, or while it is being sent."""

    next_try_at: datetime | None


def find_earlier(session: Session, row: DeliveryRow) -> Earlier | None:
    """The oldest unended message of this integration about this subject that was planned before this one."""
    which = {"its_integration": row.integration, "its_subject": row.subject, "its_birth": row.created_at}
    found = session.connection().execute(_EARLIER, which).first()
    if found is None:
        return None
    return Earlier(None if found.state == DeliveryState.SENDING.value else found.next_try_at)


class Neighbours(NamedTuple):
    """Of the other messages of this kind about this subject: is there a newer one, is one being sent, when was one last sent (or this one)."""

    newer: bool
    sending: bool
    last_sent: datetime | None


def find_neighbours(session: Session, row: DeliveryRow) -> Neighbours:
    """Newer means planned later and not given up; of one moment, the one whose version is higher.

    All of them lock the first one of their kind here, so that what another is about to begin is seen.
    """
    other = DeliveryRow
    alike = (
        col(other.subject) == row.subject,
        col(other.integration) == row.integration,
        col(other.action) == row.action,
    )
    first = select(other.id).where(*alike)
    session.exec(first.order_by(col(other.key)).limit(1).with_for_update(key_share=True)).all()
    others = sa.select(
        col(other.created_at), col(other.key), col(other.state), col(other.delivered_at), col(other.sent_at)
    ).where(*alike, col(other.id) != row.id)
    found = session.connection().execute(others).all()
    mine = (row.created_at, len(row.key), row.key)
    gone = (DeliveryState.DEAD.value, DeliveryState.CANCELLED.value, DeliveryState.SUPPRESSED.value)
    sent = [delivered or begun for _, _, _, delivered, begun in found if begun is not None]
    sent += [row.sent_at] if row.sent_at is not None else []
    return Neighbours(
        newer=any((at, len(key), key) > mine for at, key, state, _, _ in found if state not in gone),
        sending=any(state == DeliveryState.SENDING.value for _, _, state, _, _ in found),
        last_sent=max(sent, default=None),
    )


def last_sent(session: Session, row: DeliveryRow) -> datetime | None:
    """When another message about its subject was sent to its integration last."""
    other = DeliveryRow
    query = select(sa.func.max(col(other.sent_at))).where(
        other.subject == row.subject, other.integration == row.integration, other.id != row.id
    )
    return session.exec(query).first()


def has_unended(session: Session, *, integration: str, subject: str, actions: Collection[str]) -> bool:
    """Whether a message of one of these kinds about this subject has not ended."""
    row = DeliveryRow
    query = select(row.id).where(
        row.integration == integration, row.subject == subject, col(row.action).in_(actions),
        col(row.state).not_in(_FINAL),
    )  # fmt: skip
    return session.exec(query.limit(1)).first() is not None


def last_planned(session: Session, *, integration: str, subject: str) -> datetime | None:
    """When the latest message about this subject to this integration was planned."""
    row = DeliveryRow
    query = select(sa.func.max(col(row.created_at))).where(
        row.subject == subject, row.integration == integration
    )
    return session.exec(query).first()


def list_open_ends(session: Session, *, since: datetime, limit: int) -> Sequence[DeliveryRow]:
    """Delivered since then, and the vendor is still at work on them; oldest first."""
    return session.exec(
        select(DeliveryRow)
        .where(col(DeliveryRow.open_end), col(DeliveryRow.delivered_at) > since)
        .order_by(col(DeliveryRow.delivered_at))
        .limit(limit)
    ).all()


def list_told(
    session: Session,
    incident_id: str,
    *,
    action: str,
    integrations: Collection[str],
    states: Collection[DeliveryState] = tuple(DeliveryState),
) -> Sequence[DeliveryRow]:
    """What was told (or is on its way) about an incident by this message to these integrations; oldest first."""
    return session.exec(
        select(DeliveryRow)
        .where(
            DeliveryRow.incident_id == incident_id,
            DeliveryRow.action == action,
            col(DeliveryRow.integration).in_(integrations),
            col(DeliveryRow.state).in_([state.value for state in states]),
        )
        .order_by(col(DeliveryRow.created_at), col(DeliveryRow.key))
    ).all()


def list_called(
    session: Session, *, integration: str, subject: str, key: str, limit: int = 500
) -> Sequence[str]:
    """The keys of the calls about a subject that begin so, the latest first."""
    row = DeliveryRow
    return session.exec(
        select(row.key)
        .where(
            row.integration == integration,
            row.subject == subject,
            col(row.key).startswith(key, autoescape=True),
        )
        .order_by(col(row.created_at).desc(), sa.func.length(row.key).desc(), col(row.key).desc())
        .limit(limit)
    ).all()


def list_unlinked(
    session: Session, *, integrations: Collection[str], since: datetime | None = None, limit: int = 500
) -> Sequence[str]:
    """Incidents with a ticket whose delivered alert at one of these integrations was never updated; one of which nobody
    knows where it stands cannot be.

    `since`: only alerts that changed from then on.
    """
    row, update = DeliveryRow, aliased(DeliveryRow)
    # hidden in an expression these have no index: the database is to look among the incident's few deliveries, and not
    # for every alert among all of an integration
    updated = sa.exists().where(
        col(update.incident_id) == col(row.incident_id),
        sa.func.coalesce(update.integration, "") == col(row.integration),
        col(update.action) == "update_alert",
    )
    ticketed = sa.exists().where(col(TicketRow.incident_id) == col(row.incident_id))
    which = (
        [
            sa.func.coalesce(row.integration, "").in_(integrations),
            sa.func.coalesce(row.state, "") == DeliveryState.DELIVERED.value,
            col(row.updated_at) >= since,
        ]
        if since is not None
        else [col(row.integration).in_(integrations), row.state == DeliveryState.DELIVERED.value]
    )
    placed = sa.func.coalesce(col(row.receipt)["remote_id"].as_string(), "") != ""
    found = session.exec(
        select(row.incident_id)
        .where(*which, row.action == "send_alert", ticketed, ~updated, placed)
        .limit(limit)
    ).all()
    return list(dict.fromkeys(incident_id for incident_id in found if incident_id))
