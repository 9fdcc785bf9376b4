"""Export: every saved configuration as one document, its secrets sealed with a passphrase or left out."""

from __future__ import annotations

from typing import Any

from soc import clock
from soc.access.approvals import Granted
from soc.audit.write import record
from soc.configuration.seconded import second_for_export
from soc.configuration.transfer.document import FORMAT, SHORTEST_PASSPHRASE, bound_to, seal
from soc.domain.actor import Actor
from soc.domain.audit import Subject, SubjectKind
from soc.errors import ConfigurationError
from soc.store.db import read_session, write_session
from soc.store.nouns.vendors.integrations import list_integrations, open_secrets


def export_configurations(
    *, passphrase: str = "", actor: Actor, granted: Granted | None = None
) -> dict[str, Any]:
    """Every saved configuration. Without a passphrase the secrets are left out; with one the audit is told.

    Raises ConfigurationError for a passphrase that is too short, NeedsApproval where secrets take two administrators. What comes from the environment is not saved
    here and so is not exported; practice integrations are bound to their sandbox and are left out.
    """
    if passphrase and len(passphrase) < SHORTEST_PASSPHRASE:
        raise ConfigurationError(
            "The passphrase is too short.", hint=f"Use at least {SHORTEST_PASSPHRASE} characters, or none."
        )
    if passphrase:
        second_for_export({"how": "export", "passphrase": passphrase}, granted)
        with write_session() as session:
            note = granted.note if granted else ""
            record(session, actor, "export secrets", Subject(SubjectKind.INSTALLATION, "secrets"), note=note)
    document: dict[str, Any] = {
        "format": FORMAT,
        "exported_at": clock.isoformat(clock.now()),
        "integrations": {},
    }
    with read_session() as session:
        for row in list_integrations(session):
            if row.practice:
                continue
            settings = {**row.public, "practice": False}
            entry: dict[str, Any] = {"settings": settings}
            if passphrase:
                entry["sealed"] = seal(open_secrets(row), passphrase, bound_to(row.kind, settings))
            document["integrations"][row.kind] = entry
    return document
