"""`Idempotency-Key`: the routes that take it, and what of a request makes it the same one.

A route takes `once: Asked` and hands it to whatever does the work, which claims it (`soc.access.once`). Same means the same
method, address, query, body and caller; JSON is compared by what it says, not by how it is written.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header, Request
from pydantic import BaseModel
from sqlmodel import Session

from soc.access.once import Once
from soc.api.guard import actor_of

KeyHeader = Annotated[
    str,
    Header(
        max_length=500,
        description="A word of your own: with the same one, the same request is done once. Another request with it is "
        "refused (422).",
    ),
]


async def once_of(request: Request, idempotency_key: KeyHeader = "") -> Once | None:
    """The keyed request, None where it carries no key. A form's files are added by its route (`Once.about`)."""
    if not idempotency_key:
        return None
    path = str(request.scope["path"]).removeprefix(str(request.scope.get("root_path", "")))
    asked = (request.method, path, sorted(request.query_params.multi_items()), await _said(request))
    return Once(idempotency_key, actor_of(request), asked)


async def _said(request: Request) -> Any:
    if request.headers.get("content-type", "").startswith("multipart/"):
        return None  # its boundary is another one each time
    body = await request.body()
    try:
        return json.loads(body)
    except ValueError:
        return body.decode("latin-1")


Said = TypeVar("Said", bound=BaseModel)


def answer_once(session: Session, once: Once | None, work: Callable[[], Said], model: type[Said]) -> Said:
    """What came of the work, in its transaction; a repetition gets the answer that the first one had."""
    known = once.claim(session) if once else None
    if known is not None:
        return model.model_validate(known)
    said = work()
    if once:
        once.keep(session, said.model_dump(mode="json"))
    return said


Asked = Annotated[Once | None, Depends(once_of)]
