"""What would be sent (`BodyPreview`): the form's values filled in with the newest incidents' worst one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from soc import clock
from soc.domain.incident import Incident
from soc.errors import NotFound
from soc.integrations.kit.panels import BodyPreview
from soc.store.db import read_session
from soc.store.nouns.batches.batches import list_batches
from soc.store.nouns.incidents.incidents import IncidentFilter, list_incidents, to_incident
from soc.ui.kit import quoted


@dataclass(frozen=True)
class Preview:
    """`about` is the incident's title. `checked`: the body was also checked to be JSON."""

    title: str
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


def preview_body(panel: BodyPreview, data: Mapping[str, Any]) -> Preview:
    """The body that the form's values would send. Raises ConfigurationError for values that fail, NotFound."""
    incident = newest_incident()
    body = panel.fill(data, incident, clock.now())
    return Preview(panel.title, body.text, incident.title, body.checked)


def draw_preview(preview: Preview) -> None:
    st.markdown(f"**{preview.title}**")
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
