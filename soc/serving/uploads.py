"""`/upload`: where the picker of Process logs streams a file to, block by block, past every form and every copy.

It stands beside the API because a browser has no key. What lets a file in is the page's pass (`soc.batches.passes`),
and, as for all pages, the door: whose name was called, from which page, and whether the pages are open here at all.
"""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import unquote

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from soc.api.lanes import Lane, own
from soc.api.limits import LARGEST_BODY
from soc.api.problems import problem
from soc.batches.intake import Incoming, Upload, receive_upload
from soc.batches.passes import NoPass, PassFull, admitted
from soc.door.request_ids import HEADER, named_request, naming
from soc.door.traced import traced
from soc.errors import Conflict, LogParseError, SocError
from soc.ids import new_id
from soc.integrations.kit.fields import one_line
from soc.tracing.context import HEADER as TRACE

PASS, NUMBER, NAME = "x-upload-pass", "x-upload-number", "x-upload-name"
#: Bytes that are gathered before they are written.
_BLOCK = 1024 * 1024
_LONGEST_NAME = 255
_STATUS: tuple[tuple[type[SocError], int], ...] = (
    (NoPass, 401),
    (PassFull, 413),
    (LogParseError, 413),
    (Conflict, 409),
    (SocError, 500),
)

log = structlog.get_logger(__name__)


class _CutOff(Exception):
    """It ended early."""


class UploadRoute:
    """The ASGI application at `/upload`."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        with (
            named_request(request.headers.get(HEADER, ""), request.headers.get(TRACE, "")) as name,
            traced(scope, naming(send, name)) as answering,
        ):
            answer = await _answer(request)
            await answer(scope, receive, answering)


async def _answer(request: Request) -> Response:
    if request.method != "POST":
        answer = problem(405, "This address does not take this method.", "This address takes POST.")
        answer.headers["Allow"] = "POST"
        return answer
    length, number = request.headers.get("content-length", ""), request.headers.get(NUMBER, "")
    if not _is_number(length):
        return problem(411, "The request does not say how long it is.", "Send a Content-Length.")
    if not _is_number(number):
        return await _refused(request, problem(400, "The request names no number.", f"Send {NUMBER}."))
    try:
        with admitted(request.headers.get(PASS, ""), int(number), int(length)) as came:
            upload = await _receive(request, _name_of(request))
            came.append(upload)
    except ClientDisconnect:
        log.info("upload_cut_off")
        return problem(400, "The connection was lost before the file was whole.", "Try again.")
    except SocError as error:
        status = next(status for kind, status in _STATUS if isinstance(error, kind))
        return await _refused(request, problem(status, error.message, error.hint or "Try again."))
    except OSError as error:
        log.error("upload_not_kept", reason=error.strerror)
        hint = "Make room on the server's disk, or have its folder mended, then try again."
        return problem(507, f"The server could not keep the file: {error.strerror}.", hint)
    return JSONResponse({"size": upload.size}, status_code=201)


async def _receive(request: Request, name: str) -> Upload:
    """The body as a file of ours; whatever ends it early, nothing of it is kept."""
    lane, upload_id = own("picker"), new_id("upl")
    place = receive_upload(name, upload_id)
    incoming = await lane.run(place.__enter__)
    try:
        await _write(request, incoming, lane)
    except BaseException:
        # not the error itself: threads hand on no cancellation
        await lane.run(lambda: place.__exit__(_CutOff, _CutOff(), None))
        raise
    await lane.run(lambda: place.__exit__(None, None, None))
    return incoming.upload(upload_id)


async def _write(request: Request, incoming: Incoming, lane: Lane) -> None:
    gathered = bytearray()
    async for block in request.stream():
        gathered += block
        if len(gathered) >= _BLOCK:
            whole = bytes(gathered)
            gathered.clear()
            await lane.run(lambda whole=whole: incoming.add(whole))  # type: ignore[misc]
    await lane.run(lambda: incoming.add(bytes(gathered)))


async def _refused(request: Request, answer: JSONResponse) -> JSONResponse:
    """A small body is read and forgotten: a browser that is still sending would not see the answer otherwise."""
    with suppress(ClientDisconnect):
        if int(request.headers["content-length"]) <= LARGEST_BODY:
            async for _ in request.stream():
                pass
    return answer


def _name_of(request: Request) -> str:
    """What the person calls the file: percent-encoded in a header, without folders."""
    name = unquote(request.headers.get(NAME, ""), errors="replace")
    return one_line(name.replace("\\", "/").rpartition("/")[2])[:_LONGEST_NAME] or "upload"


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 15
