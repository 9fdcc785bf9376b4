"""Escalation: whether its clock runs, what is coming, what was told, the chains and their holes."""

from __future__ import annotations

from soc.ui.views.duty.chain_view import draw_chains
from soc.ui.views.duty.escalation_view import draw_clock, draw_coming, draw_holes, draw_intake, draw_settled

draw_clock()
draw_intake()
draw_holes()
draw_coming()
draw_settled()
draw_chains()
