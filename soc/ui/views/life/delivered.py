"""What was sent for an incident: the last of it, all that is in trouble, the rest once it is opened."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from soc.delivery.export import done_by
from soc.integrations.registry import KINDS
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.ui.kit import places, quoted
from soc.ui.kit.severity import delivery_badge
from soc.ui.kit.words import count_of

#: So many are shown at once; an incident of some days has dozens, and its lines are below them.
SHOWN = 8
_QUIET = frozenset({"delivered", "joined", "suppressed", "cancelled"})


def draw_deliveries(incident_id: str, deliveries: Sequence[DeliveryRow]) -> None:
    """What changed last comes first, as they are given."""
    st.subheader("Deliveries", anchor=False)
    if not deliveries:
        st.caption("Nothing was to be sent for this incident.")
    first = [one for n, one in enumerate(deliveries) if n < SHOWN or one.state not in _QUIET]
    for delivery in first:
        _draw_delivery(delivery)
    known = {one.id for one in first}
    rest = [one for one in deliveries if one.id not in known]
    if not rest:
        return
    with st.expander(
        count_of(len(rest), "earlier delivery"), key=f"deliveries-{incident_id}", on_change="rerun"
    ) as box:
        if box.open:
            for delivery in rest:
                _draw_delivery(delivery)


def _draw_delivery(delivery: DeliveryRow) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        delivery_badge(delivery.state)
        places.link(
            "deliveries",
            f"{KINDS[delivery.integration].title}: {done_by(delivery)}",
            icon=":material/outbox:",
            delivery=delivery.id,
        )
    if delivery.state != "delivered" and (delivery.error or delivery.reason):
        st.caption(quoted.markdown(delivery.error or delivery.reason))
