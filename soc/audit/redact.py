"""Takes values out of the audit, and its beginning when it has been kept for long enough; both without breaking the chain.

What is left is a commitment that nobody can guess the value from, and an entry that says what was taken, by whom and why.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlmodel import Session

from soc import clock
from soc.audit.write import record
from soc.domain.actor import Actor, Known
from soc.domain.audit import Subject, SubjectKind
from soc.errors import ConfigurationError, Conflict
from soc.ids import new_id
from soc.store.nouns.installation.audit import (
    AuditRow,
    delete_through,
    get_entry,
    list_entries,
    newest_before,
    open_less,
    stream_entries,
)

RETENTION = Actor.system("retention", Known.SCHEDULE)


def redact_entry(
    session: Session, seq: int, paths: Collection[str], *, actor: Actor, why: str, group: str | None = None
) -> list[str]:
    """Take the values at these paths (`/note`, `/after/email`; a path takes all below it) out of one entry.

    Returns the paths that are gone. Raises NotFound, ConfigurationError (no such value), Conflict (what the audit needs itself).
    """
    row = get_entry(session, seq)
    values = row.values
    gone = sorted(
        one for one in values if any(one == path or one.startswith(f"{path.rstrip('/')}/") for path in paths)
    )
    if not gone:
        raise ConfigurationError(
            f"Entry {seq} has no such value.", hint=f"It has: {', '.join(sorted(values)) or 'none any more'}."
        )
    if row.subject_kind in _NEEDED and any(one.startswith(("/after", "/before")) for one in gone):
        raise Conflict(
            "The audit needs that value itself.", hint="Its note, actor and place can be redacted."
        )
    open_less(session, row, {path: pair for path, pair in values.items() if path not in gone})
    subject = Subject(SubjectKind.AUDIT, str(seq))
    record(session, actor, "redact", subject, after={"entry": seq, "paths": gone}, group=group, note=why)
    return gone


#: Entries about these hold what verification reads.
_NEEDED = (SubjectKind.AUDIT.value, SubjectKind.INSTALLATION.value)


def redact_text(session: Session, text: str, *, actor: Actor, why: str) -> dict[int, list[str]]:
    """Take every value that holds this text, in any case of letters, out of every entry: by entry, which paths.

    Raises ConfigurationError for a text that is too short to be meant.
    """
    wanted = text.strip().casefold()
    if len(wanted) < 3:
        raise ConfigurationError("That text is too short.", hint="Give at least three characters.")
    group = new_id("grp")
    found = {row.seq: paths for row in stream_entries(session) if (paths := _paths_with(row, wanted))}
    return {
        seq: redact_entry(session, seq, paths, actor=actor, why=why, group=group)
        for seq, paths in found.items()
    }


def _paths_with(row: AuditRow, wanted: str) -> list[str]:
    """The name of a value is no value; what the audit needs itself is left."""
    return [
        path
        for path, pair in row.values.items()
        if wanted in json.dumps(json.loads(pair[1]), ensure_ascii=False).casefold()
        and not (row.subject_kind in _NEEDED and path.startswith(("/after", "/before")))
    ]


def expire_entries(session: Session, *, before: datetime, actor: Actor, through: int | None = None) -> int:
    """Delete the entries made before the moment, `through` this one at most; a signed entry keeps where the chain begins from
    now on. How many.
    """
    last = newest_before(session, before)
    if last is not None and through is not None and last.seq > through:
        last = session.get(AuditRow, through)
    if last is None:
        return 0
    kept = {"through": last.seq, "hash": last.hash, "at": last.at}
    gone = delete_through(session, last.seq)
    subject = Subject(SubjectKind.AUDIT, "chain")
    record(session, actor, "expire", subject, after={**kept, "entries": gone})
    return gone


def expire_old(session: Session, *, days: int, through: int | None = None) -> int:
    """What is older than so many days goes, once a day: not each hour has its entry about it."""
    oldest = next(iter(list_entries(session, limit=1)), None)
    before = clock.now() - timedelta(days=days)
    if oldest is None or clock.parse(oldest.at) > before - timedelta(days=1):
        return 0
    return expire_entries(session, before=before, actor=RETENTION, through=through)
