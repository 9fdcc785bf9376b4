"""Whether somebody beyond this machine may be asking. If so, a key is needed, and the pages are closed."""

from __future__ import annotations

from starlette.types import Scope

from soc.door.proxies import came_through_a_proxy
from soc.settings import get_settings


def exposed(scope: Scope, *, beyond: bool) -> bool:
    """Any of: the address is not loopback; this server has names that others call it by; a proxy passed it on."""
    return beyond or bool(get_settings().host_names) or came_through_a_proxy(scope["headers"])
