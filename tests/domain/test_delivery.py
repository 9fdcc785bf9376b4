from __future__ import annotations

import pytest

from soc.domain.delivery import FINAL_STATES, TRANSITIONS, DeliveryState, Outcome, outcome_of_status


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Outcome.DONE), (201, Outcome.DONE), (204, Outcome.DONE),
        (301, Outcome.PERMANENT), (302, Outcome.PERMANENT), (308, Outcome.PERMANENT),
        (400, Outcome.PERMANENT), (404, Outcome.PERMANENT), (413, Outcome.PERMANENT), (422, Outcome.PERMANENT),
        (401, Outcome.CREDENTIALS), (403, Outcome.CREDENTIALS),
        (409, Outcome.CONFLICT), (410, Outcome.GONE),
        (408, Outcome.UNKNOWN), (425, Outcome.UNKNOWN), (429, Outcome.THROTTLED),
        (500, Outcome.UNKNOWN), (502, Outcome.UNKNOWN), (503, Outcome.UNKNOWN), (504, Outcome.UNKNOWN),
    ],
)  # fmt: skip
def test_a_status_has_the_class_of_the_vendors_table(status: int, outcome: Outcome) -> None:
    assert outcome_of_status(status) is outcome


def test_nothing_leaves_delivered_and_every_state_has_its_transitions() -> None:
    assert TRANSITIONS[DeliveryState.DELIVERED] == frozenset()
    assert set(TRANSITIONS) == set(DeliveryState)
    assert FINAL_STATES.isdisjoint({DeliveryState.SENDING, DeliveryState.UNKNOWN})
