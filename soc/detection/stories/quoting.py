"""What a title says where nobody is named: which program or file says it, and what its line says."""

from __future__ import annotations

import re

from soc.detection.stories.pieces import Piece
from soc.domain.incident import Incident

#: Characters of a line in a title.
LONGEST = 90
#: As a template shows what varies.
_VARIES = "<*>"
_UNSHOWN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u061c]+")


def said_in(lead: Piece) -> str:
    """` in backup-agent`: what says it, else the file; "" where neither is known."""
    incident = lead.incident
    if incident is None:
        return ""
    file = incident.samples[0].file if incident.samples else ""
    where = _on_one_line(incident.source or file)
    return f" in {where}" if where else ""


def words_of(lead: Piece) -> str:
    """`: “backup of db-7 did not verify”`: its first line without time and header, as the template begins; cut at a word."""
    incident = lead.incident
    text = _on_one_line(_without_header(incident)) if incident is not None else ""
    if len(text) > LONGEST:
        text = (text[:LONGEST].rpartition(" ")[0] or text[:LONGEST]) + " …"
    return f": “{text}”" if text else ""


def _without_header(incident: Incident) -> str:
    """The line from where its template begins to say something of its own."""
    begins = incident.template.partition(_VARIES)[0].strip()
    at = incident.message.find(begins) if begins else -1
    return incident.message[at:] if at >= 0 else incident.template or incident.message


def _on_one_line(text: str) -> str:
    return " ".join(_UNSHOWN.sub(" ", text).split())
