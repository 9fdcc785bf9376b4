"""SOC operations: from a dropped log file to incidents, tickets, alerts and SLA clocks."""

__version__ = "0.1.0"
