"""A vendor's action, as somebody asks for it: into the ledger first, done once, and said how it stands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr
from sqlmodel import select

from soc.access.once import Once
from soc.configuration.save import save_configuration
from soc.delivery import actions
from soc.delivery import attempt as attempts
from soc.delivery.actions import ActionResult, ask, call, find_action, is_final
from soc.delivery.local.sender import send_as
from soc.domain.actor import AT_A_PAGE
from soc.domain.message import CallAction, Receipt
from soc.errors import (
    ConfigurationError,
    FailureReason,
    NotFound,
    PermanentDeliveryError,
    TransientDeliveryError,
)
from soc.integrations.kit.base import Action
from soc.settings import get_settings
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.deliveries.attempts import AttemptRow
from soc.store.nouns.deliveries.deliveries import DeliveryRow, get_delivery
from tests.rows import add_incident

JIRA = {"base_url": "https://jira.example.com", "username": "a@b.c", "api_token": "a-token"}


class Comment(BaseModel):
    incident_id: str = "inc-7"
    text: str = "seen"


COMMENT = Action(name="comment", title="Comment", request=Comment)
OPEN_ONCE = Action(name="open", title="Open", request=Comment, once=True)
READ = Action(name="read", title="Read", request=Comment, writes=False)


@pytest.fixture
def vendor(outbox: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A vendor in memory that `attempt` and `ask` borrow, and a configuration that is in force."""
    save_configuration("jira", JIRA, actor=AT_A_PAGE)
    monkeypatch.setattr(
        attempts.attempt,
        "__kwdefaults__",
        {**attempts.attempt.__kwdefaults__, "connectors": outbox.vendor.borrow},
    )
    monkeypatch.setattr(actions, "borrow", outbox.vendor.borrow)
    return outbox.vendor


def _call(action: Action = COMMENT, *, key: str = "", **values: str) -> ActionResult:
    once = Once(key, AT_A_PAGE, (action.name, values)) if key else None
    return call("jira", action, Comment(**values), actor=AT_A_PAGE, once=once)


def test_a_called_action_is_done_at_once_and_says_what_came_of_it(vendor: Any) -> None:
    result = _call()
    assert (result.new, result.delivery.state, result.delivery.action) == (True, "delivered", "call_action")
    assert (result.delivery.subject, result.delivery.made_by) == ("inc-7", str(AT_A_PAGE))
    assert isinstance(result.receipt, Receipt)
    assert vendor.kept == [result.delivery.id]
    assert is_final(result.delivery)


def test_two_calls_are_two_unless_they_carry_the_same_key(vendor: Any) -> None:
    assert _call().delivery.id != _call().delivery.id
    first, second = _call(key="mine"), _call(key="mine")
    assert (first.delivery.id, first.new, second.new) == (second.delivery.id, True, False)
    assert len(vendor.kept) == 3


def test_the_same_key_for_another_request_is_refused(vendor: Any) -> None:
    _call(key="mine", text="seen")
    with pytest.raises(ConfigurationError, match="another request"):
        _call(key="mine", text="unseen")


def test_what_is_done_once_is_done_once_without_a_key(vendor: Any) -> None:
    results = [_call(OPEN_ONCE) for _ in range(3)]
    assert [one.new for one in results] == [True, False, False]
    assert len(vendor.kept) == 1


def test_what_was_refused_is_tried_anew_when_it_is_asked_for_again(vendor: Any) -> None:
    vendor.failures = [(PermanentDeliveryError("no", reason=FailureReason.CLIENT, status=400), False)]
    assert _call(OPEN_ONCE).delivery.state == "dead"
    again = _call(OPEN_ONCE)
    assert (again.new, again.delivery.state, again.delivery.revived_by) == (True, "delivered", str(AT_A_PAGE))


def test_what_a_person_cancelled_stays_so_when_it_is_asked_for_again(vendor: Any) -> None:
    first = _call(OPEN_ONCE).delivery.id
    with write_session() as session:
        get_delivery(session, first).state = "cancelled"
    again = _call(OPEN_ONCE)
    assert (again.new, again.delivery.state, vendor.kept) == (False, "cancelled", [first])


def test_what_could_not_be_sent_now_stands_in_the_ledger_and_has_no_receipt(vendor: Any) -> None:
    vendor.failures = [(TransientDeliveryError("away", reason=FailureReason.NETWORK), False)]
    result = _call()
    assert (result.delivery.state, result.receipt, is_final(result.delivery)) == ("retry", None, False)


def test_only_a_call_about_one_of_our_incidents_leads_to_its_page(
    vendor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOC_PUBLIC_URL", "https://soc.example")
    get_settings.cache_clear()
    with write_session() as session:
        add_incident(session, "inc-7")
    ours, theirs = _call(), _call(incident_id="INC0012")
    assert ours.delivery.payload["url"] == "https://soc.example/incidents?incident=inc-7"
    assert theirs.delivery.payload["url"] == ""


@pytest.mark.parametrize(("state", "final"), [("delivered", True), ("dead", True), ("unknown", False)])
def test_what_is_delivered_or_dead_is_final(state: str, final: bool) -> None:
    assert is_final(DeliveryRow(state=state, made_by=str(AT_A_PAGE))) is final


@pytest.mark.usefixtures("outbox")
@pytest.mark.parametrize("saved", [None, {**JIRA, "enabled": False}])
def test_without_a_configuration_in_force_nothing_is_planned(saved: Any) -> None:
    migrate()
    if saved:
        save_configuration("jira", saved, actor=AT_A_PAGE)
    with pytest.raises(ConfigurationError, match="Jira is not configured or is switched off"):
        _call()


def test_a_reading_action_is_answered_at_once(vendor: Any) -> None:
    secret = "a-token-of-some-length"
    vendor.config = vendor.config.model_copy(update={"api_token": SecretStr(secret)})
    vendor.ask = lambda name, request: {"asked": name, "echo": f"you sent {secret}"}
    answer = ask("jira", READ, Comment())
    assert answer["asked"] == "read"
    assert secret not in answer["echo"]  # what a vendor answers never shows a secret of ours


def test_a_reading_action_that_needs_no_vendor_asks_none(outbox: Any) -> None:
    own = Action(name="own", title="Own", request=Comment, answer=lambda request: request.text)
    assert ask("jira", own, Comment(text="hello")) == "hello"


def test_a_reading_action_without_a_configuration_says_so(
    vendor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def nobody(_kind: str) -> Iterator[None]:
        yield None

    monkeypatch.setattr(actions, "borrow", nobody)
    with pytest.raises(ConfigurationError, match="not configured"):
        ask("jira", READ, Comment())


def test_an_action_is_found_by_its_name_and_an_unknown_one_is_not() -> None:
    assert find_action("jira", "create-ticket").name == "create-ticket"
    with pytest.raises(NotFound, match="dance"):
        find_action("jira", "dance")


def test_the_message_says_what_was_asked(vendor: Any) -> None:
    payload = _call(text="words").delivery.payload
    message = CallAction.model_validate(payload)
    assert (message.name, message.request) == ("comment", {"incident_id": "inc-7", "text": "words"})


def test_a_call_that_is_made_at_once_belongs_to_the_executor_that_sends_it(vendor: Any) -> None:
    class Heart:
        name, run = "host-3", 7

        def holds(self, run: int) -> bool:
            return run == self.run

    send_as(Heart())
    try:
        known = _call().delivery
    finally:
        send_as(None)
    with read_session() as session:
        [holder] = session.exec(select(AttemptRow.executor, AttemptRow.run)).all()
    assert (known.state, tuple(holder)) == ("delivered", ("host-3", 7))
