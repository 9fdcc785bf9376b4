"""Limits and waits that somebody meets, as they are promised: to change one is to change what people count on."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest

S, M, H, D = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LIMITS: dict[str, dict[str, Any]] = {
    # who comes in, and for how long
    "soc.access.accounts": {"INVITED_FOR": 24 * H},
    "soc.access.id_tokens": {"LEEWAY": 60, "_LONGEST_TOKEN": 65_536, "_LONGEST_SUBJECT": 255},
    "soc.access.keys": {"LONGEST_NAME": 80, "_HINT": 8, "_USE_PRECISION": M},
    "soc.access.passwords": {"SHORTEST": 12, "LONGEST": 200, "_STEP_SECONDS": 30},
    "soc.access.sessions": {"_SEEN_PRECISION": M, "_KEPT": 30 * D, "_LONGEST_AGENT": 200},
    "soc.access.vouched": {"_LONGEST": 200},
    "soc.api.guard": {"STORE_PATIENCE": 10.0},
    # what a batch takes, and when it is tried again
    "soc.batches.again.stories": {"GAP": 24 * H, "BATCHES": 20},
    "soc.batches.faults": {
        "WAITS": (5 * S, 15 * S, 30 * S, M, 2 * M, 5 * M), "MOST_TRIES": 5, "MOST_DEATHS": 6, "MOST_ELSEWHERE": 90,
        "WAITS_ELSEWHERE": (2 * S, 3 * S, 5 * S, 10 * S, 20 * S, 40 * S),
    },
    "soc.batches.passes": {"LIFE": 30 * M, "MOST_FILES": 200, "MOST_TIMES": 2, "MOST_PASSES": 1_000},
    "soc.batches.processor": {"PATIENCE_SECONDS": 300.0, "WORKERS": 8},
    "soc.batches.pulse": {"PROGRESS_EVERY": 0.4 * S, "ALIVE_EVERY": 5 * S},
    "soc.batches.retention": {"PORTION": 50, "UNSTARTED": 24 * H},
    "soc.batches.run": {"BEGIN_PATIENCE": M, "STORE_PATIENCE": 10 * M},
    "soc.batches.telling.flood": {"NEVER_WAITS": 9, "_NAMED": 100},
    # when a message is sent, and when it is given up
    "soc.delivery.breaker": {"FAILURES_TO_OPEN": 5, "FIRST_COOL_DOWN": 30 * S, "LONGEST_COOL_DOWN": 10 * M, "LONGEST_PROBE": 2 * M},
    "soc.delivery.fallback": {"PATIENCE": M, "LATEST": 24 * H, "CRITICAL": 9},
    "soc.delivery.follow_up": {"PATIENCE": 24 * H, "MOST_AT_ONCE": 200},
    "soc.delivery.ledger": {"LONGEST_SEND": 10 * M},
    "soc.delivery.local.clock_set": {"TOLERANCE": 15 * S},
    "soc.delivery.local.faults": {"FIRST_PAUSE": 30 * S, "LONGEST_PAUSE": H},
    "soc.delivery.local.together": {"FROM": 5},
    "soc.delivery.queues": {"BATCHES_AT_ONCE": 32, "POLL_SECONDS": 0.1},
    "soc.delivery.rate_limit": {"LONGEST_PERMIT": 10 * M, "ALLOWANCE": 1.05, "EARLY": 0.5 * S, "CLOCK_SET_BACK": 1.0},
    "soc.delivery.retry": {
        "DEFAULT_THROTTLE": 30 * S, "OWN_FINDING": M, "SLOW_JITTER": 0.2,
        "SLOW_SCHEDULE": (30 * S, 2 * M, 10 * M, 30 * M, 2 * H, 5 * H, 10 * H, 10 * H),
    },
    "soc.delivery.turns": {"SHORTEST_TURN": 2 * S, "LONGEST_TURN": M, "LOOK_AGAIN": S},
    "soc.domain.delivery": {"LONGEST_RETRY_AFTER": 15 * M},
    "soc.domain.message.escalation": {"MOST_NAMED": 30},
    # how time is counted
    "soc.domain.sla.forecast": {"LEAST_CLOSED": 50, "LEAST_LIKE": 20, "LEAST_HANDLED": 5},
    "soc.domain.sla.policy": {"_LONGEST": 366 * 24 * 60, "_MOST": 1_000, "_FAR": 5 * 366 * D},
    "soc.domain.sla.states": {"AT_RISK_PARTS": 2},
    "soc.sla.clocks": {"_SAID_ONE_BY_ONE": 10},
    "soc.sla.explain": {"_TICKS": 5 * M},
    "soc.sla.holding": {"LONGEST_PAUSE": 90 * D},
    "soc.sla.policies": {"_YEARS_BACK": 2, "_YEARS_AHEAD": 10, "MOST": 50},
    "soc.sla.stopping": {"SOON": 15 * M},
    # what is done to tickets
    "soc.tickets.acts.asked": {"LONGEST_KEY": 500},
    "soc.tickets.acts.bulk": {"MOST": 500},
    "soc.tickets.acts.merging": {"MOST_MERGED": 100},
    "soc.tickets.acts.noting": {"LONGEST_NOTE": 30_000},
    "soc.tickets.acts.splitting": {"LONGEST_TITLE": 200},
    "soc.tickets.acts.telling": {"LONGEST_TOLD": 600},
    "soc.tickets.acts.undoing": {"UNDO_FOR": 10 * S},
    "soc.tickets.interactions.working": {"MOST_TRIES": 8},
    "soc.tickets.joining.seen": {"COALESCED": 24 * H},
    "soc.tickets.sync.difference": {"MOST": 20_000},
    "soc.tickets.sync.ending": {"NEGLIGIBLE": M},
    "soc.tickets.sync.poll": {
        "OVERLAP_MINUTES": 10, "LONGEST_MINUTES": 24 * 60, "READ_AGAIN": H, "READ_AT_ONCE": 100, "REOPENABLE": 7 * D, "_UNSURE": M,
    },
    # what the store keeps, and how long it is waited for
    "soc.store.db": {"BUSY_TIMEOUT_MS": 30_000, "STANDS_STILL": 30, "LOCK_PATIENCE": 10.0, "TURN_PATIENCE": 20.0},
    "soc.store.faults": {"_FIRST_WAIT": 0.5, "_LONGEST_WAIT": 5.0},
    "soc.store.files": {"COPIES_BYTES": 4_294_967_296, "_IN_USE_SECONDS": 3_600.0},
    "soc.store.nouns.vendors.health": {"PROBE_WAITS": (5 * M, 15 * M, H)},
    "soc.store.nouns.incidents.incident_writing": {"_STEPS": 60, "_ENTITIES": 1_000},
    "soc.store.nouns.installation.requests": {"KEPT": 30 * D, "SEALED_KEPT": H},
    "soc.store.paging": {"AT_ONCE": 500, "_LARGEST": 9_223_372_036_854_775_807},
    "soc.store.sqlite_driver": {"OLDEST_SOUND": (3, 51, 3)},
    "soc.store.trail.heads": {"LARGEST_BYTES": 1_000_000, "NEWEST": 1_000},
    "soc.store.unchanged": {"LONGEST": 5 * S, "_MOST": 256, "_SOON_OVER": 0.6, "_PATIENCE": 30.0},
    "soc.store.vault": {"_NONCE_BYTES": 12},
}  # fmt: skip


@pytest.mark.parametrize("module", LIMITS)
def test_a_limit_is_what_was_promised(module: str) -> None:
    place = import_module(module)
    assert {name: getattr(place, name) for name in LIMITS[module]} == LIMITS[module]
