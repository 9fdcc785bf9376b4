"""A vendor in memory: it keeps what it was told, and fails as it is told to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from soc.domain.message import Message, Receipt
from soc.errors import DeliveryError
from soc.integrations.kit.base import ConnectionReport, Connector
from soc.integrations.vendors.jira import JiraConfig


class FakeVendor(Connector):
    """`failures` are raised one a send; with `processed=True` the message is kept all the same."""

    kind = "jira"
    reconcile_rounds = 2

    def __init__(self) -> None:
        self.config = JiraConfig(
            base_url="https://jira.example.com", username="bot@example.com", api_token="token", retry_count=3
        )
        self.kept: list[str] = []
        self.failures: list[tuple[DeliveryError, bool]] = []
        self.look_up_failures: list[DeliveryError] = []
        self.blind_look_ups = 0
        self.look_ups = 0

    @property
    def settle(self) -> timedelta:
        return timedelta(seconds=60)

    @property
    def retry_count(self) -> int:
        return 3

    def check(self) -> ConnectionReport:
        return ConnectionReport(ok=True, kind=self.kind, summary="fine")

    def deliver(self, message: Message, *, delivery_id: str) -> Receipt:
        error, processed = self.failures.pop(0) if self.failures else (None, True)
        if processed:
            self.kept.append(delivery_id)
        if error is not None:
            raise error
        return self._receipt(delivery_id)

    def reconcile(self, message: Message, *, delivery_id: str, since: datetime) -> Receipt | None:
        self.look_ups += 1
        if self.look_up_failures:
            raise self.look_up_failures.pop(0)
        if self.blind_look_ups:
            self.blind_look_ups -= 1
            return None
        return self._receipt(delivery_id) if delivery_id in self.kept else None

    def _receipt(self, delivery_id: str) -> Receipt:
        number = self.kept.index(delivery_id) + 1
        return Receipt(
            remote_id=str(number), key=f"SOC-{number}", url=f"https://jira.example.com/browse/SOC-{number}"
        )

    @contextmanager
    def borrow(self, _kind: str, _session: object = None) -> Iterator[Connector]:
        yield self
