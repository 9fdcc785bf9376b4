"""A flood: the gravest are told at once, the others await release; nothing that scores 9 or more waits, nothing is lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from sqlmodel import select

from soc import clock
from soc.batches import run
from soc.batches.intake import keep_paste, submit_batch
from soc.batches.report import build_report
from soc.batches.telling.flood import release_grave, release_incidents, who_waits
from soc.configuration.save import save_configuration
from soc.delivery import queues
from soc.domain.actor import AT_A_PAGE
from soc.domain.classification import Classification
from soc.domain.incident import Incident
from soc.errors import NotFound
from soc.level import Level
from soc.logs.layout import ReadOptions
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.combined.waiting import list_awaiting
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.incidents.incidents import IncidentRow
from soc.store.nouns.installation.audit import AuditRow
from tests.rows import keep_wrong

JIRA = {"base_url": "https://jira.example.com", "username": "a@b.c", "api_token": "a-token", "enabled": True}
#: One of 9 or more and five of 8 that meet a rule, each of a host of its own.
FLOOD = "source,message\nfiles,Ransomware detected on fileserver\n" + "".join(
    f"host{n},Antivirus real-time protection was disabled by user bob{n}\n" for n in range(5)
)


def found(name: str, score: int, count: int = 1) -> Incident:
    return Incident(
        id=name, batch_id="b", title="Odd", source="web-1", classification=Classification.SECURITY_ALERT, score=score,
        confidence=0.9, rule_id="r", template_id="t", template="odd", entity="web-1", count=count, first_seen=None,
        last_seen=None, message="odd", reasons=(), samples=(),
    )  # fmt: skip


def test_the_gravest_are_told_and_of_equals_those_of_most_lines() -> None:
    some = [found("a", 7, 5), found("b", 8), found("c", 7, 9), found("d", 7, 9)]
    assert who_waits(some, cap=2) == {"a", "d"}
    assert who_waits(some, cap=4) == who_waits(some, cap=0) == frozenset()


def test_what_scores_nine_or_more_never_waits_and_takes_a_place() -> None:
    some = [found("a", 9), found("b", 10), found("c", 9), found("d", 8)]
    assert who_waits(some, cap=1) == {"d"}
    assert who_waits(some, cap=4) == frozenset()


@pytest.fixture
def batch() -> Iterator[str]:
    """A batch that found six of which two are told at once."""
    migrate()
    queues.open_queues(lambda _jobs: None)
    save_configuration("jira", JIRA, actor=AT_A_PAGE)
    yield process("first", cap=2)
    queues.close_queues()


def process(key: str, *, cap: int | None) -> str:
    uploads = [(keep_paste(FLOOD), ReadOptions())]
    batch_id = submit_batch(uploads, idempotency_key=key, actor=AT_A_PAGE, on=("jira",), flood_cap=cap)
    run.run_batch(batch_id)
    return batch_id


def states(batch_id: str) -> Counter[str]:
    with read_session() as session:
        mine = DeliveryRow.batch_id == batch_id, DeliveryRow.integration == "jira"
        return Counter(session.exec(select(DeliveryRow.state).where(*mine)).all())


def waiting(batch_id: str) -> list[str]:
    with read_session() as session:
        return [row.id for row in list_awaiting(session, batch_id)]


@pytest.mark.usefixtures("batch")
def test_settings_that_this_version_does_not_take_fail_no_batch_and_what_they_are_for_waits() -> None:
    keep_wrong("jira")
    again = process("second", cap=0)
    assert build_report(again).batch.state == "finished"
    assert set(states(again)) <= {"pending", "joined", "awaiting"}
    assert sum(states(again).values()) == 6


def test_a_flood_waits_until_it_is_released_and_the_account_knows_it(batch: str) -> None:
    report = build_report(batch)
    [jira] = [one for one in report.accounts if one.channel == "jira"]
    assert (jira.eligible, jira.pending, jira.awaiting, report.balanced) == (6, 2, 4, True)
    assert any(line.startswith("✋ 4 incidents await release") for line in report.lines)
    assert report.level is Level.WARNING

    first, *others = waiting(batch)
    assert release_incidents(batch, [first, first], actor=AT_A_PAGE) == 1
    assert release_incidents(batch, [first], actor=AT_A_PAGE) == 0
    assert (waiting(batch), states(batch)) == (others, {"pending": 3, "awaiting": 3})

    with write_session() as session:  # whoever closed it needs no ticket
        session.get_one(IncidentRow, others[0]).status = "closed"
    assert release_incidents(batch, None, actor=AT_A_PAGE) == 3
    assert (waiting(batch), states(batch)) == ([], {"pending": 5, "cancelled": 1})
    assert build_report(batch).balanced
    with read_session() as session:
        asked = select(AuditRow).where(AuditRow.action == "release incidents").order_by(AuditRow.seq)
        told = session.exec(asked).all()
        assert [row.after["incidents"] for row in told] == [1, 3]
        assert {row.made_by for row in told} == {str(AT_A_PAGE)}
    with pytest.raises(NotFound):
        release_incidents(batch, ["inc-none"], actor=AT_A_PAGE)


def test_the_same_flood_again_asks_nobody_anew(batch: str) -> None:
    assert states(again := process("again", cap=2)) == {"joined": 6}
    assert waiting(again) == []
    assert len(waiting(batch)) == 4


def test_what_another_batch_makes_grave_goes_at_once_and_nothing_else(batch: str) -> None:
    first, *others = waiting(batch)
    with write_session() as session:
        session.get_one(IncidentRow, first).score = 9
        tries = release_grave(session, [*others, first, first], now=clock.now())
    assert len(tries) == 1
    assert (waiting(batch), states(batch)) == (others, {"pending": 3, "awaiting": 3})
