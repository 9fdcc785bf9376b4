"""Before a field is written: has somebody else changed it since both sides last agreed? Never the last one wins in silence."""

from __future__ import annotations

from soc.clock import isoformat
from soc.domain.message import FieldChange
from soc.errors import TicketConflict
from soc.integrations.kit.tickets import SETS, RemoteChange, TicketState


def is_set(state: TicketState, field: str, change: FieldChange) -> bool:
    """Whether the ticket has the value already (of a set: what is to be added is there, and what is to go is not)."""
    now = state.fields.get(field, "")
    if field not in SETS:
        return now == change.after
    members, before, after = set(now), set(change.before or ()), set(change.after)
    return not (after - before - members) and not ((before - after) & members)


def refuse_foreign(state: TicketState, field: str, change: FieldChange) -> None:
    """Raises TicketConflict where the ticket's value is one that somebody else set, and this side has not seen it."""
    if field in SETS:
        return
    entries = [one for one in state.changes if field in one.items]
    last = entries[-1] if entries else None
    now = state.fields.get(field, "")
    if last is None:
        fine = change.before is None or now == change.before
    elif last.origin or not is_later(last.id, change.seen):
        fine = True
    else:  # somebody's, and new: fine where it led back to what both sides had, with nothing of ours in between
        ours = any(one.origin and is_later(one.id, change.seen) for one in entries)
        fine = now == change.before and not ours
    if not fine:
        raise foreign(field, now, last)


def foreign(field: str, value: str | tuple[str, ...], entry: RemoteChange | None) -> TicketConflict:
    """The conflict about a value that somebody set there meanwhile."""
    shown = value if isinstance(value, str) else ", ".join(value)
    who = entry.author if entry is not None else ""
    return TicketConflict(
        f"Both sides changed {field}: there it is “{shown or 'empty'}” now{f', by {who}' if who else ''}.",
        field=field,
        theirs=value,
        who=who,
        when=isoformat(entry.at) if entry is not None and entry.at is not None else "",
        change_id=entry.id if entry is not None else "",
        hint="Decide which value holds: on the ticket's page, or with `soc conflict resolve`.",
    )


def is_later(entry_id: str, seen: str) -> bool:
    """Ids of one history grow."""
    if not seen:
        return True
    return (len(entry_id), entry_id) > (len(seen), seen)


def own_entry(state: TicketState, before: TicketState, delivery_id: str, fields: set[str]) -> str:
    """The id of the entry that this delivery made: by its mark, or (where Jira keeps none) the new one about its fields.

    "" where the history does not show it.
    """
    marked = [one.id for one in state.changes if one.origin == delivery_id]
    if marked:
        return marked[-1]
    known = {one.id for one in before.changes}
    fresh = [
        one.id
        for one in state.changes
        if one.id not in known and not one.origin and fields & set(one.items) and set(one.items) <= fields
    ]
    return fresh[0] if len(fresh) == 1 else ""
