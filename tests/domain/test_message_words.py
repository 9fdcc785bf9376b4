"""What messages say of themselves: their subject for the key, and the lines that people read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from soc.domain.classification import Classification
from soc.domain.incident import Incident
from soc.domain.message import (
    CallAction,
    CommentTicket,
    EndEscalation,
    EscalatedTicket,
    Escalation,
    Message,
    OpenTicket,
    RewordComment,
    SendAlert,
    SendSummary,
    TellHandover,
    TellPerson,
    TellThread,
    TicketAddress,
    announce,
)
from soc.domain.message.escalation import MOST_NAMED

INCIDENT = Incident(
    id="inc-1", batch_id="bat-1", title="Failed logins", source="s", classification=Classification.SECURITY_ALERT, score=9,
    confidence=0.9, rule_id="auth", template_id="t", template="t", entity="", count=1, first_seen=None,
    last_seen=datetime(2026, 1, 14, tzinfo=UTC), message="CRITICAL", reasons=(), samples=(),
)  # fmt: skip
TICKET = TicketAddress(key="SOC-1", url="", remote_id="10001")


def _told(key: str, score: int = 7) -> EscalatedTicket:
    return EscalatedTicket(
        ticket_id=1, incident_id="inc-1", key=key, remote_id="1", url="", title="t", priority="High", score=score,
        step="SLA violation", why="its time is up",
    )  # fmt: skip


def _notice(*tickets: EscalatedTicket, folded: tuple[str, ...] = ()) -> Escalation:
    return Escalation(subject="ntc-1", tickets=tickets, folded=folded)


def test_an_escalation_s_headline_names_one_ticket_and_counts_several() -> None:
    assert _notice(_told("SOC-1")).headline == "Escalation: SOC-1 · SLA violation"
    assert _notice(_told("SOC-1"), _told("SOC-2")).headline == "Escalation: 2 tickets"
    assert _notice(_told("SOC-1"), folded=("SOC-8", "SOC-9")).headline == "Escalation: 3 tickets"
    assert _notice(folded=("SOC-8",)).headline == "Escalation: 1 tickets"


def test_an_escalation_is_as_grave_as_its_gravest_ticket() -> None:
    assert _notice(_told("SOC-1", 4), _told("SOC-2", 9), _told("SOC-3", 6)).score == 9
    assert _notice().score == 1


def test_the_line_about_the_rest_names_thirty_and_counts_the_others() -> None:
    keys = tuple(f"SOC-{number}" for number in range(1, MOST_NAMED + 3))
    assert (MOST_NAMED, _notice(_told("SOC-1")).fold) == (30, "")
    assert _notice(folded=("SOC-1", "SOC-2")).fold == "And 2 more: SOC-1, SOC-2."
    assert _notice(folded=keys[:30]).fold == f"And 30 more: {', '.join(keys[:30])}."
    assert _notice(folded=keys).fold == f"And 32 more: {', '.join(keys[:30])} and 2 more."
    assert _notice(folded=keys[:1] * 1_031).fold.endswith(" and 1,001 more.")


def test_an_end_says_of_which_tickets_what_happened_and_by_whom() -> None:
    end = EndEscalation(subject="ntc-1", outcome="acknowledged", by="Mia Berg", keys=("SOC-12",))
    assert end.said == "SOC-12 acknowledged by Mia Berg"
    several = end.model_copy(update={"keys": ("SOC-1", "SOC-2"), "by": "", "outcome": "resolved"})
    assert several.said == "2 tickets resolved"
    assert (end.about(), several.about()) == ("ntc-1:acknowledged", "ntc-1:resolved")


SUBJECTS: list[tuple[Message, str]] = [
    (OpenTicket(incident=INCIDENT, due="2026-01-14"), "inc-1"),
    (TellThread(incident=INCIDENT, text="t", event="closed", channel="C", ts="1"), "inc-1:closed"),
    (TellPerson(interaction_id="int-1", who="U1", text="t"), "int-1"),
    (TellHandover(handover_id="hnd-1", text="t"), "hnd-1"),
    (_notice(_told("SOC-1")), "ntc-1"),
    (CommentTicket(ticket=TICKET, change="note-1", text="t"), "note-1"),
    (CallAction(name="assign", subject="INC0012"), "INC0012"),
    (
        SendSummary(batch_id="bat-1", name="n", lines=1, parsed=1, rejected=0, incidents=0, eligible=0, by_severity={}),
        "bat-1",
    ),
]  # fmt: skip


def test_each_message_has_the_subject_of_its_key() -> None:
    assert [message.about() for message, _ in SUBJECTS] == [subject for _, subject in SUBJECTS]
    with pytest.raises(NotImplementedError):
        Message(action="none").about()


def test_a_wording_s_note_stands_before_its_number() -> None:
    assert RewordComment(ticket=TICKET, change="note-7:2:1", text="t").note_id == "note-7"
    assert RewordComment(ticket=TICKET, change="note-7", text="t").note_id == "note-7"


def test_a_ticket_s_announcement_knows_what_it_follows_and_an_alert_s_does_not() -> None:
    beside: dict[str, Any] = {"due": "2026-01-14", "ends": "2026-01-14T10:00:00Z", "url": "https://soc/1"}
    ticket = announce("open_ticket", INCIDENT, **beside, follows="SOC-3", parted_from="SOC-4")
    assert ticket == OpenTicket(incident=INCIDENT, **beside, follows="SOC-3", parted_from="SOC-4")
    alert = announce("send_alert", INCIDENT, **beside, follows="SOC-3", parted_from="SOC-4")
    assert alert == SendAlert(incident=INCIDENT, url="https://soc/1")
