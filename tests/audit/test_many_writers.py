"""Writers at once: one chain without a gap, nobody waits in a circle."""

from __future__ import annotations

import threading

from soc.audit.check import verify_audit
from soc.audit.write import record
from soc.domain.actor import Actor
from soc.domain.audit import Subject, SubjectKind
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.installation.audit import list_of_subject
from soc.store.nouns.installation.notes import NoteRow

WRITERS, ROUNDS = 4, 12


def test_four_writers_make_one_gapless_chain_and_never_wait_in_a_circle() -> None:
    """Each takes two rows in another order than its neighbours take theirs, and records between."""
    migrate()
    with write_session() as session:
        session.add_all([NoteRow(name=f"row-{one}", value={"n": 0}) for one in range(WRITERS)])
    begin, broken = threading.Barrier(WRITERS), []

    def write(me: int) -> None:
        begin.wait()
        try:
            for one in range(ROUNDS):
                with write_session() as session:
                    record(session, Actor.key(f"key-{me}"), "count", Subject(SubjectKind.TICKET, f"tic-{me}"))
                    row = session.get(NoteRow, f"row-{me}", with_for_update=True)
                    assert row is not None
                    row.value = {"n": one + 1}
                    if one % 4 == 3:  # one that fails: no gap
                        session.flush()
                        session.rollback()
        except Exception as error:
            broken.append(error)

    threads = [threading.Thread(target=write, args=(me,)) for me in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert broken == []
    verdict = verify_audit()
    assert verdict.findings == []
    with read_session() as session:
        for me in range(WRITERS):
            assert (
                len(list_of_subject(session, Subject(SubjectKind.TICKET, f"tic-{me}")))
                == ROUNDS - ROUNDS // 4
            )
