"""Words have no order: a comparison by letters is noticed by whatever test comes by."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import col

from soc.domain.delivery import DeliveryState
from soc.store.nouns.batches.batches import BatchState
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.incidents.search_terms import SearchTermRow
from soc.store.nouns.sla.sla_clocks import SlaClockRow
from soc.store.nouns.tickets.tickets import TicketRow
from tests.no_order import OrderOfWords

ORDERS = (operator.lt, operator.le, operator.gt, operator.ge)


@pytest.mark.parametrize("order", ORDERS)
def test_no_text_and_no_pointer_of_a_table_is_compared_by_its_letters(
    order: Callable[[Any, Any], Any],
) -> None:
    for left, right in (
        (col(DeliveryRow.state), "dead"),
        (DeliveryRow.incident_id, col(DeliveryRow.subject)),
        (sa.func.coalesce(col(DeliveryRow.integration), ""), "jira"),
        (col(TicketRow.id), col(SlaClockRow.ticket_id))[::-1],
    ):
        with pytest.raises(OrderOfWords):
            order(left, right)
    assert str(order(col(DeliveryRow.sends), 1)).startswith("deliveries.sends")
    assert str(order(col(SearchTermRow.term), "a")).startswith("search_terms.term")


@pytest.mark.parametrize("order", [operator.le, operator.ge])
def test_no_state_is_compared_by_its_letters(order: Callable[[Any, Any], Any]) -> None:
    for left, right in (
        ("dead", DeliveryState.DEAD),
        (DeliveryState.DEAD, "dead"),
        (DeliveryState.DEAD, BatchState.HELD),
    ):
        with pytest.raises(OrderOfWords):
            order(left, right)


def test_words_are_the_same_or_not_and_are_sorted() -> None:
    assert str(col(DeliveryRow.state) == "dead") == "deliveries.state = :state_1"
    assert ("dead" == DeliveryState.DEAD, "dead" != DeliveryState.RETRY) == (True, True)  # noqa: SIM300
    assert sorted([BatchState.RUNNING, BatchState.FAILED]) == ["failed", "running"]
    assert max(BatchState.RUNNING, BatchState.FAILED) == "running"
