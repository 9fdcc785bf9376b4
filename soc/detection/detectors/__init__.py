"""What many lines must do: one file a detector. A file here that defines a Detector is all that it takes."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import Any

from soc.detection.detectors.kit.declaration import Detector
from soc.detection.ruleset import Ruleset
from soc.errors import ConfigurationError

AnyDetector = Detector[Any, Any]


def all_detectors() -> tuple[type[AnyDetector], ...]:
    """Every detector that has a file here, in order."""
    found: dict[str, type[AnyDetector]] = {}
    for module in pkgutil.iter_modules(__path__):
        if module.ispkg:
            continue
        full_name = f"{__name__}.{module.name}"
        for value in vars(import_module(full_name)).values():
            own = isinstance(value, type) and issubclass(value, Detector) and value.__module__ == full_name
            if own:
                if value.id in found:
                    raise ConfigurationError(f"{full_name}: the detector id {value.id} is given twice.")
                found[value.id] = value
    return tuple(sorted(found.values(), key=lambda detector: (detector.order, detector.id)))


def detectors_of(ruleset: Ruleset) -> tuple[AnyDetector, ...]:
    """The detectors that the ruleset lets run, with its settings, in order."""
    known = {detector.id: detector for detector in all_detectors()}
    return tuple(
        known[chosen.id](known[chosen.id].Settings(**dict(chosen.settings)), ruleset)
        for chosen in ruleset.detectors
    )
