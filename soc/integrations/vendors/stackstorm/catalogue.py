"""The actions that a StackStorm has: one with its schema, or the list of them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from soc.errors import FailureReason, PermanentDeliveryError
from soc.integrations.kit.http import VendorSession
from soc.integrations.vendors.stackstorm.parameters import Schema
from soc.integrations.vendors.stackstorm.vendor import bad_answer

#: How long an action's schema is believed; a refused run forgets it at once.
KEPT_SECONDS = 120.0
_PAGE = 100


@dataclass(frozen=True)
class RemoteAction:
    ref: str
    enabled: bool
    runner: str
    schema: Schema


class Catalogue:
    """Reads actions and their runners, and keeps them for a while."""

    def __init__(self, session: VendorSession) -> None:
        self._session = session
        self._actions: dict[str, tuple[float, RemoteAction]] = {}
        self._runners: dict[str, Mapping[str, Any] | None] = {}

    def forget(self) -> None:
        self._actions.clear()
        self._runners.clear()

    def find(self, ref: str) -> RemoteAction:
        """The action, enabled. Raises PermanentDeliveryError where it is missing or disabled, else DeliveryError."""
        kept = self._actions.get(ref)
        if kept and time.monotonic() - kept[0] < KEPT_SECONDS:
            return kept[1]
        action = self._read(ref)
        if not action.enabled:
            raise PermanentDeliveryError(
                f"The action {ref} is disabled in StackStorm.",
                reason=FailureReason.CLIENT,
                hint=f"Enable it there (st2 action enable {ref}), or choose another, then replay the delivery.",
            )
        self._actions[ref] = (time.monotonic(), action)
        return action

    def _read(self, ref: str) -> RemoteAction:
        missing = None
        try:
            data = self._session.read("GET", f"/actions/{quote(ref, safe='')}").data
        except PermanentDeliveryError as error:
            if error.status != 404:
                raise
            missing = error
        if missing is not None:
            raise PermanentDeliveryError(
                f"StackStorm has no action {ref}.",
                reason=FailureReason.CLIENT,
                hint="Compare pack and action with the list of available actions; the pack may not be installed.",
                status=404,
                detail=missing.detail,
            )
        if not isinstance(data, dict) or not isinstance(data.get("ref"), str):
            raise bad_answer("an action", transient=True)
        return RemoteAction(
            data["ref"], data.get("enabled") is not False, str(data.get("runner_type") or ""), _schema(data)
        )

    def runner_parameters(self, action: RemoteAction) -> Mapping[str, Any] | None:
        """What every action of this runner takes, None where StackStorm does not tell. Raises DeliveryError."""
        if action.runner in self._runners:
            return self._runners[action.runner]
        found: Mapping[str, Any] | None = None
        try:
            data = self._session.read("GET", f"/runnertypes/{quote(action.runner, safe='')}").data
        except PermanentDeliveryError as error:
            if error.status not in (403, 404):
                raise
        else:
            parameters = data.get("runner_parameters") if isinstance(data, dict) else None
            found = parameters if isinstance(parameters, dict) else None
        self._runners[action.runner] = found
        return found

    def listed(self, pack: str, limit: int) -> list[dict[str, Any]]:
        """At most `limit` actions with what a person chooses by. Raises DeliveryError."""
        rows: list[dict[str, Any]] = []
        while len(rows) < limit:
            size = min(_PAGE, limit - len(rows))
            params = {"limit": str(size), "offset": str(len(rows)), **({"pack": pack} if pack else {})}
            page = self._session.read("GET", "/actions", params=params).data
            if not isinstance(page, list):
                raise bad_answer("its actions")
            found = [row for row in page if isinstance(row, dict)]
            rows += found
            if len(page) < size or not found:  # a page without an action would be asked for again and again
                break
        return [_shown(row) for row in rows]


def _schema(data: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    parameters = data.get("parameters")
    if not isinstance(parameters, dict):
        return {}
    return {str(name): one for name, one in parameters.items() if isinstance(one, dict)}


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    keys = ("type", "description", "required", "default", "enum", "secret")
    return {
        "ref": str(row.get("ref") or ""),
        "pack": str(row.get("pack") or ""),
        "name": str(row.get("name") or ""),
        "description": str(row.get("description") or ""),
        "enabled": row.get("enabled") is not False,
        "runner_type": str(row.get("runner_type") or ""),
        "parameters": {
            name: {
                key: one[key] for key in keys if key in one and not (key == "default" and one.get("secret"))
            }
            for name, one in _schema(row).items()
            if not one.get("immutable")
        },
    }
