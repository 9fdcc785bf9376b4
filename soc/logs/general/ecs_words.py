"""The words that ECS allows for what kind of event something is (https://www.elastic.co/guide/en/ecs/current)."""

from __future__ import annotations

from collections.abc import Callable

_ALLOWED = """
kind: alert asset enrichment event metric state signal
category: api authentication configuration database driver email file host iam intrusion_detection library malware network package process registry session threat vulnerability web
type: access admin allowed change connection creation deletion denied device end error group indicator info installation protocol start user
"""
_ECS = {
    name: frozenset(words.split())
    for name, words in (line.split(": ") for line in _ALLOWED.strip().splitlines())
}


def one_of(field: str) -> Callable[[str], str]:
    """A check that lets through what ECS allows of `event.<field>`, and nothing else."""
    allowed = _ECS[field]

    def check(value: str) -> str:
        plain = value.strip("[]'\" ").lower().replace(" ", "_") if len(value) <= 40 else ""
        return plain if plain in allowed else ""

    return check
