"""Which sources belong to a package, and which tests are to guard it, nearest first."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Package:
    """`sources` and `tests` are files or folders below the root."""

    sources: tuple[str, ...]
    tests: tuple[str, ...]


def _api(*names: str) -> tuple[str, ...]:
    """Tests of routes that run a package's code as nobody else does."""
    found = {path.stem.removeprefix("test_"): path for path in (ROOT / "tests/api").rglob("test_*.py")}
    return tuple(found[name].relative_to(ROOT).as_posix() for name in names)


#: Guards the numbers that are promised in all of them.
LIMITS = "tests/test_limits.py"

PACKAGES: dict[str, Package] = {
    "delivery": Package(
        ("soc/delivery", "soc/domain/delivery.py", "soc/domain/message"),
        ("tests/delivery", "tests/domain", "tests/engine", LIMITS, *_api("lanes", "asked_again", "guide_examples", "transfer_api")),
    ),
    "sla": Package(("soc/sla", "soc/domain/sla"), ("tests/sla", "tests/domain", LIMITS, *_api("sla_api", "acts_api"))),
    "tickets": Package(("soc/tickets",), ("tests/tickets", LIMITS, *_api("acts_api", "called_tickets", "asked_again", "guide_examples"))),
    "store": Package(
        ("soc/store",), ("tests/store", "tests/metrics", "tests/tickets", "tests/delivery", "tests/access", "tests/audit",
        "tests/escalation", "tests/handover", LIMITS, *_api("lists", "acts_api", "asked_once", "sla_api", "batches_api", "search_api"))
    ),
    "access": Package(
        ("soc/access", "soc/api/guard.py"),
        ("tests/access", LIMITS, *_api("keys_and_limits", "asked_once", "people_and_audit", "scopes", "rules_and_keys")),
    ),
    "batches": Package(("soc/batches",), ("tests/batches", LIMITS, *_api("batches_api", "asked_once"))),
    "logs": Package(("soc/logs",), ("tests/logs", "tests/analysis", "tests/detection")),
    "detection": Package(("soc/detection", "soc/analysis"), ("tests/detection", "tests/analysis")),
    "escalation": Package(
        ("soc/escalation", "soc/domain/escalation"),
        ("tests/escalation", "tests/domain", *_api("acts_api", "asked_once", "guide_examples")),
    ),
    "roster": Package(
        ("soc/roster", "soc/domain/roster"), ("tests/roster", "tests/domain", *_api("asked_once", "guide_examples"))
    ),
    "handover": Package(("soc/handover",), ("tests/handover", *_api("lists", "asked_once"))),
    "audit": Package(("soc/audit",), ("tests/audit", *_api("people_and_audit"))),
}  # fmt: skip

#: Migrations are run once and never changed; what a package's `__init__` says is names.
_LEFT_OUT = ("migrations", "__init__.py")


def sources_of(package: Package, root: Path) -> list[str]:
    """The package's Python files, relative to `root`."""
    found: list[Path] = []
    for name in package.sources:
        path = root / name
        found += sorted(path.rglob("*.py")) if path.is_dir() else [path]
    inside = [path.relative_to(root) for path in found]
    return [str(path) for path in inside if not set(_LEFT_OUT) & set(path.parts)]
