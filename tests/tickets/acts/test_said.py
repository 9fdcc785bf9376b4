"""What an act says of itself: to whoever was first, to whoever was second, and below the alerts to everybody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
import time_machine
from sqlmodel import Session, select

from soc.domain.actor import AT_A_PAGE, AT_THE_SHELL, IN_PYTHON, ON_LOOPBACK, Actor
from soc.domain.acts import ActKind, Ending, Verdict, Visibility
from soc.domain.incident import IncidentStatus
from soc.domain.message import SendAlert
from soc.domain.severity import Priority
from soc.errors import ConfigurationError, Conflict, NotFound
from soc.integrations.naming import named, person_named
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.incidents.incidents import IncidentRow, get_incident, to_incident
from soc.store.nouns.incidents.investigation_notes import get_note
from soc.store.nouns.installation.audit import AuditRow
from soc.tickets import acts
from soc.tickets.acts import Asked, Outcome, bulk
from soc.tickets.acts.asked import LONGEST_KEY
from soc.tickets.acts.bulk import Wish
from soc.tickets.acts.case import find_incident, incident_of
from soc.tickets.acts.noting import LONGEST_NOTE, mark_gone
from soc.tickets.acts.owning import release
from soc.tickets.acts.telling import LONGEST_TOLD
from soc.tickets.acts.wording import called_by, is_same
from soc.tickets.alerts import name_of, standing_of
from tests.rows import NIGHT, add_delivery, add_incident, add_person, add_ticket

KIM, LEE = Actor.said("per-kim"), Actor.said("per-lee")
ONE = "inc-1"
_numbers = count()
WHEN = "at 2026-01-14 22:00 UTC"


@pytest.fixture(autouse=True)
def _alert() -> Iterator[None]:
    """An incident of the second priority, whose alert was sent."""
    migrate()
    with time_machine.travel(NIGHT, tick=False):
        with write_session() as session:
            for who in ("per-kim", "per-lee"):
                add_person(session, who, email=f"{who}@example.com")
            add_person(session, "per-old", active=False)
            incident = to_incident(add_incident(session, ONE, title="Failed logins", score=8))
            add_delivery(
                session, "dlv-alert", integration="slack", action="send_alert", incident_id=ONE, subject=ONE, batch_id="b",
                state="delivered", receipt={"remote_id": "1.0", "key": "C1"},
                payload=SendAlert(incident=incident).model_dump(mode="json"),
            )  # fmt: skip
        yield


def do(
    work: Any, *rest: Any, who: Actor = KIM, key: str = "", incident_id: str = ONE, **more: Any
) -> Outcome:
    with write_session() as session:
        outcome: Outcome = work(session, incident_id, *rest, Asked(who, key or f"k{next(_numbers)}"), **more)
        return outcome


def said(outcome: Outcome) -> tuple[Ending, str]:
    return outcome.ending, outcome.said


def below() -> list[str]:
    """What was told below the alert."""
    with read_session() as session:
        query = select(DeliveryRow).where(DeliveryRow.action == "tell_thread")
        return [row.payload["text"] for row in session.exec(query)]


def row(incident_id: str = ONE) -> IncidentRow:
    with read_session() as session:
        return get_incident(session, incident_id)


def test_who_takes_gives_and_gives_back_and_everybody_reads_it() -> None:
    assert said(do(acts.assign, "")) == (Ending.ALREADY, "Nobody has it.")
    assert said(do(acts.assign, " per-kim ")) == (Ending.DONE, "Assigned to Kim.")
    assert said(do(acts.assign, "per-kim")) == (Ending.ALREADY, "Kim has it already.")
    late = do(acts.assign, "per-lee", who=LEE, expected="")
    assert (said(late), late.by) == ((Ending.TAKEN, f"Kim has it, assigned by Kim {WHEN}."), str(KIM))
    assert said(do(acts.assign, "per-lee@example.com")) == (Ending.DONE, "Assigned to Lee.")
    assert said(do(acts.assign, "")) == (Ending.DONE, "Nobody has it now.")
    assert said(do(acts.assign, "per-lee", who=LEE, expected="per-kim")) == (
        Ending.TAKEN,
        f"It was given back {WHEN}; nobody has it.",
    )
    assert set(below()) == {"Kim took it.", "Kim assigned it to Lee.", "Kim gave it back; nobody has it."}
    with write_session() as session:
        add_incident(session, "inc-2", owner="per-lee")
    first = do(acts.assign, "per-kim", incident_id="inc-2", expected="")
    assert (first.said, first.by) == ("Lee has it.", "per-lee")  # since before acts were kept
    for nobody, error in (
        ("x@example.com", NotFound),
        ("per-none", NotFound),
        ("per-old", ConfigurationError),
    ):
        with pytest.raises(error):
            do(acts.assign, nobody)


def test_an_end_says_who_ended_it_and_as_what_and_a_second_verdict_is_refused_or_taken() -> None:
    assert said(do(acts.set_verdict, Verdict.BENIGN)) == (
        Ending.REFUSED,
        "It is not over yet: close it with this verdict.",
    )
    with pytest.raises(ConfigurationError, match="what it turned out"):
        do(acts.close, None)
    assert said(do(acts.close, Verdict.BENIGN, note=" seen ")) == (
        Ending.DONE,
        "Closed: Benign true positive.",
    )
    [lines] = below()
    assert lines.splitlines() == [
        "Status: open → closed, by Kim.",
        "Verdict: Benign true positive, by Kim.",
        "Note by Kim: seen",
    ]
    assert said(do(acts.close, Verdict.BENIGN, who=LEE)) == (
        Ending.ALREADY,
        "It is closed already as “Benign true positive”.",
    )
    mine = do(acts.close, Verdict.TRUE_POSITIVE)
    assert said(mine) == (
        Ending.REFUSED,
        f"You closed it {WHEN} as “Benign true positive”. The verdict can still be changed.",
    )
    theirs = do(acts.close, Verdict.TRUE_POSITIVE, who=LEE)
    assert (theirs.ending, theirs.by) == (Ending.TAKEN, str(KIM))
    assert theirs.said.startswith(f"Kim closed it {WHEN} as “Benign true positive”.")
    assert said(do(acts.set_verdict, Verdict.BENIGN)) == (
        Ending.ALREADY,
        "It is “Benign true positive” already.",
    )
    with write_session() as session:
        add_incident(session, "inc-2")
    assert do(acts.set_verdict, Verdict.DUPLICATE, duplicate_of="inc-2").ending is Ending.DONE
    assert (row().verdict, row().duplicate_of) == ("duplicate", "inc-2")
    with write_session() as session:
        assert standing_of(session, row()).verdict.startswith("Duplicate of “")
        add_ticket(session, "SOC-2", incident_id="inc-2")
        assert standing_of(session, row()).verdict == "Duplicate of SOC-2"
    assert any("Verdict: Duplicate of “" in line for line in below())
    for other, error in (
        ("", ConfigurationError),
        (" ", ConfigurationError),
        (ONE, ConfigurationError),
        ("inc-9", NotFound),
    ):
        with pytest.raises(error):
            do(acts.set_verdict, Verdict.DUPLICATE, duplicate_of=other)


def test_a_vendor_s_end_has_no_verdict_until_somebody_gives_it_one() -> None:
    with write_session() as session:
        ended = acts.close(session, ONE, None, Asked(Actor.vendor("jira"), "v", via="jira"))
    assert said(ended) == (Ending.DONE, "Closed; its verdict is asked for.")
    with write_session() as session:
        again = acts.close(session, ONE, None, Asked(Actor.vendor("jira"), "w", via="jira"))
    assert said(again) == (Ending.ALREADY, "It is closed already.")
    assert said(do(acts.close, Verdict.TRUE_POSITIVE)) == (Ending.DONE, "Closed: True positive.")
    assert (row().verdict, row().closed_at) == ("true_positive", NIGHT)
    assert "Verdict: True positive, by Kim." in below()  # it was over before


def test_where_it_stands_is_said_and_who_moved_it_first() -> None:
    going = IncidentStatus.IN_PROGRESS
    assert said(do(acts.set_status, IncidentStatus.OPEN)) == (Ending.ALREADY, "It is open already.")
    for over in (IncidentStatus.RESOLVED, IncidentStatus.CLOSED):
        assert do(acts.set_status, over).ending is Ending.REFUSED
    assert said(do(acts.set_status, going, expected=IncidentStatus.CLOSED)) == (
        Ending.TAKEN,
        "Somebody made it open.",
    )
    assert said(do(acts.set_status, going, expected=IncidentStatus.OPEN)) == (
        Ending.DONE,
        "It is in progress now.",
    )
    late = do(acts.set_status, IncidentStatus.OPEN, who=LEE, expected=IncidentStatus.OPEN)
    assert (said(late), late.by) == ((Ending.TAKEN, f"Kim made it in progress {WHEN}."), str(KIM))
    assert "Status: open → in progress, by Kim." in below()
    with write_session() as session:
        add_incident(session, "inc-2", merged_into=ONE, status="closed")
    again = do(acts.set_status, IncidentStatus.OPEN, incident_id="inc-2")
    assert said(again) == (Ending.DONE, "It is open now. It is no longer one with “Failed logins”.")
    assert said(do(acts.set_priority, Priority.HIGH)) == (Ending.ALREADY, "Its priority is High already.")
    assert said(do(acts.set_priority, Priority.LOW)) == (Ending.DONE, "Its priority is Low now.")
    assert "Priority: High → Low, by Kim." in below()


def test_an_acknowledgement_holds_until_it_is_released_and_is_refused_where_nothing_is_left_to_do() -> None:
    assert said(do(acts.acknowledge)) == (Ending.DONE, "Acknowledged.")
    assert below() == ["Kim acknowledged it."]
    assert said(do(acts.acknowledge)) == (Ending.ALREADY, f"You acknowledged it {WHEN} already.")
    late = do(acts.acknowledge, who=LEE)
    assert (said(late), late.by) == ((Ending.TAKEN, f"Kim acknowledged it {WHEN} already."), str(KIM))
    with write_session() as session:
        assert release(session, ONE, actor=AT_A_PAGE)
        assert not release(session, ONE, actor=AT_A_PAGE)
    assert (row().acknowledged_at, row().acknowledged_by, row().changed_by) == (None, "", str(AT_A_PAGE))
    with read_session() as session:
        entry = session.exec(select(AuditRow).where(AuditRow.action == "release")).one()
    assert (entry.before["acknowledged_by"], entry.made_by) == (str(KIM), str(AT_A_PAGE))
    do(acts.close, Verdict.BENIGN)
    assert said(do(acts.acknowledge)) == (
        Ending.REFUSED,
        "It is closed already; there is nothing to acknowledge.",
    )
    with write_session() as session:
        add_incident(session, "inc-2", merged_into=ONE, status="closed")
    assert said(do(acts.acknowledge, incident_id="inc-2")) == (
        Ending.REFUSED,
        "It was merged into “Failed logins”: act on that.",
    )


def test_a_note_is_cleaned_told_by_its_beginning_and_kept_in_every_wording() -> None:
    for wrong in ("", " \r\n ", "x" * (LONGEST_NOTE + 1), "a\x00b"):
        with pytest.raises(ConfigurationError):
            do(acts.add_note, wrong)
    assert said(do(acts.add_note, "\r\na\r\nb ", key="n", visibility=Visibility.PUBLIC)) == (
        Ending.DONE,
        "Noted.",
    )
    assert below() == ["Note by Kim: a\nb"]
    with read_session() as session:
        entry = session.exec(select(AuditRow).where(AuditRow.action == "add note")).one()
    note_id = entry.after["note_id"]

    def edit(text: str, **more: Any) -> Outcome:
        with write_session() as session:
            return acts.edit_note(session, note_id, text, Asked(LEE, f"e{text[:9]}{more}"), **more)

    assert said(edit("a\nb")) == (Ending.ALREADY, "The note says that already.")
    assert said(edit("a\nb", visibility=Visibility.INTERNAL))[0] is Ending.DONE
    assert said(edit("x" * LONGEST_NOTE)) == (
        Ending.DONE,
        "The note was changed; its earlier wording is kept.",
    )
    assert f"Note by Lee: {'x' * LONGEST_TOLD}…" in below()
    with write_session() as session:
        note = get_note(session, note_id)
        assert (note.version, note.visibility, note.changed_by) == (3, "internal", str(LEE))
        for minutes in (1, 2):  # deleted there: marked once
            mark_gone(
                session, note_id, Asked(Actor.vendor("jira"), "g", at=NIGHT + timedelta(minutes=minutes))
            )
        assert note.gone_at == NIGHT + timedelta(minutes=1)
    with read_session() as session:
        assert len(session.exec(select(AuditRow).where(AuditRow.action == "mark deleted comment")).all()) == 1


def test_an_act_has_a_key_and_the_same_key_is_told_what_came_of_the_first() -> None:
    for wrong in ("", "x" * (LONGEST_KEY + 1)):
        with pytest.raises(ConfigurationError):
            Asked(KIM, wrong)
    Asked(KIM, "x" * LONGEST_KEY)
    first, again = (do(acts.assign, "per-kim", key="same") for _ in range(2))
    assert (first.new, again.new, again.act_id, again.said, again.tries) == (
        True,
        False,
        first.act_id,
        first.said,
        (),
    )
    assert [
        one.stands for one in (first, do(acts.assign, "per-kim"), do(acts.assign, "per-lee", expected=""))
    ] == [
        True,
        True,
        False,
    ]


def test_an_incident_is_meant_by_its_id_or_its_ticket_s_key_or_number_here() -> None:
    with write_session() as session:
        number = add_ticket(session, "SOC-1", incident_id=ONE).id
        add_ticket(session, "SOC-2", incident_id=ONE, integration="other")
        for incident_id in ("inc-2", "inc-3"):
            add_ticket(session, "SOC-9", incident_id=incident_id)

    def find(session: Session, *names: str) -> list[str]:
        return [find_incident(session, one) for one in names]

    with read_session() as session:
        assert find(session, ONE, " SOC-1 ", "SOC-2", str(number)) == [ONE] * 4
        assert incident_of(session, number or 0) == ONE
        with pytest.raises(Conflict, match="2 tickets have the key SOC-9"):
            find(session, "SOC-9")
        for nothing in ("SOC-7", "99", "0"):
            with pytest.raises(NotFound):
                find(session, nothing)
        assert [called_by(session, one) for one in (ONE, "inc-none")] == ["SOC-1", "inc-none"]


def test_everybody_is_called_as_people_read_it() -> None:
    with read_session() as session:
        assert [
            named(session, str(one))
            for one in (KIM, Actor.proved("per-x", by="slack"), Actor.key("ci"), Actor.vendor("jira"))
        ] == [
            "Kim",
            "per-x",
            "The API key ci",
            "Jira",
        ]
        parts = (Actor.rule("assignment"), Actor.rule("r-1"), Actor.system("joining"), Actor.person("x"))
        assert [named(session, str(one)) for one in parts] == [
            "The roster's rules", "The rule r-1", "The product (joining)", "Somebody (x)",
        ]  # fmt: skip
        ways = (AT_A_PAGE, ON_LOOPBACK, AT_THE_SHELL, IN_PYTHON)
        assert [named(session, str(one)) for one in ways] == [
            "Somebody at the page",
            "Somebody through the API",
            "Somebody at the shell",
            "Somebody's Python",
        ]
        assert [named(session, one) for one in ("no actor", "")] == ["no actor", "Somebody"]
        assert [person_named(session, one) for one in ("per-kim", "per-x", "")] == ["Kim", "per-x", "nobody"]
        below_alerts = (
            str(KIM),
            "per-kim",
            "",
            "per-x",
            str(AT_A_PAGE),
            str(Actor.key("ci")),
            str(Actor.vendor("jira")),
        )
        assert [name_of(session, one) for one in below_alerts] == [
            "Kim", "Kim", "", "per-x", "Somebody at the page", "The API key ci", "Jira",
        ]  # fmt: skip
    assert is_same(str(KIM), Actor.proved("per-kim", by="slack"))
    assert not is_same(str(KIM), LEE)
    assert not is_same(str(Actor.key("per-kim")), KIM)
    assert not is_same("", KIM)


def test_an_alert_shows_how_its_incident_stands_and_nothing_of_what_nobody_touched() -> None:
    def standing() -> tuple[Any, ...]:
        with read_session() as session:
            found = standing_of(session, get_incident(session, ONE))
        return found.status, found.owner, found.owner_id, found.acknowledged, found.verdict, found.over

    assert standing() == ("", "", "", "", "", False)
    do(acts.acknowledge)
    do(acts.assign, "per-lee")
    do(acts.set_status, IncidentStatus.IN_PROGRESS)
    assert standing() == ("in progress", "Lee", "per-lee", "Kim, 2026-01-14T22:00:00Z", "", False)
    do(acts.close, Verdict.BENIGN)
    assert standing()[0:1] + standing()[4:] == ("closed", "Benign true positive", True)


def test_the_same_on_many_is_one_act_each_and_what_lacks_what_it_takes_is_refused_by_each() -> None:
    with write_session() as session:
        add_incident(session, "inc-2")
    both = [ONE, "inc-2", ONE]
    for wish, word in (
        (Wish(ActKind.ACKNOWLEDGE), "Acknowledged."),
        (Wish(ActKind.ASSIGN, owner="per-lee"), "Assigned to Lee."),
        (Wish(ActKind.ADD_NOTE, note="seen"), "Noted."),
        (Wish(ActKind.SET_STATUS, status=IncidentStatus.IN_PROGRESS), "It is in progress now."),
        (Wish(ActKind.SET_PRIORITY, priority=Priority.LOW), "Its priority is Low now."),
        (Wish(ActKind.CLOSE, verdict=Verdict.BENIGN, note="all of them"), "Closed: Benign true positive."),
    ):
        done = bulk.do_many(both, wish, Asked(KIM, f"many {wish.act}"))
        assert [(one.incident_id, one.said) for one in done.outcomes] == [(ONE, word), ("inc-2", word)]
        assert (done.count(Ending.DONE), done.count(Ending.TAKEN, Ending.REFUSED)) == (2, 0)
    for wish in (
        Wish(ActKind.SET_STATUS),
        Wish(ActKind.SET_PRIORITY),
        Wish(ActKind.MERGE),
        Wish(ActKind.CLOSE),
    ):
        refused = bulk.preview([ONE, "inc-9"], wish, actor=KIM)
        assert [one.ending for one in refused] == [Ending.REFUSED] * 2, wish
    for wrong in ([], [str(number) for number in range(bulk.MOST + 1)]):
        with pytest.raises(ConfigurationError, match="Too few or too many"):
            bulk.preview(wrong, Wish(ActKind.ACKNOWLEDGE), actor=KIM)
