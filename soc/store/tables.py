"""Every table, for Alembic: importing this file makes all of them known. Each stands in its noun's own file."""

from __future__ import annotations

from soc.store.attempts import AttemptRow
from soc.store.batches import BatchFileRow, BatchRow
from soc.store.decisions import DecisionRow
from soc.store.deliveries import DeliveryRow
from soc.store.health import IntegrationHealthRow
from soc.store.incidents import IncidentRow
from soc.store.integrations import IntegrationRow
from soc.store.keys import ApiKeyRow
from soc.store.notes import NoteRow
from soc.store.policies import SlaPolicyRow
from soc.store.rate_limits import RateLimitRow
from soc.store.rules import RuleRow
from soc.store.ruleset_changes import RulesetChangeRow
from soc.store.templates import TemplateRow
from soc.store.tickets import TicketRow
from soc.store.versions import IntegrationVersionRow

__all__ = [
    "ApiKeyRow",
    "AttemptRow",
    "BatchFileRow",
    "BatchRow",
    "DecisionRow",
    "DeliveryRow",
    "IncidentRow",
    "IntegrationHealthRow",
    "IntegrationRow",
    "IntegrationVersionRow",
    "NoteRow",
    "RateLimitRow",
    "RuleRow",
    "RulesetChangeRow",
    "SlaPolicyRow",
    "TemplateRow",
    "TicketRow",
]
