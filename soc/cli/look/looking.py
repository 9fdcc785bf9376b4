"""`soc status`, `soc list` and `soc show`: what is there and how it stands, without a page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from pydantic import BaseModel
from sqlmodel import Session

from soc.batches.report import build_report
from soc.cli.documents import batch_document
from soc.cli.endings import Ending
from soc.cli.say import end, give, open_store, refuse, result
from soc.configuration.state import shown_state
from soc.domain.delivery import DeliveryState
from soc.domain.incident import IncidentStatus
from soc.errors import NotFound
from soc.integrations.registry import KINDS
from soc.store.db import read_session
from soc.store.nouns.batches.batches import BatchFilter, BatchState, count_batches, page_batches
from soc.store.nouns.deliveries.deliveries import (
    DeliveryFilter,
    count_by_integration,
    get_delivery,
    page_deliveries,
)
from soc.store.nouns.incidents.incidents import IncidentFilter, get_incident, page_incidents
from soc.store.nouns.rules.rules import get_rule
from soc.store.nouns.tickets.tickets import TicketFilter, find_by_key, page_tickets
from soc.store.paging import Page

#: What a list shows of each row, in its order; `--json` has all of it.
_SHOWN: dict[str, tuple[str, ...]] = {
    "batches": ("id", "created_at", "state", "lines_in", "incidents", "eligible", "name"),
    "incidents": ("id", "created_at", "severity", "score", "status", "classification", "title"),
    "tickets": ("key", "created_at", "priority", "status", "due_at", "summary"),
    "deliveries": ("id", "updated_at", "state", "integration", "action", "sends", "error"),
}
NOUNS = tuple(_SHOWN)
#: In which states each can be; a ticket's own status is its vendor's.
_STATES: dict[str, tuple[str, ...]] = {
    "batches": tuple(BatchState),
    "incidents": tuple(IncidentStatus),
    "tickets": ("open", "done"),
    "deliveries": tuple(DeliveryState),
}
#: What no list or document gives away: it may be long, sealed, or somebody's own.
_KEPT_BACK = {"payload", "samples", "reasons", "idempotency_key"}


def print_list(noun: str, *, state: str, limit: int) -> None:
    """The newest rows. A noun or a state that there is not is refused."""
    if noun not in _SHOWN:
        refuse(f"“{noun}” cannot be listed.", hint=f"There are: {', '.join(NOUNS)}.")
    if state and state not in _STATES[noun]:
        refuse(f"No {noun} can be “{state}”.", hint=f"They are: {', '.join(_STATES[noun])}.")
    open_store()
    with read_session() as session:
        page = _page(session, noun, (state,) if state else (), limit)
    for row in page.rows:
        result("  ".join(_cell(getattr(row, name)) for name in _SHOWN[noun]))
    if page.total > len(page.rows):
        result(f"{len(page.rows):,} of {page.total:,}; --limit shows more.")
    elif not page.rows:
        result(f"There are no {noun}{f' that are {state}' if state else ''}.")
    give({"items": [_document(row) for row in page.rows], "total": page.total})


def _page(session: Session, noun: str, states: tuple[str, ...], limit: int) -> Page[Any]:
    pages: dict[str, Callable[[], Page[Any]]] = {
        "batches": lambda: page_batches(session, BatchFilter(states=states), limit=limit),
        "incidents": lambda: page_incidents(
            session, IncidentFilter(statuses=states), sort="-created_at", limit=limit
        ),
        "tickets": lambda: page_tickets(
            session, TicketFilter(is_open={"open": True, "done": False}.get("".join(states))), limit=limit
        ),
        "deliveries": lambda: page_deliveries(session, DeliveryFilter(states=states), limit=limit),
    }
    return pages[noun]()


def _cell(value: object) -> str:
    moment = getattr(value, "strftime", None)
    return moment("%Y-%m-%d %H:%M:%SZ") if moment else " ".join(str(value).split())[:120]


def _document(row: BaseModel) -> dict[str, Any]:
    return row.model_dump(mode="json", exclude=_KEPT_BACK)


def show(thing: str) -> None:
    """A batch, an incident, a delivery or a rule by its id, a ticket by its key. Raises NotFound."""
    open_store()
    if thing.startswith("bat-"):
        report = build_report(thing)
        result(f"{thing}  {report.batch.state}  {report.batch.name}")
        for line in report.lines:
            result(line)
        give(batch_document(report))
        return
    with read_session() as session:
        row = _find(session, thing)
    document = row if isinstance(row, dict) else _document(row)
    for name, value in document.items():
        if value not in ("", None, [], {}):
            result(f"{name:18} {_cell(value)}")
    give(document)


def _find(session: Session, thing: str) -> Any:
    if thing.startswith("inc-"):
        return get_incident(session, thing)
    if thing.startswith("dlv-"):
        return get_delivery(session, thing)
    if tickets := find_by_key(session, thing):
        return tickets[0]
    try:
        return get_rule(session, thing).model_dump(mode="json")
    except NotFound:
        _nothing(thing)


def _nothing(thing: str) -> NoReturn:
    raise NotFound(
        f"There is nothing called {thing}.",
        hint="Give the id of a batch, incident, delivery or rule, or a ticket's key; `soc list` shows them.",
    )


def print_status() -> None:
    """How integrations, deliveries and batches stand. Ends with PAUSED or UNDELIVERED where somebody has to act."""
    open_store()
    states = [shown_state(kind) for kind in KINDS]
    with read_session() as session:
        counts = count_by_integration(session)
        running = count_batches(session, states=("running",))
        queued = count_batches(session, states=("queued",))
    waiting = {one: sum(c.held for c in counts if c.integration == one) for one in KINDS}
    dead = sum(one.deliveries for one in counts if one.state == "dead")
    for state in states:
        result(f"{KINDS[state.kind].title:12} {_standing(state)}")
    moving = sum(
        one.deliveries - one.held for one in counts if one.state in ("pending", "sending", "retry", "unknown")
    )
    result(f"{'Deliveries':12} {moving:,} on their way, {sum(waiting.values()):,} held, {dead:,} given up")
    result(f"{'Batches':12} {running:,} running, {queued:,} queued")
    paused = [state for state in states if state.paused_reason and (state.configured or state.wrong)]
    ending, reason = Ending.DONE, ""
    if paused:
        ending, reason = (
            Ending.PAUSED,
            " ".join(
                f"{KINDS[one.kind].title} {'cannot be used' if one.wrong else 'is paused'}: {one.paused_reason} {waiting[one.kind]:,} waiting."
                for one in paused
            ),
        )
    elif dead:
        ending, reason = Ending.UNDELIVERED, f"{dead:,} not delivered (soc list deliveries --state dead)."
    give(
        {
            "exit_code": ending.value,
            "ending": ending.word,
            "reason": reason,
            "integrations": [
                {"kind": one.kind, "configured": one.configured, "enabled": one.enabled, "practice": one.practice,
                 "paused": one.paused_reason, "held": waiting[one.kind]}
                for one in states
            ],
            "deliveries": [{"integration": c.integration, "state": c.state, "deliveries": c.deliveries, "held": c.held} for c in counts],
            "batches": {"running": running, "queued": queued},
        }
    )  # fmt: skip
    if ending is not Ending.DONE:
        end(ending, reason)


def _standing(state: Any) -> str:
    if state.wrong:
        return f"cannot be used: {state.wrong}"
    if not state.configured:
        return "not configured"
    words = ["on" if state.enabled else "switched off"]
    if state.practice:
        words.append("practice")
    if state.paused_reason:
        words.append(f"paused: {state.paused_reason}")
    if state.last_check is not None:
        words.append(f"last test {'passed' if state.last_check.ok else 'failed'}")
    return ", ".join(words)


def identities(ids: Sequence[str]) -> list[str]:
    """The ids, each once, in their order."""
    return list(dict.fromkeys(ids))
