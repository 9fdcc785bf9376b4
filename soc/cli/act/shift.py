"""`soc handover …`: the hand-over as text or a file; give it, accept it, post it, write what is thought of an incident."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from pathlib import Path

from soc import clock
from soc.cli.endings import Ending
from soc.cli.given import writable
from soc.cli.say import end, give, open_store, refuse, result
from soc.domain.actor import AT_THE_SHELL
from soc.domain.roster.handover import Outlook
from soc.handover import giving
from soc.handover.document import as_json
from soc.handover.reading import read_handover, read_kept
from soc.handover.texts import as_html, as_pdf, post_of
from soc.integrations.registry import takers, titles
from soc.store.db import read_session
from soc.store.nouns.people.people import find_by_email, get_person

_FILES = {".html": as_html, ".pdf": as_pdf}


def show(*, file: Path | None) -> None:
    """As things stand; into a file (.html or .pdf) where one is named."""
    if file is not None and file.suffix.lower() not in _FILES:
        refuse(f"{file} is neither .html nor .pdf.", hint="Name the file as what it is to be.")
    if file is not None:
        writable(file)
    open_store()
    document = read_handover()
    if file is not None:
        file.write_bytes(_FILES[file.suffix.lower()](document, zone=UTC))
        result(f"Written: {file}")
    else:
        for line in post_of(document).split("\n"):
            result(line)
    give(as_json(document))


def give_over(*, remark: str) -> None:
    open_store()
    row = giving.give_over(remark=remark, actor=AT_THE_SHELL)
    result(f"{row.id}: {row.document['total']:,} open, {row.document['lacking']:,} of them miss something.")
    give({"id": row.id, **row.document})


def accept(handover_id: str, person: str, *, take: Sequence[str] | None) -> None:
    """`person` by id or e-mail."""
    open_store()
    with read_session() as session:
        found = find_by_email(session, person) or get_person(session, person)
    came = giving.accept(handover_id, found.id, actor=AT_THE_SHELL, take=take)
    result(f"Accepted by {found.name}; {len(came.taken):,} incidents taken over.")
    for incident_id, why in came.kept:
        result(f"  {incident_id} stayed: {why}")
    give({"id": handover_id, "accepted_person": found.id, "taken": list(came.taken), "kept": dict(came.kept)})


def post(handover_id: str) -> None:
    open_store()
    row, document = read_kept(handover_id)
    told = giving.post(row, document, actor=AT_THE_SHELL)
    if not told:
        end(Ending.UNDELIVERED, f"Nothing was sent: {titles(takers('tell_handover'))} is not connected.")
    result(f"It goes to {titles(told)}, by the next process with an engine.")
    give({"id": handover_id, "told": list(told)})


def write_outlook(
    incident_id: str, *, hypothesis: str, next_step: str, by_when: str, blocker: str, based_on: int
) -> None:
    try:
        moment = clock.parse(by_when) if by_when else None
    except ValueError:
        refuse(f"“{by_when}” is no moment.", hint="Write it like 2026-01-14T22:00:00Z.")
    open_store()
    came = giving.write_outlook(
        incident_id, Outlook(hypothesis, next_step, moment, blocker), based_on=based_on, actor=AT_THE_SHELL
    )
    result(
        f"Version {came.row.version} is in force."
        + (" Somebody wrote meanwhile; both are kept." if came.overtaken else "")
    )
    give({"incident": incident_id, "version": came.row.version, "overtaken": came.overtaken})
