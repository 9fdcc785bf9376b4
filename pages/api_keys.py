"""API keys: who may call the API, since when, last when; a new key is shown once."""

from __future__ import annotations

from soc.ui.views.keys_view import draw_keys, draw_new_key, draw_shown_once

draw_shown_once()
draw_new_key()
draw_keys()
