"""What follows a failure: another try and when, a hold until the settings are mended, or the end."""

from __future__ import annotations

import random
import socket
from datetime import datetime, timedelta

from sqlmodel import Session

from soc.audit.write import record
from soc.delivery import ledger
from soc.delivery.ledger import Try
from soc.delivery.replay import revive
from soc.delivery.turns import limits_on
from soc.domain.actor import Actor
from soc.domain.audit import Subject, SubjectKind
from soc.domain.delivery import DeliveryState
from soc.errors import DeliveryError, FailureReason, LimitOf, PermanentDeliveryError, UnknownOutcome
from soc.integrations.kit.base import Connector
from soc.integrations.registry import KINDS
from soc.store.nouns.deliveries.attempts import refused_in_a_row
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.installation.executors import is_elsewhere
from soc.store.nouns.vendors.health import health_to_change, pause, read_health
from soc.store.nouns.vendors.throttles import throttle

#: Not the message's fault: the integration is paused until its settings (or the vendor's side, or the allow-list) are
#: mended, and what waits is held. The next message would fare no better.
MENDED_IN_SETTINGS = frozenset(
    {FailureReason.AUTH, FailureReason.ADDRESS, FailureReason.SETTINGS, FailureReason.GONE}
)
#: Where a throttled answer does not say how long to wait.
DEFAULT_THROTTLE = timedelta(seconds=30)
#: How long until somebody else may see about what only this machine refuses.
OWN_FINDING = timedelta(seconds=60)

#: After the fast tries; each ±20 %. Then the delivery is dead: visible, explained, replayable.
SLOW_SCHEDULE: tuple[timedelta, ...] = (
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=10),
)
SLOW_JITTER = 0.2


def next_try(
    failures: int, *, retry_count: int, slow: bool = False, rng: random.Random | None = None
) -> timedelta | None:
    """How long to wait after the `failures`-th failed try (1 = the first), None when the schedule is used up.

    The first `retry_count` waits are fast (1 s, 2 s, 4 s … with full jitter); `slow` skips those, for a
    failure that a second cannot mend (a bad certificate).
    """
    if failures < 1:
        raise ValueError("failures counts from 1")
    source = rng or random
    if not slow and failures <= retry_count:
        return timedelta(seconds=source.uniform(0, 2.0 ** (failures - 1)))
    step = failures - 1 if slow else failures - 1 - retry_count
    if step >= len(SLOW_SCHEDULE):
        return None
    return SLOW_SCHEDULE[step] * source.uniform(1 - SLOW_JITTER, 1 + SLOW_JITTER)


def after_failed_send(
    session: Session, row: DeliveryRow, error: DeliveryError, connector: Connector, *, now: datetime
) -> list[Try]:
    """Move the delivery to where this failure leads; returns its next try, if there is one."""
    if isinstance(error, PermanentDeliveryError):
        if _is_own_finding(session, error):
            return [ledger.retry(session, row, DeliveryState.RETRY, at=now + OWN_FINDING, now=now)]
        if error.reason in MENDED_IN_SETTINGS:
            _pause(session, row, str(error), connector, now=now)
            ledger.hold(session, row, DeliveryState.RETRY, now=now)
            return []
        if alike := _refused_alike(session, row, error):
            words = f"{error} The last {len(alike)} messages were all refused so: the destination is taken for gone."
            _pause(session, row, words, connector, now=now)
            ledger.hold(session, row, DeliveryState.RETRY, now=now)
            vendor = Actor.vendor(row.integration)
            back = [revive(session, one, actor=vendor, now=now) for one in alike if one != row.id]
            return [one for one in back if one is not None]  # each is held, as this one
        ledger.bury(session, row, now=now)
        return []
    wait = _wait_after(row, error, connector)
    state = DeliveryState.UNKNOWN if isinstance(error, UnknownOutcome) else DeliveryState.RETRY
    if wait is None:
        ledger.bury(session, row, now=now)
        return []
    if state is DeliveryState.UNKNOWN:
        row.reconciled = 0
        wait = max(wait, connector.settle)
    if error.reason is FailureReason.THROTTLED:
        _let_wait(session, row, error, until=now + wait)
    return [ledger.retry(session, row, state, at=now + wait, now=now)]


def _let_wait(session: Session, row: DeliveryRow, error: DeliveryError, *, until: datetime) -> None:
    """What the vendor's limit names waits, and nothing else."""
    limit = getattr(error, "limit", LimitOf.EVERYTHING)
    name = limits_on(row).get(limit)
    if name is not None:
        throttle(session, name, until=until)
        return
    health = health_to_change(session, row.integration)
    health.throttled_until = until


def after_failed_look_up(
    session: Session, row: DeliveryRow, error: DeliveryError, connector: Connector, *, now: datetime
) -> list[Try]:
    """The vendor cannot be asked now: the message stays unknown, and is never sent on a guess."""
    if _is_own_finding(session, error):
        return [ledger.retry(session, row, DeliveryState.UNKNOWN, at=now + OWN_FINDING, now=now)]
    if error.reason in MENDED_IN_SETTINGS:
        _pause(session, row, str(error), connector, now=now)
        ledger.hold(session, row, DeliveryState.UNKNOWN, now=now)
        return []
    wait = _wait_after(row, error, connector)
    if wait is None:
        ledger.bury(session, row, now=now)
        row.hint = "It may have arrived: look for it at the vendor, then replay (a replay looks it up first)."
        return []
    return [ledger.retry(session, row, DeliveryState.UNKNOWN, at=now + wait, now=now)]


def _is_own_finding(session: Session, error: DeliveryError) -> bool:
    """An address that this machine's own list refuses may be on the list of another machine that is at work."""
    return error.reason is FailureReason.ADDRESS and is_elsewhere(session, socket.gethostname())


def _refused_alike(session: Session, row: DeliveryRow, error: DeliveryError) -> list[str]:
    """The messages (this one among them) by whose refusals in a row its kind knows that the destination is gone; or none.

    A test that passed since then begins the row anew.
    """
    kind = KINDS.get(row.integration)
    most = kind.gone_after.get(error.status or 0, 0) if kind is not None else 0
    if not most:
        return []
    health = read_health(session, row.integration)
    since = health.last_check_at if health.last_check.get("ok") else None
    alike = refused_in_a_row(session, row.integration, error.status or 0, since=since, most=most)
    return alike if len(alike) == most else []


def _pause(session: Session, row: DeliveryRow, reason: str, connector: Connector, *, now: datetime) -> None:
    actor = Actor.vendor(row.integration)
    pause_integration(
        session, row.integration, reason=reason, actor=actor, now=now, probed=connector.may_probe
    )


def pause_integration(
    session: Session, kind: str, *, reason: str, actor: Actor, now: datetime, probed: bool = True
) -> None:
    """Its messages wait until it is mended (`soc.delivery.replay.resume`). `probed`: it is looked into by itself."""
    if not read_health(session, kind).paused:
        record(session, actor, "pause", Subject(SubjectKind.CONFIGURATION, kind), after={"reason": reason})
    pause(session, kind, reason=reason, actor=actor, now=now, probed=probed)


def _wait_after(row: DeliveryRow, error: DeliveryError, connector: Connector) -> timedelta | None:
    """How long until the next try; None when the schedule is used up."""
    stated: timedelta | None = getattr(error, "retry_after", None)
    if error.reason is FailureReason.THROTTLED:
        return stated or DEFAULT_THROTTLE
    row.failures += 1
    slow = bool(getattr(error, "slow", False))
    wait = next_try(row.failures, retry_count=connector.retry_count, slow=slow)
    return None if wait is None else max(wait, stated or timedelta(0))
