"""The durable engine: queues, schedules and workflows of one process, on DBOS.

A batch is a workflow; one try of a delivery is a workflow; sweep, ticket sync, SLA watch and the like are
schedules of which one process runs each tick. Nothing else in the product polls, schedules or retries.
"""

from __future__ import annotations

from soc.engine.launch import executor_name, is_running, launch, recover, shut_down, sweep

__all__ = ["executor_name", "is_running", "launch", "recover", "shut_down", "sweep"]
