"""The month: its batches, what people make of them, and the bad days."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from soc import clock
from soc.batches.intake import keep_upload, submit_batch
from soc.batches.run import run_batch
from soc.configuration.practice import connect_sandbox, practice_faults
from soc.delivery import queues
from soc.demo import desk, people
from soc.demo.nights import (
    Happening,
    break_in,
    fill_disk,
    find_malware,
    guess_passwords,
    inject,
    lose_database,
    write_night,
)
from soc.demo.stage import Stage
from soc.escalation.tick import tick
from soc.handover.giving import accept, give_over
from soc.integrations.registry import takers
from soc.logs.layout import ReadOptions
from soc.rules.changing import replace_rule
from soc.sandbox.faults import Fault
from soc.sla.clocks import watch
from soc.store.db import read_session, write_session
from soc.store.nouns.incidents.incidents import IncidentFilter, walk_incidents
from soc.store.nouns.rules.rules import list_rules
from soc.tickets.sync import sync_quietly
from soc.tickets.sync.ending import tell_ends

DAYS = 30
SEED = 20
#: When the newest two batches came, before now: what is grave in the second has used more than half of its time. Those
#: before are of three days each: a batch and what follows from it costs some two seconds to play.
NEWEST, STRETCH = (timedelta(minutes=46), timedelta(hours=5, minutes=20)), timedelta(days=3)
#: Where tickets are kept, where people talk, and who is told of an end too.
TICKETS, CHATS, PAGED = takers("open_ticket"), takers("send_summary"), takers("end_escalation")
#: By rule of the guide: whom it tells here.
CHANNELS = {
    "severity-9": (*TICKETS, *CHATS, *PAGED),
    "security-8": TICKETS,
    "critical-8": (*TICKETS, *CHATS),
}
#: So many minutes after a batch the clocks and the escalations are looked at.
LOOKS = (16, 31, 45, 61, 121, 181, 241, 960)
#: How many batches ago a vendor had a bad time, for how long, and how.
BAD_TIMES = (
    (8, timedelta(minutes=50), Fault(kind="server_error", vendor=TICKETS[0], status=503)),
    (6, timedelta(hours=46), Fault(kind="server_error", vendor=PAGED[0], status=500)),
    (3, timedelta(hours=1), Fault(kind="rate_limit", vendor=CHATS[0], every=3, retry_after=20)),
)


#: How many batches ago something happened for certain.
SURELY: Mapping[int, Collection[Happening]] = {
    0: (inject, fill_disk), 1: (break_in, lose_database), 2: (guess_passwords,), 6: (find_malware,),
}  # fmt: skip
#: Whose first incident waits for somebody outside, and is not over: one in danger, one over its time.
WAITING = (1, 2)


class Stretch(NamedTuple):
    """`ago`: how many batches before the newest (0)."""

    ago: int
    begin: datetime
    end: datetime


def play_month(
    until: datetime, *, seed: int = SEED, days: int = DAYS, say: Callable[[str], None] = lambda _: None
) -> None:
    """Fill an empty store with what happened in the `days` before `until`. The same seed and `until`: the same month.

    The store has its tables; no engine runs. `say` hears how far it is.
    """
    start = until - timedelta(days=days)
    stage = Stage(start)
    with stage.open():
        connect_sandbox(actor=people.SETTING_UP)
        team = people.add_people(clock.now())
        _choose_channels()
        for stretch in _stretches(start, until):
            _plan(stage, stretch, seed, team)
        stage.at(until - timedelta(minutes=1), _sync)
        for day in range(1, days + 1):
            stage.play(start + timedelta(days=day))
            say(f"day {day} of {days}")


def _stretches(start: datetime, until: datetime) -> Iterator[Stretch]:
    """Back from the newest."""
    newest, before = (until - one for one in NEWEST)
    yield Stretch(0, before, newest)
    ago, end = 1, before
    while end - STRETCH > start:
        # nobody hands logs in at the same minute each time
        begin = before - ago * STRETCH + timedelta(minutes=ago * 47 % 173, seconds=ago * 13 % 60)
        yield Stretch(ago, begin, end)
        ago, end = ago + 1, begin


def _plan(stage: Stage, stretch: Stretch, seed: int, team: people.People) -> None:
    dice = random.Random(f"{seed}-{stretch.ago}")  # noqa: S311 - a story, no secret
    for ago, length, fault in BAD_TIMES:
        if ago == stretch.ago:
            stage.at(stretch.end, partial(_switch_on, fault))
            stage.at(stretch.end + length, _switch_off)
    stage.at(stretch.end, partial(_process, stage, dice, team, stretch))
    for minutes in LOOKS:
        stage.at(stretch.end + timedelta(minutes=minutes), _look)
    stage.at(stretch.end + timedelta(hours=9), _sync)
    if stretch.ago % 2:
        stage.at(stretch.end + timedelta(hours=6), partial(_hand_over, team))


def _process(stage: Stage, dice: random.Random, team: people.People, stretch: Stretch) -> None:
    surely = SURELY.get(stretch.ago, ())
    files = write_night(dice, stretch.begin, stretch.end, surely=surely)
    uploads = [(keep_upload(name, text.encode()), ReadOptions()) for name, text in files.items()]
    batch = submit_batch(
        uploads, on=(*TICKETS, *CHATS), idempotency_key=f"demo-{stretch.ago}", actor=people.named(team.lead),
        name=f"{stretch.begin:%d %b} to {stretch.end:%d %b}",
    )  # fmt: skip
    queues.enqueue_tries(run_batch(batch))
    with read_session() as session:
        rows = list(walk_incidents(session, IncidentFilter(batch_id=batch)))
    found = sorted(rows, key=lambda row: (not row.eligible, -row.score, str(row.first_seen), row.title))
    for number, row in enumerate(found):
        desk.work_on(stage, dice, team, row, now=clock.now(), waits=number == 0 and stretch.ago in WAITING)


def _choose_channels() -> None:
    """As a team does after some weeks of the guide's rules: the gravest are told everywhere, the others where they are worked on."""
    with write_session() as session:
        for rule in list_rules(session):
            channels = CHANNELS.get(rule.id)
            if channels:
                replace_rule(session, rule.model_copy(update={"actions": channels}), actor=people.SETTING_UP)


def _look() -> None:
    """What an engine's schedules do every minute: here only when something is likely to be due."""
    watch()
    tick()


def _sync() -> None:
    tell_ends()
    sync_quietly()


def _hand_over(team: people.People) -> None:
    row = give_over(remark="Quiet but for what stands below.", actor=people.named(team.lead))
    accept(row.id, team.lead, actor=people.named(team.lead), take=())


def _switch_on(fault: Fault) -> None:
    practice_faults().switch_on(fault)


def _switch_off() -> None:
    practice_faults().switch_off()
