"""What a caller may do. Each route and each act of a page declares the scope it needs; each key and each role has one."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum


class Scope(StrEnum):
    """What each includes is said below; what is not said is refused."""

    #: Look at everything, change nothing.
    READ = "read"
    #: Also open tickets, send messages, upload batches, replay deliveries.
    ACT = "act"
    #: Also change how work is done: rules, suppressions, SLA policies, chains, shifts.
    LEAD = "lead"
    #: Look at everything and at the audit.
    AUDIT = "audit"
    #: Also change the installation: configurations, keys, people.
    ADMIN = "admin"

    def covers(self, other: Scope) -> bool:
        return other in _INCLUDED[self]

    def within(self, limits: Collection[Scope]) -> Scope | None:
        """As much of this scope as one of the limits includes; None where nothing is left."""
        left = [one for one in Scope if self.covers(one) and any(limit.covers(one) for limit in limits)]
        return max(left, key=lambda one: len(_INCLUDED[one]), default=None)


_INCLUDED: dict[Scope, frozenset[Scope]] = {
    Scope.READ: frozenset({Scope.READ}),
    Scope.ACT: frozenset({Scope.READ, Scope.ACT}),
    Scope.LEAD: frozenset({Scope.READ, Scope.ACT, Scope.LEAD}),
    Scope.AUDIT: frozenset({Scope.READ, Scope.AUDIT}),
    Scope.ADMIN: frozenset(Scope),
}


class AccessRole(StrEnum):
    """What somebody who signs in may do. It is apart from the roster's role, which says what the person's work is."""

    VIEWER = "viewer"
    ANALYST = "analyst"
    LEAD = "lead"
    ADMIN = "admin"
    AUDITOR = "auditor"

    @property
    def scope(self) -> Scope:
        return SCOPES[self]

    @property
    def article(self) -> str:
        """The role at the beginning of a sentence: `An analyst`."""
        return _CALLED[self]


_CALLED: dict[AccessRole, str] = {
    AccessRole.VIEWER: "A viewer",
    AccessRole.ANALYST: "An analyst",
    AccessRole.LEAD: "A lead",
    AccessRole.ADMIN: "An administrator",
    AccessRole.AUDITOR: "An auditor",
}
SCOPES: dict[AccessRole, Scope] = {
    AccessRole.VIEWER: Scope.READ,
    AccessRole.ANALYST: Scope.ACT,
    AccessRole.LEAD: Scope.LEAD,
    AccessRole.ADMIN: Scope.ADMIN,
    AccessRole.AUDITOR: Scope.AUDIT,
}


def least_role(needed: Scope) -> AccessRole:
    """The role that may least of those that cover it."""
    able = [role for role, scope in SCOPES.items() if scope.covers(needed)]
    return min(able, key=lambda role: len(_INCLUDED[role.scope]))
