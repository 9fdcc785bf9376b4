"""A ticket that may have been opened twice: looked for again later, since "not found" is no proof while search lags.

The first stays; each twin is closed, linked, commented and loses the incident's label, so that one ticket is left.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import structlog

from soc import clock
from soc.domain.message import Receipt
from soc.errors import DeliveryError, PermanentDeliveryError
from soc.integrations.kit.http import VendorSession
from soc.integrations.vendors.jira.fields.document import Paragraph, adf

log = structlog.get_logger(__name__)

#: When it is looked for again, in settle times since the last send: Cloud's search lags by seconds to minutes, at times longer.
LOOKS = (4, 16, 64, 256)
SHORTEST_SETTLE = timedelta(seconds=1)
LABEL = "soc-duplicate"


def watched(receipt: Receipt, *, settle: timedelta, sent: datetime) -> Receipt:
    """The receipt, to be looked into again: its ticket may have an older twin that the search did not show."""
    extra = {**receipt.extra, "looks": "0", "look_from": clock.isoformat(sent), "look_again": ""}
    return _until_next(receipt.model_copy(update={"extra": extra, "open": True}), settle=settle)


def is_due(receipt: Receipt, *, now: datetime) -> bool:
    again = receipt.extra.get("look_again", "")
    return bool(again) and clock.parse(again) <= now


def looked(receipt: Receipt, *, settle: timedelta) -> Receipt:
    """The receipt after one more look; closed after the last."""
    extra = {**receipt.extra, "looks": str(int(receipt.extra.get("looks", "0")) + 1)}
    return _until_next(receipt.model_copy(update={"extra": extra}), settle=settle)


def _until_next(receipt: Receipt, *, settle: timedelta) -> Receipt:
    number = int(receipt.extra["looks"])
    if number >= len(LOOKS):
        kept = {k: v for k, v in receipt.extra.items() if k not in ("looks", "look_from", "look_again")}
        return receipt.model_copy(update={"extra": kept, "open": False})
    at = clock.parse(receipt.extra["look_from"]) + max(settle, SHORTEST_SETTLE) * LOOKS[number]
    return receipt.model_copy(update={"extra": {**receipt.extra, "look_again": clock.isoformat(at)}})


def noted(receipt: Receipt, twins: list[str]) -> Receipt:
    """The receipt with a note for people, and the log event that tells of it."""
    known = [one for one in receipt.extra.get("twins", "").split(", ") if one]
    log.warning("jira_ticket_opened_twice", kept=receipt.key, twins=twins)
    every = ", ".join(dict.fromkeys([*known, *twins]))
    words = f"It was opened twice while Jira's search lagged. {receipt.key} stays; duplicates: {every}."
    return receipt.model_copy(update={"extra": {**receipt.extra, "twins": every, "note": words}})


class TwinCloser:
    """Closes tickets of one Jira that say what another one says already."""

    def __init__(self, session: VendorSession, *, cloud: bool) -> None:
        self._session = session
        self._cloud = cloud

    def close(self, twin: str, *, kept: str, label: str) -> bool:
        """Whether the twin is done now. Steps that this Jira does not allow are left out; the others are made all the same.

        Raises DeliveryError where Jira cannot be asked; what was made by then is not made twice.
        """
        closed = self._finish(twin)
        self._try("POST", "/issueLink", _link(twin, kept))
        text = f"Opened twice while Jira's search lagged: {kept} is the ticket of this incident. This one is a duplicate."
        comment = {"add": {"body": adf([Paragraph(text)]) if self._cloud else text}}
        labels = [{"add": LABEL}, {"remove": label}]
        update = {"update": {"comment": [comment], "labels": labels}}
        if not self._try("PUT", f"/issue/{twin}", update):
            self._try("PUT", f"/issue/{twin}", {"update": {"labels": labels}})
            self._try("POST", f"/issue/{twin}/comment", {"body": comment["add"]["body"]})
        return closed

    def _finish(self, twin: str) -> bool:
        data = self._session.read("GET", f"/issue/{twin}/transitions").data
        rows = data.get("transitions") if isinstance(data, dict) else None
        for row in rows if isinstance(rows, list) else []:
            if not isinstance(row, dict) or _category_after(row) != "done":
                continue
            body: dict[str, Any] = {"transition": {"id": str(row.get("id"))}}
            if self._try(
                "POST",
                f"/issue/{twin}/transitions",
                {**body, "fields": {"resolution": {"name": "Duplicate"}}},
            ):
                return True
            if self._try("POST", f"/issue/{twin}/transitions", body):
                return True
        return False

    def _try(self, method: str, path: str, body: dict[str, Any]) -> bool:
        try:
            self._session.write(method, path, body=body, empty_ok=True)
        except PermanentDeliveryError as error:
            log.info("twin_step_refused", path=path.rpartition("/")[2], status=error.status)
            return False
        return True


def _category_after(transition: dict[str, Any]) -> str:
    to = transition.get("to")
    category = to.get("statusCategory") if isinstance(to, dict) else None
    return str(category.get("key")) if isinstance(category, dict) else ""


def _link(twin: str, kept: str) -> dict[str, Any]:
    """“twin duplicates kept”."""
    return {"type": {"name": "Duplicate"}, "inwardIssue": {"key": twin}, "outwardIssue": {"key": kept}}


def link_quietly(session: VendorSession, ticket: str, follows: str, *, kind: str = "Relates") -> bool:
    """Whether “ticket relates to follows” (or another kind of Jira's: “duplicates”) is there now. The ticket is there and names the
    other one: a link that fails loses nothing.
    """
    body = {"type": {"name": kind}, "inwardIssue": {"key": ticket}, "outwardIssue": {"key": follows}}
    try:
        session.write("POST", "/issueLink", body=body, empty_ok=True)
    except DeliveryError as error:
        log.info("ticket_not_linked", ticket=ticket, follows=follows, reason=error.reason.value)
        return False
    return True


def closed_quietly(closer: TwinCloser, twin: str, *, kept: str, label: str) -> bool | None:
    """As `close`; None where Jira cannot be asked now, so that the next look does it."""
    try:
        return closer.close(twin, kept=kept, label=label)
    except DeliveryError as error:
        log.warning("twin_not_closed", twin=twin, kept=kept, reason=error.reason.value)
        return None
