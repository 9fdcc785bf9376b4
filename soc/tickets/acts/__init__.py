"""The only way to act on an incident and its tickets: each act is one transaction, done once a key, and says what came of it.

Every act takes the session of its transaction, the incident's id, and an `Asked`: who, under which key, from where. It returns an
`Outcome`; `tries` are to be enqueued after the commit (`perform` does both). Whoever hears of a change from a vendor
names it in `via`: it is not told there again, and asks for no verdict.
"""

from __future__ import annotations

from soc.tickets.acts.asked import Asked, Change, Happened, Outcome, Undone, follow_acts, follow_undos
from soc.tickets.acts.case import find_incident, incident_of
from soc.tickets.acts.ending import close, set_verdict
from soc.tickets.acts.marking import change_members
from soc.tickets.acts.merging import merge
from soc.tickets.acts.moving import set_priority, set_status
from soc.tickets.acts.noting import add_note, edit_note, keep_remote_id, mark_gone
from soc.tickets.acts.owning import acknowledge, assign, release
from soc.tickets.acts.performing import perform

__all__ = [
    "Asked",
    "Change",
    "Happened",
    "Outcome",
    "Undone",
    "acknowledge",
    "add_note",
    "assign",
    "change_members",
    "close",
    "edit_note",
    "find_incident",
    "follow_acts",
    "follow_undos",
    "incident_of",
    "keep_remote_id",
    "mark_gone",
    "merge",
    "perform",
    "release",
    "set_priority",
    "set_status",
    "set_verdict",
]
