"""Every vendor's examples, settings and environment: those of each folder of `vendors/` that has an `example.py`.

A new vendor brings its own folder; nothing here names it.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from tests.integrations.examples import Example

_FOUND = [
    import_module(f"tests.integrations.vendors.{path.parent.name}.example")
    for path in sorted(Path(__file__).parent.glob("vendors/*/example.py"))
]

EXAMPLES: tuple[Example, ...] = tuple(example for module in _FOUND for example in module.EXAMPLES)
BY_NAME: dict[str, Example] = {example.name: example for example in EXAMPLES}
#: By kind: settings that are valid and hold a secret.
DATA: dict[str, dict[str, Any]] = {example.kind: example.data for example in reversed(EXAMPLES)}
#: By kind: variables of the environment that configure it.
ENVIRONMENTS: dict[str, dict[str, str]] = {module.EXAMPLES[0].kind: module.ENVIRONMENT for module in _FOUND}
