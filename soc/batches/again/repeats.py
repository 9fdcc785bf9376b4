"""Incidents of a batch that an earlier one found in the same file: the content is the same, so what is found in it is too.

An incident is known by the place of its first kept line: the content it lies in, and the offset there. What it is called
and how it is scored may have changed with the ruleset meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlmodel import Session

from soc.domain.incident import Incident
from soc.store.nouns.batches.batches import BatchFileRow, list_files
from soc.store.nouns.combined.repeats import list_batches_of_content, list_places

Place = tuple[str, int]


def find_repeats(session: Session, batch_id: str, incidents: Sequence[Incident]) -> dict[str, str]:
    """The incident that is known already, for each of these that repeats one: id by id.

    Of several the newest that was not joined to another itself: that is the one which counts.
    """
    contents = _contents(list_files(session, batch_id))
    earlier = (
        list_batches_of_content(session, set(contents.values()), beside=batch_id)
        if contents and incidents
        else []
    )
    known: dict[Place, str] = {}
    for other in earlier:
        known |= _places(session, other)
    return {
        one.id: known[place]
        for one in incidents
        if one.samples
        and (place := _place(one.samples[0].file, one.samples[0].offset, contents)) is not None
        and place in known
    }


def _contents(files: Iterable[BatchFileRow]) -> dict[str, str]:
    """The hash of each file by its name; two files of one name and two contents are none."""
    found: dict[str, str] = {}
    for file in files:
        if file.sha256:
            found[file.name] = file.sha256 if found.get(file.name, file.sha256) == file.sha256 else ""
    return {name: sha256 for name, sha256 in found.items() if sha256}


def _places(session: Session, batch_id: str) -> dict[Place, str]:
    """Where the incidents of a batch lie that were not joined to others."""
    contents = _contents(list_files(session, batch_id))
    found: dict[Place, str] = {}
    for incident_id, samples in list_places(session, batch_id):
        first: Mapping[str, Any] = samples[0] if samples else {}
        place = _place(str(first.get("file", "")), int(first.get("offset", 0)), contents)
        if place is not None:
            found[place] = incident_id
    return found


def _place(file: str, offset: int, contents: Mapping[str, str]) -> Place | None:
    sha256 = contents.get(file)
    return (sha256, offset) if sha256 else None
