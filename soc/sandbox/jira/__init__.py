"""The practice Jira, Cloud and Data Center."""
