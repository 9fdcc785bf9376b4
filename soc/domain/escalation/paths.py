"""The path check: every chain walked through the coming two weeks, and where nobody would be told."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from soc.domain.escalation.chain import Chain
from soc.domain.escalation.reach import Carrier, Contact, reach
from soc.domain.roster.duty import Presence
from soc.domain.roster.shifts import Span

DAYS = 14


@dataclass(frozen=True)
class Hole:
    """From `start` until `end` a step (counted from 0) reaches nobody whom it names.

    `covered`: the fallback would be told. Else nobody would be, by name.
    """

    chain: str
    name: str
    step: int
    title: str
    start: datetime
    end: datetime
    covered: bool
    why: tuple[str, ...]

    @property
    def length(self) -> timedelta:
        return self.end - self.start


def check_paths(
    chains: Iterable[Chain],
    people: Sequence[Contact],
    carriers: Mapping[str, Carrier],
    *,
    start: datetime,
    days: int = DAYS,
) -> list[Hole]:
    """Every hole of every step of the chains that are on; by chain, step and time.

    It looks at every moment at which a shift or an absence begins or ends, so that a hole of minutes is found too;
    between two of them nothing changes. A ticket's owner may be anybody: of a step that tells nobody else only the
    fallback is checked.
    """
    stretches = _stretches(people, start=start, days=days)
    holes: list[Hole] = []
    for chain in chains:
        for number, step in enumerate(chain.steps):
            if not (chain.enabled and step.tell):
                continue
            for moment, following, present in stretches:

                def there(person: Contact, present: frozenset[str] = present) -> Presence:
                    return Presence(person.person_id in present, "", None)

                found = reach(chain, step, people, carriers, owner="", now=moment, presence=there)
                covered = not found.nobody
                if not found.instead or (covered and all(one.kind == "owner" for one in step.tell)):
                    continue
                last = holes[-1] if holes else None
                if last and (last.chain, last.step, last.covered, last.end) == (
                    chain.id,
                    number,
                    covered,
                    moment,
                ):
                    holes[-1] = replace(last, end=following)
                else:
                    why = reach(chain, step, people, carriers, owner="", now=moment).missed
                    holes.append(
                        Hole(chain.id, chain.name, number, step.title, moment, following, covered, why)
                    )
    return holes


def _stretches(
    people: Sequence[Contact], *, start: datetime, days: int
) -> list[tuple[datetime, datetime, frozenset[str]]]:
    """From when until when the same people are on duty, and who they are: whom a step reaches depends on nothing else."""
    end = start + timedelta(days=days)
    spans = {person.person_id: person.duty.on_duty(start, end) for person in people}
    found: list[tuple[datetime, frozenset[str]]] = []
    turns = {start, *(moment for duty in spans.values() for span in duty for moment in span)}
    for moment in sorted(one for one in turns if start <= one < end):
        present = frozenset(person for person, duty in spans.items() if _covers(duty, moment))
        if not found or found[-1][1] != present:
            found.append((moment, present))
    ends = [*(begin for begin, _ in found[1:]), end]
    return [(begin, until, present) for (begin, present), until in zip(found, ends, strict=True)]


def _covers(spans: Sequence[Span], moment: datetime) -> bool:
    place = bisect_right(spans, moment, key=lambda span: span[0]) - 1
    return place >= 0 and moment < spans[place][1]
