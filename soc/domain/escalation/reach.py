"""Whom a step reaches at a moment, whom not and why, and who is told instead."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from soc.domain.escalation.chain import Addressee, Chain, Step
from soc.domain.roster.duty import Duty, Presence


@dataclass(frozen=True)
class Contact:
    """A person of the roster. `addresses` are their own at a channel, by what the channel needs (`slack_id`)."""

    person_id: str
    name: str
    role: str
    team: str = ""
    duty: Duty = field(default_factory=Duty)
    addresses: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Carrier:
    """A channel as it is now. `needs` names the address that a person must have for it ("": none).

    `trouble` says why it cannot be used ("": it can). `of_ticket`: it speaks on the ticket itself, to nobody by name.
    """

    name: str
    title: str
    needs: str = ""
    needs_words: str = ""
    trouble: str = ""
    of_ticket: bool = False


@dataclass(frozen=True)
class Told:
    """`person` is None where the channel as a whole is told."""

    person: Contact | None
    carrier: Carrier


#: Whether somebody is on duty.
Ask = Callable[[Contact], Presence]


@dataclass(frozen=True)
class Reach:
    """`missed` says in words who was not reached and why; `instead`: the fallback was needed."""

    told: tuple[Told, ...]
    missed: tuple[str, ...] = ()
    instead: bool = False

    @property
    def nobody(self) -> bool:
        """Nobody by name: only channels as a whole, or nothing at all."""
        return not any(one.person is not None for one in self.told)


def reach(
    chain: Chain,
    step: Step,
    people: Sequence[Contact],
    carriers: Mapping[str, Carrier],
    *,
    owner: str,
    now: datetime,
    presence: Ask | None = None,
) -> Reach:
    """Who is told of a step. A step that tells nobody by name tells its channels as a whole.

    Where nobody whom it names is reachable the chain's fallback is told; where nobody of that is either, the channels as
    a whole are: somebody may look. `presence` says who is on duty, where the caller knows it already.
    """
    ask = presence or (lambda person: person.duty.at(now))
    told, missed = _reached(step.tell, step.channels, people, carriers, owner=owner, ask=ask)
    of_ticket = _whole(step.channels, carriers, of_ticket=True)
    if any(one.person is not None for one in told):
        return Reach((*told, *of_ticket), tuple(missed))
    if not step.tell:
        return Reach((*_whole(step.channels, carriers, of_ticket=False), *of_ticket), tuple(missed))
    channels = chain.fallback_channels or step.channels
    instead, also_missed = _reached(chain.fallback, channels, people, carriers, owner=owner, ask=ask)
    missed += [one for one in also_missed if one not in missed]
    if instead:
        return Reach((*instead, *of_ticket), tuple(missed), instead=True)
    both = tuple(dict.fromkeys((*step.channels, *channels)))
    whole = _whole(both, carriers, of_ticket=False)
    return Reach((*whole, *of_ticket), tuple(missed), instead=True)


def _reached(
    targets: Iterable[Addressee],
    channels: Sequence[str],
    people: Sequence[Contact],
    carriers: Mapping[str, Carrier],
    *,
    owner: str,
    ask: Ask,
) -> tuple[list[Told], list[str]]:
    told: dict[tuple[str, str], Told] = {}
    missed: list[str] = []
    personal = [carriers[name] for name in channels if name in carriers and not carriers[name].of_ticket]
    for target in targets:
        meant = [one for one in people if _is_meant(one, target, owner)]
        if not meant:
            missed.append(_nobody_there(target))
        for person in meant:
            there = ask(person)
            if not there.on:
                missed.append(f"{person.name}: {there.why}")
                continue
            usable = [one for one in personal if not one.trouble and not _unaddressed(person, one)]
            told.update({(person.person_id, one.name): Told(person, one) for one in usable})
            # who is reached needs not hear of a channel that nobody has
            troubles = [one.trouble for one in personal if one.trouble and not usable]
            troubles += [
                _unaddressed(person, one) for one in personal if not one.trouble and one not in usable
            ]
            missed += [f"{person.name}: {why}" for why in troubles]
            if not personal:
                missed.append(f"{person.name}: no channel reaches a person")
    return list(told.values()), list(dict.fromkeys(missed))


def _is_meant(person: Contact, target: Addressee, owner: str) -> bool:
    if target.kind == "owner":
        return bool(owner) and person.person_id == owner
    return target.id == {"role": person.role, "team": person.team, "person": person.person_id}[target.kind]


def _nobody_there(target: Addressee) -> str:
    return {
        "owner": "the ticket has no owner in the roster",
        "role": f"the roster has no {target.id}",
        "team": f"nobody is in the team {target.id}",
        "person": f"{target.id} is not in the roster",
    }[target.kind]


def _unaddressed(person: Contact, carrier: Carrier) -> str:
    if not carrier.needs or person.addresses.get(carrier.needs):
        return ""
    return f"no {carrier.needs_words or carrier.needs}"


def _whole(channels: Iterable[str], carriers: Mapping[str, Carrier], *, of_ticket: bool) -> tuple[Told, ...]:
    found = [carriers[name] for name in channels if name in carriers]
    return tuple(Told(None, one) for one in found if one.of_ticket is of_ticket and not one.trouble)
