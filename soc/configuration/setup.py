"""Configuration as the pages and the API change it: validate, test, save, and let what waited go on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import structlog

from soc import clock
from soc.delivery.replay import resume
from soc.domain.actor import Actor
from soc.errors import ConfigurationError
from soc.integrations.in_force import load_config
from soc.integrations.kit.base import ConnectionReport, IntegrationConfig
from soc.integrations.kit.declared import reused_secrets, same_place
from soc.integrations.kit.redaction import MASK
from soc.integrations.registry import (
    FALLBACKS,
    KINDS,
    build,
    connect,
    masked,
    merge_masked,
    split_secrets,
    validate,
)
from soc.integrations.unsaid import without_secrets
from soc.store.db import read_session, write_session
from soc.store.health import read_health, record_check
from soc.store.integrations import delete_integration, read_integration, restore_version, save_integration
from soc.store.versions import get_version, open_version

__all__ = [
    "IntegrationState",
    "disconnect",
    "integration_state",
    "restore_configuration",
    "save_configuration",
    "test_configuration",
]

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class IntegrationState:
    """`masked` is the configuration as it may be shown; `source` says where it comes from."""

    kind: str
    configured: bool
    source: Literal["store", "environment", ""]
    enabled: bool
    practice: bool
    paused_reason: str
    last_check: ConnectionReport | None
    last_check_at: datetime | None
    masked: dict[str, Any]


def integration_state(kind: str) -> IntegrationState:
    config = load_config(kind)
    with read_session() as session:
        stored = read_integration(session, kind) is not None
        health = read_health(session, kind)
    return IntegrationState(
        kind=kind,
        configured=config is not None,
        source="" if config is None else "store" if stored else "environment",
        enabled=config is not None and config.enabled,
        practice=config is not None and config.practice,
        paused_reason=health.paused_reason if health.paused else "",
        last_check=ConnectionReport.model_validate(health.last_check) if health.last_check else None,
        last_check_at=health.last_check_at,
        masked=masked(config) if config is not None else {},
    )


def _candidate(kind: str, data: dict[str, Any]) -> IntegrationConfig:
    """The configuration these values make; a mask sent back means the secret that is saved.

    A saved secret is only used with the address it was saved for: who changes the address enters it again.
    Practice is never claimed from outside: only the sandbox's own set-up marks an integration so.
    """
    if kind not in KINDS:
        raise ConfigurationError(f"There is no integration “{kind}”.", hint=f"Known: {', '.join(KINDS)}.")
    saved = load_config(kind)
    values = merge_masked(saved, data, model=KINDS[kind].config)
    _refuse_moved_secrets(kind, saved, data, values)
    values["practice"] = bool(saved and saved.practice and same_place(saved, values))
    config = validate(kind, values)
    check_fallback(kind, config)
    return config


def check_fallback(kind: str, config: IntegrationConfig) -> None:
    """Raises ConfigurationError where the fallback channel names no other integration."""
    if config.fallback and (config.fallback not in FALLBACKS or config.fallback == kind):
        others = ", ".join(other for other in FALLBACKS if other not in ("", kind))
        raise ConfigurationError(
            f"“Fallback channel” of {KINDS[kind].title} names no other integration.",
            hint=f"Choose one of: {others}.",
        )


def _refuse_moved_secrets(
    kind: str, saved: IntegrationConfig | None, data: dict[str, Any], values: dict[str, Any]
) -> None:
    """Otherwise whoever may edit the address could have a stored token sent to a server of their own."""
    if saved is None or same_place(saved, values):
        return
    reused = reused_secrets(data)
    if reused:
        fields = KINDS[kind].config.model_fields
        labels = ", ".join(fields[name].title or name for name in reused if name in fields)
        raise ConfigurationError(
            "The address has changed, so the stored credentials are not used for it.",
            hint=f"Enter again: {labels}.",
        )


def save_configuration(
    kind: str, data: dict[str, Any], *, actor: Actor, author: str = "", note: str = ""
) -> None:
    """Save it as a new version and let held deliveries go on. Raises ConfigurationError naming the wrong fields."""
    config = _candidate(kind, data)
    public, secrets = split_secrets(config)
    changes = difference(load_config(kind), config)
    with write_session() as session:
        row = save_integration(
            session,
            kind,
            public,
            secrets,
            practice=config.practice,
            actor=actor,
            now=clock.now(),
            author=author,
            note=note,
            changes=changes,
        )
        version = row.version
    note_update(kind, config, changes, version=version, actor=actor)
    resume(kind, actor=actor)


def note_update(
    kind: str, config: IntegrationConfig, changes: list[dict[str, Any]], *, version: int, actor: Actor
) -> None:
    """The log event of a save, under the integrations guide's name: which fields changed, no values."""
    log.info(
        KINDS[kind].updated_event,
        version=version,
        actor=str(actor),
        fields=[change["field"] for change in changes],
        practice=config.practice,
        enabled=config.enabled,
    )


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


def restore_configuration(kind: str, version: int, *, actor: Actor, author: str = "") -> None:
    """Make an earlier version current again, as a new version. Raises NotFound."""
    with read_session() as session:
        old = get_version(session, kind, version)
        target = build(kind, {**old.public, "practice": old.practice}, open_version(old))
    changes = difference(load_config(kind), target)
    with write_session() as session:
        restore_version(session, kind, version, actor=actor, now=clock.now(), author=author, changes=changes)
    log.info(KINDS[kind].updated_event, restored=version, actor=str(actor))
    resume(kind, actor=actor)


def test_configuration(
    kind: str,
    data: dict[str, Any] | None = None,  # noqa: PT028
    *,
    actor: Actor,
) -> ConnectionReport:
    """Check the saved configuration, or a candidate without saving it. Raises ConfigurationError."""
    config = load_config(kind) if data is None else _candidate(kind, data)
    if config is None:
        return ConnectionReport(
            ok=False,
            kind=kind,
            summary=f"{KINDS[kind].title} is not configured.",
            hint="Fill in the form and save it, or set its environment variables.",
        )
    connector = connect(kind, config)
    try:
        found = connector.check().model_dump(mode="json")
    finally:
        connector.close()
    report = ConnectionReport.model_validate(without_secrets(found, config))
    if data is None:
        with write_session() as session:
            record_check(session, kind, report.model_dump(mode="json"), actor=actor, now=clock.now())
        if report.ok:
            resume(kind, actor=actor)
    log.info(f"{kind}_connection_test", ok=report.ok, case=report.case and report.case.value)
    return report


def disconnect(kind: str, *, actor: Actor) -> None:
    """Forget the saved configuration; what waits for the integration is held until there is one again."""
    with write_session() as session:
        delete_integration(session, kind, actor=actor)
    log.info(f"{kind}_configuration_removed", actor=str(actor))
