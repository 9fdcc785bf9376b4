"""What the door says to whoever may not come in: a problem (RFC 9457), or a plain page for a person's browser.

Nothing of the request is repeated.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from html import escape

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from soc.door.policies import API_POLICY, guarding
from soc.door.request_ids import HEADER, named_request, naming
from soc.tracing.context import HEADER as TRACE
from soc.tracing.context import current_trace_id

_PAGE = (
    "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
    "<title>{title}</title><style>body{{font:16px/1.5 system-ui,sans-serif;max-width:42rem;margin:12vh auto;padding:0 1rem;"
    "color:#1A2230;background:#fff}}code{{background:#F3F5F8;padding:0 .2em}}</style><h1>{title}</h1>{hint}"
)
_PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


@dataclass(frozen=True)
class Refusal:
    """Why somebody may not come in, and what to do about it; `more` are further paragraphs for a person."""

    status: int
    title: str
    hint: str
    more: tuple[str, ...] = ()

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it. To a websocket the refusal is the handshake's 403."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": self.title[:120]})
            return
        given = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        with named_request(given.get(HEADER, ""), given.get(TRACE, "")) as name:
            response = self._page() if _is_for_a_person(scope) else self._problem(name)
            await response(scope, receive, guarding(naming(send, name), API_POLICY))

    def _problem(self, name: str) -> Response:
        body = {
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "hint": " ".join((self.hint, *self.more)),
            "request_id": name,
            **({"trace_id": trace} if (trace := current_trace_id()) else {}),
        }
        return Response(json.dumps(body), self.status, media_type="application/problem+json")

    def _page(self) -> Response:
        hint = "".join(f"<p>{_marked(text)}</p>" for text in (self.hint, *self.more))
        page = _PAGE.format(title=escape(self.title), hint=hint)
        return Response(
            page,
            self.status,
            {"content-security-policy": _PAGE_POLICY},
            media_type="text/html; charset=utf-8",
        )


def _marked(text: str) -> str:
    """Every second part between back-ticks is code."""
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if number % 2 else part for number, part in enumerate(parts))


def _is_for_a_person(scope: Scope) -> bool:
    accepted = b",".join(value for name, value in scope["headers"] if name == b"accept")
    return b"text/html" in accepted.lower()
