"""Searches of one Jira, by its own library, which is loaded at the first."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from soc.integrations.kit.http import VendorSession
from soc.integrations.vendors.jira.config import JiraConfig

if TYPE_CHECKING:
    from soc.integrations.vendors.jira.looking.library import TicketSearch


class Searching:
    """See `TicketSearch`."""

    def __init__(self, session: VendorSession, config: JiraConfig) -> None:
        self._session, self._config = session, config

    @cached_property
    def _library(self) -> TicketSearch:
        from soc.integrations.vendors.jira.looking.library import TicketSearch  # start-up cost

        return TicketSearch(self._session, self._config)

    def search(self, jql: str, fields: Sequence[str], *, most: int) -> list[dict[str, Any]]:
        """At most `most` issues in the search's order, as Jira wrote them. Raises DeliveryError."""
        return [issue.raw for issue in self._library.search(jql, fields, most=most)]
