"""The roster: who is on duty, what they hold, who gets a ticket and why, and hand-over."""

from __future__ import annotations

from soc.ui.views.duty.roster_forms import draw_forms
from soc.ui.views.duty.roster_view import draw_decisions, draw_members, draw_next

draw_members()
draw_next()
draw_forms()
draw_decisions()
