"""A vendor's answers about tickets, for tests that say what it says and need no vendor."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from soc.integrations.kit.tickets import Absence, RemoteTicket, TicketConnector, TicketState


def state_of(ticket: RemoteTicket) -> TicketState:
    """The ticket read whole, by a vendor that keeps no history."""
    fields = {
        "status": ticket.status,
        "priority": ticket.priority,
        "assignee": ticket.assignee_id or ticket.assignee,
    }
    return TicketState(ticket=ticket, fields=fields)


def answer(
    monkeypatch: pytest.MonkeyPatch, connector: TicketConnector, ask: Callable[[str], Sequence[RemoteTicket]]
) -> None:
    """Every look at a ticket is answered by `ask(its key)`; its searches show nothing."""

    def read(_remote_id: str, *, key: str = "") -> TicketState | Absence:
        found = next((one for one in ask(key) if one.key == key), None)
        return Absence.HIDDEN if found is None else state_of(found)

    monkeypatch.setattr(connector, "list_touched", lambda *, minutes: [])
    monkeypatch.setattr(connector, "read_state", read)
