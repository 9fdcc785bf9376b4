"""The samples of nginx and Caddy run for real: TLS, the pages' websocket, and who is signed in, before a real dashboard."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.deploy.test_samples import DEPLOY, ROOT, tool
from tests.waiting import wait_for

pytestmark = [pytest.mark.long, pytest.mark.timeout(500)]
NAME = "soc.example"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class SignInProxy(BaseHTTPRequestHandler):
    """What oauth2-proxy answers: who has its cookie is Anna, of the analysts; nobody else is signed in."""

    def do_GET(self) -> None:
        known = "oauth=anna" in self.headers.get("Cookie", "")
        self.send_response(202 if known else 401) if self.path.startswith(
            "/oauth2/auth"
        ) else self.send_response(200)
        if known:
            self.send_header("X-Auth-Request-User", "anna")
            self.send_header("X-Auth-Request-Groups", "soc-analysts")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate and its key."""
    made = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False).sign(key, hashes.SHA256())
    )  # fmt: skip
    (made / "fullchain.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (made / "privkey.pem").write_bytes(private)
    return made


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Its port. It is set as the samples say."""
    if not any(shutil.which(name) for name in ("nginx", "caddy")):
        pytest.skip("neither nginx nor Caddy is on this machine")
    port, data = free_port(), tmp_path_factory.mktemp("dashboard")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SOC_")}
    settings = {
        "SOC_DATA_DIR": str(data / "data"), "SOC_PATTERN_CACHE": os.environ["SOC_PATTERN_CACHE"], "SOC_SIGN_IN": "proxy",
        "SOC_PROXY_ADDRESSES": "127.0.0.1", "SOC_ROLES": "soc-analysts=analyst,soc-admins=admin",
        "SOC_PUBLIC_URL": f"https://{NAME}", "SOC_HOST_NAMES": NAME,
    }  # fmt: skip
    with (data / "said").open("w") as said:
        server = subprocess.Popen(
            [sys.executable, "-m", "soc", "dashboard", "--port", str(port)], cwd=ROOT, stdout=said, stderr=said,
            env={**kept, **settings, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
    yield port
    server.send_signal(signal.SIGTERM)
    server.wait(timeout=60)


@pytest.fixture(scope="module")
def signing_in() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), SignInProxy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()


@contextmanager
def nginx(folder: Path, port: int, dashboard: int, signing_in: int) -> Iterator[None]:
    text = (DEPLOY / "nginx" / "soc.conf").read_text()
    for before, after in (
        ("listen 80;", f"listen 127.0.0.1:{free_port()};"), ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        ("127.0.0.1:8501", f"127.0.0.1:{dashboard}"), ("127.0.0.1:4180", f"127.0.0.1:{signing_in}"),
        ("/etc/ssl/soc", str(folder)),
    ):  # fmt: skip
        assert before in text
        text = text.replace(before, after)
    temporary = "".join(
        f"{one}_temp_path {folder}/{one};" for one in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/nginx.pid; error_log stderr; worker_processes 1; events {{}}\n"
        f"http {{ access_log off; {temporary}\n{text} }}"
    )
    command = [tool("nginx"), "-p", str(folder), "-c", str(folder / "nginx.conf")]
    subprocess.run([*command, "-t"], check=True, capture_output=True)
    with running(command):
        yield


@contextmanager
def caddy(folder: Path, port: int, dashboard: int, signing_in: int) -> Iterator[None]:
    text = (DEPLOY / "caddy" / "Caddyfile").read_text()
    for before, after in (
        (f"\n{NAME} {{", f"\nhttps://{NAME}:{port} {{\n\tbind 127.0.0.1\n\ttls {folder}/fullchain.pem {folder}/privkey.pem"),
        ("127.0.0.1:8501", f"127.0.0.1:{dashboard}"), ("127.0.0.1:4180", f"127.0.0.1:{signing_in}"),
    ):  # fmt: skip
        assert before in text
        text = text.replace(before, after)
    (folder / "Caddyfile").write_text("{\n\tadmin off\n\tauto_https off\n}\n" + text)
    command = [tool("caddy"), "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]
    with running(command, XDG_DATA_HOME=str(folder), XDG_CONFIG_HOME=str(folder), HOME=str(folder)):
        yield


@contextmanager
def running(command: list[str], **environment: str) -> Iterator[None]:
    process = subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)


class Client:
    """Asks the proxy by the name of the certificate, which is checked."""

    def __init__(self, folder: Path, port: int) -> None:
        self._port, self._trust = port, ssl.create_default_context(cafile=str(folder / "fullchain.pem"))
        self.host = f"{NAME}:{port}"

    def ask(self, path: str, **headers: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        connection.connect()
        connection.sock = self._trust.wrap_socket(connection.sock, server_hostname=NAME)
        connection.request(
            "GET", path, headers={"Host": self.host, **{k.replace("_", "-"): v for k, v in headers.items()}}
        )
        return connection.getresponse()

    def answers(self) -> bool:
        try:
            return self.ask("/health/ready").status == 200
        except (OSError, http.client.HTTPException):
            return False


@pytest.fixture(scope="module", params=[nginx, caddy], ids=["nginx", "caddy"])
def client(request: pytest.FixtureRequest, folder: Path, dashboard: int, signing_in: int) -> Iterator[Client]:
    port = free_port()
    tool(request.param.__name__)
    with request.param(folder, port, dashboard, signing_in):
        one = Client(folder, port)
        wait_for(one.answers, seconds=400, what="the dashboard behind the proxy")
        yield one


def signed_in(client: Client) -> str:
    """The cookies of Anna, whom oauth2-proxy vouches for, after following the way in."""
    cookies, path = {"oauth": "anna"}, "/"
    for _ in range(6):
        said = "; ".join(f"{name}={value}" for name, value in cookies.items())
        answer = client.ask(path, Accept="text/html", Cookie=said)
        for header in answer.headers.get_all("Set-Cookie") or ():
            name, _, rest = header.partition("=")
            cookies[name] = rest.partition(";")[0]
        if answer.status == 200:
            assert any(name.startswith("__Host-soc_session") for name in cookies), "ours, and for https alone"
            return said
        assert answer.status in (302, 303, 307), (answer.status, path)
        path = (
            answer.headers["Location"].removeprefix(f"https://{client.host}").removeprefix(f"https://{NAME}")
        )
    raise AssertionError(f"the way in did not end: {path}")


def test_who_is_not_signed_in_is_sent_to_sign_in_whatever_they_say_they_are(client: Client) -> None:
    for claimed in ({}, {"X_Forwarded_User": "root", "X_Forwarded_Groups": "soc-admins"}):
        answer = client.ask("/", **claimed)
        assert answer.status == 302
        assert "/oauth2/start" in answer.headers["Location"]


def test_programs_need_a_key_and_no_header_replaces_it(client: Client) -> None:
    answer = client.ask("/api/v1/incidents", X_Forwarded_User="root", X_Forwarded_Groups="soc-admins")
    assert answer.status == 401
    assert client.ask("/metrics", X_Forwarded_User="root", X_Forwarded_Groups="soc-admins").status == 401


def test_who_is_vouched_for_gets_the_pages_and_their_websocket(client: Client) -> None:
    cookies = signed_in(client)
    upgrade = {
        "Connection": "Upgrade", "Upgrade": "websocket", "Sec_WebSocket_Version": "13", "Cookie": cookies,
        "Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }  # fmt: skip
    assert client.ask("/_stcore/stream", Origin=f"https://{client.host}", **upgrade).status == 101
    assert client.ask("/_stcore/stream", Origin="https://evil.example", **upgrade).status == 403
    without = {**upgrade, "Cookie": "oauth=anna"}
    assert client.ask("/_stcore/stream", Origin=f"https://{client.host}", **without).status != 101


def test_browsers_are_told_to_come_by_https_alone(client: Client) -> None:
    assert client.ask("/health/ready").headers["Strict-Transport-Security"] == "max-age=31536000"
