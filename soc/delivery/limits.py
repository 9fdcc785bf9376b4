"""The queues, and how fast each hands out its work."""

from __future__ import annotations

from dataclasses import dataclass

from soc.delivery import queues
from soc.integrations.registry import KINDS

#: A queue hands out up to its concurrency at each look, and each look costs a few milliseconds whether or not
#: there is work: 32 workflows every 0.4 s is more than two cores deliver.
POLL_SECONDS = 0.4


@dataclass(frozen=True)
class QueueLimits:
    """How many of a queue's workflows run at once in one process, and how many may start a period."""

    concurrency: int
    starts: int | None = None
    period: float = 1.0


#: Slack takes about one message a second a channel, with short bursts; PagerDuty's sources disagree on its
#: limit (120 or 480 a minute), so it begins with the lower one. The others are limited by their own answers.
VENDOR_LIMITS: dict[str, QueueLimits] = {
    "slack": QueueLimits(concurrency=4, starts=20, period=15.0),
    "pagerduty": QueueLimits(concurrency=4, starts=10, period=5.0),
    "stackstorm": QueueLimits(concurrency=4),
}
QUEUES: dict[str, QueueLimits] = {
    queues.BATCH_QUEUE: QueueLimits(concurrency=1),
    queues.delivery_queue("slack", "update_alert"): QueueLimits(concurrency=4, starts=20, period=15.0),
    **{
        queues.delivery_queue(kind, ""): VENDOR_LIMITS.get(kind, QueueLimits(concurrency=32))
        for kind in KINDS
    },
}
