"""Sends what the audit has since the last time: to a webhook as NDJSON, or to a syslog server over TCP or TLS (RFC 5424).

The place in the chain is kept after the other side took the entries: what is cut off between is sent again, never left out.
"""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import httpx
import structlog
from sqlmodel import Session

from soc.errors import SocError
from soc.integrations.kit.addresses import resolve
from soc.integrations.kit.connection import guard_of
from soc.integrations.kit.http import shared_client
from soc.settings import get_settings
from soc.store.db import read_session, write_session
from soc.store.nouns.installation.audit import list_entries
from soc.store.nouns.installation.notes import keep_note, read_note
from soc.stream.ecs import ecs_document

log = structlog.get_logger(__name__)
_NOTE = "audit-stream"
_TIMEOUT, _LINGER = 10.0, 2.0
#: Entries of one request, and requests of one turn.
PORTION, PORTIONS = 200, 50
#: Syslog's facility “log audit” (13) and severity “informational” (6).
_PRIORITY = 13 * 8 + 6


def streamed_through(session: Session) -> int | None:
    """The last entry that was taken, 0 for none; None: nothing is to be streamed."""
    if not get_settings().audit_stream_url.get_secret_value():
        return None
    return int(read_note(session, _NOTE).get("seq", 0))


def stream_audit(*, client: httpx.Client | None = None) -> int:
    """Send what is new; how many entries that were. What cannot be sent now is told in the log and sent at the next turn."""
    url = get_settings().audit_stream_url.get_secret_value()
    sent = 0
    for _ in range(PORTIONS if url else 0):
        with read_session() as session:
            rows = list_entries(session, after=streamed_through(session) or 0, limit=PORTION)
        if not rows:
            break
        if trouble := _send(url, [ecs_document(row) for row in rows], client):
            log.warning("audit_not_streamed", why=trouble, since=rows[0].seq)
            break
        with write_session() as session:
            keep_note(session, _NOTE, {"seq": rows[-1].seq})
        sent += len(rows)
    return sent


def _send(url: str, documents: Sequence[dict[str, Any]], client: httpx.Client | None) -> str:
    """What was wrong, "" where it was taken. It says no part of the URL: such addresses are secrets."""
    try:
        if urlsplit(url).scheme in ("syslog+tcp", "syslog+tls"):
            _to_syslog(url, documents)
            return ""
        lines = "".join(f"{json.dumps(one)}\n" for one in documents)
        answer = (client or shared_client()).post(
            url, content=lines.encode(), headers={"Content-Type": "application/x-ndjson"}, timeout=_TIMEOUT
        )
    except SocError as error:
        return f"its address is not allowed: {error.message}"
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        return f"it did not answer ({type(error).__name__})"
    return "" if answer.is_success else f"it answered {answer.status_code}"


def _to_syslog(url: str, documents: Sequence[dict[str, Any]]) -> None:
    """Octet-counted frames. Raises SocError for an address that is not allowed, OSError, ValueError."""
    parts = urlsplit(url)
    secure = parts.scheme == "syslog+tls"
    host, port = parts.hostname or "", parts.port or (6514 if secure else 601)
    with socket.create_connection((_allowed(host, port, secure=secure), port), timeout=_TIMEOUT) as plain:
        if not secure:
            _hand_over(plain, documents)
            return
        with ssl.create_default_context().wrap_socket(plain, server_hostname=host) as wrapped:
            _hand_over(wrapped, documents)


def _hand_over(stream: socket.socket, documents: Sequence[dict[str, Any]]) -> None:
    """Syslog answers nothing: that the other side ends the connection in order is all that tells of its having read. A server that
    keeps it open has at least not refused.
    """
    stream.sendall(_frames(documents))
    stream.settimeout(_LINGER)
    with suppress(TimeoutError, ssl.SSLEOFError):
        if isinstance(stream, ssl.SSLSocket):
            stream.unwrap()
            return
        stream.shutdown(socket.SHUT_WR)
        while stream.recv(4096):
            pass


def _allowed(host: str, port: int, *, secure: bool) -> str:
    """An address of the host that the guard lets through; it is the one that is connected to."""
    guard, why = guard_of(get_settings()), "it has no address"
    for address in resolve(host, port):
        verdict = guard.judge(host, port, address, secure=secure)
        if verdict.allowed:
            return address
        why = verdict.reason
    raise SocError(why)


def _frames(documents: Sequence[dict[str, Any]]) -> bytes:
    here = socket.gethostname() or "-"
    frames = []
    for one in documents:
        text = f"<{_PRIORITY}>1 {one['@timestamp']} {here} soc - audit - {json.dumps(one)}".encode()
        frames.append(f"{len(text)} ".encode() + text)
    return b"".join(frames)
