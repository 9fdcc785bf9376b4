"""Several people acknowledge, take or close the same incident in the same moment, each by another way: one of them was first."""

from __future__ import annotations

import threading
from collections.abc import Callable

from sqlmodel import Session

from soc.domain.actor import Actor
from soc.domain.acts import Ending, Verdict
from soc.domain.audit import Subject, SubjectKind
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.incidents.incidents import get_incident
from soc.store.nouns.installation.audit import list_of_subject
from soc.tickets import acts
from soc.tickets.acts import Asked, Outcome
from tests.rows import add_person, add_ticket

ROUNDS = 4
#: At the page, by a button of the chat, and as the vendor that keeps the ticket tells it.
WAYS = (
    (Actor.said("per-kim"), ""),
    (Actor.proved("per-lee", by="slack"), "slack"),
    (Actor.proved("per-max", by="jira"), "jira"),
)
Act = Callable[[Session, str, Asked], Outcome]


def _race(incident: str, act: Act, key: str) -> list[Outcome]:
    together, outcomes = threading.Barrier(len(WAYS)), list[Outcome]()

    def work(actor: Actor, via: str) -> None:
        together.wait()
        asked = Asked(actor, f"{key}-{actor.id}", via=via)
        outcomes.append(acts.perform(lambda session: act(session, incident, asked)))

    threads = [threading.Thread(target=work, args=way) for way in WAYS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def _close(session: Session, incident: str, asked: Asked) -> Outcome:
    verdicts = {"per-kim": Verdict.BENIGN, "per-lee": Verdict.TRUE_POSITIVE, "per-max": Verdict.DATA_WRONG}
    return acts.close(session, incident, verdicts[asked.actor.id], asked)


def test_of_several_at_once_the_first_wins_and_the_others_are_told_who_it_was() -> None:
    migrate()
    with write_session() as session:
        for name in ("kim", "lee", "max"):
            add_person(session, f"per-{name}")
        for number in range(ROUNDS):
            add_ticket(session, f"SOC-{number}", remote_id=str(number))
    for number in range(ROUNDS):
        incident = f"inc-SOC-{number}"
        for act, words in ((acts.acknowledge, "acknowledge"), (_close, "close")):
            outcomes = _race(incident, act, f"{words}-{number}")
            assert sorted(one.ending for one in outcomes) == [Ending.DONE, Ending.TAKEN, Ending.TAKEN], (
                outcomes
            )
            with read_session() as session:
                entries = list_of_subject(session, Subject(SubjectKind.INCIDENT, incident))
                [first] = [entry.made_by for entry in entries if entry.action == words]
                assert {one.by for one in outcomes if one.ending is Ending.TAKEN} == {first}
        with read_session() as session:
            row = get_incident(session, incident)
            assert row.acknowledged_at is not None
            assert row.status == "closed"
