"""A practice Jira, our tickets in it, and a clock: what both sides do to them, without a socket and without waiting."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import httpx
import sqlalchemy as sa
import time_machine
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from soc import clock
from soc.delivery.attempt import attempt
from soc.domain.actor import AT_A_PAGE, Actor
from soc.domain.delivery import FINAL_STATES
from soc.integrations.kit.base import Connector
from soc.integrations.vendors.jira import JiraConfig, JiraConnector
from soc.sandbox.jira import catalogue
from soc.sandbox.jira.memory import Issue, JiraMemory
from soc.sandbox.server import create_app
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.batches.batches import BatchRow
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.incidents.incidents import IncidentRow
from soc.store.nouns.tickets.tickets import TicketRow
from soc.tickets.opening import follow_delivery
from soc.tickets.sync import poll
from soc.tickets.told import record_refusal

START = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
FINAL = [state.value for state in FINAL_STATES]
ANA = Actor.person("ana")


class Counted(httpx.BaseTransport):
    """Notes when each request was made, and lets faults be put in between."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner
        self.seen: list[tuple[datetime, str, str]] = []
        self._lost: set[str] = set()
        self._refusals: list[tuple[str, int, dict[str, str]]] = []

    def lose_answers(self, endings: set[str]) -> None:
        """The next write to each of these paths is done, and its answer never comes."""
        self._lost |= endings

    def lose_any(self) -> None:
        """The next write, whatever it is, is done, and its answer never comes."""
        self._lost.add("")

    def heal(self) -> None:
        """From now on everything works."""
        self._lost.clear()
        self._refusals.clear()

    def refuse(self, method: str, status: int, headers: dict[str, str]) -> None:
        """The next request with this method is not done."""
        self._refusals.append((method, status, headers))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.seen.append((clock.now(), request.method, request.url.path))
        refusal = next((one for one in self._refusals if one[0] == request.method), None)
        if refusal is not None:
            self._refusals.remove(refusal)
            return httpx.Response(refusal[1], json={"errorMessages": ["no"]}, headers=refusal[2])
        answer = self._inner.handle_request(request)
        lost = next((one for one in sorted(self._lost) if request.url.path.endswith(one)), None)
        if lost is not None and "/search" not in request.url.path and request.method in ("PUT", "POST"):
            self._lost.remove(lost)
            raise httpx.ReadTimeout("lost")
        return answer


class BothSides:
    """`jira` is the practice Jira's memory; `travel` the clock."""

    def __init__(
        self,
        travel: time_machine.Coordinates,
        flavour: Literal["cloud", "on_premise"] = "cloud",
        tickets: int = 1,
    ) -> None:
        migrate()
        self.travel = travel
        self.app = create_app()
        self.jira: JiraMemory = self.app.state.sandbox.memories["jira"]
        host = "http://127.0.0.1:8610"
        self.client = TestClient(self.app, base_url=host)
        self.counted = Counted(self.client._transport)
        prefix = "/jira" if flavour == "cloud" else "/jira-dc"
        self.config = JiraConfig(
            instance_type=flavour, base_url=host + prefix, username=catalogue.BOT.email, api_token=catalogue.TOKEN,
            settle_seconds=3, practice=True,
        )  # fmt: skip
        self.connector = JiraConnector(self.config, http=httpx.Client(transport=self.counted))
        self.people = httpx.Client(
            transport=self.client._transport,
            base_url=f"{host}{prefix}/rest/api/{'3' if flavour == 'cloud' else '2'}/",
        )
        self._add(tickets)

    def _add(self, number: int) -> None:
        with write_session() as session:
            session.add(
                BatchRow(id="b", name="b", state="finished", created_at=START, idempotency_key="k", made_by=str(AT_A_PAGE))
            )  # fmt: skip
            session.flush()
            for one in range(1, number + 1):
                key = self.create(f"ticket {one}", [f"soc-incident-inc-{one}", "soc-automated"])
                session.add(
                    IncidentRow(
                        id=f"inc-{one}", batch_id="b", created_at=START, title="t", source="s", classification="Error",
                        score=5, severity="medium", confidence=0.9, rule_id="r", template_id="t", template="t", count=1,
                        message="m",
                    )
                )  # fmt: skip
                session.flush()
                session.add(
                    TicketRow(
                        incident_id=f"inc-{one}", integration="jira", key=key, remote_id=self.issue(key).id, url="u",
                        summary="s", priority="Medium", status="Open", created_at=clock.now(), practice=True,
                        due_at=clock.now() + timedelta(hours=1), made_by=str(AT_A_PAGE),
                    )
                )  # fmt: skip

    def create(self, summary: str, labels: list[str]) -> str:
        """A ticket at the practice Jira; its key."""
        body = {"project": {"key": "SOC"}, "issuetype": {"id": "10004"}, "summary": summary, "labels": labels}
        answer = self.ask("POST", "issue", "soc-bot", {"fields": body})
        return str(answer.json()["key"])

    def ask(self, method: str, path: str, person: str, body: Any = None) -> httpx.Response:
        """A request of somebody's own at Jira, with their credentials (`analyst`, `lead`, or the shared `soc-bot`)."""
        answer = self.people.request(method, path, json=body, auth=(person, catalogue.TOKEN))
        assert answer.is_success, answer.text
        return answer

    def issue(self, name: str) -> Issue:
        found = self.jira.find_issue(name)
        assert found is not None
        return found

    @contextmanager
    def borrow(self, _kind: str, _session: Session | None = None) -> Iterator[Connector]:
        yield self.connector

    def step(self, seconds: float) -> None:
        self.travel.shift(timedelta(seconds=seconds))

    def deliver(self) -> int:
        """Every try that is due now, until none is; returns how many were made."""
        made = 0
        while due := self._due():
            for delivery_id, number in due:
                attempt(
                    delivery_id, number, "jira", executor="test", follow=follow_delivery, refused=record_refusal,
                    connectors=self.borrow,
                )  # fmt: skip
                made += 1
        return made

    def _due(self) -> list[tuple[str, int]]:
        row = DeliveryRow
        query = select(row.id, row.try_number).where(
            col(row.state).not_in(FINAL), col(row.next_try_at) <= clock.now()
        )
        with read_session() as session:
            return list(session.exec(query.order_by(col(row.created_at))).all())

    def settle(self, *, most: int = 200) -> None:
        """Let time pass until nothing is on its way any more."""
        for _ in range(most):
            self.deliver()
            with read_session() as session:
                row = DeliveryRow
                query = sa.select(sa.func.min(col(row.next_try_at))).where(col(row.state).not_in(FINAL))
                soonest = session.execute(query).scalar()
            if soonest is None:
                return
            self.travel.move_to(max(soonest, clock.now()), tick=False)
        raise AssertionError("something is on its way for ever")

    def ticket(self, number: int = 1) -> TicketRow:
        with read_session() as session:
            return session.exec(select(TicketRow).where(TicketRow.incident_id == f"inc-{number}")).one()

    def deliveries(self) -> list[DeliveryRow]:
        with read_session() as session:
            return list(session.exec(select(DeliveryRow).order_by(col(DeliveryRow.created_at))).all())

    def sync(self) -> int:
        """One poll."""
        return poll.sync_tickets()

    def minute(self, number: int = 1) -> None:
        """So many minutes, each with its poll and its deliveries."""
        for _ in range(number):
            self.step(60)
            self.sync()
            self.deliver()
