"""Builds the ruleset: the signatures' files, the detectors' declared settings, and what an installation changes of both."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from soc.detection.detectors import all_detectors
from soc.detection.judging.tables.field_rules import FIELD_RULES
from soc.detection.model.rules import MODEL_RULES
from soc.detection.ruleset import ChosenDetector, Ruleset, SessionWindow
from soc.detection.signatures.declaration import Signature
from soc.detection.signatures.files import FOLDER, SignatureEntry, read_signature_files
from soc.errors import ConfigurationError

_log = logging.getLogger(__name__)

#: By subject ("signature", "detector") and id: the settings that differ, as `soc.store.nouns.rules.ruleset_changes` keeps them.
Changes = Mapping[str, Mapping[str, Mapping[str, Any]]]


class SignatureChange(BaseModel):
    """What can differ of one signature: switched off, weighed otherwise, or put in the place of (or beside) those
    of the files as a whole `entry`, to try it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool = True
    score: int | None = Field(default=None, ge=1, le=10)
    confidence: float | None = Field(default=None, gt=0, lt=1)
    entry: SignatureEntry | None = None

    def applied(self, signature: Signature) -> Signature | None:
        """None where it is switched off."""
        changed = self.entry.built() if self.entry else signature
        if not self.enabled:
            return None
        return replace(
            changed, score=self.score or changed.score, confidence=self.confidence or changed.confidence
        )


def build_ruleset(
    *,
    changes: Changes | None = None,
    min_score: int = 5,
    window_minutes: int = 60,
    folder: Path = FOLDER,
) -> Ruleset:
    """The ruleset in force. `min_score` and `window_minutes` are those of sessions.

    A change of a signature or detector that no longer exists is passed over, and said in the log. Raises
    ConfigurationError where a file or a change is not understood.
    """
    changes = changes or {}
    files = read_signature_files(folder)
    signatures = tuple(entry.built() for file in files for entry in file.signatures)
    return Ruleset(
        signatures=_signatures(signatures, changes.get("signature", {})),
        context=tuple(entry.built() for file in files for entry in file.context),
        vetoes=tuple(entry.built() for file in files for entry in file.vetoes),
        session_window=SessionWindow(min_score, window_minutes),
        detectors=_detectors(changes.get("detector", {})),
        rules=(*FIELD_RULES, *MODEL_RULES),
    )


def check_change(subject: str, name: str, change: Mapping[str, Any]) -> None:
    """Raises ConfigurationError where the change would not be understood: ask before it is saved."""
    if subject == "signature":
        parsed = _signature_change(name, change)
        known = {entry.id for file in read_signature_files() for entry in file.signatures}
        if parsed.entry is not None and parsed.entry.id != name:
            raise ConfigurationError(f"signature {name}: its entry is called {parsed.entry.id}.")
        if parsed.entry is None and name not in known:
            raise ConfigurationError(f"There is no signature {name}.", hint="docs/signatures.md lists them.")
    elif subject == "detector":
        if name not in {detector.id for detector in all_detectors()}:
            raise ConfigurationError(f"There is no detector {name}.", hint="docs/detectors.md lists them.")
        _detectors({name: change})
    else:
        raise ConfigurationError(f"A {subject} cannot be changed: only a signature or a detector can.")


def _signature_change(name: str, change: Mapping[str, Any]) -> SignatureChange:
    try:
        return SignatureChange.model_validate(change)
    except ValidationError as problem:
        raise _refused("signature", name, problem) from problem


def _signatures(
    signatures: tuple[Signature, ...], changes: Mapping[str, Mapping[str, Any]]
) -> tuple[Signature, ...]:
    """A changed signature keeps its place; one that is new stands behind all others."""
    parsed = {name: _signature_change(name, change) for name, change in changes.items()}
    known = {signature.id for signature in signatures}
    kept = [parsed[s.id].applied(s) if s.id in parsed else s for s in signatures]
    for name, change in sorted(parsed.items()):
        if name not in known and change.entry is not None:
            kept.append(change.applied(change.entry.built()))
        elif name not in known:
            _log.warning("a change of the signature %s is passed over: there is none", name)
    return tuple(signature for signature in kept if signature is not None)


def _detectors(changes: Mapping[str, Mapping[str, Any]]) -> tuple[ChosenDetector, ...]:
    """Those that run, in order."""
    chosen = []
    detectors = all_detectors()
    for detector in detectors:
        try:
            settings = detector.Settings.model_validate(changes.get(detector.id, {}))
        except ValidationError as problem:
            raise _refused("detector", detector.id, problem) from problem
        if settings.enabled:
            chosen.append(ChosenDetector(detector.id, tuple(settings.model_dump().items())))
    for name in sorted(changes.keys() - {detector.id for detector in detectors}):
        _log.warning("a change of the detector %s is passed over: there is none", name)
    return tuple(chosen)


def _refused(subject: str, name: str, problem: ValidationError) -> ConfigurationError:
    error = problem.errors(include_url=False)[0]
    place = ": ".join(map(str, error["loc"]))
    return ConfigurationError(f"{subject} {name}: {place}: {error['msg']}", hint="Take the change back.")
