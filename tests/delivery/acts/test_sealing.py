"""The values that a caller gives a remote action are sealed in the ledger, and open for the connector alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import SecretStr

from soc import clock
from soc.delivery import ledger
from soc.delivery.ledger import Intent, Send, Skip
from soc.delivery.sealing import opened, seal_call, without_seals
from soc.domain.actor import AT_A_PAGE
from soc.domain.message import CallAction
from soc.errors import KeyFault, StoreError
from soc.ids import derived_id
from soc.integrations.kit.redaction import MASK
from soc.settings import Settings
from soc.store import vault
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.deliveries.deliveries import get_delivery

PASSWORD = "correct-horse-battery"
KEY = "stackstorm:execute-action:1"
DELIVERY = derived_id("dlv", KEY)
CALL = CallAction(
    name="execute-action", request={"incident_id": "inc-1", "action_parameters": {"pin": PASSWORD, "n": 3}}
)


def _sealed(delivery_id: str = DELIVERY) -> CallAction:
    return seal_call(CALL, ("action_parameters",), delivery_id=delivery_id)


def _plan() -> None:
    migrate()
    with write_session() as session:
        ledger.plan(
            session,
            [Intent(key=KEY, integration="stackstorm", message=_sealed(), actor=AT_A_PAGE)],
            now=clock.now(),
        )


def _begin() -> ledger.Step:
    with write_session() as session:
        return ledger.begin(
            session, DELIVERY, 1, executor="test", settle=timedelta(seconds=1), now=clock.now()
        )


def test_the_ledger_names_the_parameters_and_holds_no_value_in_plain_text() -> None:
    _plan()
    with read_session() as session:
        payload = get_delivery(session, DELIVERY).payload
    assert payload["request"]["action_parameters"] == {"pin": MASK, "n": MASK}
    assert payload["request"]["incident_id"] == "inc-1"
    assert PASSWORD not in str(payload)


def test_the_try_gets_the_message_as_it_was_called() -> None:
    _plan()
    step = _begin()
    assert isinstance(step, Send)
    assert step.message == CALL


def test_what_was_sealed_for_one_delivery_does_not_open_for_another() -> None:
    with pytest.raises(StoreError):
        opened(_sealed("dlv-other"), delivery_id=DELIVERY)


def test_a_call_without_parameters_needs_no_seal() -> None:
    bare = CallAction(name="execute-action", request={"incident_id": "inc-1", "action_parameters": {}})
    assert seal_call(bare, ("action_parameters",), delivery_id=DELIVERY) == bare


def test_a_call_whose_key_is_lost_is_dead_with_what_to_do_and_its_integration_goes_on(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    _plan()
    monkeypatch.setattr(settings, "secret_key", SecretStr("another key than before"))
    vault.trust_key()  # it is the store's by now, and nobody has the old one
    assert _begin() == Skip()
    with read_session() as session:
        row = get_delivery(session, DELIVERY)
    assert (row.state, row.sends) == ("dead", 0)
    assert "sealed with another key" in row.hint


def test_a_process_whose_key_was_changed_under_it_buries_nothing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    _plan()
    monkeypatch.setattr(settings, "secret_key", SecretStr("another key than before"))
    with pytest.raises(KeyFault):
        _begin()
    with read_session() as session:
        assert get_delivery(session, DELIVERY).state == "pending"


def test_what_is_shown_of_a_stored_call_has_its_masks_and_no_seal() -> None:
    migrate()
    stored = _sealed().model_dump()
    shown = without_seals(stored)
    assert stored["sealed"]
    assert shown == {name: value for name, value in stored.items() if name != "sealed"}
