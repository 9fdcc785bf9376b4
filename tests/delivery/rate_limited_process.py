"""One of the processes of `test_rate_limit`: it delivers nine messages with four threads to a vendor that is slow now
and then, and that writes down when it received each. Allowed are four a second, over all processes."""

from __future__ import annotations

import importlib.util
import queue
import random
import sys
import threading
import time
from pathlib import Path
from typing import Any

from soc import clock
from soc.delivery import ledger, queues
from soc.delivery.attempt import attempt
from soc.domain.actor import AT_A_PAGE
from soc.domain.message import CallAction, Receipt
from soc.integrations.kit.kind import QueueLimits
from soc.store.db import write_session

MESSAGES, THREADS = 9, 4
spec = importlib.util.spec_from_file_location("fakes", Path(__file__).with_name("fakes.py"))
assert spec
assert spec.loader
fakes = importlib.util.module_from_spec(spec)
spec.loader.exec_module(fakes)


class SlowVendor(fakes.FakeVendor):  # type: ignore[misc, name-defined]
    def deliver(self, message: Any, *, delivery_id: str) -> Receipt:
        time.sleep(random.choice((0.0, 0.02, 0.3)))  # the bytes are late to leave
        with received.open("a") as file:
            file.write(f"{time.monotonic()}\n")
        time.sleep(random.choice((0.0, 0.02, 0.3)))  # and the answer is late to come
        return Receipt(remote_id="1")


def work() -> None:
    while True:
        one = tries.get()
        if one is None:
            return
        if one.at > clock.now():
            time.sleep(0.02)
            tries.put(one)
            continue
        more = attempt(
            one.delivery_id, one.number, "jira", executor=name, follow=lambda *_: [], connectors=vendor.borrow
        )
        for another in more:
            tries.put(another)
        if not more:
            done.append(one.delivery_id)
            if len(done) == MESSAGES:
                for _ in range(THREADS):
                    tries.put(None)


name, received = sys.argv[1], Path(sys.argv[2])
queues.QUEUES["deliver-jira"] = QueueLimits(concurrency=4, starts=4, period=1.0)
vendor, done = SlowVendor(), []
tries: queue.Queue[Any] = queue.Queue()
intents = [
    ledger.Intent(
        key=f"{name}:{number}", integration="jira", message=CallAction(name="call"), actor=AT_A_PAGE
    )
    for number in range(MESSAGES)
]
with write_session() as session:
    for one in ledger.plan(session, intents, now=clock.now()):
        tries.put(one)
threads = [threading.Thread(target=work) for _ in range(THREADS)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
