"""Two places: one account that acts from two networks at once, of which one is not where it always comes from."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Sequence

from pydantic import Field

from soc.detection.detectors.kit.declaration import (
    Detector,
    DetectorSettings,
    Example,
    Finding,
    History,
    State,
)
from soc.detection.detectors.kit.runs import finding_of, main_reason
from soc.detection.inside import is_inside
from soc.detection.sessions.window import Session
from soc.detection.stories.joining import is_everybody
from soc.detection.stories.pieces import TAKEN, is_address
from soc.detection.stories.traces import ACT, SUCCESS


def _logins(*addresses: str, seconds: int = 60) -> str:
    line = "Mar  1 0{h}:{m:02d}:{s:02d} web1 sshd[7]: Accepted publickey for eve from {ip} port 40 ssh2\n"
    times = [n * seconds for n in range(len(addresses))]
    return "".join(
        line.format(h=t // 3600, m=t // 60 % 60, s=t % 60, ip=ip)
        for t, ip in zip(times, addresses, strict=True)
    )


class TwoPlacesSettings(DetectorSettings):
    score: int = Field(default=4, ge=1, le=10, description="Score of an account in two places.")
    confidence: float = Field(default=0.6, gt=0, lt=1, description="How sure it is.")
    minutes: int = Field(default=5, ge=0, description="So long lies between the two at most.")
    places: int = Field(
        default=3, ge=2, description="Who comes from more networks than these travels, or is many."
    )


class TwoPlaces(Detector[TwoPlacesSettings, None]):
    id = "auth.two-places"
    title = "Account used from two places at once"
    about = "One account that acts from two public networks within minutes; the network that it uses less is named."
    order = 90
    attack = ("T1078",)
    Settings = TwoPlacesSettings
    examples = (
        Example("two networks in a minute", _logins("203.0.113.9", "198.51.100.4"), fires=True),
        Example(
            "two networks in half an hour", _logins("203.0.113.9", "198.51.100.4", seconds=1800), fires=False
        ),
        Example("two addresses of one network", _logins("203.0.113.9", "203.0.113.10"), fires=False),
        Example("one of them inside", _logins("203.0.113.9", "10.0.0.4"), fires=False),
    )

    def find(self, state: State[None], history: History) -> Iterator[Finding]:
        by_user: dict[str, list[Session]] = {}
        for session in state.sessions:
            if session.rule_id in (ACT, SUCCESS) and session.first is not None and _is_somebody(session):
                by_user.setdefault(session.users[0].casefold(), []).append(session)
        for user, sessions in sorted(by_user.items()):
            places: dict[str, list[Session]] = {}
            for session in sessions:
                places.setdefault(_network(session.entity), []).append(session)
            if 1 < len(places) <= self.settings.places:
                yield from self._strange(user, list(places.values()))

    def _strange(self, user: str, places: list[list[Session]]) -> Iterator[Finding]:
        """Of each place that is used beside the one that is used most, the sessions there."""
        usual = max(places, key=lambda some: (sum(one.n for one in some), -_first(some)))
        for some in places:
            beside = [one for one in some if any(self._at_once(one, other) for other in usual)]
            if some is not usual and beside:
                yield self._finding(user, beside, usual)

    def _at_once(self, one: Session, other: Session) -> bool:
        within = self.settings.minutes * 60_000_000
        assert one.first is not None
        assert other.first is not None
        return (
            one.first - (other.last or other.first) <= within
            and other.first - (one.last or one.first) <= within
        )

    def _finding(self, user: str, run: Sequence[Session], usual: Sequence[Session]) -> Finding:
        own = run[0]
        said = f"{user} came from {own.entity} while the account was used from {usual[0].entity}"
        return finding_of(
            self, run, own=own, reasons=(main_reason(self, said),), meaning=TAKEN, about=(user,)
        )


def _is_somebody(session: Session) -> bool:
    return (
        len(session.users) == 1
        and not is_everybody(session.users[0])
        and is_address(session.entity)
        and not is_inside(session.entity)
    )


def _network(address: str) -> str:
    bits = 16 if ipaddress.ip_address(address).version == 4 else 32
    return str(ipaddress.ip_network(f"{address}/{bits}", strict=False))


def _first(some: Iterable[Session]) -> int:
    return min(one.first or 0 for one in some)
