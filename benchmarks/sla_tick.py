"""How long one look of the SLA watch takes with many open tickets: nothing due, some due, all due at once.

    python benchmarks/sla_tick.py [TICKETS]

The store is made in a folder of its own and thrown away.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import time_machine
from sqlmodel import Session, SQLModel, select

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # runs from a checkout that is not installed
os.environ["SOC_DATA_DIR"] = tempfile.mkdtemp(prefix="sla-tick-")

from soc import clock
from soc.domain.actor import AT_THE_SHELL
from soc.sla import ledger
from soc.sla.clocks import watch
from soc.sla.tick import tick
from soc.store.db import write_session
from soc.store.migrate import migrate
from soc.store.nouns.incidents.incidents import IncidentRow
from soc.store.nouns.sla.sla_clocks import SlaClockRow, SlaEventRow
from soc.store.nouns.tickets.tickets import TicketRow
from tests.rows import add_incident, add_ticket


def fill(number: int, start: datetime) -> None:
    """Tickets of the priority Medium, one found each second: one is opened as the product does, the others are like it."""
    with write_session() as session:
        add_incident(session, "inc-0", created_at=start)
        row = add_ticket(session, "SOC-0", incident_id="inc-0", priority="Medium", created_at=start)
        ledger.opened(session, row, at=start, actor=AT_THE_SHELL)
        session.flush()
        for table in (IncidentRow, TicketRow, SlaEventRow, SlaClockRow):
            _copy(session, table, number)


def _copy(session: Session, table: type[SQLModel], number: int) -> None:
    rows = [one.model_dump() for one in session.exec(select(table)).all()]
    for first in range(1, number, 1000):
        more = [_moved(row, n) for n in range(first, min(first + 1000, number)) for row in rows]
        session.connection().execute(sa.insert(table), more)


def _moved(row: dict[str, Any], n: int) -> dict[str, Any]:
    """The row of the nth ticket: as many seconds later, with the ids of its own."""
    later = {
        name: value + timedelta(seconds=n) if isinstance(value, datetime) else value
        for name, value in row.items()
    }
    if "ticket_id" in later:
        later["ticket_id"] = row["ticket_id"] + n
    if "cycle" in later and "kind" in later:
        later.pop("id")
    elif "remote_id" in later:
        later |= {"id": row["id"] + n, "key": f"SOC-{n}", "incident_id": f"inc-{n}"}
    elif "template_id" in later:
        later["id"] = f"inc-{n}"
    return later


def timed(label: str, now: datetime) -> None:
    began = time.perf_counter()
    with write_session() as session:
        found = tick(session, now=now)
    print(f"{label:34} {1000 * (time.perf_counter() - began):8.1f} ms  {found:6,} breaches")


def main() -> None:
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    migrate()
    start = clock.now() - timedelta(hours=1)
    fill(number, start)
    print(f"{number:,} open tickets, {2 * number:,} clocks")
    timed("nothing due", start + timedelta(hours=12))
    timed("nothing due, again", start + timedelta(hours=12))
    timed("100 due", start + timedelta(hours=24, seconds=100.5))
    with time_machine.travel(start + timedelta(days=2), tick=False):
        began = time.perf_counter()
        found = watch()
        print(
            f"{'the whole watch, all due at once':34} {1000 * (time.perf_counter() - began):8.1f} ms  {found:6,} tickets"
        )
    timed("all the resolutions due at once", start + timedelta(days=9))


if __name__ == "__main__":
    main()
