"""Which changes of configurations need a second administrator; asked in the act itself, whatever way it came."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlmodel import Session

from soc.access.approvals import ApprovedAct, Granted, Wanted, asks_two, need_second
from soc.domain.audit import Subject, SubjectKind
from soc.errors import Conflict
from soc.integrations.in_force import load_usable
from soc.integrations.kit.base import IntegrationConfig
from soc.integrations.kit.connection import is_unchecked
from soc.integrations.kit.declared import same_place, split_secrets
from soc.integrations.registry import KINDS
from soc.store.nouns.vendors.integrations import read_integration


def switches_checks_off(before: IntegrationConfig | None, after: IntegrationConfig) -> bool:
    """Whether certificates of this address were checked, or nothing was there, and are not any more.

    That they go unchecked at one address says nothing of another. Switched off or on does not matter.
    """
    if not _is_unchecked(after):
        return False
    public, secrets = split_secrets(after)
    return before is None or not _is_unchecked(before) or not same_place(before, {**public, **secrets})


def _is_unchecked(config: IntegrationConfig) -> bool:
    return is_unchecked(config.model_dump(include={"ignore_ssl", "verify_ssl"}))


def waits_for_second(kind: str, config: IntegrationConfig) -> bool:
    """Whether a save of it would take a second administrator."""
    return switches_checks_off(load_usable(kind), config) and asks_two()


def refuse_unapproved_test(kind: str, config: IntegrationConfig) -> None:
    """Raises Conflict: a test sends the credentials as a delivery does."""
    if waits_for_second(kind, config):
        raise Conflict(
            "Unchecked certificates are not tried before another administrator approved them.",
            hint="Save it: that asks for approval. Test it afterwards.",
        )


def second_for_unchecked(
    kinds: Sequence[str],
    changed: Mapping[str, Sequence[Mapping[str, Any]]],
    takes: Mapping[str, Any],
    granted: Granted | None,
) -> None:
    """For the kinds whose checks would be switched off. `changed`: all that is saved with it, by kind as `difference` gives it.

    Raises NeedsApproval.
    """
    if kinds:
        titles = " and ".join(KINDS[kind].title for kind in kinds)
        what = (
            f"Certificates of {titles} are not checked any more: whoever sits between can read and change what is sent. "
            f"What changes: {'; '.join(_named(kind, changes) for kind, changes in changed.items())}."
        )
        need_second(
            Wanted(ApprovedAct.UNCHECKED, Subject(SubjectKind.CONFIGURATION, kinds[0]), what, takes), granted
        )


def _named(kind: str, changes: Sequence[Mapping[str, Any]]) -> str:
    """The settings that change, without their values."""
    fields = KINDS[kind].config.model_fields
    names = ", ".join(fields[change["field"]].title or change["field"] for change in changes)
    return f"{KINDS[kind].title} ({names or 'nothing'})"


def refuse_moved(
    session: Session,
    onto: Mapping[str, int] | None,
    *,
    hint: str = "Nothing was changed. Ask anew if it is still wanted.",
) -> None:
    """Raises Conflict where other versions are saved by now than these, by kind (0: none was). None asks for nothing."""
    now = saved_versions(session, onto or ())
    for kind, version in (onto or {}).items():
        if now[kind] != version:
            raise Conflict(
                f"The settings of {KINDS[kind].title} were changed by somebody else meanwhile.", hint=hint
            )


def saved_versions(session: Session, kinds: Iterable[str]) -> dict[str, int]:
    """The version that is saved of each, 0 where none is."""
    rows = {kind: read_integration(session, kind) for kind in kinds}
    return {kind: row.version if row else 0 for kind, row in rows.items()}


def second_for_export(takes: Mapping[str, Any], granted: Granted | None) -> None:
    """Raises NeedsApproval."""
    what = "The secrets of every integration leave, sealed with a passphrase that whoever asked chose."
    need_second(
        Wanted(ApprovedAct.EXPORT, Subject(SubjectKind.INSTALLATION, "secrets"), what, takes), granted
    )
