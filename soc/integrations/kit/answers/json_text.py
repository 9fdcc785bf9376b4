"""JSON as vendors send it, made fit to be kept."""

from __future__ import annotations

import json
import re
from typing import Any

from soc.storable import storable_values

#: Only what is escaped can be unstorable: as bytes, neither NUL nor half a character is JSON that decodes.
_SUSPECT = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")


def read_json(raw: bytes | str) -> Any:
    """What the JSON says, its texts `storable`: a vendor that cuts a text at its limit may well cut a character in two.

    Raises ValueError or RecursionError for what is no JSON.
    """
    text = raw if isinstance(raw, str) else raw.decode(json.detect_encoding(raw), "surrogatepass")
    found = json.loads(text)
    return storable_values(found) if not text.isascii() or _SUSPECT.search(text) else found
