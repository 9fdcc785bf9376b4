"""Carries configurations from one installation to another: a JSON document, its secrets sealed or left out.

Sealed secrets are bound to their integration and to where its settings send them (the config's `PLACES`): in a
document whose addresses were edited they do not open, so that nobody on the way can have a token sent to a server
of their own. All other settings may be edited.
"""

from __future__ import annotations

import base64
import json
import secrets as randomness
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from soc import clock
from soc.configuration.save import check_fallback, note_update
from soc.configuration.versions import difference
from soc.delivery.replay import resume
from soc.domain.actor import Actor
from soc.errors import ConfigurationError
from soc.integrations.in_force import load_config
from soc.integrations.kit.declared import same_place
from soc.integrations.registry import KINDS, build, split_secrets
from soc.store.db import read_session, write_session
from soc.store.nouns.integrations import list_integrations, open_secrets, save_integration

FORMAT = "soc-configuration-1"
#: A passphrase has to withstand guessing offline: 64 MiB and about 0.2 s a guess.
_SCRYPT = {"n": 2**16, "r": 8, "p": 1}
SHORTEST_PASSPHRASE = 12


def export_configurations(*, passphrase: str = "") -> dict[str, Any]:
    """Every saved configuration. Without a passphrase the secrets are left out.

    Raises ConfigurationError for a passphrase that is too short. What comes from the environment is not saved
    here and so is not exported; practice integrations are bound to their sandbox and are left out.
    """
    if passphrase and len(passphrase) < SHORTEST_PASSPHRASE:
        raise ConfigurationError(
            "The passphrase is too short.", hint=f"Use at least {SHORTEST_PASSPHRASE} characters, or none."
        )
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
                entry["sealed"] = _seal(open_secrets(row), passphrase, _bound_to(row.kind, settings))
            document["integrations"][row.kind] = entry
    return document


def import_configurations(
    document: dict[str, Any], *, passphrase: str = "", actor: Actor, author: str = ""
) -> list[str]:
    """Save every configuration of the document, or none; returns the kinds.

    Secrets that were left out keep the saved value, where the address is the same. Sealed ones open only with the
    addresses they were exported with. Raises ConfigurationError.
    """
    if document.get("format") != FORMAT or not isinstance(document.get("integrations"), dict):
        raise ConfigurationError(
            "This is no exported configuration.", hint=f"Its “format” must be “{FORMAT}”."
        )
    ready = []
    for kind, entry in document["integrations"].items():
        if kind not in KINDS:
            raise ConfigurationError(f"The document has an integration “{kind}” that is not known here.")
        if not _is_whole(entry):
            raise ConfigurationError(
                f"The document's entry of {KINDS[kind].title} is damaged.", hint="Export it again."
            )
        saved = load_config(kind)
        settings = {**entry["settings"], "practice": False}
        if "sealed" in entry:
            values = _open(entry["sealed"], passphrase, _bound_to(kind, settings))
        elif saved is not None and same_place(saved, settings):
            values = split_secrets(saved)[1]
        else:
            values = {}
        config = build(kind, settings, values)
        check_fallback(kind, config)
        ready.append((kind, config, difference(saved, config)))
    versions: dict[str, int] = {}
    with write_session() as session:
        for kind, config, changes in ready:
            public, kept = split_secrets(config)
            row = save_integration(
                session, kind, public, kept, practice=False, actor=actor, now=clock.now(), author=author,
                note="imported",
                changes=changes,
            )  # fmt: skip
            versions[kind] = row.version
    for kind, config, changes in ready:
        note_update(kind, config, changes, version=versions[kind], actor=actor)
        resume(kind, actor=actor)
    return [kind for kind, _, _ in ready]


def _is_whole(entry: Any) -> bool:
    return (
        isinstance(entry, dict)
        and isinstance(entry.get("settings"), dict)
        and isinstance(entry.get("sealed", ""), str)
    )


def _key(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, **_SCRYPT).derive(passphrase.encode())


def _bound_to(kind: str, settings: Mapping[str, Any]) -> bytes:
    """What a sealing vouches for beside the secrets: their integration, and the addresses they are sent to."""
    places = {name: str(settings.get(name) or "") for name in KINDS[kind].config.PLACES}
    return json.dumps([FORMAT, kind, places], sort_keys=True).encode()


def _seal(values: dict[str, str], passphrase: str, bound_to: bytes) -> str:
    salt, nonce = randomness.token_bytes(16), randomness.token_bytes(12)
    sealed = AESGCM(_key(passphrase, salt)).encrypt(nonce, json.dumps(values).encode(), bound_to)
    return base64.b64encode(salt + nonce + sealed).decode()


def _open(text: str, passphrase: str, bound_to: bytes) -> dict[str, str]:
    if not passphrase:
        raise ConfigurationError(
            "The document's secrets are sealed.", hint="Give the passphrase it was exported with."
        )
    try:
        raw = base64.b64decode(text, validate=True)
        opened = AESGCM(_key(passphrase, raw[:16])).decrypt(raw[16:28], raw[28:], bound_to)
    except (InvalidTag, ValueError):
        raise ConfigurationError(
            "The secrets do not open with this passphrase.",
            hint="It may be mistyped, or the document was changed: the addresses must stay as they were exported. "
            "Change them after the import.",
        ) from None
    values: dict[str, str] = json.loads(opened)
    return values
