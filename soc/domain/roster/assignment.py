"""Who gets a ticket, by the setup guide: critical → security team lead, high → an available analyst, standard → round robin.

A choice explains itself: how it was made, who was passed over and why.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from soc.domain.severity import Priority

#: A person with more open tickets than this has too many.
TOO_MANY = 12
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = datetime(9999, 1, 1, tzinfo=UTC)


class Way(StrEnum):
    """How a priority is assigned."""

    LEAD = "security team lead"
    AVAILABLE = "available analyst"
    TURN = "round robin"


WAYS: Mapping[Priority, Way] = {
    Priority.HIGHEST: Way.LEAD,
    Priority.HIGH: Way.AVAILABLE,
    Priority.MEDIUM: Way.TURN,
    Priority.LOW: Way.TURN,
    Priority.LOWEST: Way.TURN,
}


@dataclass(frozen=True)
class Candidate:
    """A person as the choice sees them. `why` says the presence in words; `until` is when that changes."""

    person_id: str
    name: str
    role: str
    team: str
    on_duty: bool
    why: str
    open_tickets: int
    until: datetime | None = None
    last_given: datetime | None = None
    out_of_office: bool = False


@dataclass(frozen=True)
class Choice:
    """`person_id` is "" where nobody can have it. `passed` are (name, reason) of those who were looked at before."""

    person_id: str
    name: str
    way: Way
    why: str
    passed: tuple[tuple[str, str], ...] = ()
    warning: str = ""
    #: Whether it is with this one that they hold too many.
    crosses: bool = False

    @property
    def sentence(self) -> str:
        """The whole decision in words."""
        chosen = f"{self.name}: {self.why}" if self.person_id else f"Nobody: {self.why}"
        over = "; ".join(f"{name} ({reason})" for name, reason in self.passed[:8])
        more = f" and {len(self.passed) - 8} more" if len(self.passed) > 8 else ""
        return f"{chosen}." + (f" Passed over: {over}{more}." if over else "") + self.warning


def choose(
    priority: Priority,
    candidates: Sequence[Candidate],
    *,
    security_team: str,
    last_turn: str = "",
    but: Collection[str] = (),
) -> Choice:
    """Who gets a ticket of this priority. `last_turn` is who was given the last one in the round; `but` are left out."""
    people = sorted((one for one in candidates if one.person_id not in but), key=lambda one: one.person_id)
    way = WAYS[priority]
    if way is Way.LEAD:
        return _lead(people, security_team)
    if way is Way.AVAILABLE:
        return _available(people, "high goes to the analyst on duty with the fewest open tickets", way)
    return _in_turn(people, last_turn)


def _lead(people: Sequence[Candidate], team: str) -> Choice:
    leads = [one for one in people if one.role == "lead"]
    ours = [one for one in leads if one.team.casefold() == team.casefold()]
    there = f"lead of {team}"
    if on := [one for one in ours if one.on_duty]:
        return _chosen(_least(on), Way.LEAD, f"critical goes to the {there}", _off(ours))
    passed = _off(ours) or [(f"the {there}", "there is none")]
    if on := [one for one in leads if one.on_duty]:
        why = f"critical goes to the {there}, who is not on duty: another team's lead is"
        return _chosen(_least(on), Way.LEAD, why, passed)
    if on := [one for one in people if one.role == "analyst" and one.on_duty]:
        return _chosen(
            _least(on), Way.LEAD, "no lead is on duty: the analyst with the fewest open tickets", passed
        )
    in_office = [one for one in ours if not one.out_of_office] or ours
    if in_office:
        why = f"nobody is on duty; the {there} owns what is critical all the same"
        return _chosen(_least(in_office), Way.LEAD, why, ())
    return _nobody(Way.LEAD, people)


def _available(people: Sequence[Candidate], why: str, way: Way) -> Choice:
    analysts = [one for one in people if one.role == "analyst"]
    if on := [one for one in analysts if one.on_duty]:
        best = _least(on)
        busier = [(one.name, _count(one.open_tickets)) for one in on if one is not best]
        return _chosen(best, way, f"{why} ({best.open_tickets})", [*busier, *_off(analysts)])
    if leads := [one for one in people if one.role == "lead" and one.on_duty]:
        return _chosen(_least(leads), way, "no analyst is on duty: a lead who is", _off(analysts))
    if coming := [one for one in analysts if not one.out_of_office and one.until is not None]:
        first = min(coming, key=lambda one: (one.until or _LATEST, one.open_tickets, one.person_id))
        others = [(one.name, one.why) for one in analysts if one is not first]
        return _chosen(first, way, f"nobody is on duty: who comes first ({first.why})", others)
    return _nobody(way, people)


def _in_turn(people: Sequence[Candidate], last_turn: str) -> Choice:
    analysts = [one for one in people if one.role == "analyst"]
    on = [one for one in analysts if one.on_duty]
    round_ = on or [one for one in analysts if not one.out_of_office]
    if not round_:
        return _available(people, "round robin", Way.TURN)
    following = [one for one in round_ if one.person_id > last_turn] or round_
    chosen = following[0]
    why = (
        "next in the round of those on duty"
        if on
        else "nobody is on duty: next in the round of those in office"
    )
    skipped = [one for one in analysts if one not in round_]
    return _chosen(chosen, Way.TURN, why, [(one.name, one.why) for one in skipped])


def _least(people: Iterable[Candidate]) -> Candidate:
    """Fewest open tickets; of equals who has waited longest for one."""
    return min(people, key=lambda one: (one.open_tickets, one.last_given or _NEVER, one.person_id))


def _off(people: Iterable[Candidate]) -> list[tuple[str, str]]:
    return [(one.name, one.why) for one in people if not one.on_duty]


def _count(number: int) -> str:
    return f"{number} open ticket{'' if number == 1 else 's'}"


def _chosen(one: Candidate, way: Way, why: str, passed: Sequence[tuple[str, str]]) -> Choice:
    holds = one.open_tickets + 1
    warning = f" {one.name} now holds {_count(holds)}, more than {TOO_MANY}." if holds > TOO_MANY else ""
    return Choice(one.person_id, one.name, way, why, tuple(passed), warning, crosses=holds == TOO_MANY + 1)


def _nobody(way: Way, people: Sequence[Candidate]) -> Choice:
    why = (
        "the roster has no analyst and no lead" if not people else "nobody of the roster is on duty or coming"
    )
    return Choice("", "", way, why, tuple(_off(people)))
