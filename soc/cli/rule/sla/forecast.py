"""`soc sla forecast`: what the tickets' history says of those that are open."""

from __future__ import annotations

from soc.api.routes.sla.forecast import read_forecast
from soc.cli.say import give, open_store, result


def print_forecast() -> None:
    open_store()
    found = read_forecast()
    for kind, one in found.clocks.items():
        if one.expected_breaches is None:
            result(f"{kind.capitalize()}: {one.said}")
            continue
        result(
            f"{kind.capitalize()}: of {one.running:,} that have not run out {one.expected_breaches:.1f} are expected to "
            f"(from {one.closed:,} closed tickets)"
        )
        if one.brier is not None and one.base_brier is not None:
            result(
                f"  Brier score of {one.scored:,} past forecasts: {one.brier:.3f}; of the base rate: {one.base_brier:.3f}"
            )
    for ticket in found.at_risk:
        chance = "" if ticket.chance is None else f"; runs out with {ticket.chance:.0%}"
        result(f"{ticket.ticket} {ticket.priority} {ticket.words}{chance}")
    if not found.at_risk:
        result("No ticket is at risk.")
    give(found.model_dump(mode="json"))
