"""Approvals: what one administrator asked for and another has to approve."""

from __future__ import annotations

from soc.ui.views.setup.approvals_view import draw_approvals

draw_approvals()
