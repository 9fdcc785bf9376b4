"""SLA policies, and the clocks of tickets."""

from soc.api.routes.sla import clocks, policies

__all__ = ["clocks", "policies"]
