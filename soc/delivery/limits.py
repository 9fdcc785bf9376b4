"""The queues, and how fast each hands out its work."""

from __future__ import annotations

from soc.delivery import queues
from soc.integrations.kit.kind import QueueLimits
from soc.integrations.registry import KINDS

__all__ = ["POLL_SECONDS", "QUEUES", "VENDOR_LIMITS", "QueueLimits"]

#: A queue hands out up to its concurrency at each look, and each look costs a few milliseconds whether or not
#: there is work: 32 workflows every 0.4 s is more than two cores deliver.
POLL_SECONDS = 0.4
#: By kind, as each declares them.
VENDOR_LIMITS: dict[str, QueueLimits] = {name: kind.limits for name, kind in KINDS.items()}
QUEUES: dict[str, QueueLimits] = {
    queues.BATCH_QUEUE: QueueLimits(concurrency=1),
    **{
        queues.delivery_queue(name, "update_alert"): kind.update_limits
        for name, kind in KINDS.items()
        if kind.update_limits is not None
    },
    **{queues.delivery_queue(name, ""): limits for name, limits in VENDOR_LIMITS.items()},
}
