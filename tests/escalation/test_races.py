"""An acknowledgement and a send that meet: nothing leaves after the acknowledgement but what it lists. SOC_ACK_RACES says how often."""

from __future__ import annotations

import os
import random
import threading
from datetime import timedelta

import pytest

from soc import clock
from soc.delivery import ledger
from soc.delivery.ledger import Send
from soc.domain.audit import Subject, SubjectKind
from soc.escalation import chains, notices
from soc.escalation.settling import settle_due
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.deliveries.deliveries import get_delivery
from soc.store.nouns.escalation import chains as stored
from soc.store.nouns.installation.audit import list_of_subject
from soc.tickets import acts
from soc.tickets.acts import Asked
from tests.escalation.world import ANA, make_world, open_ticket

RACES = int(os.environ.get("SOC_ACK_RACES", "12"))


def _plan_notice(number: int) -> str:
    """A ticket whose manager is to be told now; its delivery's id."""
    ticket = open_ticket(number, clock.now() - timedelta(minutes=31))
    with write_session() as session:
        settle_due(session, now=clock.now(), limit=10)
    with write_session() as session:
        tries = [
            one
            for recipient, channels in notices.list_recipients(session).items()
            for one in notices.tell(session, recipient, channels, now=clock.now())
        ]
    assert ticket.id
    return tries[0].delivery_id


def test_nothing_leaves_after_an_acknowledgement_but_what_it_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    make_world()
    monkeypatch.setattr(notices, "_DEFAULT_CAP", 10**6)
    monkeypatch.setattr(notices, "free_at", lambda *_args, **_named: None)
    dice, ends = random.Random(5), {"sent before": 0, "cancelled": 0}
    for number in range(1, RACES + 1):
        delivery = _plan_notice(number)
        sent: list[bool] = []
        late = [dice.random() * 0.004, dice.random() * 0.003]

        def send(delivery: str = delivery, sent: list[bool] = sent, wait: float = late[0]) -> None:
            threading.Event().wait(wait)
            with write_session() as session:
                row = get_delivery(session, delivery)
                step = ledger.begin(
                    session,
                    delivery,
                    row.try_number,
                    executor="e",
                    settle=timedelta(),
                    now=row.next_try_at or clock.now(),
                )
            sent.append(isinstance(step, Send))

        def acknowledge(number: int = number, wait: float = late[1]) -> None:
            threading.Event().wait(wait)
            asked = Asked(ANA, f"ack-{number}")
            acts.perform(lambda session: acts.acknowledge(session, f"inc-SOC-{number}", asked))

        threads = [threading.Thread(target=work) for work in (send, acknowledge)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        with read_session() as session:
            state = get_delivery(session, delivery).state
            subject = Subject(SubjectKind.ESCALATION, f"inc-SOC-{number}")
            (entry,) = list_of_subject(session, subject)
        listed = str(entry.opened)
        if sent == [True]:  # it had begun before: it is listed, and not repeated
            assert (state, delivery in listed) == ("sending", True)
            ends["sent before"] += 1
        else:
            assert state == "cancelled"
            ends["cancelled"] += 1
    print(ends)
    assert sum(ends.values()) == RACES


def test_of_two_processes_that_begin_with_the_first_chain_one_keeps_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    migrate()
    monkeypatch.setattr(stored, "last_version", lambda *_: 0)  # as both saw it
    for _ in range(2):
        with write_session() as session:
            chains.keep_default(session, now=clock.now())
    with read_session() as session:
        [kept] = stored.list_chains(session)
        assert len(stored.list_versions(session, kept.id)) == 1
