"""Who would be told when, if a ticket opened at a moment; and where the chains have holes. Nothing is changed, nobody is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from soc.domain.escalation.chain import Chain, dues_of
from soc.domain.escalation.paths import DAYS, Hole, check_paths
from soc.domain.escalation.reach import reach
from soc.domain.severity import Priority
from soc.domain.sla.event import ClockKind
from soc.domain.sla.policy import Subject, choose
from soc.escalation.carriers import NEEDS, read_carriers
from soc.escalation.chains import read_chains
from soc.roster.standing import read_contacts
from soc.store.nouns.sla.sla_policies import list_in_force


@dataclass(frozen=True)
class Telling:
    """A step as it would go. `told` are names with their channels; `missed` says who would not be reached, and why."""

    at: datetime
    step: int
    title: str
    loop: int
    told: tuple[str, ...]
    missed: tuple[str, ...]
    instead: bool
    does: str

    @property
    def words(self) -> str:
        """`Mia Berg (Slack)`; `nobody` where no channel can be used."""
        return ", ".join(self.told) or "nobody"


def preview_chain(session: Session, chain: Chain, priority: Priority, *, opened: datetime) -> list[Telling]:
    """What the chain would do for a real ticket of that priority which opened then and that nobody answered."""
    policy = choose([one for one, _ in list_in_force(session)], Subject(priority=priority))
    calendar, target = policy.time.calendar(), policy.targets[priority].of(ClockKind(chain.clock))
    people = read_contacts(session, now=opened, needs=NEEDS)
    carriers = read_carriers(session)[False]
    found = []
    for due in dues_of(chain, lambda share: calendar.add(opened, target * share / 100)):
        step = chain.steps[due.step]
        at = reach(chain, step, people, carriers, owner="", now=due.at)
        names = tuple(
            f"{one.person.name} ({one.carrier.title})" if one.person else one.carrier.title for one in at.told
        )
        does = [
            *(["raises the priority"] if step.raise_priority and not due.loop else []),
            *(["gives it to somebody else"] if step.reassign and not due.loop else []),
        ]
        found.append(
            Telling(due.at, due.step, step.title, due.loop, names, at.missed, at.instead, " and ".join(does))
        )
    return found


def find_holes(
    session: Session, *, now: datetime, days: int = DAYS, chain: Chain | None = None
) -> list[Hole]:
    """Where steps of the chains in force (or of one that is tried) would reach nobody whom they name."""
    chains = [chain] if chain is not None else read_chains(session)
    people = read_contacts(session, now=now, needs=NEEDS)
    return check_paths(chains, people, read_carriers(session)[False], start=now, days=days)
