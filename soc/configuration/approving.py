"""What two administrators stand for is done here, by the product, in the name of both."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import structlog

from soc.access import approvals
from soc.access.approvals import Granted
from soc.configuration.save import save_configuration
from soc.configuration.transfer import export_configurations, import_configurations
from soc.configuration.versions import restore_configuration
from soc.domain.actor import Actor
from soc.errors import SocError, where_it_broke
from soc.store.db import read_session
from soc.store.nouns.rules.approvals import ApprovalRow, get_approval

log = structlog.get_logger(__name__)
_APPROVED = Actor.system("approval")


def _save(takes: Mapping[str, Any], granted: Granted) -> str:
    save_configuration(
        takes["kind"],
        takes["data"],
        actor=_APPROVED,
        author="approval",
        drawn=takes["drawn"],
        granted=granted,
    )
    return ""


def _restore(takes: Mapping[str, Any], granted: Granted) -> str:
    restore_configuration(
        takes["kind"],
        takes["version"],
        actor=_APPROVED,
        author="approval",
        onto=takes["onto"],
        granted=granted,
    )
    return ""


def _import(takes: Mapping[str, Any], granted: Granted) -> str:
    import_configurations(
        takes["document"],
        passphrase=takes["passphrase"],
        actor=_APPROVED,
        author="approval",
        onto=takes["onto"],
        approved=takes["approved"],
        granted=granted,
    )
    return ""


def _export(takes: Mapping[str, Any], granted: Granted) -> str:
    return json.dumps(
        export_configurations(passphrase=takes["passphrase"], actor=_APPROVED, granted=granted),
        indent=2,
        ensure_ascii=False,
    )


_HOW: Mapping[str, Callable[[Mapping[str, Any], Granted], str]] = {
    "save": _save, "restore": _restore, "import": _import, "export": _export,
}  # fmt: skip


def approve(approval_id: str, *, actor: Actor) -> ApprovalRow:
    """Approve another administrator's request, and do it. What cannot be done is said in the request, which has failed then.

    Raises NotFound, and Conflict where the request is the caller's own or does not wait any more.
    """
    wanted, granted = approvals.begin(approval_id, actor=actor)
    try:
        result = _HOW[wanted.takes["how"]](wanted.takes, granted)
    except SocError as error:
        approvals.finish(approval_id, failed=str(error))
    except Exception as error:  # noqa: BLE001 - the request says that it broke
        log.error("approved_act_failed", approval=approval_id, **where_it_broke(error))
        approvals.finish(approval_id, failed="It broke; the server's log says where.")
    else:
        approvals.finish(approval_id, result=result)
    with read_session() as session:
        return get_approval(session, approval_id)
