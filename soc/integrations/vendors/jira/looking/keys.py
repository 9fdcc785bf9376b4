"""Tickets that a lagging search does not show: asked for by their keys, which Jira counts up, after the last known one.

A ticket that is found so is there. None is no proof of absence: other people's issues lie between, and a 404 may be a
missing permission. `GET /issue/<key>` reads what was written, where Cloud's search reads an index.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from soc.errors import PermanentDeliveryError
from soc.integrations.kit.http import VendorSession

#: Keys that are not there, one after the other, before it is given up; Jira leaves gaps where a create was rolled back.
MISSES = 6
#: Requests of one look-up: it is a hint, and the vendor has rates.
MOST = 40
#: Where nobody knows the highest key of before the send, what the search shows last may have been opened after it.
BACK = 5
_KEPT = 5000


class KnownKeys:
    """What this process knows of one project's numbers: the highest, that of before each send, and whose they are."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._highest = 0
        self._before: OrderedDict[str, int] = OrderedDict()
        self._labels: OrderedDict[int, tuple[str, ...]] = OrderedDict()

    def note(self, number: int) -> None:
        with self._lock:
            self._highest = max(self._highest, number)

    def sending(self, delivery_id: str) -> None:
        """A ticket that is created from now on has a higher number than any that is known now."""
        with self._lock:
            if self._highest:
                self._before.setdefault(delivery_id, self._highest)
                _trim(self._before)

    def before(self, delivery_id: str) -> int | None:
        with self._lock:
            return self._before.get(delivery_id)

    def labels(self, number: int) -> tuple[str, ...] | None:
        with self._lock:
            return self._labels.get(number)

    def keep(self, number: int, labels: tuple[str, ...]) -> None:
        with self._lock:
            self._labels[number] = labels
            _trim(self._labels)
            self._highest = max(self._highest, number)

    @property
    def highest(self) -> int:
        with self._lock:
            return self._highest


def _trim(kept: OrderedDict[Any, Any]) -> None:
    while len(kept) > _KEPT:
        kept.popitem(last=False)


_lock = threading.Lock()
_known: dict[tuple[str, str], KnownKeys] = {}


def known_keys(base_url: str, project: str) -> KnownKeys:
    """One for all connectors of this process that speak to the project."""
    with _lock:
        return _known.setdefault((base_url, project), KnownKeys())


def number_of(key: Any, project: str) -> int:
    """7 of SOC-7; 0 for what is no key of the project."""
    found = re.fullmatch(rf"{re.escape(project)}-(\d+)", str(key))
    return int(found[1]) if found else 0


def find_by_keys(
    session: VendorSession,
    known: KnownKeys,
    project: str,
    *,
    label: str,
    delivery_id: str,
    newest: Callable[[], int],
    fields: tuple[str, ...],
) -> dict[str, Any] | None:
    """The issue with this label among the keys after the last one of before the send; None where none shows.

    `newest` is the highest number that the search shows. Raises DeliveryError where Jira cannot be asked.
    """
    before = known.before(delivery_id)
    number = before if before is not None else max(newest() - BACK, 0)
    misses = asked = 0
    while asked < MOST and (misses < MISSES or number < known.highest):
        number += 1
        labels = known.labels(number)
        if labels is not None and label not in labels:
            misses = 0
            continue
        asked += 1
        issue = _read(session, f"{project}-{number}", fields)
        if issue is None:
            misses += 1
            continue
        misses = 0
        found = _labels(issue)
        known.keep(number, found)
        if label in found:
            return issue
    return None


def _read(session: VendorSession, key: str, fields: tuple[str, ...]) -> dict[str, Any] | None:
    try:
        data = session.read("GET", f"/issue/{key}", params={"fields": ",".join(fields)}).data
    except PermanentDeliveryError as error:
        if error.status in (403, 404):
            return None
        raise
    # a moved issue answers to its old key with the new one
    return data if isinstance(data, dict) and data.get("key") == key else None


def _labels(issue: dict[str, Any]) -> tuple[str, ...]:
    fields = issue.get("fields")
    listed = fields.get("labels") if isinstance(fields, dict) else None
    return tuple(str(label) for label in listed) if isinstance(listed, list) else ()
