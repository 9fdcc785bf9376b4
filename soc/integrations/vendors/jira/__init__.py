"""Jira: tickets for incidents. `get_jira_manager()` is the setup guide's own entry."""

from soc.integrations.vendors.jira.bodies import ACTIONS
from soc.integrations.vendors.jira.config import JiraConfig
from soc.integrations.vendors.jira.connector import JiraConnector
from soc.integrations.vendors.jira.manager import JiraManager, get_jira_manager
from soc.integrations.vendors.jira.remote import RemoteTicket
from soc.integrations.vendors.jira.ticket import ticket_summary

__all__ = [
    "ACTIONS",
    "JiraConfig",
    "JiraConnector",
    "JiraManager",
    "RemoteTicket",
    "get_jira_manager",
    "ticket_summary",
]
