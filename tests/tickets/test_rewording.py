"""A note that is worded anew on either side, and a comment that is deleted there."""

from __future__ import annotations

from sqlmodel import select

from soc.domain.acts import Visibility
from soc.integrations.vendors.jira.sync.prose import text_of
from soc.sandbox.jira.life.acts import delete_comment
from soc.store.db import read_session, write_session
from soc.store.nouns.incidents.investigation_notes import InvestigationNoteRow, list_notes
from soc.store.nouns.tickets.ticket_conflicts import TicketConflictRow
from soc.tickets.acts import Asked, add_note, edit_note
from soc.tickets.sync.deciding import decide
from tests.tickets.both_sides import ANA, BothSides


def _note() -> InvestigationNoteRow:
    with read_session() as session:
        [note] = list_notes(session, "inc-1")
        return note


def _write(both: BothSides, text: str = "first") -> None:
    with write_session() as session:
        add_note(session, "inc-1", text, Asked(ANA, "n"), visibility=Visibility.INTERNAL)
    both.settle()
    both.minute()


def _reword(text: str) -> None:
    with write_session() as session:
        edit_note(session, _note().id, text, Asked(ANA, f"e-{text}"))


def _there(both: BothSides) -> list[str]:
    return [text_of(one.body)[0] for one in both.issue("SOC-1").comments]


def _edit_there(both: BothSides, text: str, person: str = "soc-bot") -> None:
    """By a person who shares the product's account."""
    body: object = text
    if both.config.instance_type == "cloud":
        paragraph = {"type": "paragraph", "content": [{"type": "text", "text": text}]}
        body = {"type": "doc", "version": 1, "content": [paragraph]}
    [one] = both.issue("SOC-1").comments
    both.ask("PUT", f"issue/SOC-1/comment/{one.id}", person, {"body": body})


def _conflicts() -> list[TicketConflictRow]:
    with read_session() as session:
        return list(session.exec(select(TicketConflictRow).order_by(TicketConflictRow.id)).all())


def test_each_side_s_wording_reaches_the_other_and_is_not_told_back(both: BothSides) -> None:
    _write(both)
    both.counted.lose_any()  # its answer is lost: looked up by its mark, not written twice
    _reword("second")
    both.settle()
    both.minute(2)
    assert _there(both) == ["ana:\nsecond"]
    assert (_note().text, _note().version) == ("second", 2)
    _edit_there(both, "third")
    sent = len(both.deliveries())
    both.minute(2)
    assert (_note().text, _note().version, len(both.deliveries())) == ("third", 3, sent)
    _reword("fourth")
    both.settle()
    both.minute()
    assert (_there(both), _note().version, _conflicts()) == (["ana:\nfourth"], 4, [])


def test_a_note_that_is_reworded_before_it_was_told_ends_with_its_newest_words(both: BothSides) -> None:
    with write_session() as session:
        add_note(session, "inc-1", "first", Asked(ANA, "n"))
    _reword("second")
    both.settle()
    both.minute()
    assert (_there(both), _note().version) == (["ana:\nsecond"], 2)


def test_two_wordings_wait_for_a_person_and_one_holds_on_both_sides(both: BothSides) -> None:
    for decision, words in (("ours", "here"), ("theirs", "there")):
        if not _there(both):
            _write(both)
        _edit_there(both, "there", "lead")
        _reword("here" if decision == "ours" else "here again")
        both.settle()
        both.minute(2)
        conflict = _conflicts()[-1]
        assert (conflict.field, conflict.theirs["value"], _there(both)) == ("comment", "there", ["there"])
        assert _note().text.startswith("here")
        with write_session() as session:
            assert conflict.id
            tries = decide(session, conflict.id, decision, actor=ANA)  # type: ignore[arg-type]
        assert len(tries) == (decision == "ours")
        both.settle()
        both.minute(2)
        assert (_note().text, _there(both)[0].removeprefix("ana:\n")) == (words, words)


def test_a_comment_that_was_deleted_there_marks_the_note_and_a_new_wording_brings_it_back_nowhere(
    both: BothSides,
) -> None:
    _write(both)
    delete_comment(both.jira, "SOC-1", both.issue("SOC-1").comments[0].id)
    both.minute()
    assert (_note().text, _note().gone_at is not None) == ("first", True)
    _reword("second")
    both.settle()
    both.minute()
    assert (_there(both), _note().text, _conflicts()) == ([], "second", [])
