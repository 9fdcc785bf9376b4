"""How this process takes work: a small portion at a look, looked for often while there is some.

DBOS hands out up to a queue's concurrency at each look, however little of it can be worked on at once: a process that
dies then holds all of that back. So a process asks for what it can begin now (`PORTION`), and for more only as far as
tries wait for their vendor and need nothing of this machine. An idle queue is looked at seldom, a busy one often.
"""

from __future__ import annotations

from typing import Any

from soc import clock
from soc.delivery.local.in_flight import count_at_vendor
from soc.delivery.queues import QUEUES, integration_of

#: Tries of a queue that are begun at once in one process, beside those that are at the vendor.
PORTION = 8
#: How the names of DBOS's own queues begin.
DBOS_OWN = "_dbos"
#: An idle queue is looked at so often (seconds); a busy one at every turn of its thread (queues.POLL_SECONDS).
IDLE_LOOK = 0.4
#: A queue's limits are read again after so long (seconds).
LIMITS_KEPT = 5.0


def take_small_portions(system_database: Any, active: Any) -> None:
    """Wrap the two calls of DBOS's queue threads (3.4): what a queue's limits are, and a claim.

    `active` counts this process's running workflows by queue.
    """
    _Portions(system_database, active)


class _Portions:
    def __init__(self, system_database: Any, active: Any) -> None:
        self._get_queue = system_database.get_queue
        self._claim = system_database.start_queued_workflows
        self._active = active
        self._known: dict[str, tuple[float, Any, int]] = {}
        self._next_look: dict[str, float] = {}
        system_database.get_queue = self.get_queue
        system_database.start_queued_workflows = self.claim

    def get_queue(self, name: str, *arguments: Any, **options: Any) -> Any:
        """The queue, with as much concurrency as this process can use just now."""
        if name not in QUEUES or arguments or options:
            return self._get_queue(name, *arguments, **options)
        now = clock.steady()
        read_at, queue, most = self._known.get(name, (now - LIMITS_KEPT, None, 0))
        if queue is None or now - read_at >= LIMITS_KEPT:
            queue = self._get_queue(name)
            if queue is None:
                return None
            most = queue._worker_concurrency or PORTION
            self._known[name] = (now, queue, most)
        queue._worker_concurrency = min(most, PORTION + count_at_vendor(integration_of(name)))
        return queue

    def claim(self, queue: Any, *arguments: Any, **options: Any) -> Any:
        """A claim; an idle queue's are fewer than its thread's turns. A queue that this version does not know is one of a
        newer version's, beside which this process still runs: what waits there is left to those who can do it.
        """
        name, now = queue.name, clock.steady()
        if name not in QUEUES and not name.startswith(DBOS_OWN):
            return [], None
        if name in QUEUES and now < self._next_look.get(name, 0.0) and not self._active.count_for_queue(name):
            return [], None
        claimed = self._claim(queue, *arguments, **options)
        self._next_look[name] = now if claimed[0] else now + IDLE_LOOK
        return claimed
