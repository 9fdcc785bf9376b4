"""SLA policies, the clocks of tickets, and what is to be expected of them."""

from soc.api.routes.sla import clocks, forecast, policies

__all__ = ["clocks", "forecast", "policies"]
