"""The practice receiver takes what it is sent, and tells a good signature from a bad one."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from soc.sandbox.server import WEBHOOK_SECRET, SandboxServer
from soc.sandbox.webhook.memory import WebhookMemory

BODY = b'{"event_type": "incident", "incident_id": "inc-123"}'


def signature(key: str, at: str, body: bytes = BODY, secret: str = WEBHOOK_SECRET) -> str:
    """Signed as the specification says, by other code than the receiver's."""
    raw = base64.b64decode(secret.split("_", 1)[1])
    digest = hmac.new(raw, b".".join([key.encode(), at.encode(), body]), hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def signed(key: str = "msg_1", *, age: float = 0, **changes: str) -> dict[str, str]:
    at = str(int(time.time() - age))
    headers = {"webhook-id": key, "webhook-timestamp": at, "webhook-signature": signature(key, at)}
    return headers | {name.replace("_", "-"): value for name, value in changes.items()}


def send(sandbox: SandboxServer, headers: dict[str, str], body: bytes = BODY) -> httpx.Response:
    return httpx.post(sandbox.webhook_url, content=body, headers=headers)


def verdicts(sandbox: SandboxServer) -> list[str]:
    return [delivery.verdict for delivery in sandbox.state.of(WebhookMemory).deliveries]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_a_signed_delivery_is_valid_and_kept_whole(sandbox: SandboxServer, method: str) -> None:
    headers = signed() | {"x-custom": "value", "authorization": "Bearer your-token"}
    response = httpx.request(method, sandbox.webhook_url, content=BODY, headers=headers)
    assert (response.status_code, response.json()["verdict"]) == (200, "valid")
    (delivery,) = sandbox.state.of(WebhookMemory).deliveries
    assert (delivery.method, delivery.receiver, delivery.body) == (method, "soc", BODY.decode())
    assert (delivery.headers["x-custom"], delivery.headers["authorization"]) == ("value", "Bearer your-token")


def test_the_secret_is_one_that_the_specification_allows() -> None:
    assert WEBHOOK_SECRET.startswith("whsec_")
    assert 24 <= len(base64.b64decode(WEBHOOK_SECRET.removeprefix("whsec_"), validate=True)) <= 64


def test_one_good_signature_among_several_is_enough(sandbox: SandboxServer) -> None:
    headers = signed()
    other = signature("msg_1", headers["webhook-timestamp"], secret="whsec_" + "b2xk" * 8)
    headers["webhook-signature"] = f"{other} v1a,abc {headers['webhook-signature']}"
    assert send(sandbox, headers).json()["verdict"] == "valid"


@pytest.mark.parametrize(
    "headers",
    [
        signed(webhook_signature="v1,AAAA"),
        signed(webhook_signature="v1,not base64 at all!"),
        signed(webhook_signature="v1"),
        signed(webhook_signature=""),
        signed(webhook_timestamp="now"),
        signed(webhook_timestamp="9" * 5000),
        signed(webhook_timestamp=""),
        signed(webhook_id=""),
        signed(webhook_id="msg_other"),
        signed(age=3600),
        signed(age=-3600),
        {"webhook-signature": "v1,AAAA"},
    ],
)
def test_a_bad_signature_is_invalid_whatever_is_wrong(
    sandbox: SandboxServer, headers: dict[str, str]
) -> None:
    response = send(sandbox, headers)
    assert (response.status_code, response.json()["verdict"]) == (200, "invalid")
    assert sandbox.state.counts()["webhooks"] == 0


def test_a_changed_body_is_invalid(sandbox: SandboxServer) -> None:
    assert send(sandbox, signed(), BODY + b" ").json()["verdict"] == "invalid"


def test_a_retry_signed_afresh_counts_once(sandbox: SandboxServer) -> None:
    assert send(sandbox, signed(age=30)).status_code == 200
    assert send(sandbox, signed()).status_code == 204
    assert send(sandbox, signed(webhook_signature="v1,AAAA")).json()["verdict"] == "invalid"
    assert verdicts(sandbox) == ["valid", "replay", "invalid"]
    assert sandbox.state.counts()["webhooks"] == 1


def test_another_receiver_has_not_heard_of_it(sandbox: SandboxServer) -> None:
    send(sandbox, signed())
    there = httpx.post(f"{sandbox.url}/webhook/other", content=BODY, headers=signed())
    assert there.json()["verdict"] == "valid"


def test_an_unsigned_delivery_is_taken_and_counts_once_by_its_id(sandbox: SandboxServer) -> None:
    for _ in range(2):
        send(sandbox, {})
        send(sandbox, {"webhook-id": "msg_1"})
    assert verdicts(sandbox) == ["unsigned", "unsigned", "unsigned", "replay"]
    assert sandbox.state.counts()["webhooks"] == 3


def test_a_receiver_that_is_gone_says_410_and_one_that_is_overfed_413(sandbox: SandboxServer) -> None:
    assert httpx.post(f"{sandbox.url}/webhook-gone", content=BODY).status_code == 410
    assert send(sandbox, {}, b"x" * (1024 * 1024 + 1)).status_code == 413
    assert httpx.get(sandbox.webhook_url).status_code == 405
    assert sandbox.state.of(WebhookMemory).deliveries == []


def test_secret_headers_are_masked_for_people_and_on_disk(
    sandbox: SandboxServer, admin: httpx.Client, journal: Path
) -> None:
    secrets = {"authorization": "Bearer s3cr3t-a", "x-api-key": "s3cr3t-b", "cookie": "s3cr3t-c"}
    send(sandbox, signed() | secrets | {"x-plain": "to be seen"})
    page = admin.get("/delivery/1").text
    assert "s3cr3t" not in page + journal.read_text()
    assert "Bearer ********" in page
    assert "to be seen" in page
    assert "v1," in page


def test_sixteen_clients_with_the_same_ids_count_each_once(sandbox: SandboxServer) -> None:
    def work(_: int) -> list[int]:
        with httpx.Client() as client:
            return [
                client.post(sandbox.webhook_url, content=BODY, headers=signed(f"msg_{n}")).status_code
                for n in range(8)
            ]

    with ThreadPoolExecutor(16) as pool:
        statuses = [status for found in pool.map(work, range(16)) for status in found]
    assert (statuses.count(200), statuses.count(204)) == (8, 120)
    assert sandbox.state.counts()["webhooks"] == 8


def test_anything_at_all_may_be_in_the_body(sandbox: SandboxServer, admin: httpx.Client) -> None:
    bodies: list[Any] = [b"", b"\xff\xfe", b"<script>alert(1)</script>", b"[" * 50_000]
    for body in bodies:
        assert send(sandbox, {}, body).status_code == 200
    pages = [admin.get(f"/delivery/{n}") for n in range(1, 5)]
    assert {page.status_code for page in pages} == {200}
    assert not any("<script" in page.text for page in pages)
