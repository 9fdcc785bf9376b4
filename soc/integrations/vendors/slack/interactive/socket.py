"""Socket Mode: Slack calls through a websocket that we open, so that it need not reach this server.

One connection at a time, and a second one while Slack asks for a fresh one: what it sends meanwhile goes to one of the two.
An envelope is acknowledged once it is kept; else Slack sends it again.
"""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Mapping
from typing import Any

import structlog
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection

from soc import clock
from soc.errors import DeliveryError, FailureReason, where_it_broke
from soc.integrations.kit.answers.json_text import read_json
from soc.integrations.kit.connection import shared_client
from soc.integrations.kit.inbound.hooks import Keep, Line
from soc.integrations.kit.inbound.websocket import open_websocket
from soc.integrations.vendors.slack.config import SlackConfig
from soc.integrations.vendors.slack.interactive.payloads import read_payload
from soc.integrations.vendors.slack.vendor import SlackSession

log = structlog.get_logger(__name__)

#: Waits (seconds) after connections that failed one after the other; a refused token waits the longest at once.
WAITS = (1.0, 2.0, 5.0, 15.0, 60.0, 300.0)
#: A connection that Slack is about to close is listened to for so long (seconds) after the next one is up.
LINGER = 15.0
_LOOK = 0.5


def wants_line(config: SlackConfig) -> bool:
    return bool(config.app_token.get_secret_value())


def listen(config: SlackConfig, keep: Keep, over: threading.Event) -> None:
    """Keep one connection up until `over` is set. Raises nothing: what goes wrong is logged and tried again."""
    failures = 0
    while not over.is_set():
        connection = _Connection(config, keep, over)
        connection.thread.start()
        while not over.is_set() and not connection.ended.is_set() and not connection.leaving.is_set():
            over.wait(_LOOK)
        if connection.leaving.is_set():  # it goes on by itself for a while, beside the next one
            failures = 0
            continue
        if over.is_set():
            connection.thread.join(timeout=5)
            return
        failures = 0 if connection.greeted else failures + 1
        wait = WAITS[-1] if connection.refused else WAITS[min(failures, len(WAITS) - 1)]
        over.wait(wait * random.uniform(0.8, 1.2))  # noqa: S311 - spreads the tries of several processes


class _Connection:
    """One websocket, in a thread of its own. `leaving`: Slack asked for a fresh one; `refused`: the token is not taken."""

    def __init__(self, config: SlackConfig, keep: Keep, over: threading.Event) -> None:
        self._config, self._keep, self._over = config, keep, over
        self.ended, self.leaving = threading.Event(), threading.Event()
        self.greeted = self.refused = False
        self._leaves_at = float("inf")
        self.thread = threading.Thread(target=self._run, name="slack-socket", daemon=True)

    def _run(self) -> None:
        try:
            token = self._config.app_token.get_secret_value()
            url = SlackSession(self._config, shared_client()).open_socket(token)
            with open_websocket(url, title="Slack's Socket Mode") as websocket:
                self._serve(websocket)
        except DeliveryError as error:
            self.refused = error.reason is FailureReason.AUTH
            log.warning(
                "socket_not_connected", integration="slack", reason=error.reason.value, detail=error.detail
            )
        except (WebSocketException, OSError) as error:
            log.info("socket_closed", integration="slack", why=type(error).__name__)
        except Exception as error:  # noqa: BLE001 - a thread that ends for good would be deaf for good
            log.error("socket_broke_off", integration="slack", **where_it_broke(error))
        finally:
            self.ended.set()

    def _serve(self, websocket: ClientConnection) -> None:
        while not self._over.is_set() and clock.steady() < self._leaves_at:
            try:
                frame = websocket.recv(timeout=_LOOK)
            except TimeoutError:
                continue
            envelope = _read(frame)
            if envelope.get("type") == "hello":
                self.greeted = True
                log.info("socket_connected", integration="slack", connections=envelope.get("num_connections"))
            elif envelope.get("type") == "disconnect":
                self._leaves_at = min(self._leaves_at, clock.steady() + LINGER)
                self.leaving.set()
            elif envelope.get("envelope_id"):
                self._take(websocket, envelope)

    def _take(self, websocket: ClientConnection, envelope: Mapping[str, Any]) -> None:
        payload = envelope.get("payload")
        try:
            incoming = read_payload(
                payload if isinstance(payload, dict) else {}, thread_notes=self._config.thread_notes
            )
            said, then = self._keep(incoming)
        except Exception as error:  # noqa: BLE001 - not acknowledged, so that Slack sends it again, perhaps to another process
            log.error("interaction_not_kept", integration="slack", **where_it_broke(error))
            return
        answer: dict[str, Any] = {"envelope_id": envelope["envelope_id"]}
        if said and envelope.get("accepts_response_payload"):
            answer["payload"] = dict(said)
        websocket.send(json.dumps(answer))
        # a form is opened while others wait to be heard
        threading.Thread(target=then, name="slack-afterwards", daemon=True).start()


def _read(frame: str | bytes) -> Mapping[str, Any]:
    try:
        value = read_json(frame)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


LINE = Line(wants_line, listen)
