"""The setup guide's name for the Jira integration: `from soc.integrations.jira import get_jira_manager`."""

from __future__ import annotations

from soc.integrations.vendors.jira import JiraManager, get_jira_manager

__all__ = ["JiraManager", "get_jira_manager"]
