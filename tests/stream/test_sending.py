"""The audit leaves in order and at least once, each entry with its head."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from soc import clock
from soc.audit.write import record
from soc.domain.actor import Actor
from soc.domain.audit import Subject, SubjectKind
from soc.settings import get_settings
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.installation.audit import newest_head
from soc.stream.sending import stream_audit


@pytest.fixture(autouse=True)
def _store(settings: object) -> None:
    migrate()


def _add(number: int) -> None:
    for _ in range(number):
        with write_session() as session:
            record(
                session,
                Actor.said("per-1"),
                "set status",
                Subject(SubjectKind.TICKET, "tic-1"),
                after={"n": 1},
            )


def _to(monkeypatch: pytest.MonkeyPatch, url: str, allowed: str = "") -> None:
    monkeypatch.setenv("SOC_AUDIT_STREAM_URL", url)
    monkeypatch.setenv("SOC_ALLOWED_HOSTS", allowed)
    get_settings.cache_clear()


def test_what_was_not_taken_is_sent_again_and_what_was_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    _to(monkeypatch, "https://siem.example.com/in")
    monkeypatch.setattr("soc.stream.sending.PORTION", 2)
    seen: list[dict[str, object]] = []
    answers = [200, 503]

    def take(request: httpx.Request) -> httpx.Response:
        lines = [json.loads(line) for line in request.content.decode().splitlines()]
        seen.extend(lines)
        return httpx.Response(answers.pop(0) if answers else 202)

    _add(5)
    client = httpx.Client(transport=httpx.MockTransport(take))
    assert stream_audit(client=client) == 2
    assert stream_audit(client=client) == 3
    assert stream_audit(client=client) == 0
    numbers = [one["event"]["sequence"] for one in seen]  # type: ignore[index]
    assert numbers == [1, 2, 3, 4, 3, 4, 5]
    with read_session() as session:
        head = newest_head(session)
    assert head is not None
    last = seen[-1]
    assert (last["event"]["hash"], last["soc"]["audit"]["signature"]) == (head.hash, head.signature)  # type: ignore[index]
    assert last["user"] == {"id": "per-1"}


def test_syslog_gets_counted_frames_and_only_where_the_guard_lets_it(monkeypatch: pytest.MonkeyPatch) -> None:
    server = socket.create_server(("127.0.0.1", 0))
    port, got = server.getsockname()[1], bytearray()

    def listen() -> None:
        connection, _ = server.accept()
        while data := connection.recv(65536):
            got.extend(data)

    _add(2)
    _to(monkeypatch, f"syslog+tcp://127.0.0.1:{port}")
    assert stream_audit() == 0  # an internal address that nobody allowed
    thread = threading.Thread(target=listen)
    thread.start()
    _to(monkeypatch, f"syslog+tcp://127.0.0.1:{port}", f"127.0.0.1:{port}")
    assert stream_audit() == 2
    thread.join(30)
    length, _, rest = bytes(got).partition(b" ")
    frame = rest[: int(length)]
    assert frame.startswith(b"<110>1 20")
    assert json.loads(frame[frame.index(b"{") :])["event"]["sequence"] == 1


def test_nothing_is_sent_where_nothing_is_configured() -> None:
    _add(1)
    assert stream_audit() == 0


def _certificate(folder: Path) -> Path:
    """Of `localhost`, signed by itself; key and certificate in one file."""
    key, now = ec.generate_private_key(ec.SECP256R1()), clock.now()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    plain = serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path = folder / "server.pem"
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


def test_syslog_over_tls_is_sent_to_whom_the_machine_trusts_and_to_nobody_else(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pem, server, got = _certificate(tmp_path), socket.create_server(("127.0.0.1", 0)), bytearray()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem)

    def listen() -> None:
        for _ in range(2):
            connection, _ = server.accept()
            with suppress(OSError), context.wrap_socket(connection, server_side=True) as secure:
                while data := secure.recv(65536):
                    got.extend(data)

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    _add(2)
    port = server.getsockname()[1]
    _to(monkeypatch, f"syslog+tls://localhost:{port}", f"localhost:{port},127.0.0.1:{port},[::1]:{port}")
    assert (stream_audit(), bytes(got)) == (0, b"")  # nobody vouches for it
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    assert stream_audit() == 2
    listener.join(timeout=10)
    first, _, rest = bytes(got).partition(b" ")
    assert rest[: int(first)].startswith(b"<110>1 ")
    assert got.count(b'"sequence": ') == 2
