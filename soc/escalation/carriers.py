"""The channels of escalations, as the kinds declare their ways, and whether each can be used now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from sqlmodel import Session

from soc.domain.escalation.chain import GUIDE_CHAIN, Chain
from soc.domain.escalation.reach import Carrier
from soc.errors import SocError
from soc.integrations.in_force import load_config
from soc.integrations.kit.kind import Kind, Way
from soc.integrations.registry import KINDS
from soc.store.nouns.vendors.health import read_health


class Channel(NamedTuple):
    kind: Kind
    way: Way


def _name(kind: str, way: Way) -> str:
    return f"{kind}:{way.name}" if way.name else kind


#: Every channel by its name in chains: an integration, or one and a way of it.
CHANNELS: Mapping[str, Channel] = {
    _name(name, way): Channel(kind, way) for name, kind in KINDS.items() for way in kind.ways
}
#: What people may have to have for a channel: columns of the roster.
NEEDS: tuple[str, ...] = tuple(dict.fromkeys(one.way.needs for one in CHANNELS.values() if one.way.needs))


def titles() -> Mapping[str, str]:
    """Every channel's name and title, in the order of the kinds."""
    return {name: channel.way.title for name, channel in CHANNELS.items()}


def for_use(uses: Sequence[str]) -> tuple[str, ...]:
    """The channels that are declared for these uses; what is a channel's name already stays."""
    found: dict[str, None] = {}
    for use in uses:
        fitting = [name for name, channel in CHANNELS.items() if channel.way.use == use]
        found.update(dict.fromkeys(fitting or [use]))
    return tuple(found)


def guide_chain() -> Chain:
    """The setup guide's chain over the integrations there are."""
    steps = tuple(step.model_copy(update={"channels": for_use(step.channels)}) for step in GUIDE_CHAIN.steps)
    fallback = for_use(GUIDE_CHAIN.fallback_channels)
    return GUIDE_CHAIN.model_copy(update={"steps": steps, "fallback_channels": fallback})


def read_carriers(session: Session) -> Mapping[bool, Mapping[str, Carrier]]:
    """The channels as they are now, for tickets of practice (True) and for real ones: what is connected for the one is no
    channel for the other.
    """
    found: dict[bool, dict[str, Carrier]] = {False: {}, True: {}}
    for name, channel in CHANNELS.items():
        way = channel.way
        carrier = Carrier(name, way.title, way.needs, way.needs_words, of_ticket=way.of_ticket)
        trouble, practice = _trouble(session, channel.kind)
        for world in found:
            other = (
                ""
                if practice is world
                else f"{channel.kind.title} is connected for {_WORLDS[practice]} alone"
            )
            found[world][name] = replace(carrier, trouble=trouble or other)
    return found


_WORLDS = {True: "practice", False: "real tickets"}


def _trouble(session: Session, kind: Kind) -> tuple[str, bool]:
    try:
        config = load_config(kind.name, session)
    except SocError:
        return f"{kind.title}'s settings cannot be used", False
    if config is None or not config.enabled:
        return f"{kind.title} is not connected", config.practice if config else False
    health = read_health(session, kind.name)
    return (f"{kind.title} is paused" if health.paused else ""), config.practice
