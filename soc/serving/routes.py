"""`/api/v1`, `/health`, `/metrics`, all behind the API's guard, and no dashboard where a program asks for something."""

from __future__ import annotations

import re
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Match, Mount, Route, request_response
from starlette.types import ASGIApp, Receive, Scope, Send

from soc.api import api
from soc.api.guard import ApiGuard, Buckets
from soc.api.lanes import own
from soc.api.problems import problem
from soc.door.request_ids import HEADER, named_request, naming
from soc.metrics.exposition import CONTENT_TYPE, render
from soc.serving.hooks import HookRoute
from soc.serving.signin.routes import sign_in_routes
from soc.serving.uploads import UploadRoute
from soc.tracing.context import HEADER as TRACE

#: What programs ask for by these names, whatever follows, must never be answered with a page and a 200.
_PROGRAMS = re.compile(
    r"(api|hooks|docs|redoc|graphql|ping|status|version|v\d+|\..*|(health|heartbeat|ready|readiness|live|liveness|metrics|"
    r"prometheus|openapi|swagger|actuator|probe)[^/]*)(/.*)?",
    re.IGNORECASE,
)
#: The page that the root shows.
FIRST_PAGE = "overview"
_AT_THE_ROOT = ("/health/live", "/health/ready")


def base_of(base_url_path: str) -> str:
    """Streamlit's `server.baseUrlPath` as what paths begin with: "" or `/soc`."""
    clean = base_url_path.strip("/")
    return f"/{clean}" if clean else ""


def is_for_programs(path: str, base: str = "") -> bool:
    """Whether a path is none of the dashboard's, whoever asks: below the base, or beside it."""
    return any(
        _PROGRAMS.fullmatch(re.sub(r"^[/\\]+", "", one)) is not None
        for one in {path, path.removeprefix(base) if base else path}
    )


def guarded_routes(*, listens_beyond_loopback: bool, base_url_path: str = "") -> list[BaseRoute]:
    """`/metrics`, `/health/…` and `/api/v1` behind one guard: a key once keys are in force. All below the base path.

    `/upload` takes what the pages' picker sends, by the page's own pass instead of a key; `/hooks` what vendors send, by their signatures.
    Prometheus needs a key with the scope “read” then; it sends it as `Authorization: Bearer`.
    """
    base = base_of(base_url_path)
    api.state.base = base
    buckets = Buckets()  # one for both: what a caller may ask for is counted together
    figures, calls = (
        ApiGuard(app, listens_beyond_loopback=listens_beyond_loopback, buckets=buckets)
        for app in (request_response(_only_read), api)
    )
    return [
        Route(f"{base}/metrics", figures, name="metrics"),
        *(Route(f"{base}{path}", _InTheApi(calls, f"{base}/api/v1", path)) for path in _AT_THE_ROOT),
        Mount(f"{base}/api/v1", app=calls, name="api"),
        Route(f"{base}/upload", UploadRoute(), name="upload"),
        Route(f"{base}/{FIRST_PAGE}", _to_the_root, methods=["GET"], name="first page"),
        Route(f"{base}/hooks/{{kind}}/{{name}}", HookRoute(), name="hooks"),
        *sign_in_routes(base),
        Nowhere(lambda path: is_for_programs(path, base)),
    ]


async def metrics(_request: Request) -> Response:
    """`/metrics` for Prometheus. Figures only: no log text, no address, no name of a person."""
    return Response(await own("metrics").run(render), media_type=CONTENT_TYPE)


async def _to_the_root(request: Request) -> Response:
    """Streamlit knows its first page by no name; a person who types one means it."""
    base = request.url.path.removesuffix("/").removesuffix(FIRST_PAGE)
    return RedirectResponse(f"{base}?{request.url.query}" if request.url.query else base, 307)


async def _only_read(request: Request) -> Response:
    if request.method == "GET":  # the guard makes a HEAD one
        return await metrics(request)
    answer = problem(405, "This address does not take this method.", "This address takes GET, HEAD.")
    answer.headers["Allow"] = "GET, HEAD"
    return answer


class _InTheApi:
    """The API's own answer at another address, where probes look first."""

    def __init__(self, calls: ASGIApp, root: str, path: str) -> None:
        self._calls, self._root, self._path = calls, root, path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._calls({**scope, "path": self._root + self._path, "root_path": self._root}, receive, send)


class Nowhere(BaseRoute):
    """Answers 404 at addresses that programs ask for and nothing serves."""

    def __init__(self, matching: Callable[[str], bool]) -> None:
        self._matching = matching

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        found = scope["type"] == "http" and self._matching(str(scope["path"]))
        return (Match.FULL if found else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        with named_request(given.get(HEADER, ""), given.get(TRACE, "")) as name:
            answer = problem(
                404, "There is nothing at this address.", "/api/v1/docs lists every address of the API."
            )
            await answer(scope, receive, naming(send, name))
