"""`soc worker` and `soc api`: processes that run until they are told to end."""

from __future__ import annotations

import signal
import threading
from functools import partial

import uvicorn
from starlette.applications import Starlette

from soc import engine
from soc.cli import start_is_over
from soc.cli.say import explained, note
from soc.cli.serve.ports import check_port, check_store
from soc.configuration.practice import resume_practice, stop_sandbox
from soc.json_log import set_up_logging
from soc.serving import front_door, guarded_routes, lifespan, sign_in_gate
from soc.serving.signin.start import check_sign_in


def run_worker() -> None:
    """Run the engine until SIGINT or SIGTERM."""
    set_up_logging()
    with explained():
        check_store()
        engine.launch(first=resume_practice)
    start_is_over()
    note(f"Working as {engine.executor_name()}; stop with Ctrl-C.")
    ended = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: ended.set())
    ended.wait()
    engine.shut_down()
    stop_sandbox()


def serve_api(host: str, port: int) -> None:
    """Serve until it is interrupted. Beyond loopback every call but the health check needs a key."""
    check_store()
    beyond = host not in ("127.0.0.1", "localhost", "::1")
    check_sign_in(listens_beyond_loopback=beyond, speaks_tls=False)
    if beyond:
        note(f"Listening on {host}: every call but /api/v1/health needs a key (`soc keys create`).")
    check_port(host, port)
    served = Starlette(
        routes=guarded_routes(listens_beyond_loopback=beyond),
        middleware=[
            front_door(listens_beyond_loopback=beyond),
            sign_in_gate(listens_beyond_loopback=beyond),
        ],
        lifespan=partial(lifespan, address=f"http://127.0.0.1:{port}"),
    )
    uvicorn.run(served, host=host, port=port, log_level="warning", server_header=False)
