"""What is planned, waits, was told and acknowledged: each read of the escalation's rows with a row on either side."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlmodel import Session

from soc.domain.escalation.states import StepState
from soc.store.nouns.escalation.escalation_acks import (
    EXPIRED,
    EscalationAckRow,
    find_ack_ended,
    find_last_ack,
    find_open_ack,
    is_revived,
    list_expired_acks,
    list_open_acks,
    may_go_on,
)
from soc.store.nouns.escalation.escalation_lines import (
    CalledOff,
    Recipient,
    list_lines,
    list_notices,
    list_notices_of,
    list_told_at,
    list_waiting_recipients,
    lock_lines,
    lock_waiting,
    read_called_off,
)
from soc.store.nouns.escalation.escalations import (
    EscalationLineRow,
    EscalationNoticeRow,
    EscalationPlanRow,
    EscalationStepRow,
    find_due_tickets,
    find_highest_told,
    find_oldest_due_step,
    find_plan,
    find_unplanned,
    list_coming,
    list_incident_ids,
    list_plans,
    list_settled,
    list_steps,
    lock_due_steps,
    lock_steps,
    read_steps,
    read_tickets,
)
from soc.store.nouns.escalation.notice_ends import list_told_tickets
from tests.rows import NIGHT, add_delivery, add_incident, add_ticket

MINUTE, TICK = timedelta(minutes=1), timedelta(microseconds=1)


def _ticket(session: Session, key: str, **values: Any) -> int:
    return add_ticket(session, key, **values).id or 0


def _step(session: Session, ticket: int, step: int, **values: Any) -> int:
    known = {
        "cycle": 1,
        "chain_id": "c",
        "chain_version": 1,
        "loop": 0,
        "title": "t",
        "state": "planned",
        "made_by": "x",
        **values,
    }
    row = EscalationStepRow(ticket_id=ticket, step=step, **known)
    session.add(row)
    session.flush()
    return row.id or 0  # fmt: skip


def test_steps_are_due_at_their_moment_the_longest_overdue_first(session: Session) -> None:
    one, two, done = _ticket(session, "A"), _ticket(session, "B"), _ticket(session, "C", resolved_at=NIGHT)
    late = _step(session, two, 0, due_at=NIGHT - MINUTE)
    just = _step(session, one, 0, due_at=NIGHT)
    _step(session, one, 1, due_at=NIGHT + TICK)
    still = _step(session, one, 2, due_at=None)
    told = _step(session, one, 3, due_at=NIGHT - 9 * MINUTE, state="told", settled_at=NIGHT)
    over = _step(session, two, 4, state="cancelled", cycle=2, settled_at=NIGHT)
    _step(session, done, 0, due_at=NIGHT + MINUTE)
    assert find_due_tickets(session, now=NIGHT, limit=9) == [two, one]
    assert find_due_tickets(session, now=NIGHT, limit=1) == [two]
    assert [row.id for row in lock_due_steps(session, [one, two], now=NIGHT)] == [late, just]
    assert [row.id for row in lock_due_steps(session, [one], now=NIGHT)] == [just]
    assert find_oldest_due_step(session, now=NIGHT) == NIGHT - MINUTE
    assert find_oldest_due_step(session, now=NIGHT - 2 * MINUTE) is None
    assert [row.step for row in list_coming(session)] == [0, 0, 1]
    assert [row.id for row in list_coming(session, limit=1)] == [late]
    assert [row.id for row in list_settled(session)] == [over, told]
    assert [row.id for row in list_settled(session, limit=1)] == [over]
    planned = lock_steps(session, one, [StepState.PLANNED, StepState.CANCELLED])
    assert [row.step for row in planned] == [0, 1, 2]
    assert [row.id for row in read_steps(session, [still, over])] == [still, over]
    assert [row.step for row in list_steps(session, two)] == [0, 4]
    assert [row.id for row in list_steps(session, two, cycle=2)] == [over]


def test_the_highest_that_was_told_is_of_its_cycle_and_the_last_of_its_repeats(session: Session) -> None:
    ticket, other = _ticket(session, "A"), _ticket(session, "B")
    for number, (step, loop, cycle, state) in enumerate(
        ((1, 0, 1, "told"), (1, 2, 1, "told"), (1, 3, 1, "planned"), (0, 9, 1, "told"), (4, 0, 2, "told"))
    ):
        _step(session, ticket, step, loop=loop, cycle=cycle, state=state, chain_version=number)
    assert find_highest_told(session, ticket, 1) == (1, 2)
    assert find_highest_told(session, ticket, 2) == (4, 0)
    assert (find_highest_told(session, ticket, 3), find_highest_told(session, other, 1)) == (None, None)


def test_a_ticket_is_unplanned_until_its_plan_is_of_its_time_priority_and_cycle(session: Session) -> None:
    ids = {key: _ticket(session, key, due_at=NIGHT) for key in "ABCDE"}
    _ticket(session, "F", due_at=NIGHT, resolved_at=NIGHT)
    for key, values in {
        "A": {},
        "B": {"due_at": NIGHT + TICK},
        "C": {"priority": "Low"},
        "D": {"reopened": 1},
    }.items():
        known = {
            "due_at": NIGHT,
            "priority": "Highest",
            "chain_id": "c",
            "chain_version": 1,
            "planned_at": NIGHT,
            "made_by": "x",
        }
        for cycle in (2, 1) if key == "B" else (1,):
            session.add(EscalationPlanRow(ticket_id=ids[key], cycle=cycle, **{**known, **values}))
    session.flush()  # fmt: skip
    assert find_unplanned(session, limit=9) == [ids[key] for key in "BCDE"]
    assert find_unplanned(session, limit=2) == [ids["B"], ids["C"]]
    assert find_unplanned(session, of=[ids["A"], ids["E"]]) == [ids["E"]]
    plan = find_plan(session, ids["B"])
    assert plan is not None
    assert (plan.cycle, [one.cycle for one in list_plans(session, ids["B"])]) == (2, [1, 2])
    assert find_plan(session, ids["E"]) is None


def _notice(session: Session, name: str, recipient: str, minutes: int) -> None:
    delivery = add_delivery(session, f"dlv-{name}")
    session.add(
        EscalationNoticeRow(
            id=name, recipient=recipient, channel="slack", delivery_id=delivery.id, told_at=NIGHT + minutes * MINUTE, tickets=1,
            made_by="x",
        )
    )  # fmt: skip
    session.flush()


def _line(session: Session, step: int, ticket: int, **values: Any) -> int:
    known = {
        "recipient": "per-kim",
        "channel": "slack",
        "state": "waiting",
        "said": "s",
        "created_at": NIGHT,
        "made_by": "x",
    }
    row = EscalationLineRow(step_id=step, ticket_id=ticket, **{**known, **values})
    session.add(row)
    session.flush()
    return row.id or 0  # fmt: skip


def test_lines_wait_for_their_recipient_at_their_channel(session: Session) -> None:
    one, two = _ticket(session, "A"), _ticket(session, "B")
    step, other = _step(session, one, 0), _step(session, two, 0)
    _notice(session, "n1", "per-kim", 0)
    first = _line(session, step, one)
    told = _line(session, step, one, channel="teams", state="told", notice_id="n1")
    ended = _line(session, step, one, channel="mail", state="cancelled")
    second = _line(session, other, two)
    _line(session, other, two, recipient="", channel="slack")
    assert list_waiting_recipients(session) == [Recipient("", "slack"), Recipient("per-kim", "slack")]
    assert [row.id for row in lock_waiting(session, "per-kim", "slack")] == [first, second]
    assert lock_waiting(session, "per-kim", "teams") == []
    assert [row.id for row in lock_lines(session, one)] == [first, told]
    assert [row.id for row in list_lines(session, one)] == [first, told, ended]
    assert [(ticket.id, incident.id) for ticket, incident in list_told_tickets(session, "n1")] == [
        (one, "inc-A")
    ]
    assert sorted(list_incident_ids(session, [one, two])) == ["inc-A", "inc-B"]
    found = read_tickets(session, [two])
    assert {key: (ticket.key, incident.id) for key, (ticket, incident) in found.items()} == {
        two: ("B", "inc-B")
    }


def test_notices_are_listed_the_last_first_and_a_moment_counts_once(session: Session) -> None:
    for name, recipient, minutes in (
        ("n1", "kim", 0),
        ("n2", "kim", 2),
        ("n3", "kim", 2),
        ("n4", "lea", 1),
        ("n5", "kim", 1),
    ):
        _notice(session, name, recipient, minutes)
    assert [row.id for row in list_notices(session)] == ["n2", "n3", "n4", "n5", "n1"]
    assert [row.id for row in list_notices(session, limit=2)] == ["n2", "n3"]
    assert [row.id for row in list_notices_of(session, ["n4", "n1", "n9"])] == ["n1", "n4"]
    assert list_told_at(session, "kim", since=NIGHT) == [NIGHT + MINUTE, NIGHT + 2 * MINUTE]
    assert list_told_at(session, "lea", since=NIGHT + MINUTE) == []


def test_what_was_called_off_says_why_the_line_s_own_words_first(session: Session) -> None:
    _notice(session, "n1", "kim", 0)
    for key, incident, values, line in (
        ("A", {}, {}, {"why": "told before"}),
        ("B", {}, {}, {"state": "cancelled", "why": "taken by somebody"}),
        ("C", {"acknowledged_at": NIGHT, "acknowledged_by": "x"}, {"resolved_at": NIGHT}, {}),
        ("D", {}, {"resolved_at": NIGHT}, {}),
    ):
        add_incident(session, f"inc-{key}", **incident)
        ticket = _ticket(session, key, **values)
        _line(session, _step(session, ticket, 0), ticket, **{"state": "told", "notice_id": "n1", **line})
    number, off = read_called_off(session, "n1")
    assert (number, {one.key: one.why for one in off}) == (
        4, {"B": "taken by somebody", "C": "acknowledged by x", "D": "resolved"},
    )  # fmt: skip
    assert all(isinstance(one, CalledOff) and one.ticket_id for one in off)
    assert read_called_off(session, "none") == (0, [])


def _ack(session: Session, incident: str, **values: Any) -> EscalationAckRow:
    row = EscalationAckRow(incident_id=incident, made_by="x", made_at=NIGHT, **values)
    session.add(row)
    session.flush()
    return row


def test_the_last_acknowledgement_says_whether_what_it_stopped_may_go_on(session: Session) -> None:
    for name in "ABCDE":
        add_incident(session, name)
    _ack(session, "A", ended_at=NIGHT, why=EXPIRED)
    last = _ack(session, "A", expires_at=NIGHT)
    ended = _ack(session, "B", ended_at=NIGHT, why=EXPIRED, expires_at=NIGHT)
    _ack(session, "C", ended_at=NIGHT, why="resolved")
    early = _ack(session, "D", expires_at=NIGHT - MINUTE)
    later = _ack(session, "E", expires_at=NIGHT + TICK)
    assert [find_last_ack(session, name) for name in "AB"] == [last, ended]
    assert [is_revived(session, name) for name in [*"ABCD", "none"]] == [False, True, False, False, False]
    assert [may_go_on(session, name) for name in [*"ABCD", "none"]] == [True, True, False, True, False]
    assert [find_open_ack(session, name) for name in "ABCE"] == [last, None, None, later]
    assert find_ack_ended(session, "B", at=NIGHT) is ended
    assert (find_ack_ended(session, "B", at=NIGHT + TICK), find_ack_ended(session, "D", at=NIGHT)) == (
        None,
        None,
    )
    assert list_expired_acks(session, now=NIGHT, limit=9) == [early, last]
    assert list_expired_acks(session, now=NIGHT, limit=1) == [early]
    assert list_open_acks(session, ["A", "B", "D"]) == {"A": last, "D": early}
