"""Addresses of this product's own pages, for what leaves it: the only place where such a link is made.

They begin with `SOC_PUBLIC_URL`. Without it there is none: an address that only this machine knows helps nobody
who reads a ticket. The names of pages and parameters are those of `soc.ui.kit.places`; a test compares them.
"""

from __future__ import annotations

from urllib.parse import quote

from soc.settings import get_settings

INCIDENTS = "incidents"
BATCHES = "process_logs"


def incident_url(incident_id: str | None) -> str:
    """The incident's page: `https://soc.example/incidents?incident=inc-0bqr4mj9p4g2`; "" where no link can be made."""
    return page_url(INCIDENTS, incident=incident_id)


def batch_url(batch_id: str | None) -> str:
    """The batch's page; "" where no link can be made."""
    return page_url(BATCHES, batch=batch_id)


def page_url(page: str, **about: str | None) -> str:
    """The page with one thing open, from wherever it is read; "" without `SOC_PUBLIC_URL` or the thing's id."""
    return page_below(get_settings().public_url, page, **about)


def page_below(base: str, page: str, **about: str | None) -> str:
    """The same below another address: a browser that is here already may be told its own."""
    ((name, value),) = about.items()
    return f"{base.rstrip('/')}/{page}?{name}={quote(value, safe='')}" if base and value else ""
