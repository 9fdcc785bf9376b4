"""Who works at Nordlicht Freight's security desk, when, and what they write."""

from __future__ import annotations

import random
from datetime import datetime, time, timedelta
from typing import NamedTuple

from soc.access.people import add_person, add_team
from soc.domain.actor import Actor
from soc.domain.acts import Verdict
from soc.domain.classification import Classification
from soc.roster.changing import add_absence, add_shift
from soc.roster.finding import find_accounts
from soc.store.db import write_session

SETTING_UP = Actor.system("demonstration")
_ZONE = "Europe/Berlin"


class Colleague(NamedTuple):
    """`days` and `hours` are of the shift; the practice vendors know the first two by their addresses."""

    name: str
    email: str
    role: str
    days: range
    hours: tuple[int, int]


_TEAM = (
    Colleague("Ana Lyst", "ana.lyst@practice.example", "analyst", range(5), (6, 14)),
    Colleague("Lee Ader", "lee.ader@practice.example", "lead", range(7), (0, 0)),
    Colleague("Mira Okafor", "mira.okafor@practice.example", "analyst", range(5), (14, 22)),
    Colleague("Jonas Weber", "jonas.weber@practice.example", "analyst", range(7), (22, 6)),
    Colleague("Helen Brandt", "helen.brandt@practice.example", "manager", range(5), (8, 17)),
)
#: Who works on incidents, by index.
_AT_WORK = (0, 0, 2, 2, 3, 1)


class People:
    """The roster, once it is there: ids by name."""

    def __init__(self, ids: list[str]) -> None:
        self._ids = ids
        self.lead = ids[1]

    def somebody(self, dice: random.Random) -> str:
        return self._ids[dice.choice(_AT_WORK)]


def add_people(now: datetime) -> People:
    """The team, its shifts and somebody's holiday; their accounts are asked of the practice vendors."""
    ids = []
    with write_session() as session:
        team = add_team(session, "Security", actor=SETTING_UP, now=now)
        for one in _TEAM:
            given = {
                "name": one.name,
                "email": one.email,
                "role": one.role,
                "team_id": team.id,
                "zone": _ZONE,
            }
            row = add_person(session, given, actor=SETTING_UP, now=now)
            session.flush()
            begin, end = (time(hour) for hour in one.hours)
            add_shift(session, row.id, weekdays=one.days, start=begin, end=end, actor=SETTING_UP)
            ids.append(row.id)
        add_absence(
            session, ids[4], start=now + timedelta(days=27), end=now + timedelta(days=34), note="holiday",
            actor=SETTING_UP,
        )  # fmt: skip
    find_accounts(actor=SETTING_UP)
    return People(ids)


def named(person_id: str) -> Actor:
    """Somebody who said at the page who they are."""
    return Actor.said(person_id)


class Words(NamedTuple):
    """What is said of incidents of one sort."""

    findings: tuple[str, ...]
    next_steps: tuple[str, ...]
    thoughts: tuple[str, ...]


_OUTSIDE = Words(
    (
        "Checked against the firewall: the address was refused before and after.",
        "Blocked the address at the edge for 30 days.",
        "Nothing else from this address in the last week.",
        "No sign that anything was read: every answer was 403 or 404.",
        "Compared with the proxy log; two more requests, both refused.",
    ),
    ("Look at the proxy log of the hour before.", "See whether it comes again after the block."),
    (
        "Automated scanning, no interest in us in particular.",
        "Somebody tries passwords of an old leak.",
        "A contractor's tool with an old password in its configuration.",
    ),
)
_HOST = Words(
    (
        "The owner of the host confirms: a test that was not announced. Asked them to tell us next time.",
        "The host was taken off the network; the file is with the makers of the scanner.",
        "The account's sessions were ended and its password was changed.",
    ),
    ("Ask the platform team for the image of the host.", "Wait for the owner of the host to call back."),
    ("An attachment that was opened before the filter knew it.", "A tool of the administrators, not signed."),
)
_SERVICE = Words(
    (
        "The disk was enlarged by 200 GB; the old dumps go tonight.",
        "The service came back by itself; the cause is with the platform team.",
        "Asked the platform team whether the time-out is long enough.",
    ),
    ("Ask the platform team what they changed.", "See whether it comes again tonight."),
    ("A consequence of yesterday's fail-over.", "A job of the night that takes longer than it did."),
)


def words_about(classification: str, title: str) -> Words:
    """What people say of it: of somebody outside, of a host, of a service that is not well."""
    if classification != Classification.SECURITY_ALERT:
        return _SERVICE
    return _OUTSIDE if " from " in title else _HOST


#: How often each, of a hundred.
VERDICTS: tuple[tuple[Verdict, int], ...] = (
    (Verdict.TRUE_POSITIVE, 58), (Verdict.BENIGN, 20), (Verdict.RULE_WRONG, 9), (Verdict.DATA_WRONG, 5),
    (Verdict.UNDETERMINED, 8),
)  # fmt: skip


def verdict(dice: random.Random) -> Verdict:
    return dice.choices([one for one, _ in VERDICTS], [often for _, often in VERDICTS])[0]
