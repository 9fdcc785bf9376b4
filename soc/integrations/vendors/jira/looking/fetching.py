"""Tickets by their keys, as a search answers: those that still exist, in no order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from soc.errors import PermanentDeliveryError
from soc.integrations.vendors.jira.remote import RemoteTicket

_PAGE = 50
#: Asks for a JQL and so many tickets at most. Raises DeliveryError.
Ask = Callable[[str, int], list[RemoteTicket]]


def fetch_by_keys(keys: Iterable[str], ask: Ask) -> list[RemoteTicket]:
    """Raises DeliveryError where Jira cannot be asked."""
    wanted = list(dict.fromkeys(keys))
    tickets: list[RemoteTicket] = []
    for start in range(0, len(wanted), _PAGE):
        tickets += _fetch(wanted[start : start + _PAGE], ask)
    return tickets


def _fetch(keys: Sequence[str], ask: Ask) -> list[RemoteTicket]:
    """Jira refuses a whole search that names one missing key, so a refused list is asked for in halves."""
    named = ", ".join(f'"{quoted(key)}"' for key in keys)
    try:
        return ask(f"key in ({named}) ORDER BY key ASC", len(keys))
    except PermanentDeliveryError as error:
        if error.status not in (400, 404):
            raise
    if len(keys) == 1:
        return []
    middle = len(keys) // 2
    return _fetch(keys[:middle], ask) + _fetch(keys[middle:], ask)


def quoted(text: str) -> str:
    """For the inside of a string of JQL."""
    return text.replace("\\", "\\\\").replace('"', '\\"')
