"""The incident's record in Jira: opened by a delivery, linked to its alert, kept in step."""
