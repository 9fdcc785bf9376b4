"""Metrics: the figures that the setup guide names; every point leads to its rows."""

from __future__ import annotations

from soc.ui.figures.drawing import choose_figures, draw_figures

draw_figures(choose_figures())
