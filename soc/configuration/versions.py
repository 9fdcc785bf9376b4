"""Earlier configurations: what changed from one to the next, and the way back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from sqlmodel import Session

from soc import clock
from soc.access.approvals import Granted
from soc.access.once import Once
from soc.audit.write import record
from soc.configuration.seconded import (
    refuse_moved,
    saved_versions,
    second_for_unchecked,
    switches_checks_off,
)
from soc.configuration.taken import refuse_untaken
from soc.delivery.replay import resume
from soc.domain.actor import Actor
from soc.domain.audit import Subject, SubjectKind
from soc.integrations.in_force import load_usable
from soc.integrations.kit.base import IntegrationConfig
from soc.integrations.kit.redaction import MASK
from soc.integrations.registry import KINDS, build, masked, split_secrets
from soc.store.db import read_session, write_session
from soc.store.nouns.vendors.integrations import restore_version
from soc.store.nouns.vendors.versions import get_version, open_version

log = structlog.get_logger(__name__)


def difference(before: IntegrationConfig | None, after: IntegrationConfig) -> list[dict[str, Any]]:
    """What changed, field by field, as it may be shown: a secret is only said to have changed."""
    old, new = (masked(before) if before is not None else {}), masked(after)
    secret_before = split_secrets(before)[1] if before is not None else {}
    secret_after = split_secrets(after)[1]
    changes: list[dict[str, Any]] = []
    for name, value in new.items():
        if name in secret_after:
            if secret_before.get(name, "") != secret_after[name]:
                changes.append(
                    {
                        "field": name,
                        "before": MASK if secret_before.get(name) else "",
                        "after": f"{MASK} (changed)" if secret_after[name] else "",
                    }
                )
        elif old.get(name) != value:
            changes.append({"field": name, "before": old.get(name), "after": value})
    return changes


def tell_audit(
    session: Session,
    kind: str,
    action: str,
    changes: Sequence[Mapping[str, Any]],
    *,
    version: int,
    practice: bool,
    actor: Actor,
    note: str = "",
) -> None:
    """The entry of a new version: `changes` as `difference` gives them, secrets only said to have changed."""
    record(
        session,
        actor,
        action,
        Subject(SubjectKind.CONFIGURATION, kind),
        before={change["field"]: change["before"] for change in changes},
        after={"version": version, "practice": practice}
        | {change["field"]: change["after"] for change in changes},
        note=note,
    )


def restore_configuration(
    kind: str,
    version: int,
    *,
    actor: Actor,
    author: str = "",
    once: Once | None = None,
    onto: int | None = None,
    granted: Granted | None = None,
) -> str:
    """Make an earlier version current again, as a new version. `once`: only the first time. `onto`: the version that is current (0: none).

    Raises NotFound, NeedsApproval as a save does, Conflict where another than `onto` is current by now, and InvalidConfiguration for what
    the vendor does not have any more; returns why it could not be asked, "" where nothing is open.
    """
    with read_session() as session:
        old = get_version(session, kind, version)
        target = build(kind, {**old.public, "practice": old.practice}, open_version(old))
        current = saved_versions(session, [kind])[kind]
    before = load_usable(kind)
    changes = difference(before, target)
    if switches_checks_off(before, target):
        takes = {"how": "restore", "kind": kind, "version": version, "onto": current}
        second_for_unchecked([kind], {kind: changes}, takes, granted)
    unasked = refuse_untaken(kind, target)
    with write_session() as session:
        if once is not None and once.claim(session) is not None:
            return unasked
        refuse_moved(session, None if onto is None else {kind: onto})
        row = restore_version(
            session, kind, version, actor=actor, now=clock.now(), author=author, changes=changes
        )
        tell_audit(
            session, kind, "restore", changes, version=row.version, practice=target.practice, actor=actor,
            note=" ".join([f"as version {version} was", *([granted.note] if granted else [])]),
        )  # fmt: skip
    log.info(
        KINDS[kind].updated_event,
        restored=version,
        actor=str(actor),
        fields=[change["field"] for change in changes],
        practice=target.practice,
        enabled=target.enabled,
    )
    resume(kind, actor=actor)
    return unasked
