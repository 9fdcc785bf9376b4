"""The three-way merge of one field: what is here, what is there, and what both sides had when they last agreed. Pure."""

from __future__ import annotations

from typing import NamedTuple

from soc.domain.message import FieldValue


class Merged(NamedTuple):
    """`local` is what the field is here from now on, `base` what both agree on. `tell`: there it is not so yet.

    `clash`: both changed it to different values; then `local` and `base` stay as they were and a person decides.
    """

    local: FieldValue
    base: FieldValue | None
    tell: bool = False
    clash: bool = False


def merge(
    local: FieldValue | None, base: FieldValue | None, remote: FieldValue, *, is_set: bool = False
) -> Merged:
    """`local` None: nothing was ever set here. `base` None: the sides were never compared."""
    if local is None:
        return Merged(remote, remote)
    if is_set:
        return _merge_sets(set(local), None if base is None else set(base), set(remote))
    if local == remote:
        return Merged(local, remote)
    if base is None:  # what was set here before the first look is on its way
        return Merged(local, remote, tell=True)
    if remote == base:
        return Merged(local, base, tell=True)
    if local == base:
        return Merged(remote, remote)
    return Merged(local, base, clash=True)


def _merge_sets(local: set[str], base: set[str] | None, remote: set[str]) -> Merged:
    """Members that one side added are there, and those that one side took out are gone: sets never clash."""
    known = base if base is not None else local & remote
    added, gone = (local - known) | (remote - known), (known - local) | (known - remote)
    result = tuple(sorted((known | added) - gone))
    return Merged(result, tuple(sorted(remote)), tell=set(result) != remote)
