"""Many tickets in one request (`POST /issue/bulk`, Cloud and Data Center): up to 50, each taken or refused by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any

from soc import clock
from soc.domain.message import Receipt
from soc.errors import (
    DeliveryError,
    FailureReason,
    PermanentDeliveryError,
    TransientDeliveryError,
    UnknownOutcome,
)
from soc.integrations.kit.http import VendorSession
from soc.integrations.vendors.jira.filling import Create

#: What Jira takes at once.
MOST_AT_ONCE = 50
#: What was refused is sent by itself for so long: a send that takes ten minutes is taken for cut off.
ONE_BY_ONE = timedelta(seconds=90)
#: Answers by which no ticket was made: all were refused, it is too much at once, or this Jira has no such call.
_NOTHING_DONE = frozenset({400, 404, 405, 413, 422})
_LATER = "Jira refused it beside others; it is sent by itself at its next try."

Came = dict[str, Receipt | DeliveryError]


def open_many(
    session: VendorSession,
    delivery_ids: Iterable[str],
    *,
    request: Callable[[str], Create],
    finish: Callable[[Create, Any], Receipt],
    beside: Callable[[str, Receipt], bool],
    alone: Callable[[str], Receipt],
) -> Came:
    """What came of each, by delivery id. `request` is the create of one, `finish` makes the receipt of an issue, `beside` puts more to its
    ticket, `alone` sends one by itself.

    What Jira refused was not made: it is sent by itself, which says what is wrong with it, or mends it. Raises DeliveryError
    where the outcome is that of all.
    """
    creates, came = _requests(delivery_ids, request)
    asked = list(creates)
    try:
        made, refused = _post(session, creates) if creates else ([], set[int]())
    except PermanentDeliveryError as error:
        if error.status not in _NOTHING_DONE:
            raise
        made, refused = [], set(range(len(asked)))
    taken = [one for number, one in enumerate(asked) if number not in refused]
    if len(made) != len(taken):
        raise UnknownOutcome(
            "Jira's answer does not say what became of each ticket.", reason=FailureReason.BAD_RESPONSE
        )
    opened = {one: finish(creates[one], issue) for one, issue in zip(taken, made, strict=True)}
    until = clock.now() + ONE_BY_ONE
    for one, receipt in opened.items():
        if clock.now() >= until or not beside(one, receipt):
            break
    return came | opened | _one_by_one([asked[number] for number in sorted(refused)], alone)


def _requests(
    delivery_ids: Iterable[str], request: Callable[[str], Create]
) -> tuple[dict[str, Create], Came]:
    """What is to be sent for each, and what the settings keep from being sent. Raises DeliveryError where Jira cannot be asked."""
    creates, came = dict[str, Create](), Came()
    for one in delivery_ids:
        try:
            creates[one] = request(one)
        except PermanentDeliveryError as error:
            came[one] = error
    return creates, came


def _post(session: VendorSession, creates: Mapping[str, Create]) -> tuple[list[Any], set[int]]:
    """The issues that were made, in the order in which they were asked for, and the numbers of those that were refused."""
    updates = [one.body for one in creates.values()]
    data = session.write("POST", "/issue/bulk", body={"issueUpdates": updates}).data
    made = data.get("issues") if isinstance(data, dict) else None
    errors = data.get("errors") if isinstance(data, dict) else None
    refused = {
        row["failedElementNumber"]
        for row in (errors if isinstance(errors, list) else [])
        if isinstance(row, dict) and isinstance(row.get("failedElementNumber"), int)
    }
    return (made if isinstance(made, list) else []), {one for one in refused if 0 <= one < len(updates)}


def _one_by_one(refused: list[str], alone: Callable[[str], Receipt]) -> Came:
    came: Came = {}
    until = clock.now() + ONE_BY_ONE
    away: TransientDeliveryError | None = None
    for one in refused:
        if away is not None or clock.now() >= until:
            came[one] = away or TransientDeliveryError(_LATER, reason=FailureReason.SERVER)
            continue
        try:
            came[one] = alone(one)
        except DeliveryError as error:
            came[one] = error
            if not isinstance(error, PermanentDeliveryError):
                away = TransientDeliveryError(_LATER, reason=error.reason)
    return came
