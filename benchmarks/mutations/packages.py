"""Which sources belong to a package, and which tests are to guard it, nearest first."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Package:
    """`sources` and `tests` are files or folders below the root; those that do not exist are passed over."""

    sources: tuple[str, ...]
    tests: tuple[str, ...]


PACKAGES: dict[str, Package] = {
    "delivery": Package(
        ("soc/delivery", "soc/domain/delivery.py", "soc/domain/message"), ("tests/delivery", "tests/domain", "tests/engine")
    ),
    "sla": Package(("soc/sla", "soc/domain/sla.py", "soc/domain/sla"), ("tests/sla", "tests/domain")),
    "tickets": Package(("soc/tickets",), ("tests/tickets",)),
    "store": Package(("soc/store",), ("tests/store", "tests/metrics", "tests/tickets", "tests/delivery", "tests/access")),
    "access": Package(("soc/access", "soc/api/guard.py"), ("tests/access", "tests/api/test_keys_and_limits.py")),
    "batches": Package(("soc/batches",), ("tests/batches",)),
    "logs": Package(("soc/logs",), ("tests/logs", "tests/analysis", "tests/detection")),
    "detection": Package(("soc/detection", "soc/analysis"), ("tests/detection", "tests/analysis")),
}  # fmt: skip

#: Migrations are run once and never changed; what a package's `__init__` says is names.
_LEFT_OUT = ("migrations", "__init__.py")


def sources_of(package: Package, root: Path) -> list[str]:
    """The package's Python files, relative to `root`."""
    found: list[Path] = []
    for name in package.sources:
        path = root / name
        found += sorted(path.rglob("*.py")) if path.is_dir() else [path] if path.exists() else []
    inside = [path.relative_to(root) for path in found]
    return [str(path) for path in inside if not set(_LEFT_OUT) & set(path.parts)]


def tests_of(package: Package, root: Path) -> list[str]:
    return [name for name in package.tests if (root / name).exists()]
