"""Rows of practice: whether there are any among the real ones, and where their links lead."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from soc.domain.actor import Actor
from soc.store.nouns.batches.batches import BatchRow
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.tickets.tickets import TicketRow


def has_practice(session: Session, table: type[BatchRow | DeliveryRow | TicketRow]) -> bool:
    """Whether the table has a row of practice: one look into an index of those rows alone."""
    return session.scalar(sa.select(col(table.id)).where(col(table.practice).is_(True)).limit(1)) is not None


def lead_elsewhere(session: Session, old: str, new: str, *, actor: Actor) -> None:
    """What was made at the practice vendors is found at this address now: links of tickets, and of what was delivered or waits."""
    ticket, sent = TicketRow, DeliveryRow
    session.connection().execute(
        sa.update(ticket)
        .where(col(ticket.practice), col(ticket.url).startswith(f"{old}/", autoescape=True))
        .values(url=sa.func.replace(col(ticket.url), old, new), changed_by=str(actor))
    )
    for row in session.exec(select(sent).where(col(sent.practice)).execution_options(yield_per=500)):
        for name in ("receipt", "payload"):
            kept = getattr(row, name)
            if any(text.startswith(f"{old}/") for text in _texts(kept)):
                setattr(row, name, _led(kept, old, new))
        session.add(row)
    session.flush()


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)


def _led(value: Any, old: str, new: str) -> Any:
    """The same with each text that is an address there as the one here; what people wrote holds it within, and stays."""
    if isinstance(value, dict):
        return {name: _led(one, old, new) for name, one in value.items()}
    if isinstance(value, list):
        return [_led(one, old, new) for one in value]
    return new + value.removeprefix(old) if isinstance(value, str) and value.startswith(f"{old}/") else value
