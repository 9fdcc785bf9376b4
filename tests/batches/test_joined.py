"""The same content processed again: what is found in it again belongs to what is there, and nobody is told twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlmodel import col, select

from soc.batches import run
from soc.batches.intake import keep_paste, known_content, submit_batch
from soc.batches.report import BatchReport, build_report
from soc.configuration.save import save_configuration
from soc.delivery import ledger, queues
from soc.domain.actor import AT_A_PAGE
from soc.domain.acts import Verdict
from soc.domain.message import Receipt
from soc.logs.layout import ReadOptions
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.batches.batches import get_batch
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.incidents.incidents import IncidentRow
from soc.store.nouns.incidents.investigation_notes import InvestigationNoteRow
from soc.store.nouns.tickets.tickets import TicketRow
from soc.tickets import acts
from soc.tickets.acts import Asked
from soc.tickets.asking import ask_for_ticket
from soc.tickets.opening import follow_delivery

NOW = datetime(2026, 1, 15, 8, tzinfo=UTC)
NIGHT = (
    "source,message\n"
    "SecuritySystem,CRITICAL: Multiple failed root login attempts - potential breach\n"
    "NetworkFirewall,SECURITY ALERT: Advanced persistent threat detected\n"
    "App,user anna opened a page\n"
)
JIRA = {"base_url": "https://jira.example.com", "username": "a@b.c", "api_token": "a-token", "enabled": True}


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Coordinates]:
    migrate()
    queues.open_queues(lambda _jobs: None)
    with time_machine.travel(NOW, tick=False) as traveller:
        save_configuration("jira", JIRA, actor=AT_A_PAGE)
        yield traveller
    queues.close_queues()


def process(text: str = NIGHT, *, as_new: bool = False, on: tuple[str, ...] = ("jira",)) -> str:
    files = [(keep_paste(text), ReadOptions())]
    with read_session() as session:
        number = len(session.exec(select(DeliveryRow.id)).all())
    batch = submit_batch(
        files, idempotency_key=f"k{number}{text[-9:]}{as_new}{on}", actor=AT_A_PAGE, on=on, as_new=as_new
    )
    run.run_batch(batch)
    return batch


def deliver_all() -> None:
    """The vendor takes every ticket that is to be opened."""
    with write_session() as session:
        rows = session.exec(
            select(DeliveryRow).where(DeliveryRow.state == "pending").order_by(DeliveryRow.id)
        ).all()
        for row in [one for one in rows if one.action == "open_ticket"]:
            ledger.begin_send(session, row, executor="t", now=datetime.now(UTC))
            receipt = Receipt(remote_id=row.id[-6:], key=f"SOC-{row.id[-6:]}", url="https://x.example")
            ledger.deliver(session, row, receipt, now=datetime.now(UTC))
            follow_delivery(session, row, receipt)


def tickets() -> list[TicketRow]:
    with read_session() as session:
        return list(session.exec(select(TicketRow).order_by(col(TicketRow.id))))


def notes() -> list[str]:
    with read_session() as session:
        return [one.text for one in session.exec(select(InvestigationNoteRow))]


def told(batch: str) -> Counter[str]:
    with read_session() as session:
        return Counter(session.exec(select(DeliveryRow.state).where(
            DeliveryRow.batch_id == batch, DeliveryRow.action == "open_ticket")))  # fmt: skip


def report(batch: str) -> BatchReport:
    found = build_report(batch)
    assert found.balanced
    return found


def close_all() -> None:
    with write_session() as session:
        for row in session.exec(select(TicketRow)).all():
            acts.close(session, row.incident_id, Verdict.TRUE_POSITIVE, Asked(AT_A_PAGE, f"close-{row.id}"))


def test_the_same_file_again_opens_no_ticket_and_says_so_once_at_each(
    clock: time_machine.Coordinates,
) -> None:
    first = process()
    deliver_all()
    number = len(tickets())
    assert number >= 2
    for times in (1, 2, 3):
        clock.shift(timedelta(hours=1))
        again = process()
        assert told(again) == Counter({"joined": number}), times
        deliver_all()
        assert len(tickets()) == number
    said = notes()
    assert len(said) == number  # one comment, written anew
    assert all(one.startswith("Seen again 3 times, last on 2026-01-15 11:00 UTC") for one in said)
    [account] = [one for one in report(again).accounts if one.channel == "jira"]
    assert (account.eligible, account.joined, account.delivered) == (number, number, 0)
    assert f"🔁 Joined {number} incidents to what was told before" in report(again).lines
    assert told(first) == Counter({"delivered": number})


def test_what_was_joined_is_no_work_of_its_own() -> None:
    first = process()
    deliver_all()
    again = process()
    with read_session() as session:
        rows = session.exec(
            select(IncidentRow).where(IncidentRow.batch_id == again, IncidentRow.eligible)
        ).all()
        known = {one.id: one.batch_id for one in session.exec(select(IncidentRow))}
    assert rows
    for row in rows:
        assert (row.status, row.verdict, known[row.joined_to]) == ("closed", "duplicate", first)


def test_before_its_ticket_is_there_it_is_joined_all_the_same() -> None:
    process()
    again = process()  # nothing of the first was delivered yet
    assert set(told(again)) == {"joined"}
    deliver_all()
    assert set(told(process())) == {"joined"}


def test_a_done_ticket_is_opened_again_within_the_window_and_followed_by_a_new_one_after_it(
    clock: time_machine.Coordinates,
) -> None:
    process()
    deliver_all()
    number = len(tickets())
    close_all()
    clock.shift(timedelta(days=6))
    again = process()
    assert set(told(again)) == {"joined"}
    assert [(one.resolved_at, one.reopened) for one in tickets()] == [(None, 1)] * number
    assert all("It is open again." in one for one in notes())
    for row in tickets():
        with write_session() as session:
            acts.close(session, row.incident_id, Verdict.TRUE_POSITIVE, Asked(AT_A_PAGE, f"again-{row.id}"))
    clock.shift(timedelta(days=8))
    later = process()
    assert told(later) == Counter({"pending": number})
    with read_session() as session:
        rows = session.exec(select(DeliveryRow).where(
            DeliveryRow.batch_id == later, DeliveryRow.action == "open_ticket")).all()  # fmt: skip
    assert {one.payload["follows"] for one in rows} == {one.key for one in tickets()}
    deliver_all()
    assert len(tickets()) == 2 * number
    clock.shift(timedelta(hours=1))
    assert set(told(process())) == {"joined"}  # to the new ones, which are open
    assert len([one for one in tickets() if one.reopened == 2]) == 0


def test_said_to_be_told_anew_it_is() -> None:
    process()
    deliver_all()
    number = len(tickets())
    assert told(process(as_new=True)) == Counter({"pending": number})


def test_a_channel_that_was_not_told_is_told_now() -> None:
    first = process(on=())
    assert set(told(first)) == {"suppressed"}
    again = process()
    assert set(told(again)) == {"pending"}
    deliver_all()
    assert set(told(process())) == {"joined"}


def test_other_content_is_its_own_and_what_was_known_is_said_beforehand() -> None:
    process()
    deliver_all()
    other = NIGHT.replace("root login", "admin login")
    assert set(told(process(other))) == {"pending"}
    assert list(known_content([keep_paste(NIGHT)])) == ["pasted lines"]
    with read_session() as session:
        assert get_batch(session, process(NIGHT)).as_new is False
    assert known_content([keep_paste("something else")]) == {}


def test_a_ticket_that_a_person_asks_for_again_is_the_open_one_the_reopened_one_or_one_that_follows(
    clock: time_machine.Coordinates,
) -> None:
    process()
    deliver_all()
    ticket = tickets()[0]

    def ask() -> tuple[str, bool]:
        with write_session() as session:
            opening = ask_for_ticket(session, ticket.incident_id, actor=AT_A_PAGE, now=datetime.now(UTC))
        return opening.said, opening.new

    assert ask() == (f"It has its ticket already: {ticket.key}.", False)
    close_all()
    clock.shift(timedelta(days=2))
    assert ask() == (f"Joined to {ticket.key}, which was done 2 d ago and is open again.", True)
    assert tickets()[0].resolved_at is None
    with write_session() as session:
        acts.close(session, ticket.incident_id, Verdict.TRUE_POSITIVE, Asked(AT_A_PAGE, "over"))
    clock.shift(timedelta(days=8))
    assert ask() == ("Its ticket is being opened.", True)
    deliver_all()
    with read_session() as session:
        row = session.exec(select(TicketRow).where(TicketRow.incident_id == f"{ticket.incident_id}~2")).one()
        told = session.exec(select(DeliveryRow).where(
            DeliveryRow.incident_id == row.incident_id, DeliveryRow.action == "open_ticket")).one()  # fmt: skip
    assert told.payload["follows"] == ticket.key
    assert ask() == (f"It has its ticket already: {row.key}.", False)


def auth(day: int, minutes: range, address: str = "203.0.113.9") -> str:
    line = (
        "2026-01-{day:02d}T02:{m:02d}:{s:02d}Z web1 sshd[7]: Failed password for root from {ip} port 2 ssh2\n"
    )
    return "".join(line.format(day=day, m=m, s=s, ip=address) for m in minutes for s in (1, 31))


def stories() -> list[tuple[str, int, bool]]:
    """(entity, lines, whether it was joined to another) of each incident."""
    with read_session() as session:
        rows = session.exec(select(IncidentRow).order_by(col(IncidentRow.created_at), col(IncidentRow.id)))
        return [(one.entity, one.count, bool(one.joined_to)) for one in rows]


def test_an_attack_that_goes_on_tomorrow_joins_its_open_ticket_and_each_line_counts_once(
    clock: time_machine.Coordinates,
) -> None:
    yesterday, today = auth(13, range(20)), auth(14, range(5))
    process(yesterday)
    deliver_all()
    assert stories() == [("203.0.113.9", 40, False)]
    clock.shift(timedelta(hours=1))
    again = process(yesterday + today)
    assert told(again) == Counter({"joined": 1})
    assert stories() == [("203.0.113.9", 50, False), ("203.0.113.9", 50, True)]
    clock.shift(timedelta(hours=1))
    process(today + auth(14, range(5, 7)))
    assert stories()[0] == ("203.0.113.9", 54, False)
    deliver_all()
    assert len(tickets()) == 1
    (note,) = notes()
    assert "4 lines are new, the last of 2026-01-14 02:06 UTC." in note


def test_another_actor_or_the_same_after_a_quiet_day_has_a_ticket_of_its_own() -> None:
    process(auth(10, range(20)))
    process(auth(10, range(20), address="203.0.113.8"))
    process(auth(12, range(20)))
    deliver_all()
    assert len(tickets()) == 3


def test_where_nobody_can_be_told_what_comes_again_is_joined_and_told_as_soon_as_somebody_can() -> None:
    process(auth(10, range(20)), on=())
    process(auth(10, range(20)), on=())
    assert sorted(joined for _, _, joined in stories()) == [False, True]
    assert told(process(auth(10, range(20)))) == Counter({"pending": 1})


def test_a_story_that_becomes_graver_tomorrow_is_judged_named_and_as_urgent_as_what_made_it_so(
    clock: time_machine.Coordinates,
) -> None:
    process(auth(13, range(20)))
    deliver_all()
    with read_session() as session:
        (before,) = session.exec(select(IncidentRow)).all()
    clock.shift(timedelta(hours=1))
    broke_in = auth(14, range(5)) + auth(14, range(6, 7)).splitlines(keepends=True)[0].replace(
        "Failed", "Accepted"
    )
    process(broke_in)
    with read_session() as session:
        after = session.get_one(IncidentRow, before.id)
        (ticket,) = session.exec(select(TicketRow)).all()
    assert (before.score, after.score, after.severity, after.priority) == (8, 10, "critical", "Highest")
    assert "then success" in after.title
    assert sum(reason["weight"] for reason in after.reasons) == after.score
    assert after.count == 40 + 11
    assert ticket.incident_id == before.id
