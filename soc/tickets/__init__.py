"""The incident's record in Jira: opened by a delivery, linked to its alert, kept in step.

Whoever acts on a ticket has it told to the vendor: the follower is there as soon as this floor is.
"""

from soc.tickets import telling

__all__ = ["telling"]
