"""What a vendor that answers late does to everybody else: `python benchmarks/slow_vendor.py [--calls 60] [--late 15]`.

Starts the dashboard and a receiver that answers after `--late` seconds. Then that many sends, tests of the connection or both
at once, while health, /metrics and the first page are asked. Prints their p50 and p95, and what the callers were answered. Then
the same number of posts (`--posts`) to a receiver that answers at once.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[1]
HOOK = "/api/v1/integrations/webhook"
BODY = {"incident_id": "inc-1", "incident_data": {"title": "t", "severity": "high"}, "event_type": "incident"}


class Receiver(BaseHTTPRequestHandler):
    """Takes anything, after `late` seconds."""

    protocol_version = "HTTP/1.1"
    late = 0.0

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        time.sleep(Receiver.late)
        self.send_response(200)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, format: str, *args: object) -> None:
        return


class _Server(ThreadingHTTPServer):
    request_queue_size = 512
    daemon_threads = True


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--calls", type=int, default=60)
    arguments.add_argument("--late", type=float, default=15.0)
    arguments.add_argument("--posts", type=int, default=200)
    arguments.add_argument("--port", type=int, default=18650)
    chosen = arguments.parse_args()
    receiver = _Server(("127.0.0.1", chosen.port + 1), Receiver)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory(prefix="soc-slow-") as folder:
        environment = {
            **os.environ,
            "SOC_DATA_DIR": folder,
            "SOC_ALLOWED_HOSTS": f"127.0.0.1:{chosen.port + 1}",
            "SOC_LOG_LEVEL": "ERROR",
        }
        server = subprocess.Popen(
            [sys.executable, "-m", "soc", "dashboard", "--port", str(chosen.port)],
            cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            measure(f"http://127.0.0.1:{chosen.port}", chosen)
        finally:
            server.terminate()
            try:
                server.wait(timeout=40)
            except subprocess.TimeoutExpired:
                server.kill()


def measure(root: str, chosen: argparse.Namespace) -> None:
    wait_for(f"{root}/api/v1/health")
    saved = {"url": f"http://127.0.0.1:{chosen.port + 1}/hook", "timeout": 60}
    answer = httpx.post(f"{root}{HOOK}/config", json=saved, timeout=30)
    answer.raise_for_status()
    print(f"machine            {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(f"nobody calls       {others(root, 10)}")
    for name, paths in (("sends", ("send",)), ("tests", ("test",)), ("both", ("send", "test"))):
        Receiver.late = chosen.late
        callers = threading.Thread(target=call, args=(root, paths, chosen.calls, name))
        callers.start()
        time.sleep(0.5)
        print(f"{chosen.calls} {name:<15} {others(root, 20)}")
        callers.join()
        time.sleep(chosen.late)
    Receiver.late = 0.0
    settle(root)
    call(root, ("send",), chosen.posts, "posts to a receiver that answers at once")


def others(root: str, times: int) -> str:
    """p50 and p95 of what has nothing to do with the vendor, in seconds."""
    parts = []
    for name, path in (
        ("health", "/api/v1/health"),
        ("metrics", "/metrics"),
        ("incidents", "/api/v1/incidents"),
        ("page", "/"),
    ):
        took = []
        for _ in range(times):
            begun = time.perf_counter()
            httpx.get(f"{root}{path}", timeout=120).raise_for_status()
            took.append(time.perf_counter() - begun)
            time.sleep(0.05)
        parts.append(f"{name} {statistics.median(took):.3f}/{sorted(took)[int(len(took) * 0.95) - 1]:.3f}")
    return "  ".join(parts)


def call(root: str, paths: tuple[str, ...], number: int, name: str) -> None:
    """That many calls at once; from several addresses, since a caller has a limit."""
    clients = [
        httpx.Client(transport=httpx.HTTPTransport(local_address=f"127.0.0.{10 + n}"), timeout=180)
        for n in range(8)
    ]

    def one(n: int) -> tuple[int, float]:
        begun = time.perf_counter()
        path = paths[n % len(paths)]
        body = {**BODY, "incident_id": f"inc-{name[:5]}-{n}"} if path == "send" else None
        answer = clients[n % 8].post(f"{root}{HOOK}/{path}", json=body)
        return answer.status_code, time.perf_counter() - begun

    with ThreadPoolExecutor(number) as pool:
        answers = list(pool.map(one, range(number)))
    took = sorted(seconds for _, seconds in answers)
    statuses = dict(Counter(status for status, _ in answers))
    print(
        f"  {number} {name}: {statuses}, p50 {statistics.median(took):.2f} s, p95 {took[int(len(took) * 0.95) - 1]:.2f} s"
    )


def settle(root: str) -> None:
    """Until the ledger has delivered all that was left."""
    for _ in range(240):
        states = [
            httpx.get(f"{root}/api/v1/deliveries", params={"state": state, "limit": 1}, timeout=30).json()[
                "total"
            ]
            for state in ("pending", "sending", "retry", "unknown")
        ]
        if not sum(states):
            return
        time.sleep(1)
    print(f"  not settled: {states}")


def wait_for(address: str) -> None:
    for _ in range(120):
        try:
            httpx.get(address, timeout=5).raise_for_status()
            return
        except httpx.HTTPError:
            time.sleep(0.5)
    raise SystemExit("The dashboard did not start.")


if __name__ == "__main__":
    main()
