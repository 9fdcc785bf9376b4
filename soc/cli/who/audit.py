"""`soc audit`: who did what, to read, to carry away, to verify and to redact."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session

from soc import clock
from soc.audit.about import read_subjects
from soc.audit.check import public_key_text, read_public_key, verify_audit
from soc.audit.export import describe, write_lines, write_table
from soc.audit.redact import expire_entries, redact_entry, redact_text
from soc.audit.verify import Verdict
from soc.cli.endings import Ending
from soc.cli.given import readable, writable
from soc.cli.say import complain, end, explained, give, note, open_store, refuse, result, warn
from soc.domain.actor import AT_THE_SHELL, Actor
from soc.store.db import read_session, snapshot_session, write_session
from soc.store.nouns.installation.audit import newest_head, page_entries, stream_entries

#: Findings that are told one by one; of a chain that was written anew there may be a million.
MOST_TOLD = 50


def print_entries(*, about: str, by: str, limit: int) -> None:
    with explained():
        open_store()
        with read_session() as session:
            page = page_entries(session, **_chosen(session, about, by), limit=limit)
        if not page.rows:
            note("The audit has no such entry.")
        told = [describe(row) for row in page.rows]
        for one in told:
            result(
                f"{one['seq']:>6}  {one['at'][:19]}Z  {one['by']}  {one['action']}  {one['subject']}  {_changes(one)}"
            )
        give({"entries": told, "total": page.total})


def _chosen(session: Session, about: str, by: str) -> dict[str, Any]:
    """`by` is an actor as it is shown, or a person's id, which stands for the person said at the page."""
    actor = str(Actor.said(by)) if by and "@" not in by else by
    return {"subjects": read_subjects(session, about) if about else [], "made_by": actor}


def _changes(one: dict[str, Any]) -> str:
    names = [*one["before"], *(name for name in one["after"] if name not in one["before"])]
    changes = [f"{name}: {one['before'].get(name, '–')} → {one['after'].get(name, '–')}" for name in names]
    return "; ".join([*changes, *([one["note"]] if one["note"] else [])])[:200]


def export(target: Path, *, about: str, by: str, since: str, until: str) -> None:
    with explained():
        if target.suffix not in (".jsonl", ".csv"):
            refuse(
                "The file's name ends neither with .jsonl nor with .csv.",
                hint="Name it after what it is to hold.",
            )
        writable(target)
        open_store()
        moments: dict[str, Any] = {"since": _moment(since), "until": _moment(until)}
        write = write_table if target.suffix == ".csv" else write_lines
        with snapshot_session() as session, target.open("wb") as file:
            for piece in write(stream_entries(session, **_chosen(session, about, by), **moments)):
                file.write(piece)
        result(f"The audit is written to {target}.")
        give({"file": str(target)})


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        return clock.parse(text)
    except ValueError:
        refuse(f"{text} is no moment.", hint="Write it as 2026-01-14 or 2026-01-14T22:00 (UTC).")


def verify(heads: Sequence[Path], *, keys: Sequence[Path]) -> None:
    """Ends with CHECK_FAILED where something is not as it was written."""
    with explained():
        for path in (*heads, *keys):
            readable(path)
        open_store()
        verdict = verify_audit(heads=heads, keys=[read_public_key(path.read_text()) for path in keys])
        for finding in verdict.findings[:MOST_TOLD]:
            complain(f"Entry {finding.seq}: {finding.what}." if finding.seq else f"{finding.what}.")
        for key, number in verdict.foreign.items():
            warn(
                f"{number} entries are signed with the key {key}, which is not here: that they are vouched for by later "
                "ones was checked, their own signatures were not (--key)."
            )
        give(_told(verdict))
        if verdict.findings:
            end(
                Ending.CHECK_FAILED,
                f"The audit is not what was written: {_count(len(verdict.findings), 'finding', 'findings')}.",
            )
        result(
            f"The audit is what was written: entries {verdict.first} to {verdict.last}, {verdict.redacted} values redacted, "
            f"{verdict.heads} heads compared."
        )


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def _told(verdict: Verdict) -> dict[str, Any]:
    return {**vars(verdict), "sound": verdict.sound, "findings": [vars(one) for one in verdict.findings]}


def print_head() -> None:
    with explained():
        open_store()
        with read_session() as session:
            head = newest_head(session)
        if head is None:
            end(Ending.NOT_FOUND, "The audit has no entry yet.")
        print(head.line())


def print_key() -> None:
    with explained():
        open_store()
        print(public_key_text())


def redact(entry: int | None, *, paths: Sequence[str], text: str, why: str) -> None:
    with explained():
        if (entry is None) == (not text) or (entry is not None and not paths):
            refuse("Say what is to go.", hint="--entry N --path /note, or --text anna@example.com.")
        if not why.strip():
            refuse("Say why.", hint="--why “asked for by the person”.")
        open_store()
        with write_session() as session:
            gone = (
                redact_text(session, text, actor=AT_THE_SHELL, why=why)
                if entry is None
                else {entry: redact_entry(session, entry, paths, actor=AT_THE_SHELL, why=why)}
            )
        for seq, taken in gone.items():
            result(f"Entry {seq}: {', '.join(taken)}")
        note(
            f"{_count(sum(map(len, gone.values())), 'value is', 'values are')} gone. Backups and what was streamed still have them."
        )
        give({"redacted": {str(seq): taken for seq, taken in gone.items()}})


def expire_before(before: str) -> None:
    with explained():
        open_store()
        moment = _moment(before)
        if moment is None or moment > clock.now():
            refuse("That moment is not in the past.", hint="Write it as 2026-01-14.")
        with write_session() as session:
            gone = expire_entries(session, before=moment, actor=AT_THE_SHELL)
        result(f"{_count(gone, 'entry is', 'entries are')} gone." if gone else "No entry is as old.")
        give({"expired": gone})
