"""What we chose, and its locks: the locks hold every choice, with hashes, and stay within its bounds."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.txt", "requirements-dev.txt")


def _chosen(name: str) -> list[Requirement]:
    lines = (line.partition(" #")[0].strip() for line in (ROOT / name).read_text().splitlines())
    return [Requirement(line) for line in lines if line and not line.startswith(("#", "-"))]


def _locked(name: str) -> dict[str, str]:
    """Package → the one version that the lock allows."""
    found = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ ;]+)", (ROOT / name).read_text(), re.MULTILINE)
    return {_plain(package): version for package, version in found}


def _plain(package: str) -> str:
    return re.sub(r"[-_.]+", "-", package).lower()


@pytest.mark.parametrize(
    ("choice", "lock"),
    [("requirements.in", LOCKS[0]), ("requirements.in", LOCKS[1]), ("requirements-dev.in", LOCKS[1])],
)
def test_every_choice_is_locked_to_a_version_that_its_bounds_admit(choice: str, lock: str) -> None:
    locked = _locked(lock)
    outside = [
        f"{one} is locked to {locked.get(_plain(one.name))}: make lock"
        for one in _chosen(choice)
        if not one.specifier.contains(locked.get(_plain(one.name), "0"), prereleases=True)
        or _plain(one.name) not in locked
    ]
    assert outside == []


def test_what_runs_the_tests_is_what_runs_the_product() -> None:
    product, developing = (_locked(lock) for lock in LOCKS)
    assert {package: developing.get(package) for package in product} == product


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_hashes_and_nothing_names_a_registry(lock: str) -> None:
    text = (ROOT / lock).read_text()
    entries = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links", text)


def test_a_wheel_asks_for_what_we_chose_not_for_the_lock() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["tool"]["setuptools"]["dynamic"]["dependencies"] == {"file": ["requirements.in"]}
    assert not [one for one in _chosen("requirements.in") if "==" in str(one.specifier)]
