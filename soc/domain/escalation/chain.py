"""A chain as data: its steps, whom each tells and over what, how often it is repeated, and when each is due."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StringConstraints

from soc.domain.severity import Priority
from soc.errors import ConfigurationError

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
#: All steps of a chain, repeats counted.
MOST_DUES = 60


class Addressee(BaseModel):
    """Somebody to tell: everybody of a role, of a team, one person, or whoever owns the ticket (`id` is then empty)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["role", "team", "person", "owner"]
    id: str = Field(default="", max_length=80)

    @property
    def words(self) -> str:
        return self.id if self.kind != "owner" else "the ticket's owner"


class Step(BaseModel):
    """Due when `share` percent of the clock's time are used, and so many minutes of real time after that.

    `channels` are named as the kinds of integrations declare their ways (`Kind.ways`). It is told again `times` times, every so
    many minutes, unless the ticket moves.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Line
    share: StrictInt = Field(ge=1, le=100)
    plus_minutes: StrictInt = Field(default=0, ge=0, le=60 * 24 * 30)
    tell: tuple[Addressee, ...] = Field(default=(), max_length=20)
    channels: tuple[str, ...] = Field(default=(), max_length=10)
    raise_priority: StrictBool = False
    reassign: StrictBool = False
    again_minutes: StrictInt = Field(default=0, ge=0, le=60 * 24 * 7)
    times: StrictInt = Field(default=0, ge=0, le=20)

    @property
    def when(self) -> str:
        """`at 50 % of its time`, `24 h after its time is up`."""
        begins = "when its time is up" if self.share == 100 else f"at {self.share} % of its time"
        if not self.plus_minutes:
            return begins
        hours, minutes = divmod(self.plus_minutes, 60)
        plus = f"{hours} h" * bool(hours) + " " * bool(hours and minutes) + f"{minutes} min" * bool(minutes)
        after = "its time is up" if self.share == 100 else f"{self.share} % of its time"
        return f"{plus} after {after}"


class Chain(BaseModel):
    """For tickets of these priorities (none named: of all). The first chain that matches is the ticket's.

    `ack_minutes`: how long an acknowledgement holds if nothing moves; a priority that is not named: for good.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: Line
    enabled: StrictBool = True
    position: int = 1
    version: int = 1
    priorities: tuple[Priority, ...] = ()
    clock: Literal["response", "resolution"] = "response"
    steps: tuple[Step, ...] = Field(min_length=1, max_length=20)
    fallback: tuple[Addressee, ...] = Field(default=(), max_length=20)
    fallback_channels: tuple[str, ...] = Field(default=(), max_length=10)
    cap_an_hour: StrictInt = Field(default=6, ge=1, le=60)
    ack_minutes: Mapping[Priority, Annotated[StrictInt, Field(ge=1, le=60 * 24 * 7)]] = Field(
        default_factory=dict, examples=[{"Highest": 30, "High": 120}]
    )

    def matches(self, priority: str) -> bool:
        return self.enabled and (not self.priorities or priority in self.priorities)


#: The setup guide's “Escalation Rules”; how long an acknowledgement holds is ours. Its channels are what a way is for
#: (`Way.use`): whoever keeps the chain puts the integrations that are declared for it in their place.
GUIDE_CHAIN = Chain(
    id="guide",
    name="Escalation rules of the setup guide",
    steps=(
        Step(
            title="Manager notification", share=50,
            tell=(Addressee(kind="role", id="manager"),), channels=("chat",),
        ),
        Step(
            title="SLA violation", share=100, raise_priority=True, reassign=True,
            tell=(Addressee(kind="owner"), Addressee(kind="role", id="lead")), channels=("chat", "comment"),
        ),
        Step(
            title="Executive notification", share=100, plus_minutes=24 * 60,
            tell=(Addressee(kind="role", id="executive"),), channels=("chat", "page"),
        ),
    ),
    fallback=(Addressee(kind="role", id="lead"), Addressee(kind="role", id="manager")),
    fallback_channels=("chat",),
    ack_minutes={Priority.HIGHEST: 30, Priority.HIGH: 120},
)  # fmt: skip


def check_chain(chain: Chain, *, channels: Mapping[str, str]) -> Chain:
    """The chain as it may be kept. `channels` are those there are. Raises ConfigurationError, which says what is wrong."""
    told = [*chain.fallback, *(target for step in chain.steps for target in step.tell)]
    texts = [chain.name, *(step.title for step in chain.steps), *(target.id for target in told)]
    if any(_CONTROLS.search(text) for text in texts):
        raise ConfigurationError(
            "A name, title or id holds a control character.", hint="Write it on one line."
        )
    order = [(step.share, step.plus_minutes) for step in chain.steps]
    if order != sorted(set(order)):
        raise ConfigurationError(
            "The steps are not in the order in which they come due, or two are due at once.",
            hint="Each step has a larger share, or more minutes after the same share, than the one before it.",
        )
    for number, step in enumerate(chain.steps, start=1):
        if not (step.tell or step.channels or step.raise_priority or step.reassign):
            raise ConfigurationError(
                f"Step {number} tells nobody and does nothing.", hint="Choose whom it tells."
            )
        if step.tell and not step.channels:
            raise ConfigurationError(f"Step {number} has nobody to carry it.", hint="Choose a channel.")
        if step.times and step.again_minutes < 5:
            raise ConfigurationError(
                f"Step {number} is repeated without a pause.", hint="Repeat it every 5 minutes or more."
            )
        for target in step.tell:
            if (target.kind == "owner") == bool(target.id):
                raise ConfigurationError(f"Step {number} does not say whom it tells.")
    if sum(1 + step.times for step in chain.steps) > MOST_DUES:
        raise ConfigurationError(
            f"With its repeats the chain has more than {MOST_DUES} notices for each ticket."
        )
    named = {name for step in chain.steps for name in step.channels} | set(chain.fallback_channels)
    if unknown := sorted(named - set(channels)):
        raise ConfigurationError(
            f"There is no channel “{unknown[0]}”.", hint=f"There are: {', '.join(channels)}."
        )
    return chain


def choose_chain(chains: list[Chain], priority: str) -> Chain | None:
    """The first, by position, that takes tickets of this priority."""
    return next(
        (one for one in sorted(chains, key=lambda c: (c.position, c.id)) if one.matches(priority)), None
    )


class Due(NamedTuple):
    """A step of a chain (counted from 0), which of its repeats (0 is the first time), and when it is due."""

    step: int
    loop: int
    at: datetime


def dues_of(chain: Chain, used: Callable[[int], datetime | None]) -> list[Due]:
    """When each step and repeat is due, in order. `used(share)` is when so many percent of the clock's time are used;
    None: never, as it stands (it is paused, or has no working time ahead): then the step is left out.
    """
    found = []
    for number, step in enumerate(chain.steps):
        begins = used(step.share)
        if begins is None:
            continue
        first = begins + timedelta(minutes=step.plus_minutes)
        found += [
            Due(number, loop, first + loop * timedelta(minutes=step.again_minutes))
            for loop in range(step.times + 1)
        ]
    return sorted(found, key=lambda due: (due.at, due.step, due.loop))
