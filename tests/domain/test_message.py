"""The messages, each declared once: what the list promises of every one, and that a new one costs its class alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from pydantic import ValidationError

from soc.delivery.idempotency import key_of
from soc.domain.classification import Classification
from soc.domain.incident import Incident
from soc.domain.message import (
    MESSAGES,
    Announcement,
    Message,
    OpenTicket,
    announce,
    announcements,
    message_title,
    read_message,
)
from soc.integrations.registry import KINDS, takers

INCIDENT = Incident(
    id="inc-1", batch_id="bat-1", title="Failed logins", source="SecuritySystem",
    classification=Classification.SECURITY_ALERT, score=9, confidence=0.9, rule_id="auth", template_id="t",
    template="t", entity="", count=1, first_seen=None, last_seen=None, message="CRITICAL", reasons=(), samples=(),
)  # fmt: skip


@pytest.fixture
def made_up() -> Iterator[type[Message]]:
    """A message that somebody adds: one class."""

    class PageTheBoss(Announcement):
        """Ring the boss."""

        TITLE = "page the boss"
        action: Literal["page_the_boss"] = "page_the_boss"

    yield PageTheBoss
    del MESSAGES["page_the_boss"]


def test_these_are_the_messages() -> None:
    assert list(MESSAGES) == [
        "escalation", "end_escalation", "change_ticket", "move_ticket", "comment_ticket", "reword_comment", "open_ticket", "send_alert", "update_alert", "tell_thread", "tell_person", "send_summary", "tell_handover", "tell_trouble", "resolve_alert",
        "call_action",
    ]  # fmt: skip
    assert announcements() == ("open_ticket", "send_alert")


@pytest.mark.parametrize("name", list(MESSAGES))
def test_each_says_what_it_is_and_names_only_messages_that_there_are(name: str) -> None:
    message = MESSAGES[name]
    assert name.replace("_", " ") == message.TITLE
    assert message.__doc__
    assert set(message.FOLLOWED_BY) <= set(MESSAGES)
    assert name == "call_action" or takers(name)


def test_every_kind_takes_at_most_one_message_about_a_new_incident() -> None:
    assert all(len(kind.takes & set(announcements())) <= 1 for kind in KINDS.values())


def test_what_was_stored_is_read_as_the_message_that_it_was() -> None:
    message = OpenTicket(incident=INCIDENT, due="2026-01-14")
    assert read_message(message.model_dump(mode="json")) == message


@pytest.mark.parametrize("payload", [{}, {"action": "dance"}, {"action": "open_ticket", "due": "2026-01-14"}])
def test_what_is_no_message_is_refused(payload: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"message|incident"):
        read_message(payload)


def test_a_message_cannot_be_changed_after_it_was_planned() -> None:
    message = OpenTicket(incident=INCIDENT, due="2026-01-14")
    with pytest.raises(ValidationError):
        message.due = "2026-01-15"  # type: ignore[misc]


def test_a_new_message_is_planned_read_named_and_has_its_key(made_up: type[Message]) -> None:
    message = announce("page_the_boss", INCIDENT, due="2026-01-14")
    assert isinstance(message, made_up)
    assert read_message(message.model_dump(mode="json")) == message
    assert (key_of("phone", message), message_title(message.action)) == (
        "phone:page_the_boss:inc-1",
        "page the boss",
    )
    assert announcements()[-1] == "page_the_boss"


def test_what_tells_of_no_new_incident_is_no_announcement() -> None:
    with pytest.raises(ValueError, match="resolve alert"):
        announce("resolve_alert", INCIDENT, due="2026-01-14")


def test_a_message_of_another_version_still_has_a_title() -> None:
    assert message_title("send_fax") == "send fax"
