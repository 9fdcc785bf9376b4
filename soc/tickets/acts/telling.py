"""What an act tells below the alerts of its incident, and that they show how it stands from now on."""

from __future__ import annotations

from sqlmodel import Session

from soc.delivery.ledger import Try
from soc.domain.acts import Wish
from soc.ids import derived_id
from soc.store.nouns.incidents.incidents import IncidentRow
from soc.store.nouns.vendors.interactions import InteractionRow
from soc.tickets.acts.asked import Change, Happened
from soc.tickets.alerts import name_of, refresh_alerts, tell_below, verdict_of

#: A note is told by its beginning; the incident's page has it whole.
LONGEST_TOLD = 600


def tell_of_act(session: Session, happened: Happened) -> list[Try]:
    """Plan the lines and the changed alerts; nothing for an incident that no alert told of."""
    asked, incident_id = happened.asked, happened.incident.id
    who = name_of(session, str(asked.actor))
    lines = [
        line
        for change in happened.changes
        if not _stands_there_already(session, happened, change)
        and (line := _line(session, happened.incident, change, who))
    ]
    tries = refresh_alerts(session, incident_id, now=asked.at)
    if lines:
        event = derived_id("evt", asked.key, happened.act.value)
        tries += tell_below(session, incident_id, "\n".join(lines), event=event, now=asked.at)
    return tries


def _stands_there_already(session: Session, happened: Happened, change: Change) -> bool:
    """A note that was written in that very thread."""
    row = session.get(InteractionRow, happened.asked.source) if happened.asked.source else None
    return change.field == "note" and row is not None and row.wish == Wish.THREAD_NOTE.value


def _line(session: Session, incident: IncidentRow, change: Change, who: str) -> str:
    match change.field:
        case "acknowledged":
            return f"{who} acknowledged it."
        case "owner" if not change.after:
            return f"{who} gave it back; nobody has it."
        case "owner":
            owner = name_of(session, change.after)
            return f"{who} took it." if owner == who else f"{who} assigned it to {owner}."
        case "verdict" if change.after:
            return f"Verdict: {verdict_of(session, incident, change.after)}, by {who}."
        case "note":
            cut = "…" if len(change.after) > LONGEST_TOLD else ""
            return f"Note by {who}: {change.after[:LONGEST_TOLD]}{cut}"
        case "status" | "priority":
            before, after = change.before.replace("_", " "), change.after.replace("_", " ")
            return f"{change.field.capitalize()}: {before} → {after}, by {who}."
    return ""
