"""The sandbox as an ASGI application, inside this process (`SandboxServer`), or alone (`serve`)."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.types import Scope

from soc.door import LOCAL_NAMES, Door, Refusal, came_through_a_proxy
from soc.sandbox import admin, identity
from soc.sandbox.console import pages as console
from soc.sandbox.faults import FaultMiddleware, Faults
from soc.sandbox.found import VENDORS
from soc.sandbox.jira import catalogue as jira_facts
from soc.sandbox.jira.wire import CLOUD, DATA_CENTER
from soc.sandbox.kit.connection import DroppableProtocol
from soc.sandbox.pagerduty import catalogue as pagerduty_facts
from soc.sandbox.pagerduty import events as pagerduty_events
from soc.sandbox.pagerduty import rest as pagerduty_rest
from soc.sandbox.slack import catalogue as slack_facts
from soc.sandbox.slack import routes as slack
from soc.sandbox.stackstorm import catalogue as stackstorm_facts
from soc.sandbox.stackstorm import routes as stackstorm
from soc.sandbox.state import SandboxState
from soc.sandbox.vendor_clock import DateMiddleware
from soc.sandbox.webhook import routes as webhook
from soc.sandbox.webhook import signature as webhook_facts

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8610
JIRA_TOKEN = jira_facts.TOKEN
JIRA_EMAIL = jira_facts.BOT.email
JIRA_PROJECT = jira_facts.PROJECT_KEY
SLACK_TOKEN = slack_facts.TOKEN
SLACK_CHANNEL = f"#{slack_facts.ALERTS.name}"
PAGERDUTY_INTEGRATION_KEY = pagerduty_facts.SOC.integration_key
PAGERDUTY_TOKEN = pagerduty_facts.TOKEN
PAGERDUTY_SERVICE = pagerduty_facts.SOC.id
PAGERDUTY_POLICY = pagerduty_facts.SOC.policy
STACKSTORM_API_KEY = stackstorm_facts.API_KEY
WEBHOOK_SECRET = webhook_facts.SECRET
WEBHOOK_NAME = "soc"
START_TIMEOUT = 10.0
ELSEWHERE = Refusal(
    403,
    "The practice vendors are for this machine only.",
    "A proxy passed this request on. Ask on the machine itself.",
)


def create_app(state_path: Path | None = None, *, beyond: bool = False, token: str = "") -> Starlette:
    """The practice vendors and their console; what they receive is kept in `state_path`, if given.

    `beyond`: it listens on an address of this machine that others can reach, and answers to that address too.
    `token`: what proves whose they are (`identity`).
    Raises JournalInUse when another sandbox holds the file. The caller closes `app.state.sandbox`.
    """
    state, faults = SandboxState(state_path), Faults()
    routes = [
        *(route for one in VENDORS for route in one.routes(state.memories[one.name])),
        *admin.routes(state, faults),
        identity.route(token),
        *console.routes(state, faults),
    ]
    door = Middleware(Door, beyond=beyond, closed=_for_this_machine_only)
    dated = Middleware(DateMiddleware, moment=state.moment)
    middleware = [dated, door, Middleware(FaultMiddleware, faults=faults)]
    app = Starlette(routes=routes, middleware=middleware)
    app.state.sandbox = state
    app.state.faults = faults
    return app


def _for_this_machine_only(scope: Scope) -> Refusal | None:
    """Nobody signs in here and everything can be seen and switched: what a proxy passes on is refused."""
    return ELSEWHERE if came_through_a_proxy(scope["headers"]) else None


class SandboxServer:
    """The sandbox in a background thread of this process.

    `port=0` takes a free one. `start` returns when it answers and raises OSError when the port is taken
    (before the journal is touched). `stop` ends it within a few seconds; both may be called again.
    """

    def __init__(
        self, *, host: str = DEFAULT_HOST, port: int = 0, state_path: Path | None = None, token: str = ""
    ) -> None:
        self._host, self._port, self._path, self._token = host, port, state_path, token
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self._app: Starlette | None = None

    def start(self) -> Self:
        if self._thread is not None:
            return self
        listener = _listen(self._host, self._port)
        try:
            self._app = create_app(self._path, beyond=self._host not in LOCAL_NAMES, token=self._token)
        except BaseException:
            listener.close()
            raise
        self._port = listener.getsockname()[1]
        self._server = _Server(_config(self._app))
        thread = threading.Thread(
            target=self._server.run, args=([listener],), name="soc-sandbox", daemon=True
        )
        thread.start()
        self._thread = thread
        if not self._server.ready.wait(START_TIMEOUT):
            self.stop()
            raise OSError(f"the sandbox did not start within {START_TIMEOUT:.0f} s")
        return self

    def stop(self) -> None:
        server, thread, app = self._server, self._thread, self._app
        if server is None or thread is None or app is None:
            return
        server.should_exit = True
        thread.join(5.0)
        app.state.sandbox.close()
        self._server = self._thread = self._app = None

    @property
    def is_running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    @property
    def state(self) -> SandboxState:
        """What the practice vendors remember; for looking, from this process only."""
        if self._app is None:
            raise RuntimeError("the sandbox is not running")
        state: SandboxState = self._app.state.sandbox
        return state

    @property
    def faults(self) -> Faults:
        if self._app is None:
            raise RuntimeError("the sandbox is not running")
        faults: Faults = self._app.state.faults
        return faults

    @property
    def port(self) -> int:
        return self._port

    @property
    def url(self) -> str:
        """`http://127.0.0.1:<port>`, the console's address."""
        return f"http://{self._host}:{self._port}"

    @property
    def jira_url(self) -> str:
        """Base URL of the Cloud flavour."""
        return self.url + CLOUD.prefix

    @property
    def jira_dc_url(self) -> str:
        """Base URL of the Data Center flavour."""
        return self.url + DATA_CENTER.prefix

    @property
    def slack_url(self) -> str:
        """Base URL of the Web API, with its trailing slash."""
        return f"{self.url}{slack.PREFIX}/"

    @property
    def pagerduty_events_url(self) -> str:
        """What stands for `https://events.pagerduty.com`."""
        return self.url + pagerduty_events.PREFIX

    @property
    def pagerduty_url(self) -> str:
        """What stands for `https://api.pagerduty.com`."""
        return self.url + pagerduty_rest.PREFIX

    @property
    def stackstorm_url(self) -> str:
        """The instance's address, before `/api/v1`."""
        return self.url + stackstorm.PREFIX

    @property
    def webhook_url(self) -> str:
        """A whole address to send to; any other last segment is another receiver."""
        return f"{self.url}{webhook.PREFIX}/{WEBHOOK_NAME}"

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def run(host: str = DEFAULT_HOST, port: int = DEFAULT_PORT, state_path: Path | None = None) -> None:
    """Serve until interrupted, saying nothing. Raises OSError when the port is taken."""
    with _listening(host, port) as listener:
        _serve_on(listener, state_path)


def serve(
    host: str = DEFAULT_HOST, port: int = DEFAULT_PORT, state_path: Path | None = None, *, token: str = ""
) -> None:
    """`soc sandbox`: the same, and print where to point a client once the port is ours."""
    with _listening(host, port) as listener:
        base = f"http://{host}:{listener.getsockname()[1]}"
        doors = [door for vendor in VENDORS for door in vendor.doors]
        lines = [f"  {door.title:<17} {base}{door.path:<19} {door.credentials}" for door in doors]
        print(
            f"Practice vendors on {base} (console, faults). Nothing leaves this machine.",
            *lines,
            sep="\n",
            flush=True,
        )
        _serve_on(listener, state_path, token)


def _serve_on(listener: socket.socket, state_path: Path | None, token: str = "") -> None:
    app = create_app(state_path, beyond=listener.getsockname()[0] not in LOCAL_NAMES, token=token)
    try:
        with suppress(KeyboardInterrupt):
            uvicorn.Server(_config(app)).run([listener])
    finally:
        app.state.sandbox.close()


class _Server(uvicorn.Server):
    """Says when it is listening."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


def _config(app: Starlette) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=DroppableProtocol,
        ws="websockets-sansio",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=1,
    )


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket. Its protocol is named: asyncio sets TCP_NODELAY only on sockets that say TCP."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(256)
    except OSError:
        listener.close()
        raise
    return listener


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    listener = _listen(host, port)
    try:
        yield listener
    finally:
        listener.close()
