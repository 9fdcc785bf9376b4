"""The shared HTTP client: pooled, no redirects, no proxies from the environment, guarded at connect time.

`within` bounds a whole exchange. httpx's own timeouts are per read, so a server that drips a byte a second would
hold a worker for ever; the guarded stream shortens each wait to what is left of the exchange's time.
"""

from __future__ import annotations

import logging
import ssl
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from typing import Any

import certifi
import httpcore
import httpx

from soc import __version__
from soc.errors import ConfigurationError
from soc.integrations.kit.addresses import AddressGuard, Resolver, resolve
from soc.integrations.kit.lease import use_lease
from soc.settings import Settings, get_settings
from soc.tracing.attributes import Value
from soc.tracing.context import HEADER, current_traceparent
from soc.tracing.spans import span

USER_AGENT = f"soc-operations-dashboard/{__version__}"
CONNECT_TIMEOUT = 10.0
DEFAULT_TIMEOUT = 30.0
#: All vendors share the pool: it holds more than all their threads together, so that none waits for another's connections.
LIMITS = httpx.Limits(max_connections=1000, max_keepalive_connections=20, keepalive_expiry=5.0)

# httpx writes every URL to its log at INFO; a webhook's URL is a secret.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)

_deadline: ContextVar[float | None] = ContextVar("soc_http_deadline", default=None)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Everything that the shared client does inside this block ends by a timeout after `seconds` altogether."""
    token = _deadline.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.reset(token)


def _left(timeout: float | None) -> float | None:
    end = _deadline.get()
    if end is None:
        return timeout
    # Never 0: a socket with timeout 0 does not wait at all and reports something else than a timeout.
    left = max(end - time.monotonic(), 0.001)
    return left if timeout is None else min(left, timeout)


class AddressRefused(httpcore.ConnectError):
    """The guard said no; nothing was sent. `reason` is its verdict in words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _TimedStream(httpcore.NetworkStream):
    """A stream whose waits end with the exchange's time."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        use_lease()
        self._inner.write(buffer, _left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _TimedStream(self._inner.start_tls(ssl_context, server_hostname, _left(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class GuardedBackend(httpcore.NetworkBackend):
    """Resolves a name once, judges every address, connects to a judged one. Opens no other kind of socket."""

    def __init__(self, guard: AddressGuard, *, secure: bool, resolver: Resolver = resolve) -> None:
        self._guard = guard
        self._secure = secure
        self._resolve = resolver
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        for address in (addresses := self._judged(host, port)):
            try:
                stream = self._sockets.connect_tcp(
                    address, port, _left(timeout), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if address == addresses[-1]:
                    raise
                continue
            return _TimedStream(stream)
        raise httpcore.ConnectError("the name has no address")

    def _judged(self, host: str, port: int) -> list[str]:
        try:
            addresses = self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError("the name cannot be resolved") from error
        for address in addresses:
            verdict = self._guard.judge(host, port, address, secure=self._secure)
            if not verdict.allowed:
                raise AddressRefused(verdict.reason)
        return addresses

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        raise AddressRefused("unix sockets are not vendors")


class _GuardedTransport(httpx.HTTPTransport):
    """httpx's transport over a pool that connects through the guard (httpx 0.28 has no argument for a backend)."""

    def __init__(self, backend: GuardedBackend, context: ssl.SSLContext) -> None:
        super().__init__(verify=context, trust_env=False, limits=LIMITS)
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            max_connections=LIMITS.max_connections,
            max_keepalive_connections=LIMITS.max_keepalive_connections,
            keepalive_expiry=LIMITS.keepalive_expiry,
            http1=True,
            http2=False,
            retries=0,
            network_backend=backend,
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """A call as a span of its trace: method, host and status, never a path (it may be a secret) or what is said."""
        where: dict[str, Value] = {"http.request.method": request.method, "server.address": request.url.host}
        if request.url.port is not None:
            where["server.port"] = request.url.port
        with span(request.method, "client", where) as call:
            if get_settings().trace_vendors and (traceparent := current_traceparent()):
                request.headers[HEADER] = traceparent
            response = super().handle_request(request)
            call.say({"http.response.status_code": response.status_code})
            if response.status_code >= 400:
                call.fail(str(response.status_code))
            return response


def insecure_allowed() -> bool:
    """Whether the administrator switched on that an integration may do without certificate checks."""
    return bool(getattr(get_settings(), "allow_insecure_tls", False))


#: Where certificates go unchecked, whoever tests the connection reads this: never in silence.
UNCHECKED_WARNING = (
    "Certificates are not checked: whoever sits between this machine and the service can read and change what is "
    "sent. Name the authority's PEM file in SOC_CA_BUNDLE instead."
)


def is_unchecked(settings: Mapping[str, Any]) -> bool:
    """Whether an integration with these settings would take any certificate."""
    return settings.get("ignore_ssl") is True or settings.get("verify_ssl") is False


def refuse_unchecked(unchecked: bool) -> None:
    """Raises ValueError where certificates are not to be checked and the administrator does not allow that."""
    if unchecked and not insecure_allowed():
        raise ValueError(
            "certificates are always checked here; name a private authority's PEM file in SOC_CA_BUNDLE, or let an "
            "administrator set SOC_ALLOW_INSECURE_TLS=true"
        )


def trust(ca_bundle: Path | None, *, verify: bool = True) -> ssl.SSLContext:
    """Certificates to trust: the bundle when one is set, else the system's and certifi's together.

    `verify=False` trusts whatever is shown. Raises ConfigurationError when the bundle cannot be read, or when
    checking is to be off and the administrator does not allow that.
    """
    if not verify:
        if not insecure_allowed():
            raise ConfigurationError(
                "Certificates are always checked here.", hint="SOC_ALLOW_INSECURE_TLS=true allows to skip it."
            )
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
    if ca_bundle is None:
        context = ssl.create_default_context()
        context.load_verify_locations(cafile=certifi.where())
        return context
    try:
        return ssl.create_default_context(cafile=str(ca_bundle))
    except (OSError, ssl.SSLError):
        raise ConfigurationError(
            "The CA bundle cannot be read.",
            hint="SOC_CA_BUNDLE must name a readable file of PEM certificates.",
        ) from None


def guard_of(settings: Settings, extra_allowed: Iterable[str] = ()) -> AddressGuard:
    """The guard of these settings. Raises ConfigurationError on a malformed list of hosts."""
    try:
        return AddressGuard((*settings.allowed_hosts, *extra_allowed), only_ours=settings.demo)
    except ValueError as error:
        raise ConfigurationError(f"SOC_ALLOWED_HOSTS: {error}.") from None


def http_client(
    settings: Settings | None = None,
    *,
    extra_allowed: Iterable[str] = (),
    resolver: Resolver = resolve,
    verify: bool = True,
) -> httpx.Client:
    """A thread-safe client of the house rules. `extra_allowed` adds to SOC_ALLOWED_HOSTS for this client alone.

    `verify=False` leaves certificates unchecked, where the administrator allows it. Raises ConfigurationError on a
    malformed list of hosts or CA bundle.
    """
    chosen = settings or get_settings()
    guard = guard_of(chosen, extra_allowed)
    context = trust(chosen.ca_bundle, verify=verify)
    plain, secure = (
        _GuardedTransport(GuardedBackend(guard, secure=flag, resolver=resolver), context)
        for flag in (False, True)
    )
    return httpx.Client(
        transport=secure,
        mounts={"http://": plain},
        follow_redirects=False,
        trust_env=False,
        timeout=httpx.Timeout(DEFAULT_TIMEOUT, connect=CONNECT_TIMEOUT),
        # A session cookie would outlive the credentials it was given for, and go out beside other ones.
        cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
        # identity: an answer's size is bounded before anything is unpacked.
        headers={"user-agent": USER_AGENT, "accept": "application/json", "accept-encoding": "identity"},
    )


@lru_cache(maxsize=8)
def _shared(
    allowed: tuple[str, ...], ca_bundle: Path | None, extra: tuple[str, ...], verify: bool
) -> httpx.Client:
    return http_client(extra_allowed=extra, verify=verify)


def shared_client(extra_allowed: Iterable[str] = (), *, verify: bool = True) -> httpx.Client:
    """The process's one client for these settings; never closed by a connector. Raises as `http_client` does."""
    settings = get_settings()
    if not verify:
        trust(None, verify=False)  # a client made while it was allowed must not outlive the permission
    return _shared(settings.allowed_hosts, settings.ca_bundle, tuple(extra_allowed), verify)
