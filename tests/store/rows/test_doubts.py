"""After a restore each delivery of the backup is looked for once, and a person is asked once where nobody can look."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import Session

from soc.store.nouns.deliveries.doubts import doubt, waits_for_a_person
from soc.store.nouns.deliveries.restorations import add_restoration
from tests.rows import NIGHT, add_delivery

MINUTE = timedelta(minutes=1)


def test_each_delivery_is_doubted_once_after_each_restore(session: Session) -> None:
    rows = [add_delivery(session, name) for name in ("a", "b")]
    assert [doubt(session, row, now=NIGHT) for row in rows] == [False, False]
    for turn in (1, 2):
        now = NIGHT + turn * MINUTE
        add_restoration(session, taken_at=NIGHT, version="1", made_by="system:restore@process", now=now)
        session.flush()
        assert [doubt(session, row, now=now) for row in rows] == [True, True]
        session.flush()
        for row in rows:
            row.try_number += 1  # as the ledger does once it was doubted
        assert [doubt(session, row, now=now + MINUTE) for row in rows] == [False, False]
    assert [row.sends for row in rows] == [2, 2]


def test_what_was_made_after_the_restore_is_not_doubted(session: Session) -> None:
    add_restoration(session, taken_at=NIGHT, version="1", made_by="system:restore@process", now=NIGHT)
    before, after = add_delivery(session, "a"), add_delivery(session, "b", created_at=NIGHT + MINUTE)
    session.flush()
    assert [doubt(session, row, now=NIGHT + MINUTE) for row in (before, after)] == [True, False]


def test_a_person_is_asked_once_and_only_where_the_vendor_shows_nothing(session: Session) -> None:
    first, second = add_delivery(session, "a"), add_delivery(session, "b")
    add_restoration(session, taken_at=NIGHT, version="1", made_by="system:restore@process", now=NIGHT)
    session.flush()
    assert doubt(session, first, now=NIGHT)
    session.flush()
    assert not waits_for_a_person(session, first, shown=True)
    assert not waits_for_a_person(session, second, shown=False)  # never doubted
    assert waits_for_a_person(session, first, shown=False)
    session.flush()
    assert not waits_for_a_person(session, first, shown=False)
