"""Extra parts of a kind's section on the Integrations page, as data: the page draws them and knows no vendor.

A preview of what would be sent, a list of the vendor's own to choose settings from, findings about a place's readiness.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from soc.domain.incident import Incident
from soc.integrations.kit.base import Connector, IntegrationConfig


@dataclass(frozen=True)
class PreviewedBody:
    """What would be sent. `checked`: it was also checked to be JSON."""

    text: str
    checked: bool


@dataclass(frozen=True)
class BodyPreview:
    """A button under the form that fills its values in with a real incident; nothing is saved or sent.

    `fill(values, incident, now)` takes the form's values, masks included. It raises ConfigurationError.
    """

    button: str
    help: str
    title: str
    fill: Callable[[Mapping[str, Any], Incident, datetime], PreviewedBody]


@dataclass(frozen=True)
class Choice:
    """One of the vendor's own things. `fills` are the settings that choosing it means; `details` are table rows."""

    name: str
    about: str
    fills: Mapping[str, str]
    details: Sequence[Mapping[str, str]] = ()


@dataclass(frozen=True)
class LiveChoice:
    """A list of the vendor's own, over the form, that fills settings in.

    `action` is the reading action that is asked with `request`; `read` makes choices of its answer. `label` has the
    number of choices as `{count}`.
    """

    title: str
    intro: str
    button: str
    busy: str
    label: str
    placeholder: str
    help: str
    action: str
    request: BaseModel
    read: Callable[[Any], list[Choice]]
    details_note: str = ""
    no_details: str = ""


class Readiness(StrEnum):
    """`fails`: what is sent there is not taken or never ends. `warning`: it is, but something is missing."""

    OK = "ok"
    WARNING = "warning"
    FAILS = "fails"


@dataclass(frozen=True)
class Finding:
    """`subject` is what was looked at, `consequence` what would happen, `remedy` how to mend it ("" where it is ok)."""

    subject: str
    state: Readiness
    consequence: str
    remedy: str = ""


@dataclass(frozen=True)
class Kept:
    """What is kept of the vendor's side between messages: what it is, when this process read it last (None: not yet), for
    how long it is believed, and how it is forgotten, so that the next message reads it anew.
    """

    what: str
    read_at: Callable[[IntegrationConfig], datetime | None]
    believed: timedelta
    forget: Callable[[IntegrationConfig], None]


@dataclass(frozen=True)
class ReadinessCheck:
    """What is looked at on demand and every day: whether the vendor's side is ready for what will be sent.

    `look` asks the vendor and changes nothing; what cannot be asked is itself a finding. `about` is what the findings
    are about, in order to tell when they no longer are; no secret is part of it.
    """

    title: str
    intro: str
    busy: str
    fine: str
    look: Callable[[Connector], list[Finding]]
    about: Callable[[IntegrationConfig], list[str]]
    kept: Kept | None = None
