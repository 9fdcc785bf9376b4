"""Tells what is wrong over another channel that works: once a cause, with its end, and never too many.

The notice is a delivery of the ledger, planned in the transaction that notes whom it was told to. About a channel nothing is
ever told over that channel, so what goes wrong with a notice is told over a third one, or not at all: there is no loop.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlmodel import Session

from soc import clock
from soc.delivery import ledger
from soc.delivery.ledger import Intent, Try
from soc.delivery.queues import enqueue_tries
from soc.domain.actor import Actor, Known
from soc.domain.message import TellTrouble
from soc.errors import SocError
from soc.integrations.in_force import load_config
from soc.integrations.registry import KINDS, takers
from soc.links import page_url
from soc.metrics.attention import read_attention
from soc.settings import get_settings
from soc.store.db import read_session, write_session
from soc.store.nouns.vendors.troubles import TroubleRow, add_trouble, any_lasts, lock_troubles
from soc.store.trail.committed import LogOnceCommitted, once_committed
from soc.troubles.finding import Trouble, find_troubles, unfit

log = structlog.get_logger(__name__)

_WATCH = Actor.system("troubles", Known.SCHEDULE)
#: A cause that comes back is told again at the earliest so long after it was told.
AGAIN = timedelta(hours=1)
#: So many causes are told in an hour; the others wait, and are told if they still last then.
MOST_AN_HOUR = 10
#: The score that a notice has, for vendors that page by gravity: high.
SCORE = 7
DATABASE = "database"
#: They hold open what they are told until they hear of its end.
HOLDERS = frozenset(takers("resolve_alert"))
#: The episodes that the log of this process has as untold, by their cause: when they began.
_untold: dict[str, datetime] = {}


def watch_product() -> None:
    """One look: what is new, what lasts long enough to be told, what is over."""
    if not get_settings().tell_troubles:
        return
    found = find_troubles()
    with read_session() as session:
        if not found and not any_lasts(session):
            return  # nothing is written while all is well
    channels, now = _channels(unfit(read_attention())), clock.now()
    with write_session() as session:
        rows = {row.cause: row for row in lock_troubles(session)}
        tries = _over(session, rows, {one.cause for one in found}, now=now)
        for one in found:
            _note(session, rows.get(one.cause), one, now=now)
        rows = {row.cause: row for row in lock_troubles(session)}
        for one in found:
            if now - rows[one.cause].began_at >= one.patience:
                tries += _tell(session, rows.values(), rows[one.cause], channels, now=now)
    enqueue_tries(tries)


def tell_outage(began: datetime, *, ended: datetime) -> None:
    """The database was away in between; it is told when it is back, once by whichever process says so first.

    Where that opens an incident at the vendor, the next look ends it: not at once, or nobody would be called.
    """
    if not get_settings().tell_troubles:
        return
    title = f"The database did not answer for {clock.describe(ended - began)}"
    channels = _channels(unfit(read_attention()))
    with write_session() as session:
        rows = {row.cause: row for row in lock_troubles(session)}
        known = rows.get(DATABASE)
        if known is not None and (known.ended_at is None or began < known.ended_at):
            return  # another process has told of the same
        _note(session, known, Trouble(DATABASE, title, timedelta(0)), now=began)
        rows = {row.cause: row for row in lock_troubles(session)}
        tries = _tell(session, rows.values(), rows[DATABASE], channels, now=ended)
        if not HOLDERS.intersection(rows[DATABASE].told):
            rows[DATABASE].ended_at = ended
    enqueue_tries(tries)


def _channels(broken: set[str]) -> Mapping[str, bool]:
    """What can be told over now, and whether it is practice, in the kinds' order.

    Practice reaches nobody: where any channel is real, also one that does not work now, only real ones are there.
    """
    found: dict[str, bool] = {}
    for kind in takers("tell_trouble"):
        try:
            config = load_config(kind)
        except SocError:
            continue
        if config is not None and config.enabled:
            found[kind] = config.practice
    practice = all(found.values())
    return {kind: one for kind, one in found.items() if kind not in broken and one == practice}


def _note(session: Session, row: TroubleRow | None, one: Trouble, *, now: datetime) -> None:
    """It lasts: a new cause, a new episode of a known one, or the same as at the last look."""
    if row is None:
        add_trouble(session, TroubleRow(cause=one.cause, about=one.about, title=one.title, began_at=now))
        return
    if row.ended_at is not None:
        row.episode, row.began_at, row.ended_at, row.told = row.episode + 1, now, None, []
    row.title = one.title
    session.add(row)
    session.flush()


def _tell(
    session: Session, rows: Iterable[TroubleRow], row: TroubleRow, channels: Mapping[str, bool], *, now: datetime
) -> list[Try]:  # fmt: skip
    lately = [one.told_at for one in rows if one.told_at is not None and one.told_at > now - AGAIN]
    if row.told or (row.told_at is not None and row.told_at > now - AGAIN) or len(lately) >= MOST_AN_HOUR:
        return []
    channel = next((one for one in channels if one != row.about), "")
    if not channel:
        if _untold.get(row.cause) != row.began_at:
            once_committed(session, partial(_untold.__setitem__, row.cause, row.began_at))
            LogOnceCommitted(session, log).warning("trouble_untold", cause=row.cause)
        return []
    LogOnceCommitted(session, log).warning("trouble_told", cause=row.cause, over=channel)
    row.told, row.told_at = [channel], now
    session.add(row)
    return _plan(session, row, channel, practice=channels[channel], over=False, now=now)


def _over(session: Session, rows: Mapping[str, TroubleRow], lasting: set[str], *, now: datetime) -> list[Try]:
    tries: list[Try] = []
    for row in rows.values():
        if row.ended_at is None and row.cause not in lasting:
            row.ended_at = now
            session.add(row)
            LogOnceCommitted(session, log).info("trouble_over", cause=row.cause, over=row.told)
            for channel in row.told:
                tries += _plan(session, row, channel, practice=_is_practice(channel), over=True, now=now)
    return tries


def _is_practice(channel: str) -> bool:
    try:
        config = load_config(channel)
    except SocError:
        return False
    return config is not None and config.practice


def _plan(
    session: Session, row: TroubleRow, channel: str, *, practice: bool, over: bool, now: datetime
) -> list[Try]:
    if channel not in KINDS:  # an integration of an earlier version
        return []
    message = TellTrouble(
        subject=row.id, title=row.title, since=clock.isoformat(row.began_at), over=over,
        url=page_url("integrations", kind=KINDS[row.about].title) if row.about in KINDS else "",
    )  # fmt: skip
    key = f"{channel}:{message.action}:{row.id}{':over' if over else ''}"
    return ledger.plan(
        session, [Intent(key, channel, message, _WATCH, practice=practice, score=SCORE)], now=now
    )
