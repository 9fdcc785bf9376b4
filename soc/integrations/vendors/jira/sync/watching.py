"""Who watches an issue: read beside it, since Jira keeps them out of its history; added and taken out one by one."""

from __future__ import annotations

from typing import Any

from soc.domain.message import FieldChange
from soc.errors import FailureReason, PermanentDeliveryError
from soc.integrations.kit.http import VendorSession
from soc.integrations.vendors.jira.sync.values import account_of, members_of

NOT_ALLOWED = "Give the account the permission “Manage watcher list” in the project, and decide again."


def read_watchers(session: VendorSession, remote_id: str, fields: dict[str, Any]) -> tuple[str, ...] | None:
    """Their accounts, in order; None where this account may not see them. `fields` are the issue's: where nobody watches, nothing
    is asked. Raises DeliveryError.
    """
    watches = fields.get("watches")
    if isinstance(watches, dict) and watches.get("watchCount") == 0:
        return ()
    try:
        data = session.read("GET", f"/issue/{remote_id}/watchers").data
    except PermanentDeliveryError as error:
        if error.status not in (401, 403, 404):  # the issue itself was read with this account just now
            raise
        return None
    rows = data.get("watchers") if isinstance(data, dict) else None
    return (
        tuple(sorted({one for row in rows if (one := account_of(row))})) if isinstance(rows, list) else None
    )


def write_watchers(session: VendorSession, remote_id: str, change: FieldChange, *, cloud: bool) -> None:
    """Whoever came is added, whoever went is taken out; nobody else's place is touched. Raises DeliveryError."""
    before, after = members_of(change.before), members_of(change.after)
    for account in sorted(after - before):
        add_watcher(session, remote_id, account)
    for account in sorted(before - after):
        _change(session, "DELETE", remote_id, params={"accountId" if cloud else "username": account})


def add_watcher(session: VendorSession, remote_id: str, account: str) -> None:
    """Again changes nothing. Raises DeliveryError."""
    _change(session, "POST", remote_id, body=account)


def _change(session: VendorSession, method: str, remote_id: str, **what: Any) -> None:
    refused: PermanentDeliveryError | None = None
    try:
        session.write(method, f"/issue/{remote_id}/watchers", empty_ok=True, **what)
        return
    except PermanentDeliveryError as error:
        refused = error
    if refused.status not in (401, 403):
        raise refused
    # not the credentials: the issue was read with them, and everything else goes on
    raise PermanentDeliveryError(
        "Jira does not let this account change who watches.", reason=FailureReason.CLIENT, hint=NOT_ALLOWED,
        status=400, detail=refused.detail,
    )  # fmt: skip
