"""What a change of the rules would have meant for the newest incidents that are stored.

They are counted by score and class in the database (at most 10 × 10 numbers, whatever their number), and the rules are
asked about each pair: the same question that decides an incident.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from soc.domain.rule import Rule
from soc.integrations.registry import KINDS
from soc.rules.review import Notice, review_rule
from soc.store.nouns.rules.rules import ScoreCount, count_newest, list_newest, list_rules

#: How many of the newest incidents are looked at unless told otherwise, and at most.
LAST, MOST = 1_000, 100_000
EXAMPLES = 5


@dataclass(frozen=True)
class ChannelChange:
    """How many of the incidents a channel is told of by today's rules, and by the changed ones."""

    channel: str
    today: int
    then: int


@dataclass(frozen=True)
class Preview:
    """Of the last `incidents`, `matched` meet the rule itself; `eligible_*` meet any rule. `examples` are the newest matches."""

    incidents: int
    matched: int
    eligible_today: int
    eligible_then: int
    channels: tuple[ChannelChange, ...]
    examples: tuple[tuple[str, str], ...]
    notices: tuple[Notice, ...]

    @property
    def tickets(self) -> int:
        """How many tickets more (or, negative, fewer) than by today's rules, over all kinds that open some."""
        return sum(one.then - one.today for one in self.channels if KINDS[one.channel].tells == "open_ticket")

    @property
    def sentence(self) -> str:
        """“Of the last 500 incidents this rule would have matched 14; 3 more tickets than today.”"""
        if not self.incidents:
            return "There is no incident yet to try it on."
        which = "the last incident" if self.incidents == 1 else f"the last {self.incidents:,} incidents"
        return f"Of {which} this rule would have matched {self.matched:,}; {_difference(self.tickets)} than today."


def _difference(tickets: int) -> str:
    if not tickets:
        return "no more and no fewer tickets"
    number = abs(tickets)
    return f"{number:,} {'more' if tickets > 0 else 'fewer'} {'ticket' if number == 1 else 'tickets'}"


def preview_rule(session: Session, rule: Rule, *, last: int = LAST) -> Preview:
    """The rule added, or in the place of the one with its id."""
    today = list_rules(session)
    then = [rule if one.id == rule.id else one for one in today]
    if all(one.id != rule.id for one in today):
        place = max((one.position for one in today), default=0) + 1
        rule = rule.model_copy(update={"position": place})
        then.append(rule)
    return _preview(session, rule, today, then, last=last)


def preview_removal(session: Session, rule: Rule, *, last: int = LAST) -> Preview:
    """The rules without this one."""
    today = list_rules(session)
    return _preview(session, rule, today, [one for one in today if one.id != rule.id], last=last)


def _preview(
    session: Session, rule: Rule, today: Sequence[Rule], then: Sequence[Rule], *, last: int
) -> Preview:
    counts = count_newest(session, last=min(max(last, 1), MOST))

    def count(wanted: Callable[[ScoreCount], bool]) -> int:
        return sum(one.incidents for one in counts if wanted(one))

    def told(rules: Sequence[Rule], channel: str) -> int:
        return count(lambda one: any(_meets(rule, one) and rule.names(channel) for rule in rules))

    mine = [(one.score, one.classification) for one in counts if _meets(rule, one)]
    return Preview(
        incidents=sum(one.incidents for one in counts),
        matched=count(lambda one: _meets(rule, one)),
        eligible_today=count(lambda one: any(_meets(rule, one) for rule in today)),
        eligible_then=count(lambda one: any(_meets(rule, one) for rule in then)),
        channels=tuple(
            ChannelChange(name, told(today, name), told(then, name))
            for name, kind in KINDS.items()
            if kind.tells
        ),
        examples=tuple(list_newest(session, mine, last=min(max(last, 1), MOST), limit=EXAMPLES))
        if mine
        else (),
        notices=review_rule(rule, then),
    )


def _meets(rule: Rule, one: ScoreCount) -> bool:
    return rule.matches(score=one.score, classification=one.classification)
