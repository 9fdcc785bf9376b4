"""How fast deliveries leave: `python benchmarks/deliveries.py [--deliveries 1000] [--kind webhook]`.

Starts the practice vendors in a process of their own, plans deliveries in one transaction, and lets this
process's engine deliver them. Prints deliveries/s, the time from commit to first send (p50, p95), CPU seconds of
this process for each delivery, and threads, open files, connections and memory before and after.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from datetime import timedelta
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--deliveries", type=int, default=1000)
    arguments.add_argument("--kind", default="webhook")
    arguments.add_argument("--steady", type=int, default=20, help="seconds with 50 new deliveries each")
    arguments.add_argument("--port", type=int, default=18610)
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="soc-bench-") as folder:
        os.environ.update(
            SOC_LOG_LEVEL="WARNING",
            SOC_DATA_DIR=f"{folder}/data",
            SOC_ALLOWED_HOSTS=f"127.0.0.1:{chosen.port}",
        )
        os.environ.pop("SOC_DATABASE_URL", None) if not os.environ.get("SOC_BENCH_POSTGRES") else None
        sandbox = subprocess.Popen(
            [sys.executable, "-m", "soc", "sandbox", "--port", str(chosen.port)],
            cwd=ROOT, env={**os.environ, "SOC_DATA_DIR": f"{folder}/sandbox"}, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            time.sleep(3)
            measure(chosen.kind, chosen.deliveries, chosen.steady, f"http://127.0.0.1:{chosen.port}")
        finally:
            sandbox.terminate()
            sandbox.wait(timeout=10)


def measure(kind: str, number: int, seconds: int, url: str) -> None:
    from soc import clock, engine
    from soc.configuration.practice import practice_settings
    from soc.configuration.save import save_configuration
    from soc.delivery.queues import enqueue_tries
    from soc.domain.actor import AT_A_PAGE
    from soc.serving import set_up_logging
    from soc.store.db import read_session, write_session
    from soc.store.nouns.deliveries.deliveries import count_by_state

    set_up_logging()
    engine.launch()
    settings = dict(practice_settings(url)[kind])
    settings.pop("practice")
    save_configuration(kind, settings, actor=AT_A_PAGE)
    process = psutil.Process()
    plan(kind, 20)  # warm-up: connections, caches
    wait(count_by_state, read_session, 20)
    before = held(process)
    with write_session() as session:
        tries = planned(session, kind, number, start=1000)
    committed, cpu = clock.now(), process.cpu_times()
    enqueue_tries(tries)
    wait(count_by_state, read_session, number + 20)
    took = (clock.now() - committed).total_seconds()
    spent = process.cpu_times()
    delays = first_sends(committed)
    print(
        f"machine            {os.cpu_count()} cores, {sys.version.split()[0]}, load {os.getloadavg()[0]:.1f}"
    )
    print(f"deliveries         {number} to {kind}, all delivered in {took:.1f} s")
    print(f"rate               {number / took:.1f} deliveries/s")
    print(
        f"commit → first send  p50 {delays[len(delays) // 2]:.2f} s, p95 {delays[int(len(delays) * 0.95)]:.2f} s (a burst: the last waits for all before it)"
    )
    print(
        f"CPU                {(spent.user + spent.system - cpu.user - cpu.system) / number * 1000:.1f} ms a delivery (this process; {(spent.system - cpu.system) / number * 1000:.1f} of it in the kernel)"
    )
    time.sleep(2)
    print(f"before             {before}")
    print(f"after              {held(process)}")
    paced(kind, 50, seconds=seconds)
    print(f"at the end         {held(process)}")
    engine.shut_down()


def held(process: psutil.Process) -> str:
    """What a leak would show in."""
    return (
        f"{threading.active_count()} threads, {process.num_fds()} open files, "
        f"{len(process.net_connections())} connections, {process.memory_info().rss / 2**20:.0f} MiB"
    )


def paced(kind: str, per_second: int, *, seconds: int) -> None:
    """The steady case: so many new deliveries each second."""
    from soc import clock
    from soc.delivery.queues import enqueue_tries
    from soc.store.db import read_session, write_session
    from soc.store.nouns.deliveries.deliveries import count_by_state

    with read_session() as session:
        done = count_by_state(session)["delivered"]
    began, start = time.monotonic(), clock.now()
    for second in range(seconds):
        with write_session() as session:
            tries = planned(session, kind, per_second, start=1_000_000 + second * per_second)
        enqueue_tries(tries)
        time.sleep(max(0.0, began + second + 1 - time.monotonic()))
    wait(count_by_state, read_session, done + per_second * seconds)
    delays = first_sends(start, own=True)
    took = time.monotonic() - began
    print(
        f"steady             {per_second}/s for {seconds} s: all delivered after {took:.1f} s, "
        f"commit → first send p50 {delays[len(delays) // 2]:.2f} s, p95 {delays[int(len(delays) * 0.95)]:.2f} s"
    )


def plan(kind: str, number: int) -> None:
    from soc.delivery.queues import enqueue_tries
    from soc.store.db import write_session

    with write_session() as session:
        tries = planned(session, kind, number, start=0)
    enqueue_tries(tries)


def planned(session: object, kind: str, number: int, *, start: int) -> list:
    from soc import clock
    from soc.delivery import ledger
    from soc.delivery.ledger import Intent
    from soc.domain.actor import AT_A_PAGE
    from soc.domain.classification import Classification
    from soc.domain.incident import Incident
    from soc.domain.message import OpenTicket, SendAlert
    from soc.store.db import insert_ignoring
    from soc.store.nouns.batches.batches import BatchRow
    from soc.store.nouns.incidents.incidents import add_incidents

    def message(index: int) -> object:
        incident = Incident(
            id=f"inc-bench{index}", batch_id="bat-bench", title="Failed logins", source=f"host-{index}",
            classification=Classification.SECURITY_ALERT, score=9, confidence=0.9, rule_id="r", template_id="t",
            template="t", entity="203.0.113.9", count=3, first_seen=None, last_seen=None,
            message="CRITICAL: Multiple failed root login attempts - potential breach", reasons=(), samples=(),
        )  # fmt: skip
        return (
            OpenTicket(incident=incident, due="2026-01-15")
            if kind == "jira"
            else SendAlert(incident=incident)
        )

    messages = [message(index) for index in range(start, start + number)]
    batch = BatchRow(
        id="bat-bench",
        name="bench",
        state="finished",
        created_at=clock.now(),
        idempotency_key="bench",
        made_by=str(AT_A_PAGE),
    )
    insert_ignoring(session, BatchRow, [batch.model_dump()])  # type: ignore[arg-type]
    add_incidents(session, [one.incident for one in messages], eligible=set(), now=clock.now())  # type: ignore[attr-defined, arg-type]
    intents = [
        Intent(
            key=f"bench:{kind}:{index}",
            integration=kind,
            message=one,
            incident_id=one.incident.id,
            actor=AT_A_PAGE,
        )  # type: ignore[arg-type]
        for index, one in enumerate(messages, start)
    ]
    return ledger.plan(session, intents, now=clock.now())  # type: ignore[arg-type]


def wait(count_by_state: object, read_session: object, number: int) -> None:
    while True:
        with read_session() as session:  # type: ignore[operator]
            if count_by_state(session)["delivered"] >= number:  # type: ignore[operator]
                return
        time.sleep(0.5)  # looking costs the interpreter's time too, which is what is measured


def first_sends(since: object, *, own: bool = False) -> list[float]:
    """Seconds from the delivery's commit to its first send, sorted."""
    from sqlmodel import select

    from soc.store.db import read_session
    from soc.store.nouns.deliveries.attempts import AttemptRow
    from soc.store.nouns.deliveries.deliveries import DeliveryRow

    with read_session() as session:
        rows = session.exec(
            select(AttemptRow.started_at, DeliveryRow.created_at)
            .join(DeliveryRow, DeliveryRow.id == AttemptRow.delivery_id)
            .where(AttemptRow.kind == "send", AttemptRow.number == 1, AttemptRow.started_at >= since)
        ).all()
    zero = timedelta(0)
    return sorted(max(zero, sent - created).total_seconds() for sent, created in rows)


if __name__ == "__main__":
    main()
