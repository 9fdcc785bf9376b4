"""Which issues were changed a short time ago, asked so that neither a time zone nor the minute's rounding matters."""

from __future__ import annotations

from typing import Any

from soc.integrations.kit.tickets import Touched
from soc.integrations.vendors.jira.config import JiraConfig
from soc.integrations.vendors.jira.remote import moment_of

#: What a poll looks at most; the rest is found by the next, and by the reading of what was not read for long.
MOST_TOUCHED = 5000


def touched_query(config: JiraConfig, minutes: int) -> str:
    """Relative, by Jira's own clock. A ticket that was moved to another project is found by its label."""
    ours = f'(project = "{config.project_key}" OR labels = "soc-automated")'
    return f"{ours} AND updated >= -{minutes}m ORDER BY updated ASC"


def touched_of(row: dict[str, Any]) -> Touched:
    fields = row.get("fields")
    updated = moment_of(fields.get("updated")) if isinstance(fields, dict) else None
    return Touched(str(row.get("id", "")), updated)
