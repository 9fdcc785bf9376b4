"""The columns that keep an actor, and the tables whose rows need none. Every other table says who it was.

An actor is kept as its text (`soc.domain.actor`): who reads a row knows who it was without another look-up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sqlalchemy as sa

#: Who made the row. Never empty; rows of before actors were kept say “unknown”.
MADE = "made_by"
#: Who changed it later. Empty until somebody did, unless the row has no maker of its own.
CHANGED = ("changed_by", "revoked_by", "revived_by")

#: Tables whose rows belong to a row that has its actor, or that hold no decision of anybody.
NEED_NONE: Mapping[str, str] = {
    "audit_chain": "the place of the newest entry of the audit, which has one",
    "attempts": "the work on a delivery, which has one; `executor` names the process",
    "batch_files": "part of a batch, which has one",
    "executors": "what each process says of itself",
    "key_checks": "a constant, sealed with the key of the store",
    "integrations": "the version in force, which has one",
    "listeners": "which process holds a connection now",
    "notes": "facts that are found out again at any time",
    "rate_limits": "a count of what was sent a moment ago",
    "search_documents": "what an incident is found by, which has one",
    "search_terms": "what an incident is found by, which has one",
    "sla_clocks": "what the rows of the clocks' ledger add up to, which have one",
    "throttles": "what a vendor asked to wait a moment ago",
    "ticket_changes": "what the vendor's own history says, with its author there",
    "troubles": "what the product found out about itself",
    "templates": "part of a batch, which has one",
    "write_counts": "a count of transactions, whoever wrote",
}


def silent_tables(tables: Iterable[sa.Table]) -> list[str]:
    """The names of those that keep no actor and are not excused from it."""
    return sorted(
        table.name
        for table in tables
        if not {MADE, *CHANGED} & set(table.columns.keys()) and table.name not in NEED_NONE
    )


def needed_column(table: sa.Table) -> str:
    """The column without which a row of the table is refused; "" where it has none."""
    return next(
        (
            name
            for name in (MADE, *CHANGED[:1])
            if name in table.columns and table.columns[name].default is None
        ),
        "",
    )
