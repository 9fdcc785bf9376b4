"""Keys: what makes two messages the same, and when the same subject is told of anew."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from soc import clock
from soc.delivery import ledger
from soc.delivery.idempotency import key_of, key_of_call, refuse_another
from soc.delivery.ledger import Intent
from soc.domain.actor import AT_A_PAGE
from soc.domain.message import CallAction, read_message
from soc.errors import ConfigurationError
from soc.integrations.kit.base import Action
from soc.integrations.vendors.jira import JiraConfig
from soc.store.db import read_session, write_session
from soc.store.nouns.deliveries.deliveries import DeliveryRow, list_deliveries

CONFIG = JiraConfig(base_url="https://jira.example.com", username="a@b.c", api_token="t", project_key="SOC")
ONCE = Action(name="create-ticket", title="Create a ticket", request=BaseModel, once=True)
EACH = Action(name="comment", title="Comment", request=BaseModel)


def test_a_row_from_before_there_were_versions_is_the_first_telling_and_is_not_sent_again(
    outbox: Any,
) -> None:
    delivery = outbox.plan()
    outbox.work_to_the_end()
    row = outbox.row(delivery)
    assert row.key == "jira:open_ticket:inc-1"  # as versions without versions wrote it
    message = read_message(row.payload)
    with write_session() as session:
        intent = Intent(key=key_of("jira", message), integration="jira", message=message, actor=AT_A_PAGE)
        outbox.tries = ledger.plan(session, [intent], now=clock.now())
    outbox.work_to_the_end()
    assert outbox.vendor.kept == [delivery]


def test_another_version_is_another_message(outbox: Any) -> None:
    message = read_message(outbox.row(outbox.plan()).payload)
    keys = [key_of("jira", message, version=version) for version in (0, 1, 2)]
    assert keys == ["jira:open_ticket:inc-1", "jira:open_ticket:inc-1:1", "jira:open_ticket:inc-1:2"]
    outbox.travel.shift(timedelta(seconds=1))
    with write_session() as session:
        for key in keys:
            intent = Intent(key=key, integration="jira", message=message, actor=AT_A_PAGE)
            ledger.plan(session, [intent], now=clock.now())
    with read_session() as session:
        assert sorted(row.key for row in list_deliveries(session)) == keys


def _key(action: Action, values: dict[str, Any], key: str = "", config: JiraConfig = CONFIG) -> str:
    return key_of_call("jira", action, config, values, key)


def test_what_is_done_once_is_known_by_its_content_whatever_the_order_of_its_values() -> None:
    assert _key(ONCE, {"a": 1, "b": 2}) == _key(ONCE, {"b": 2, "a": 1})
    assert _key(ONCE, {"a": 1}) != _key(ONCE, {"a": 2})


@pytest.mark.parametrize("place", [{"base_url": "https://other.example.com"}, {"practice": True}])
def test_the_same_content_at_another_place_is_another_call(place: dict[str, Any]) -> None:
    assert _key(ONCE, {"a": 1}) != _key(ONCE, {"a": 1}, config=CONFIG.model_copy(update=place))


def test_each_call_of_the_others_is_a_new_one_unless_the_caller_gives_a_key() -> None:
    assert _key(EACH, {"a": 1}) != _key(EACH, {"a": 1})
    assert _key(EACH, {"a": 1}, "mine") == _key(EACH, {"a": 2}, "mine")
    assert _key(EACH, {"a": 1}, "mine") != _key(EACH, {"a": 1}, "yours")
    assert "mine" not in _key(EACH, {}, "mine")


def test_a_callers_key_belongs_to_one_action() -> None:
    assert _key(EACH, {}, "mine") != _key(ONCE, {}, "mine")


def test_the_same_key_for_another_request_is_refused() -> None:
    known = DeliveryRow(id="dlv-1", payload={"request": {"a": 1}}, made_by=str(AT_A_PAGE))
    refuse_another(known, CallAction(name="comment", request={"a": 1}))
    with pytest.raises(ConfigurationError, match="another request"):
        refuse_another(known, CallAction(name="comment", request={"a": 2}))
