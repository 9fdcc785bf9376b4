"""What a webhook's receiver would get: the body template over the newest incidents' worst one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from soc import clock
from soc.domain.incident import Incident
from soc.errors import NotFound
from soc.integrations.kit.redaction import MASK
from soc.integrations.vendors.webhook.connector import filled_body
from soc.integrations.vendors.webhook.payload import incident_payload
from soc.store.batches import list_batches
from soc.store.db import read_session
from soc.store.incidents import IncidentFilter, list_incidents, to_incident
from soc.ui.kit import quoted

_JSON = "application/json"


@dataclass(frozen=True)
class Preview:
    """`checked`: the body was also checked to be JSON; a hidden Content-Type leaves that open."""

    body: str
    about: str
    checked: bool


def newest_incident() -> Incident:
    """The most severe incident of the newest batch that has any. Raises NotFound where there is none yet."""
    with read_session() as session:
        for batch in list_batches(session, limit=20):
            for row in list_incidents(session, IncidentFilter(batch_id=batch.id), limit=1):
                return to_incident(row)
    raise NotFound(
        "There is no incident yet to preview the body with.",
        hint="Process some logs first; a sample will do.",
    )


def preview_body(data: Mapping[str, Any]) -> Preview:
    """The body that the form's values would send. Raises ConfigurationError for a template that fails, NotFound."""
    incident = newest_incident()
    headers = data.get("headers") or {}
    kind = next((text for name, text in headers.items() if name.lower() == "content-type"), _JSON)
    if kind.startswith(MASK):
        kind = ""
    payload = incident_payload(incident, "incident", now=clock.now())
    template = str(data.get("template") or "")
    if not template.strip():
        return Preview(json.dumps(payload, ensure_ascii=False, indent=2), incident.title, checked=True)
    body = filled_body(template, payload, kind)
    return Preview(body.decode(), incident.title, checked="json" in kind.lower())


def draw_preview(preview: Preview) -> None:
    st.markdown("**Preview of the body**")
    st.code(
        quoted.visible(preview.body),
        language="json" if preview.checked else None,
        wrap_lines=True,
        height="content" if len(preview.body) < 900 else 280,
    )
    known = (
        "Valid JSON. "
        if preview.checked
        else "Whether it is JSON is not checked: see your Content-Type header. "
    )
    st.caption(f"{known}Filled in with “{quoted.markdown(preview.about)}”. Nothing was saved or sent.")
