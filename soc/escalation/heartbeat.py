"""The dead man's switch: a tick that has proved that no step is late calls a URL. Whoever misses the call raises the alarm."""

from __future__ import annotations

from datetime import datetime, timedelta

import httpx
import structlog

from soc import clock
from soc.errors import SocError
from soc.integrations.kit.http import shared_client
from soc.settings import get_settings
from soc.store.db import read_session, write_session
from soc.store.nouns.escalation.escalation_clock import Tick, note_tick, read_tick
from soc.store.nouns.escalation.escalations import find_oldest_due_step

log = structlog.get_logger(__name__)
#: A step that waits longer than this past its moment is late.
PATIENCE = timedelta(minutes=2)
_TIMEOUT = 10.0


def oldest_due(*, now: datetime | None = None) -> timedelta:
    """How long the step that waits longest has been due; 0 where none is."""
    moment = now or clock.now()
    with read_session() as session:
        since = find_oldest_due_step(session, now=moment)
    return moment - since if since is not None else timedelta(0)


def beat(*, client: httpx.Client | None = None) -> bool:
    """Note that the clock ticked; call the heartbeat where no step is late. Whether it was called and answered well."""
    now = clock.now()
    late = oldest_due(now=now) > PATIENCE
    url = get_settings().heartbeat_url.get_secret_value()
    trouble = "a step is late: it was not called" if late else _call(url, client) if url else ""
    called = bool(url) and not trouble
    if trouble:
        log.warning("heartbeat_not_sent", why=trouble)
    with read_session() as session:
        before = read_tick(session)
    same = before is not None and before.trouble == trouble
    with write_session(sign_of_life=same) as session:
        last = now if called else before.beat_at if before else None
        note_tick(session, Tick(now, last, trouble))
    return called


def _call(url: str, client: httpx.Client | None) -> str:
    """What was wrong, "" where it was answered with 2xx. It says no part of the URL: such addresses are secrets."""
    try:
        answer = (client or shared_client()).get(url, timeout=_TIMEOUT)
    except SocError:
        return "its address is not allowed: an internal one must be named in SOC_ALLOWED_HOSTS"
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        return f"it did not answer ({type(error).__name__})"
    return "" if answer.is_success else f"it answered {answer.status_code}"
