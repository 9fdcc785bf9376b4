"""SLA arithmetic, without any I/O: policies, calendars, the ledger's rows, and the fold that says where a clock stands."""

from soc.domain.sla.states import AT_RISK_PARTS, RUNNING, SlaState, state_of
from soc.domain.sla.thresholds import GUIDE_THRESHOLDS, due_at

__all__ = ["AT_RISK_PARTS", "GUIDE_THRESHOLDS", "RUNNING", "SlaState", "due_at", "state_of"]
