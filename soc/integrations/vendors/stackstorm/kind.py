"""StackStorm, declared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from soc.integrations.kit.kind import Kind, QueueLimits
from soc.integrations.kit.panels import Choice, LiveChoice
from soc.integrations.vendors.stackstorm.bodies import ACTIONS, ListActions
from soc.integrations.vendors.stackstorm.config import StackStormConfig
from soc.integrations.vendors.stackstorm.connector import StackStormConnector
from soc.sandbox.stackstorm import catalogue

#: More than anybody scrolls through; a pack's name finds the rest.
MOST_LISTED = 500


def practice(url: str) -> dict[str, Any]:
    """What connects it to the sandbox at this address."""
    return {
        "base_url": f"{url}/stackstorm",
        "api_key": catalogue.API_KEY,
        "pack_name": catalogue.CREATE_INCIDENT.pack,
        "action_name": catalogue.CREATE_INCIDENT.name,
    }


def choices(found: Any) -> list[Choice]:
    """The actions that can be run now, as the reading action `actions` answers them."""
    return [
        Choice(
            name=str(row["ref"]),
            about=str(row.get("description") or ""),
            fills={"pack_name": row["pack"], "action_name": row["name"]},
            details=_parameters(row.get("parameters") or {}),
        )
        for row in found
        if row.get("enabled") and row.get("pack") and row.get("name")
    ]


def _parameters(schema: Mapping[str, Mapping[str, Any]]) -> list[dict[str, str]]:
    """Those that must be given first."""
    return [
        {
            "Parameter": name,
            "Type": str(one.get("type", "")),
            "Required": "yes" if one.get("required") else "",
            "Secret": "yes" if one.get("secret") else "",
            "Default": str(one["default"]) if one.get("default") is not None else "",
            "Meaning": str(one.get("description", "")),
        }
        for name, one in sorted(schema.items(), key=lambda pair: not pair[1].get("required"))
    ]


KIND = Kind(
    title="StackStorm",
    config=StackStormConfig,
    connector=StackStormConnector,
    toggle="Enable StackStorm Actions",
    order=4,
    takes=frozenset({"send_alert"}),
    actions=ACTIONS,
    limits=QueueLimits(concurrency=4),
    practice=practice,
    choice=LiveChoice(
        title="Action for incidents",
        intro="Choose pack and action from StackStorm's own list, or type them below.",
        button="List its actions",
        busy="Asking StackStorm for its actions …",
        label="Choose among {count:,} actions",
        placeholder="Type a part of its name",
        help="Fills in Pack and Action below; it takes effect once it is saved.",
        action="actions",
        request=ListActions(limit=MOST_LISTED),
        read=choices,
        details_note="Parameters named like an incident's fields (title, severity, source, score …) are filled in; "
        "give the others under Action parameters, and passwords under Secret action parameters.",
        no_details="This action takes no parameters.",
    ),
)
