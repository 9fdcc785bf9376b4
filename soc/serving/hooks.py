"""`/hooks/<kind>/<name>`: the calls that vendors make to us. What one brings is kept before the vendor is told so.

It stands beside the API because a vendor has no key of ours: each call proves itself by the vendor's own signature.
A call that does not is answered 401, whatever it names, and nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import structlog
from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from soc import clock
from soc.api.lanes import own
from soc.api.limits import LARGEST_BODY, TooLarge, bounded
from soc.api.problems import problem, store_is_away
from soc.door.request_ids import HEADER, named_request, naming
from soc.door.traced import traced
from soc.errors import SocError
from soc.integrations.in_force import load_config
from soc.integrations.kit.inbound.hooks import Forged, InboundHook, Unreadable
from soc.integrations.registry import KINDS
from soc.store.db import STORE_IS_AWAY
from soc.tickets.interactions.intake import Answered, take_call
from soc.tickets.sync.calls import take_calls
from soc.tracing.context import HEADER as TRACE

log = structlog.get_logger(__name__)

#: What is left to do once the vendor was answered.
Then = Callable[[], None]


class HookRoute:
    """The ASGI application at `/hooks/{kind}/{name}`."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, bounded(receive, LARGEST_BODY))
        with (
            named_request(request.headers.get(HEADER, ""), request.headers.get(TRACE, "")) as name,
            traced(scope, naming(send, name)) as answering,
        ):
            answer = await _answer(request)
            await answer(scope, receive, answering)


async def _answer(request: Request) -> Response:
    kind, name = request.path_params["kind"], request.path_params["name"]
    hook = next((one for one in KINDS[kind].hooks if one.name == name), None) if kind in KINDS else None
    if hook is None:
        return problem(404, "There is nothing at this address.", "The integration's page says its address.")
    if request.method != "POST":
        answer = problem(405, "This address does not take this method.", "This address takes POST.")
        answer.headers["Allow"] = "POST"
        return answer
    try:
        body = await request.body()
    except TooLarge as error:
        return problem(413, error.detail, "Send less at once.")
    except ClientDisconnect:
        return problem(400, "The connection was lost before the call was whole.", "Send it again.")
    headers = dict(request.headers)
    try:
        said, then = await own("hooks").run(lambda: _take(kind, hook, headers, body))
    except Forged as error:
        log.warning("hook_refused", kind=kind, hook=name)
        return problem(401, error.message, error.hint)
    except Unreadable as error:
        return problem(400, error.message, error.hint)
    except STORE_IS_AWAY as error:
        return store_is_away(error)
    except SocError as error:  # a store or key that refuses: the vendor asks again, and people see it here
        log.error("hook_failed", kind=kind, hook=name, error=error.message)
        return problem(503, "This cannot be taken now.", error.hint)
    after = BackgroundTask(_afterwards, then)
    if said is None:
        return Response(status_code=200, background=after)
    return JSONResponse(dict(said), background=after)


def _take(kind: str, hook: InboundHook, headers: Mapping[str, str], body: bytes) -> Answered:
    """Prove it, and keep what it brings. Raises Forged also where the integration is not set up: nothing can be proved."""
    now = clock.now()
    config = load_config(kind)
    if config is None or not config.enabled:
        raise Forged
    incoming = hook.read(config, headers, body, now)
    if incoming.tickets:
        return incoming.answer, take_calls(kind, incoming.tickets)
    return take_call(kind, incoming, practice=config.practice)


async def _afterwards(then: Then) -> None:
    await own("interactions").run(then)
