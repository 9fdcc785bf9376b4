"""A websocket to a vendor, opened through the same guard of addresses as every other connection."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

from websockets.exceptions import InvalidHandshake, InvalidURI
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from soc.errors import FailureReason, TransientDeliveryError
from soc.integrations.kit.addresses import resolve
from soc.integrations.kit.connection import CONNECT_TIMEOUT, USER_AGENT, guard_of, trust
from soc.settings import get_settings

#: Its log shows whole frames and addresses; an address holds the ticket that lets one in.
_quiet = logging.getLogger(__name__)
_quiet.setLevel(logging.CRITICAL)
LARGEST_FRAME = 5 * 1024 * 1024


@contextmanager
def open_websocket(url: str, *, title: str) -> Iterator[ClientConnection]:
    """The connection, closed at the end of the block. Raises TransientDeliveryError, without the address's secrets."""
    try:
        parts = urlsplit(url)
        host, given = parts.hostname, parts.port
    except ValueError:
        raise _trouble(title, "gave no address of a websocket") from None
    secure = parts.scheme == "wss"
    if parts.scheme not in ("ws", "wss") or not host:
        raise _trouble(title, "gave no address of a websocket")
    port = given or (443 if secure else 80)
    connected = _connect(host, port, secure=secure, title=title)
    # our own practice vendor's door asks browsers and everybody else where they come from
    origin = None if secure else Origin(f"http://{parts.netloc}")
    failure: TransientDeliveryError | None = None
    connection = None
    try:
        connection = connect(
            url, sock=connected, ssl=trust(get_settings().ca_bundle) if secure else None, proxy=None, origin=origin,
            user_agent_header=USER_AGENT, open_timeout=CONNECT_TIMEOUT, close_timeout=2, max_size=LARGEST_FRAME,
            logger=_quiet, legacy=True,
        )  # fmt: skip
    except (OSError, TimeoutError, InvalidHandshake, InvalidURI, EOFError) as error:
        failure = _trouble(title, f"cannot be connected to ({type(error).__name__})")
    if failure is not None or connection is None:
        connected.close()
        raise failure or _trouble(title, "cannot be connected to")
    try:
        yield connection
    finally:
        with suppress(OSError):
            connection.close()


def _connect(host: str, port: int, *, secure: bool, title: str) -> socket.socket:
    guard = guard_of(get_settings())
    refused = "the name has no address"
    try:
        addresses = resolve(host, port)
    except (OSError, UnicodeError):
        raise _trouble(title, "cannot be found (DNS)") from None
    for address in addresses:
        verdict = guard.judge(host, port, address, secure=secure)
        if not verdict.allowed:
            raise TransientDeliveryError(
                f"{title} may not be connected to: {verdict.reason}.",
                reason=FailureReason.ADDRESS,
                hint=verdict.hint,
            )
        try:
            return socket.create_connection((address, port), timeout=CONNECT_TIMEOUT)
        except OSError as error:
            refused = type(error).__name__
    raise _trouble(title, f"cannot be reached ({refused})")


def _trouble(title: str, what: str) -> TransientDeliveryError:
    return TransientDeliveryError(f"{title} {what}.", reason=FailureReason.NETWORK)
