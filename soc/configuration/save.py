"""Saves a configuration that the page or the API gives, or forgets it; what waited for it goes on."""

from __future__ import annotations

from typing import Any

import structlog

from soc import clock
from soc.access.approvals import Granted
from soc.access.once import Once
from soc.audit.write import record
from soc.configuration.seconded import second_for_unchecked, switches_checks_off
from soc.configuration.taken import refuse_untaken
from soc.configuration.versions import difference, tell_audit
from soc.delivery.replay import resume
from soc.domain.actor import Actor
from soc.domain.audit import Subject, SubjectKind
from soc.errors import ConfigurationError, Conflict
from soc.integrations.in_force import load_usable
from soc.integrations.kit.base import IntegrationConfig
from soc.integrations.kit.declared import reused_secrets, same_place
from soc.integrations.registry import (
    FALLBACKS,
    KINDS,
    merge_masked,
    refuse_places,
    split_secrets,
    validate,
)
from soc.settings import get_settings
from soc.store.db import read_session, write_session
from soc.store.nouns.vendors.integrations import delete_integration, read_integration, save_integration

log = structlog.get_logger(__name__)


def candidate(kind: str, data: dict[str, Any]) -> IntegrationConfig:
    """The configuration these values make; a mask sent back means the secret that is saved.

    A saved secret is only used with the address it was saved for: who changes the address enters it again.
    Practice is never claimed from outside: only the sandbox's own set-up marks an integration so.
    """
    if kind not in KINDS:
        raise ConfigurationError(f"There is no integration “{kind}”.", hint=f"Known: {', '.join(KINDS)}.")
    saved = load_usable(kind)
    values = merge_masked(saved, data, model=KINDS[kind].config)
    _refuse_moved_secrets(kind, saved, data, values)
    values["practice"] = bool(saved and saved.practice and same_place(saved, values))
    config = validate(kind, values)
    check_fallback(kind, config)
    if get_settings().demo and not config.practice:
        raise ConfigurationError(
            "This is a demonstration: it speaks to its practice vendors alone.",
            hint="Start `soc dashboard` without --demo to connect your own.",
        )
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
    kind: str,
    data: dict[str, Any],
    *,
    actor: Actor,
    author: str = "",
    note: str = "",
    once: Once | None = None,
    drawn: int | None = None,
    granted: Granted | None = None,
) -> str:
    """Save it as a new version and let held deliveries go on. Raises ConfigurationError naming the wrong fields.

    What the vendor does not have is refused as well; returns why it could not be asked, "" where nothing is open.
    `once`: the same request again saves nothing. `drawn` is the version that the values were made from (0: none was
    saved): Conflict where another is saved by now, so that nobody's save is overwritten unseen. NeedsApproval where it
    switches the checks of certificates off and two administrators have to stand for that.
    """
    config = candidate(kind, data)
    refuse_places(kind, config)  # a test of it says so by its own report
    before = load_usable(kind)
    changes = difference(before, config)
    if switches_checks_off(before, config):
        second_for_unchecked([kind], {kind: changes}, _to_save(kind, data, drawn), granted)
    unasked = refuse_untaken(kind, config)
    public, secrets = split_secrets(config)
    with write_session() as session:
        if once is not None and once.claim(session) is not None:
            return unasked
        saved = read_integration(session, kind)
        if drawn is not None and drawn != (saved.version if saved else 0):
            raise Conflict(
                f"The settings of {KINDS[kind].title} were changed by somebody else since this form was opened.",
                hint="Nothing was saved. Reload the page to see what they are now, then make your change again.",
            )
        row = save_integration(
            session,
            kind,
            public,
            secrets,
            practice=config.practice,
            actor=actor,
            now=clock.now(),
            author=author,
            note=granted.note if granted else note,
            changes=changes,
        )
        version = row.version
        tell_audit(
            session,
            kind,
            "save",
            changes,
            version=version,
            practice=config.practice,
            actor=actor,
            note=granted.note if granted else note,
        )
    note_update(kind, config, changes, version=version, actor=actor)
    resume(kind, actor=actor)
    return unasked


def _to_save(kind: str, data: dict[str, Any], drawn: int | None) -> dict[str, Any]:
    """What an approval takes to save this later: onto the version that is saved now, and no other."""
    with read_session() as session:
        saved = read_integration(session, kind)
    now = drawn if drawn is not None else saved.version if saved else 0
    return {"how": "save", "kind": kind, "data": data, "drawn": now}


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


def disconnect(kind: str, *, actor: Actor) -> None:
    """Forget the saved configuration; what waits for the integration is held until there is one again."""
    with write_session() as session:
        if read_integration(session, kind) is not None:
            record(session, actor, "disconnect", Subject(SubjectKind.CONFIGURATION, kind))
        delete_integration(session, kind, actor=actor)
    log.info(f"{kind}_configuration_removed", actor=str(actor))
