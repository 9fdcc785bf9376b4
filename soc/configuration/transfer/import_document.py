"""Import: save every configuration of an exported document, or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from soc import clock
from soc.access.approvals import Granted
from soc.access.once import Once
from soc.configuration.save import check_fallback, note_update
from soc.configuration.seconded import (
    refuse_moved,
    saved_versions,
    second_for_unchecked,
    switches_checks_off,
)
from soc.configuration.taken import refuse_untaken
from soc.configuration.transfer.document import FORMAT, bound_to, unseal
from soc.configuration.versions import difference, tell_audit
from soc.delivery.replay import resume
from soc.domain.actor import Actor
from soc.errors import ConfigurationError, Conflict
from soc.integrations.in_force import load_usable
from soc.integrations.kit.base import IntegrationConfig
from soc.integrations.kit.declared import same_place
from soc.integrations.registry import KINDS, build, refuse_places, refuse_unknown, split_secrets
from soc.store.db import read_session, write_session
from soc.store.nouns.vendors.integrations import save_integration


class Imported(NamedTuple):
    """The kinds that were saved, and which vendors could not be asked whether they have what was chosen."""

    kinds: list[str]
    warnings: list[str]


def import_configurations(
    document: dict[str, Any],
    *,
    passphrase: str = "",
    actor: Actor,
    author: str = "",
    once: Once | None = None,
    onto: Mapping[str, int] | None = None,
    approved: Sequence[str] = (),
    granted: Granted | None = None,
) -> Imported:
    """Save every configuration of the document, or none. `once`: only the first time.

    Secrets that were left out keep the saved value, where the address is the same. Sealed ones open only with the
    addresses they were exported with. What a vendor does not have is refused as at a save. `onto`: the versions that are saved, by kind. `approved`: with `granted`, the kinds whose certificates may go
    unchecked. Raises ConfigurationError, NeedsApproval as a save does, and Conflict where other versions are saved or other kinds would go unchecked.
    """
    if document.get("format") != FORMAT or not isinstance(document.get("integrations"), dict):
        raise ConfigurationError(
            "This is no exported configuration.", hint=f"Its “format” must be “{FORMAT}”."
        )
    ready: list[tuple[str, IntegrationConfig, list[dict[str, Any]]]] = []
    unchecked: list[str] = []
    note = f"imported, {granted.note}" if granted else "imported"
    with read_session() as session:
        versions = saved_versions(session, document["integrations"])
    for kind, entry in document["integrations"].items():
        if kind not in KINDS:
            raise ConfigurationError(f"The document has an integration “{kind}” that is not known here.")
        if not is_whole(entry):
            raise ConfigurationError(
                f"The document's entry of {KINDS[kind].title} is damaged.", hint="Export it again."
            )
        saved = load_usable(kind)
        settings = {**entry["settings"], "practice": False}
        if "sealed" in entry:
            values = unseal(entry["sealed"], passphrase, bound_to(kind, settings))
        elif saved is not None and same_place(saved, settings):
            values = split_secrets(saved)[1]
        else:
            values = {}
        refuse_unknown(kind, settings)
        config = build(kind, settings, values)
        check_fallback(kind, config)
        refuse_places(kind, config)
        if switches_checks_off(saved, config):
            unchecked.append(kind)
        ready.append((kind, config, difference(saved, config)))
    if granted and not set(unchecked) <= set(approved):
        raise Conflict("It would leave more certificates unchecked than was approved.", hint="Ask anew.")
    takes = {
        "how": "import",
        "document": document,
        "passphrase": passphrase,
        "onto": versions,
        "approved": unchecked,
    }
    second_for_unchecked(unchecked, {kind: changes for kind, _, changes in ready}, takes, granted)
    warnings = [unasked for kind, config, _ in ready if (unasked := refuse_untaken(kind, config))]
    with write_session() as session:
        if once is not None and once.claim(session) is not None:
            return Imported([kind for kind, _, _ in ready], warnings)
        refuse_moved(session, onto)
        for kind, config, changes in ready:
            public, kept = split_secrets(config)
            row = save_integration(
                session, kind, public, kept, practice=False, actor=actor, now=clock.now(), author=author,
                note=note,
                changes=changes,
            )  # fmt: skip
            versions[kind] = row.version
            tell_audit(
                session,
                kind,
                "save",
                changes,
                version=row.version,
                practice=False,
                actor=actor,
                note=note,
            )
    for kind, config, changes in ready:
        note_update(kind, config, changes, version=versions[kind], actor=actor)
        resume(kind, actor=actor)
    return Imported([kind for kind, _, _ in ready], warnings)


def is_whole(entry: Any) -> bool:
    return (
        isinstance(entry, dict)
        and isinstance(entry.get("settings"), dict)
        and isinstance(entry.get("sealed", ""), str)
    )
