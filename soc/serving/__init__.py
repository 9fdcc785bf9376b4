"""What a serving process does: engine and practice vendors around it; its routes; the door before them."""

from __future__ import annotations

from soc.serving.front import front_door, sign_in_gate
from soc.serving.routes import guarded_routes, metrics
from soc.serving.running import lifespan

__all__ = ["front_door", "guarded_routes", "lifespan", "metrics", "sign_in_gate"]
