"""The shared client on real sockets: what the guard lets through, how long it waits, what it trusts."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpcore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from soc.errors import (
    ConfigurationError,
    DeliveryError,
    FailureReason,
    PermanentDeliveryError,
    TransientDeliveryError,
    UnknownOutcome,
)
from soc.integrations.kit.addresses import Resolver
from soc.integrations.kit.connection import USER_AGENT, http_client
from soc.integrations.kit.http import Answer, Vendor, VendorSession
from soc.settings import Settings

JSON = b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 11\r\n\r\n{"ok":true}'
Serve = Callable[[socket.socket, bytes], None]


class Server:
    """A loopback server that counts connections and keeps what it was sent."""

    def __init__(self, serve: Serve, context: ssl.SSLContext | None = None) -> None:
        self.connections = 0
        self.requests: list[bytes] = []
        self._serve, self._context = serve, context
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        with suppress(OSError):
            while True:
                raw, _ = self._socket.accept()
                self.connections += 1
                threading.Thread(target=self._answer, args=(raw,), daemon=True).start()

    def _answer(self, raw: socket.socket) -> None:
        with suppress(OSError), raw:
            raw.settimeout(5)
            stream = self._context.wrap_socket(raw, server_side=True) if self._context else raw
            with stream:
                while data := stream.recv(65536):
                    self.requests.append(data)
                    self._serve(stream, data)

    def close(self) -> None:
        self._socket.close()


@contextmanager
def serving(serve: Serve, context: ssl.SSLContext | None = None) -> Iterator[Server]:
    server = Server(serve, context)
    try:
        yield server
    finally:
        server.close()


def ask(
    url: str, *, allowed: tuple[str, ...] = (), resolver: Resolver | None = None, timeout: float = 5, write: bool = True,
    settings: Settings | None = None, times: int = 1,
) -> Answer:  # fmt: skip
    more = {"resolver": resolver} if resolver else {}
    with http_client(settings, extra_allowed=allowed, **more) as client:  # type: ignore[arg-type]
        session = VendorSession(client, Vendor("Vendor"), url, headers={}, secrets=(), timeout=timeout)
        for _ in range(times):
            answer = session.write("POST", "/x", body={}) if write else session.read("GET", "/x")
    return answer


def test_a_request_carries_our_name_and_follows_the_guard() -> None:
    with serving(lambda s, _: s.sendall(JSON)) as server:
        answer = ask(f"http://127.0.0.1:{server.port}", allowed=(f"127.0.0.1:{server.port}",))
        assert answer.data == {"ok": True}
        assert f"user-agent: {USER_AGENT}".encode() in server.requests[0].lower()


def test_a_cookie_is_never_sent_back() -> None:
    reply = JSON.replace(b"content-length", b"set-cookie: JSESSIONID=1; Path=/\r\ncontent-length")
    with serving(lambda s, _: s.sendall(reply)) as server:
        ask(f"http://127.0.0.1:{server.port}", allowed=("127.0.0.1",), times=2)
        assert len(server.requests) >= 2
        assert b"cookie" not in b"".join(server.requests).lower()


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"]
)
def test_an_address_that_is_not_listed_is_never_connected_to(host: str) -> None:
    with serving(lambda s, _: s.sendall(JSON)) as canary:
        with pytest.raises(DeliveryError) as caught:
            ask(f"http://{host}:{canary.port}")
        assert caught.value.reason in (FailureReason.ADDRESS, FailureReason.NETWORK)
        assert canary.connections == 0


def test_a_name_that_rebinds_is_connected_to_at_the_judged_address_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened: list[str] = []

    def connect(self: object, host: str, *_: object) -> httpcore.NetworkStream:
        opened.append(host)  # no test leaves the machine
        raise httpcore.ConnectError("not here")

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
    answers = iter([["93.184.215.14"], ["127.0.0.1"]])
    for reason in (FailureReason.NETWORK, FailureReason.ADDRESS):
        with pytest.raises(DeliveryError) as caught:
            ask("https://rebind.example", resolver=lambda host, port: next(answers), timeout=1)
        assert caught.value.reason is reason
    assert opened == ["93.184.215.14"], "resolved once a connection, and never the name itself"


def test_one_forbidden_address_among_several_refuses_the_name() -> None:
    with serving(lambda s, _: s.sendall(JSON)) as canary:
        with pytest.raises(PermanentDeliveryError) as caught:
            ask(
                f"http://two.example:{canary.port}",
                allowed=("127.0.0.1",),
                resolver=lambda h, p: ["127.0.0.1", "169.254.169.254"],
            )
        assert caught.value.reason is FailureReason.ADDRESS
        assert canary.connections == 0


def test_a_redirect_is_not_followed() -> None:
    with serving(lambda s, _: s.sendall(JSON)) as canary:
        reply = f"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:{canary.port}/\r\ncontent-length: 0\r\n\r\n".encode()
        with serving(lambda s, _: s.sendall(reply)) as server:
            with pytest.raises(PermanentDeliveryError) as caught:
                ask(f"http://127.0.0.1:{server.port}", allowed=("127.0.0.1",))
            assert "not followed" in caught.value.hint
        assert canary.connections == 0


def test_a_proxy_of_the_environment_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(lambda s, _: s.sendall(JSON)) as proxy, serving(lambda s, _: s.sendall(JSON)) as server:
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        ask(f"http://127.0.0.1:{server.port}", allowed=("127.0.0.1",))
        with pytest.raises(TransientDeliveryError):  # it speaks no TLS; that it was asked is what counts
            ask(f"https://127.0.0.1:{server.port}", allowed=("127.0.0.1",))
        assert (server.connections, proxy.connections) == (2, 0)


def test_a_server_that_drips_cannot_hold_a_worker() -> None:
    def drip(stream: socket.socket, _: bytes) -> None:
        for byte in JSON:
            stream.sendall(bytes([byte]))
            time.sleep(0.1)

    started = time.monotonic()
    with serving(drip) as server, pytest.raises(UnknownOutcome) as caught:
        ask(f"http://127.0.0.1:{server.port}", allowed=("127.0.0.1",), timeout=1)
    assert caught.value.reason is FailureReason.TIMEOUT
    assert time.monotonic() - started < 0.1 * len(JSON), "it did not wait for the last byte"


def test_nobody_listening_is_transient_and_says_so() -> None:
    free = socket.create_server(("127.0.0.1", 0))
    port = free.getsockname()[1]
    free.close()
    with pytest.raises(TransientDeliveryError, match="refuses the connection") as caught:
        ask(f"http://127.0.0.1:{port}", allowed=("127.0.0.1",))
    assert caught.value.reason is FailureReason.NETWORK


def test_a_name_that_does_not_resolve_is_transient_and_says_so() -> None:
    def nothing(host: str, port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(TransientDeliveryError, match="cannot be resolved"):
        ask("https://jira.invalid", resolver=nothing)


def _certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1)).not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = folder / "ca.pem"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private = folder / "key.pem"
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, private)
    return context, pem


def test_a_certificate_is_always_checked_and_a_bundle_can_be_named(tmp_path: Path) -> None:
    context, pem = _certificate(tmp_path)
    with serving(lambda s, _: s.sendall(JSON), context) as server:
        url, allowed = f"https://127.0.0.1:{server.port}", ("127.0.0.1",)
        with pytest.raises(TransientDeliveryError) as caught:
            ask(url, allowed=allowed)
        assert (caught.value.reason, caught.value.slow) == (FailureReason.TLS, True)
        assert not server.requests
        assert ask(url, allowed=allowed, settings=Settings(ca_bundle=pem)).data == {"ok": True}


def test_a_bundle_that_cannot_be_read_is_a_configuration_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="CA bundle"):
        http_client(Settings(ca_bundle=tmp_path / "missing.pem"))
