"""Executions: requested, followed to their end, and told about."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from soc.domain.message import Receipt
from soc.errors import DeliveryError
from soc.integrations.kit.fields import cut
from soc.integrations.kit.http import VendorSession
from soc.integrations.kit.redaction import redact
from soc.integrations.vendors.stackstorm.config import StackStormConfig

ENDED = frozenset({"succeeded", "failed", "timeout", "abandoned", "canceled"})
#: Waiting for a person or a schedule: they may take days, so they are not waited for.
RESTING = frozenset({"paused", "pending", "delayed"})
LONGEST_OUTPUT = 8_000
_FIRST_WAIT, _LONGEST_WAIT = 0.25, 2.0


@dataclass(frozen=True)
class Execution:
    """`status` is StackStorm's own word; `output` is the result as JSON text without secrets, at most 8 kB."""

    id: str
    action: str
    status: str
    output: str
    started: str = ""
    ended: str = ""
    web_url: str = ""

    @property
    def is_over(self) -> bool:
        return self.status in ENDED


def execution_of(data: Any, config: StackStormConfig, secrets: Iterable[str] = ()) -> Execution | None:
    """The execution of StackStorm's answer, None where it is none. An action may print its secret parameters."""
    if not isinstance(data, dict) or not isinstance(data.get("id"), str) or not data["id"]:
        return None
    action, result = data.get("action"), data.get("result")
    text = "" if result in (None, {}, "") else json.dumps(result, ensure_ascii=False, default=str)
    return Execution(
        id=data["id"],
        action=str(action.get("ref") or "") if isinstance(action, dict) else "",
        status=str(data.get("status") or "unknown"),
        output=cut(redact(text, (*config.secrets, *secrets)), LONGEST_OUTPUT),
        started=str(data.get("start_timestamp") or ""),
        ended=str(data.get("end_timestamp") or ""),
        web_url=f"{config.base_url}/#/history/{quote(data['id'])}/general",
    )


def read_execution(
    session: VendorSession, execution_id: str, config: StackStormConfig, secrets: Iterable[str] = ()
) -> Execution | None:
    """Raises DeliveryError."""
    return execution_of(session.read("GET", f"/executions/{quote(execution_id)}").data, config, secrets)


def follow(
    session: VendorSession,
    found: Execution,
    config: StackStormConfig,
    *,
    seconds: float,
    secrets: Iterable[str] = (),
) -> Execution:
    """Look again until it has ended, for at most `seconds`; then it is told as it was last seen.

    Never raises: the run was requested, and not being able to watch it takes nothing back.
    """
    end, wait = time.monotonic() + seconds, _FIRST_WAIT
    while not found.is_over and found.status not in RESTING and time.monotonic() + wait < end:
        time.sleep(wait)
        wait = min(wait * 1.6, _LONGEST_WAIT)
        try:
            found = read_execution(session, found.id, config, secrets) or found
        except DeliveryError:
            return found
    return found


def receipt_of(execution: Execution, ref: str, **more: str) -> Receipt:
    extra = {
        "action": ref or execution.action,
        "status": execution.status,
        "output": execution.output,
        **more,
    }
    if not execution.is_over:
        extra["note"] = "Still running when it was last looked at."
    return Receipt(
        remote_id=execution.id,
        key=ref or execution.action,
        url=execution.web_url,
        extra={name: text for name, text in extra.items() if text},
        open=not execution.is_over,
    )
