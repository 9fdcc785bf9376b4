"""Which transition leads where a ticket shall go, and what its screen asks for."""

from __future__ import annotations

from typing import Any

from soc.domain.message import MoveTicket
from soc.errors import TicketConflict
from soc.integrations.kit.tickets import TicketState

#: What fills a resolution that the screen asks for and nobody named, the first that Jira offers.
_RESOLUTIONS = ("Done", "Fixed", "Resolved")
_DECIDE = "Do it in Jira by hand, or decide for Jira's status: on the ticket's page, or with `soc conflict resolve`."


def category_of(step: dict[str, Any]) -> str:
    to = step.get("to")
    category = to.get("statusCategory") if isinstance(to, dict) else None
    return str(category.get("key") or "") if isinstance(category, dict) else ""


def status_after(step: dict[str, Any]) -> str:
    to = step.get("to")
    return str(to.get("name") or "") if isinstance(to, dict) else ""


def choose_step(steps: list[dict[str, Any]], message: MoveTicket, state: TicketState) -> dict[str, Any]:
    """The transition to the status of that name, else to one of its category. Raises TicketConflict where there is none."""
    named = [one for one in steps if status_after(one).casefold() == message.status.casefold()]
    alike = [one for one in steps if category_of(one) == message.category]
    found = named or alike
    if found:
        return found[0]
    offered = ", ".join(f"“{one.get('name')}”" for one in steps) or "none"
    raise TicketConflict(
        f"From “{state.ticket.status}” Jira's workflow offers no transition to "
        f"“{message.status or message.category}”; offered: {offered}.",
        field="status",
        theirs=state.ticket.status,
        hint=_DECIDE,
    )


def screen_fields(step: dict[str, Any], message: MoveTicket, state: TicketState) -> dict[str, Any]:
    """What the transition's screen is filled with. Raises TicketConflict, which names what nobody here can fill."""
    found = step.get("fields")
    screen: dict[str, Any] = found if isinstance(found, dict) else {}
    filled: dict[str, Any] = {}
    missing: list[str] = []
    for name, raw in screen.items():
        field = raw if isinstance(raw, dict) else {}
        needed = field.get("required") is True and field.get("hasDefaultValue") is not True
        if name == "resolution":
            resolution = _resolution(field, message)
            if resolution:
                filled["resolution"] = {"name": resolution}
            elif needed:
                missing.append(str(field.get("name") or name))
        elif needed:
            missing.append(str(field.get("name") or name))
    if missing:
        raise TicketConflict(
            f"Jira's transition “{step.get('name')}” asks for {', '.join(missing)}, which is not known here.",
            field="status",
            theirs=state.ticket.status,
            hint=_DECIDE,
        )
    return filled


def _resolution(field: dict[str, Any], message: MoveTicket) -> str:
    """The one that was asked for where Jira offers it, else a usual one, else "" (for the screen's own default)."""
    offered = [
        str(one.get("name") or "") for one in field.get("allowedValues") or [] if isinstance(one, dict)
    ]
    by_name = {name.casefold(): name for name in offered}
    wanted = (message.resolution, *_RESOLUTIONS)
    known = next((by_name[one.casefold()] for one in wanted if one.casefold() in by_name), "")
    return known or (message.resolution if not offered else "")
