"""Every table, for Alembic: importing this file makes all of them known. Each stands in its noun's own file."""

from __future__ import annotations

from soc.store.nouns.accounts import AccountRow
from soc.store.nouns.acts import ActRow
from soc.store.nouns.approvals import ApprovalRow
from soc.store.nouns.attempts import AttemptRow
from soc.store.nouns.audit import AuditChainRow, AuditRow
from soc.store.nouns.batches import BatchFileRow, BatchRow
from soc.store.nouns.chains import ChainRow, ChainVersionRow
from soc.store.nouns.decisions import DecisionRow
from soc.store.nouns.deliveries import DeliveryRow
from soc.store.nouns.escalation_acks import EscalationAckRow
from soc.store.nouns.escalations import (
    EscalationLineRow,
    EscalationNoticeRow,
    EscalationPlanRow,
    EscalationStepRow,
)
from soc.store.nouns.executors import ExecutorRow
from soc.store.nouns.handovers import HandoverRow
from soc.store.nouns.health import IntegrationHealthRow
from soc.store.nouns.hook_events import HookEventRow
from soc.store.nouns.incidents import IncidentRow
from soc.store.nouns.integrations import IntegrationRow
from soc.store.nouns.interactions import InteractionRow
from soc.store.nouns.investigation_notes import InvestigationNoteRow, NoteVersionRow
from soc.store.nouns.key_checks import KeyCheckRow
from soc.store.nouns.keys import ApiKeyRow
from soc.store.nouns.listeners import ListenerRow
from soc.store.nouns.notes import NoteRow
from soc.store.nouns.outlooks import OutlookRow
from soc.store.nouns.parts import PartRow
from soc.store.nouns.people import PersonRow
from soc.store.nouns.policies import SlaPolicyRow
from soc.store.nouns.rate_limits import RateLimitRow
from soc.store.nouns.requests import RequestRow
from soc.store.nouns.restorations import RestorationRow
from soc.store.nouns.roster import AbsenceRow, AssignmentRow, ShiftRow
from soc.store.nouns.roster_rules import RosterRulesRow
from soc.store.nouns.rules import RuleChangeRow, RuleRow
from soc.store.nouns.ruleset_changes import RulesetChangeRow
from soc.store.nouns.search_terms import SearchDocumentRow, SearchTermRow
from soc.store.nouns.sessions import SessionRow
from soc.store.nouns.sla_clocks import SlaClockRow, SlaEventRow
from soc.store.nouns.sla_policies import SlaPolicyInForceRow, SlaPolicyVersionRow
from soc.store.nouns.suppressions import SuppressionRow
from soc.store.nouns.teams import TeamRow
from soc.store.nouns.templates import TemplateRow
from soc.store.nouns.throttles import ThrottleRow
from soc.store.nouns.ticket_changes import TicketChangeRow
from soc.store.nouns.ticket_comments import TicketCommentRow
from soc.store.nouns.ticket_conflicts import TicketConflictRow
from soc.store.nouns.ticket_fields import TicketFieldRow
from soc.store.nouns.tickets import TicketRow
from soc.store.nouns.troubles import TroubleRow
from soc.store.nouns.versions import IntegrationVersionRow
from soc.store.nouns.write_counts import WriteCountRow

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
