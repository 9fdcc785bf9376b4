"""What a caller may do. Each route declares the scope it needs; each key has one."""

from __future__ import annotations

from enum import StrEnum


class Scope(StrEnum):
    """Each includes the ones before it."""

    #: Look at everything, change nothing.
    READ = "read"
    #: Also open tickets, send messages, upload batches, replay deliveries.
    ACT = "act"
    #: Also change the installation: configurations, rules, keys.
    ADMIN = "admin"

    def covers(self, other: Scope) -> bool:
        order = list(Scope)
        return order.index(self) >= order.index(other)
