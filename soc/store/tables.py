"""Every table, for Alembic: importing this file makes all of them known. Each stands in its noun's own file."""

from __future__ import annotations

from soc.store.nouns.batches.batches import BatchFileRow, BatchRow
from soc.store.nouns.batches.templates import TemplateRow
from soc.store.nouns.combined.handovers import HandoverRow
from soc.store.nouns.deliveries.attempts import AttemptRow
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.deliveries.restorations import RestorationRow
from soc.store.nouns.escalation.chains import ChainRow, ChainVersionRow
from soc.store.nouns.escalation.escalation_acks import EscalationAckRow
from soc.store.nouns.escalation.escalations import (
    EscalationLineRow,
    EscalationNoticeRow,
    EscalationPlanRow,
    EscalationStepRow,
)
from soc.store.nouns.incidents.acts import ActRow
from soc.store.nouns.incidents.incidents import IncidentRow
from soc.store.nouns.incidents.investigation_notes import InvestigationNoteRow, NoteVersionRow
from soc.store.nouns.incidents.outlooks import OutlookRow
from soc.store.nouns.incidents.parts import PartRow
from soc.store.nouns.incidents.search_terms import SearchDocumentRow, SearchTermRow
from soc.store.nouns.installation.audit import AuditChainRow, AuditRow
from soc.store.nouns.installation.executors import ExecutorRow
from soc.store.nouns.installation.key_checks import KeyCheckRow
from soc.store.nouns.installation.notes import NoteRow
from soc.store.nouns.installation.requests import RequestRow
from soc.store.nouns.installation.write_counts import WriteCountRow
from soc.store.nouns.people.accounts import AccountRow
from soc.store.nouns.people.keys import ApiKeyRow
from soc.store.nouns.people.people import PersonRow
from soc.store.nouns.people.roster import AbsenceRow, AssignmentRow, ShiftRow
from soc.store.nouns.people.roster_rules import RosterRulesRow
from soc.store.nouns.people.service_accounts import ServiceAccountRow
from soc.store.nouns.people.sessions import SessionRow
from soc.store.nouns.people.teams import TeamRow
from soc.store.nouns.rules.approvals import ApprovalRow
from soc.store.nouns.rules.decisions import DecisionRow
from soc.store.nouns.rules.rules import RuleChangeRow, RuleRow
from soc.store.nouns.rules.ruleset_changes import RulesetChangeRow
from soc.store.nouns.rules.suppressions import SuppressionRow
from soc.store.nouns.sla.policies import SlaPolicyRow
from soc.store.nouns.sla.sla_clocks import SlaClockRow, SlaEventRow
from soc.store.nouns.sla.sla_policies import SlaPolicyInForceRow, SlaPolicyVersionRow
from soc.store.nouns.tickets.ticket_changes import TicketChangeRow
from soc.store.nouns.tickets.ticket_comments import TicketCommentRow
from soc.store.nouns.tickets.ticket_conflicts import TicketConflictRow
from soc.store.nouns.tickets.ticket_fields import TicketFieldRow
from soc.store.nouns.tickets.tickets import TicketRow
from soc.store.nouns.vendors.health import IntegrationHealthRow
from soc.store.nouns.vendors.hook_events import HookEventRow
from soc.store.nouns.vendors.integrations import IntegrationRow
from soc.store.nouns.vendors.interactions import InteractionRow
from soc.store.nouns.vendors.listeners import ListenerRow
from soc.store.nouns.vendors.rate_limits import RateLimitRow
from soc.store.nouns.vendors.throttles import ThrottleRow
from soc.store.nouns.vendors.troubles import TroubleRow
from soc.store.nouns.vendors.versions import IntegrationVersionRow

__all__ = [
    "AbsenceRow",
    "AccountRow",
    "ActRow",
    "ApiKeyRow",
    "ApprovalRow",
    "AssignmentRow",
    "AttemptRow",
    "AuditChainRow",
    "AuditRow",
    "BatchFileRow",
    "BatchRow",
    "ChainRow",
    "ChainVersionRow",
    "DecisionRow",
    "DeliveryRow",
    "EscalationAckRow",
    "EscalationLineRow",
    "EscalationNoticeRow",
    "EscalationPlanRow",
    "EscalationStepRow",
    "ExecutorRow",
    "HandoverRow",
    "HookEventRow",
    "IncidentRow",
    "IntegrationHealthRow",
    "IntegrationRow",
    "IntegrationVersionRow",
    "InteractionRow",
    "InvestigationNoteRow",
    "KeyCheckRow",
    "ListenerRow",
    "NoteRow",
    "NoteVersionRow",
    "OutlookRow",
    "PartRow",
    "PersonRow",
    "RateLimitRow",
    "RequestRow",
    "RestorationRow",
    "RosterRulesRow",
    "RuleChangeRow",
    "RuleRow",
    "RulesetChangeRow",
    "SearchDocumentRow",
    "SearchTermRow",
    "ServiceAccountRow",
    "SessionRow",
    "ShiftRow",
    "SlaClockRow",
    "SlaEventRow",
    "SlaPolicyInForceRow",
    "SlaPolicyRow",
    "SlaPolicyVersionRow",
    "SuppressionRow",
    "TeamRow",
    "TemplateRow",
    "ThrottleRow",
    "TicketChangeRow",
    "TicketCommentRow",
    "TicketConflictRow",
    "TicketFieldRow",
    "TicketRow",
    "TroubleRow",
    "WriteCountRow",
]
