"""What the practice webhook receiver remembers: the deliveries that it took, with its verdict on each."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import ClassVar

from soc.sandbox.kit.journal import Record
from soc.sandbox.kit.memory import Json, Memory
from soc.sandbox.kit.secrets import masked


@dataclass
class WebhookDelivery:
    """One request that the webhook receiver took. `verdict` is valid, invalid, unsigned or replay.

    `headers` has lower-case names. In memory their values are as they came; the journal gets the secret ones
    masked, so after a restart only the masks are left.
    """

    number: int
    received: str
    receiver: str
    method: str
    headers: dict[str, str]
    body: str
    webhook_id: str
    verdict: str
    reason: str

    def masked_headers(self) -> dict[str, str]:
        """The headers, fit for showing: values that look secret by their name are replaced."""
        return {name: masked(name, value) for name, value in self.headers.items()}


class WebhookMemory(Memory):
    """Counted are valid and unsigned deliveries, no repeated or badly signed one."""

    RECORDS: ClassVar = frozenset({"webhook"})

    def forget(self) -> None:
        self.deliveries: list[WebhookDelivery] = []
        self._heard: set[tuple[str, str]] = set()

    def save_webhook(self, delivery: WebhookDelivery) -> None:
        """Keep a delivery; the journal gets it with its secret-looking headers masked."""
        with self.lock:
            self._write(_journalled(delivery))
            self._keep(delivery)

    def next_number(self) -> int:
        return self.deliveries[-1].number + 1 if self.deliveries else 1

    def has_heard(self, receiver: str, webhook_id: str) -> bool:
        """Whether this receiver took a delivery of that `webhook-id` before, one with a bad signature aside."""
        return (receiver, webhook_id) in self._heard

    def apply(self, kind: str, data: Json) -> None:
        self._keep(WebhookDelivery(**data))

    def kept(self) -> list[Record]:
        return [_journalled(delivery) for delivery in self.deliveries]

    def counts(self) -> dict[str, int]:
        return {"webhooks": sum(one.verdict in ("valid", "unsigned") for one in self.deliveries)}

    def received(self) -> dict[str, list[Json]]:
        return {"webhooks": [asdict(delivery) for delivery in self.deliveries]}

    def _keep(self, delivery: WebhookDelivery) -> None:
        self.deliveries.append(delivery)
        if delivery.webhook_id and delivery.verdict != "invalid":
            self._heard.add((delivery.receiver, delivery.webhook_id))


def _journalled(delivery: WebhookDelivery) -> Record:
    """The file outlives the practice, so it gets no header value that looks secret."""
    return {"kind": "webhook", "data": asdict(delivery) | {"headers": delivery.masked_headers()}}
