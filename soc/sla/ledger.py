"""What moves a ticket's clocks. Each function writes its rows in the session of the change that it tells of.

Every one takes `at` (when it happened), the actor, and `source`: the vendor's id of it, so that telling it twice is telling
it once. `by_product` says that the product itself did it, whatever account it used.
"""

from soc.sla.aiming import policy_applied, priority_changed
from soc.sla.holding import cancelled, paused, resumed
from soc.sla.starting import opened
from soc.sla.stopping import is_person, person_acted, reopened, status_changed
from soc.sla.undoing import mark_rows, rows_since, undone

__all__ = [
    "cancelled",
    "is_person",
    "mark_rows",
    "opened",
    "paused",
    "person_acted",
    "policy_applied",
    "priority_changed",
    "reopened",
    "resumed",
    "rows_since",
    "status_changed",
    "undone",
]
