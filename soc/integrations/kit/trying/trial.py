"""An incident that never was, for trying a connection or a template."""

from __future__ import annotations

from soc import clock
from soc.domain.classification import Classification
from soc.domain.incident import Incident
from soc.ids import new_id


def trial_incident() -> Incident:
    """Critical, of now; it says what it is."""
    message = (
        "TEST: this ticket was made by the connection test of the SOC operations dashboard; it may be closed."
    )
    now = clock.now()
    return Incident(
        id=new_id("inc"),
        batch_id="connection-test",
        title="Connection test",
        source="SecuritySystem",
        classification=Classification.SECURITY_ALERT,
        score=9,
        confidence=1.0,
        rule_id="connection-test",
        template_id="connection-test",
        template=message,
        entity="",
        count=1,
        first_seen=now,
        last_seen=now,
        message=message,
        reasons=(),
        samples=(),
    )
