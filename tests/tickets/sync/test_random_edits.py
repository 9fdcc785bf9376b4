"""Random edits on both sides end equal or in the queue of conflicts: none lost, none told back to where it came from.

Tens here; `SOC_RANDOM_EDITS=1000` makes that many, at each kind of Jira.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlmodel import select

from soc import clock
from soc.domain.acts import Verdict, Visibility
from soc.domain.incident import IncidentStatus
from soc.domain.message import FieldValue
from soc.domain.severity import Priority
from soc.errors import SocError
from soc.sandbox.jira import catalogue
from soc.store.db import read_session, write_session
from soc.store.nouns.incidents.acts import ActRow
from soc.store.nouns.incidents.investigation_notes import InvestigationNoteRow
from soc.store.nouns.tickets.ticket_conflicts import TicketConflictRow
from soc.store.nouns.tickets.ticket_fields import TicketFieldRow, value_of
from soc.tickets.acts import Asked, add_note, close, set_priority, set_status
from soc.tickets.outgoing import FieldsChanged, tell
from soc.tickets.sync import poll
from soc.tickets.sync.deciding import decide
from tests.tickets.both_sides import ANA, START, BothSides

pytestmark = pytest.mark.long

EDITS = int(os.environ.get("SOC_RANDOM_EDITS", "24"))
SEED = int(os.environ.get("SOC_RANDOM_SEED", "1"))
SCALARS = ("status", "priority", "due")
PEOPLE = ("analyst", "lead", "soc-bot")  # the last is the product's own account, which a person shares


@dataclass(eq=False)
class Edit:
    side: str
    value: FieldValue
    at: datetime
    #: Whether this side had the other side's value when it made the edit.
    saw: bool


@dataclass
class Campaign:
    """Who did what, so that what became of it can be told."""

    both: BothSides
    rng: random.Random
    tickets: int
    edits: dict[tuple[int, str], list[Edit]] = field(default_factory=dict)
    added: dict[int, set[str]] = field(default_factory=dict)
    removed: dict[int, set[str]] = field(default_factory=dict)
    said: dict[int, set[str]] = field(default_factory=dict)
    #: By ticket and account: whether the last edit of it made it a watcher.
    watching: dict[tuple[int, str], bool] = field(default_factory=dict)
    count: Counter[str] = field(default_factory=Counter)

    def run(self, number: int) -> None:
        done = 0
        polled = clock.now()
        while done < number:
            done += self._edit(done)
            self.both.step(self.rng.choice((0.5, 2, 7, 20, 45)))
            if self.rng.random() < 0.08:
                self._fault()
            self.both.deliver()
            if clock.now() - polled >= timedelta(seconds=60):
                polled = clock.now()
                self._poll()
            if self.rng.random() < 0.05:
                self._decide()
        self.both.counted.heal()
        # Jira calls a watcher no change of an issue: who watches is seen when everything is read anew
        for wait in (*[60] * 15, poll.READ_AGAIN.total_seconds(), 60, 60):
            self.both.step(wait)
            self._poll()
            self.both.settle()

    def _poll(self) -> None:
        self.count["polls"] += 1
        poll.sync_quietly()

    def _fault(self) -> None:
        kind = self.rng.choice(("lost", "429 issue", "429 burst", "503"))
        method = self.rng.choice(("PUT", "POST", "GET"))
        if kind == "lost":
            self.both.counted.lose_any()
        elif kind == "503":
            self.both.counted.refuse(method, 503, {})
        else:
            reason = "jira-per-issue-on-write" if "issue" in kind else "jira-burst-based"
            self.both.counted.refuse(method, 429, {"retry-after": "5", "ratelimit-reason": reason})
        self.count["faults"] += 1

    def _decide(self) -> None:
        with read_session() as session:
            row = TicketConflictRow
            found = session.exec(select(row).where(row.resolved_at.is_(None))).all()  # type: ignore[union-attr]
        if not found:
            return
        chosen = self.rng.choice(found)
        with write_session() as session:
            decide(session, chosen.id or 0, self.rng.choice(("ours", "theirs")), actor=ANA)
        self.count["decided"] += 1
        self.edits.pop((chosen.ticket_id, chosen.field), None)  # a person has looked at both

    # -- edits

    def _edit(self, number: int) -> int:
        ticket = self.rng.randint(1, self.tickets)
        here = self.rng.random() < 0.5
        what = self.rng.choice(
            ("status", "priority", "due", "labels", "note", "priority", "status", "watchers")
        )
        work = getattr(self, f"_{what}_{'here' if here else 'there'}")
        try:
            made = work(ticket, number)
        except AssertionError:
            raise
        self.count[f"{what} {'here' if here else 'there'}"] += bool(made)
        return int(bool(made))

    def here(self, ticket: int, name: str) -> FieldValue:
        with read_session() as session:
            row = session.get(TicketFieldRow, (ticket, name))
        return (value_of(row.local) if row is not None else None) or ""

    def there(self, ticket: int, name: str) -> FieldValue:
        issue = self.both.issue(self.both.ticket(ticket).key)
        values: dict[str, FieldValue] = {
            "status": catalogue.STATUSES[issue.status].name,
            "priority": catalogue.PRIORITIES[issue.priority],
            "due": issue.duedate or "",
            "labels": tuple(sorted(issue.labels)),
            "watchers": tuple(sorted(self._account(catalogue.USERS[one]) for one in issue.watchers)),
        }
        return values[name]

    def _note_edit(self, ticket: int, name: str, side: str, value: FieldValue, saw: bool) -> None:
        self.edits.setdefault((ticket, name), []).append(Edit(side, value, clock.now(), saw))

    def _saw(self, ticket: int, name: str) -> bool:
        return self.here(ticket, name) == self.there(ticket, name)

    def _act(self, ticket: int, number: int, work: Any, *rest: Any, **more: Any) -> bool:
        with write_session() as session:
            outcome = work(
                session, f"inc-{ticket}", *rest, Asked(ANA, f"edit-{number}-{clock.now()}"), **more
            )
        return str(outcome.ending) == "done"

    def _status_here(self, ticket: int, number: int) -> bool:
        saw = self._saw(ticket, "status")
        if self.rng.random() < 0.3:
            done = self._act(
                ticket, number, close, self.rng.choice((Verdict.TRUE_POSITIVE, Verdict.RULE_WRONG))
            )
        else:
            wanted = self.rng.choice((IncidentStatus.OPEN, IncidentStatus.IN_PROGRESS))
            done = self._act(ticket, number, set_status, wanted)
        if done:
            self._note_edit(ticket, "status", "here", self.here(ticket, "status"), saw)
        return done

    def _status_there(self, ticket: int, _number: int) -> bool:
        key, saw = self.both.ticket(ticket).key, self._saw(ticket, "status")
        person = self.rng.choice(PEOPLE)
        steps = self.both.ask("GET", f"issue/{key}/transitions", person).json()["transitions"]
        step = self.rng.choice(steps)
        self.both.ask("POST", f"issue/{key}/transitions", person, {"transition": {"id": step["id"]}})
        self._note_edit(ticket, "status", "there", step["to"]["name"], saw)
        return True

    def _priority_here(self, ticket: int, number: int) -> bool:
        saw, wanted = self._saw(ticket, "priority"), self.rng.choice(list(Priority))
        done = self._act(ticket, number, set_priority, wanted)
        if done:
            self._note_edit(ticket, "priority", "here", wanted.value, saw)
        return done

    def _priority_there(self, ticket: int, _number: int) -> bool:
        return self._field_there(
            ticket, "priority", "priority", self.rng.choice(list(catalogue.PRIORITIES.values()))
        )

    def _due_here(self, ticket: int, number: int) -> bool:
        saw, wanted = self._saw(ticket, "due"), f"2026-02-{self.rng.randint(1, 28):02d}"
        if self.here(ticket, "due") == wanted:
            return False
        with write_session() as session:
            tell(session, self.both.ticket(ticket), FieldsChanged({"due": wanted}, id=f"due-{number}"), ANA)
        self._note_edit(ticket, "due", "here", wanted, saw)
        return True

    def _due_there(self, ticket: int, _number: int) -> bool:
        return self._field_there(ticket, "due", "duedate", f"2026-02-{self.rng.randint(1, 28):02d}")

    def _field_there(self, ticket: int, name: str, theirs: str, wanted: str) -> bool:
        saw = self._saw(ticket, name)
        if self.there(ticket, name) == wanted:
            return False
        value: Any = {"name": wanted} if name == "priority" else wanted
        key = self.both.ticket(ticket).key
        self.both.ask("PUT", f"issue/{key}", self.rng.choice(PEOPLE), {"fields": {theirs: value}})
        self._note_edit(ticket, name, "there", wanted, saw)
        return True

    def _labels_here(self, ticket: int, number: int) -> bool:
        known = set(self.here(ticket, "labels"))
        if not known:
            return False  # not read yet
        label, gone = f"here-{number}", self._old(ticket, known)
        with write_session() as session:
            value = tuple(sorted((known | {label}) - gone))
            tell(session, self.both.ticket(ticket), FieldsChanged({"labels": value}, id=f"l-{number}"), ANA)
        self.added.setdefault(ticket, set()).add(label)
        self.removed.setdefault(ticket, set()).update(gone)
        return True

    def _labels_there(self, ticket: int, number: int) -> bool:
        key, label = self.both.ticket(ticket).key, f"there-{number}"
        gone = self._old(ticket, set(self.there(ticket, "labels")))
        body = {"update": {"labels": [{"add": label}, *({"remove": one} for one in gone)]}}
        self.both.ask("PUT", f"issue/{key}", self.rng.choice(PEOPLE), body)
        self.added.setdefault(ticket, set()).add(label)
        self.removed.setdefault(ticket, set()).update(gone)
        return True

    def _account(self, user: catalogue.User) -> str:
        return user.account_id if self.both.config.cloud else user.name

    def _watchers_here(self, ticket: int, number: int) -> bool:
        with read_session() as session:
            if session.get(TicketFieldRow, (ticket, "watchers")) is None:
                return False  # not read yet
        known, account = set(self.here(ticket, "watchers")), self._account(catalogue.ANALYST)
        value = tuple(sorted(known ^ {account}))
        with write_session() as session:
            tell(session, self.both.ticket(ticket), FieldsChanged({"watchers": value}, id=f"w-{number}"), ANA)
        self.watching[ticket, account] = account in value
        return True

    def _watchers_there(self, ticket: int, _number: int) -> bool:
        user = self.rng.choice((catalogue.LEAD, catalogue.BOT))
        key, account = self.both.ticket(ticket).key, self._account(user)
        leaves = account in self.there(ticket, "watchers")
        query = f"?{'accountId' if self.both.config.cloud else 'username'}={account}" if leaves else ""
        method, person = ("DELETE" if leaves else "POST"), self.rng.choice(PEOPLE)
        self.both.ask(method, f"issue/{key}/watchers{query}", person, None if leaves else account)
        self.watching[ticket, account] = not leaves
        return True

    def _old(self, ticket: int, known: set[str]) -> set[str]:
        """One of the labels that were added before, to be taken out; mostly none."""
        mine = sorted(one for one in known if one.startswith(("here-", "there-")))
        return {self.rng.choice(mine)} if mine and self.rng.random() < 0.3 else set()

    def _note_here(self, ticket: int, number: int) -> bool:
        seen = self.rng.choice((Visibility.INTERNAL, Visibility.PUBLIC))
        self.said.setdefault(ticket, set()).add(f"note {number}")
        return self._act(ticket, number, add_note, f"note {number}", visibility=seen)

    def _note_there(self, ticket: int, number: int) -> bool:
        text = f"note {number}"
        body: Any = text
        if self.both.config.instance_type == "cloud":
            body = {
                "type": "doc",
                "version": 1,
                "content": [{"type": "paragraph", "content": [{"type": "text", "text": text}]}],
            }
        key = self.both.ticket(ticket).key
        self.both.ask("POST", f"issue/{key}/comment", self.rng.choice(PEOPLE), {"body": body})
        self.said.setdefault(ticket, set()).add(text)
        return True


def _check(campaign: Campaign) -> dict[str, Any]:
    """What is wrong: values that differ and wait for nobody, edits that are nowhere, echoes; and the rates."""
    both = campaign.both
    with read_session() as session:
        conflicts = session.exec(select(TicketConflictRow)).all()
        acts = session.exec(select(ActRow).where(ActRow.via == "jira")).all()
        notes = session.exec(select(InvestigationNoteRow)).all()
    waiting = {(one.ticket_id, one.field) for one in conflicts if one.resolved_at is None}
    asked: dict[tuple[int, str], list[datetime]] = {}
    for one in conflicts:
        asked.setdefault((one.ticket_id, one.field), []).extend([one.created_at, one.updated_at])
    unequal: list[Any] = []
    lost: list[Any] = []
    for ticket in range(1, campaign.tickets + 1):
        for name in (*SCALARS, "labels", "watchers"):
            here, there = campaign.here(ticket, name), campaign.there(ticket, name)
            if (here or ()) != (there or ()) and (ticket, name) not in waiting:
                unequal.append((ticket, name, here, there))
            if name in SCALARS and (ticket, name) not in waiting:
                lost += _lost(campaign.edits.get((ticket, name), []), there, asked.get((ticket, name), []))
        labels = set(campaign.there(ticket, "labels"))
        gone = campaign.removed.get(ticket, set())
        lost += [(ticket, one) for one in campaign.added.get(ticket, set()) - gone - labels]
        lost += [(ticket, "back", one) for one in gone & labels]
        watchers = set(campaign.there(ticket, "watchers"))
        lost += [
            (ticket, account, "watches" if wanted else "watches no more")
            for (which, account), wanted in campaign.watching.items()
            if which == ticket and (account in watchers) != wanted
        ]
        texts = Counter(one.text for one in notes if one.incident_id == f"inc-{ticket}")
        comments = Counter(_plain(one.body) for one in both.issue(both.ticket(ticket).key).comments)
        wanted = campaign.said.get(ticket, set())
        lost += [(ticket, one) for one in wanted if texts[one] != 1 or comments[one] != 1]
        if set(texts) != wanted or set(comments) != wanted:
            lost.append((ticket, set(texts) ^ wanted, set(comments) ^ wanted))
    marked = {e["id"]: e for i in both.jira.issues.values() for e in i.history if e["mark"]}
    echoes = [one.source for one in acts if one.source.rpartition(":")[2] in marked]
    twice = Counter(e["mark"]["extraData"]["delivery"] for e in marked.values())
    echoes += [one for one, times in twice.items() if times > 1]
    return {
        "unequal": unequal,
        "lost": lost,
        "echoes": echoes,
        "waiting": len(waiting),
        "conflicts": len(conflicts),
        **_rates(both),
    }


def _lost(edits: list[Edit], final: FieldValue, asked: list[datetime]) -> list[Any]:
    """The last edit holds; one of the other side that it had not seen was shown to a person."""
    if not edits:
        return []
    last = edits[-1]
    other = next((one for one in reversed(edits) if one.side != last.side), None)
    since = other.at if other is not None else last.at
    shown = any(at >= since for at in asked)
    if shown:
        return []
    if final != last.value:
        return [("last", last, final)]
    # the first of this side's edits after the other's is the one that was made without having seen it, or not
    first = edits[edits.index(other) + 1] if other is not None else last
    unseen = other is not None and not first.saw and other.value != last.value
    return [("unseen", other, last)] if unseen else []


def _plain(body: Any) -> str:
    text = (
        body
        if isinstance(body, str)
        else "\n".join(
            "".join(part.get("text", "") for part in block.get("content", [])) for block in body["content"]
        )
    )
    return text.removeprefix("ana:\n").replace("\\", "")


def _rates(both: BothSides) -> dict[str, int]:
    """The most writes to one issue in 2 s and in 30 s (Jira takes 20 and 100), and requests in a minute."""
    writes: dict[str, list[datetime]] = {}
    for at, method, path in both.counted.seen:
        if method in ("PUT", "POST") and "/issue/" in path:
            writes.setdefault(path.split("/issue/")[1].split("/")[0], []).append(at)
    every = [at for at, _, _ in both.counted.seen]

    def most(times: list[datetime], seconds: float) -> int:
        first, best = 0, 0
        for number, at in enumerate(times):
            while at - times[first] > timedelta(seconds=seconds):
                first += 1
            best = max(best, number - first + 1)
        return best

    return {
        "in 2 s": max((most(one, 2) for one in writes.values()), default=0),
        "in 30 s": max((most(one, 30) for one in writes.values()), default=0),
        "requests a minute": most(every, 60),
        "requests": len(every),
    }


@pytest.fixture(params=["cloud", "on_premise"])
def campaign(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Campaign]:
    with time_machine.travel(START, tick=False) as travel:
        tickets = 6 if EDITS < 200 else 25
        both = BothSides(travel, request.param, tickets=tickets)
        both.jira.search_lag, both.jira.user_zone = 90, "Australia/Lord_Howe"
        monkeypatch.setattr(poll, "borrow", both.borrow)
        monkeypatch.setattr(poll, "takers", lambda _message: ("jira",))
        poll.sync_tickets()
        yield Campaign(both, random.Random(SEED), tickets)


@pytest.mark.timeout(3000)
def test_random_edits_on_both_sides_end_equal_or_with_a_person(campaign: Campaign) -> None:
    try:
        campaign.run(EDITS)
    except SocError as error:  # its text tells what to do, and hides nothing here
        raise AssertionError(str(error)) from error
    found = _check(campaign)
    print(campaign.both.config.instance_type, dict(campaign.count), found)
    assert found["unequal"] == []
    assert found["lost"] == []
    assert found["echoes"] == []
    assert found["in 2 s"] <= 20
    assert found["in 30 s"] <= 100
