"""Rules: when an incident is acted upon and who is told; added, changed, moved, switched, tried on what is stored."""

from __future__ import annotations

from soc.ui.views.life.hiding import draw_hiding
from soc.ui.views.rules_view import draw_rules
from soc.ui.views.setup.rule_changes import draw_changes

draw_rules()
draw_hiding()
draw_changes()
