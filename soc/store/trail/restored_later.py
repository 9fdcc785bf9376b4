"""Tells the audit of a restore at which the key was missing: no entry could be signed then."""

from __future__ import annotations

from sqlmodel import Session, col, select

from soc import clock
from soc.domain.actor import Actor
from soc.domain.audit import Subject, SubjectKind, instant, make_entry
from soc.store.nouns.deliveries.restorations import RestorationRow, last_restoration
from soc.store.nouns.installation.audit import AuditRow
from soc.store.trail.chain import note_entry


def note_restored_without_key(session: Session) -> None:
    """Once, when the key is first here: nothing was written to the audit since the last restore. Else nothing."""
    last = last_restoration(session)
    if last is None or _was_told(session, last):
        return
    session.refresh(last, with_for_update=True)  # processes that start at the same moment take turns
    if _was_told(session, last):
        return
    note_entry(
        session,
        make_entry(
            at=clock.now(),
            actor=Actor.parse(last.made_by),
            whereabouts="",
            action="restore",
            subject=Subject(SubjectKind.INSTALLATION, "backup"),
            before={},
            after={"taken at": last.taken_at, "version": last.version, "restored at": last.restored_at},
            group="",
            note="The key was not here then: this is written at the first start with it.",
        ),
    )


def _was_told(session: Session, last: RestorationRow) -> bool:
    """The newest entry is at least as new as the restore: without the key none could be written, and with it this one is the first."""
    newest = session.exec(select(AuditRow.at).order_by(col(AuditRow.seq).desc()).limit(1)).first()
    return newest is not None and newest >= instant(last.restored_at)
