"""Jira: tickets for incidents. `get_jira_manager()` is the setup guide's own entry."""

from soc.integrations.jira.config import JiraConfig
from soc.integrations.jira.connector import JiraConnector
from soc.integrations.jira.manager import JiraManager, get_jira_manager
from soc.integrations.jira.remote import RemoteTicket
from soc.integrations.jira.requests import ACTIONS
from soc.integrations.jira.ticket import ticket_summary

__all__ = [
    "ACTIONS",
    "JiraConfig",
    "JiraConnector",
    "JiraManager",
    "RemoteTicket",
    "get_jira_manager",
    "ticket_summary",
]
