"""Pieces: what was found of an actor, before it is known what it belongs to."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import orjson

from soc.detection.ruleset import Ruleset
from soc.detection.sessions.window import Session
from soc.detection.signatures.declaration import AUTH_FAILURE, AUTH_SUCCESS, IN_VAIN
from soc.detection.stories.tactics import DISCOVERY, RECONNAISSANCE, tactics_of, techniques
from soc.detection.stories.traces import FAILURE, SUCCESS, TRACES
from soc.domain.classification import Classification
from soc.domain.incident import Incident

#: What a piece means in a story. Anything else is its rule's id.
GUESS, ACCEPTED, BREACH, SCAN = "guess", "accepted", "breach", "scan"
TAKEN = "taken"


@dataclass(frozen=True)
class Who:
    """Who takes part in something beside its entity: all users and hosts that its lines name."""

    users: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()

    def __or__(self, other: Who) -> Who:
        return Who(
            merged(self.users, other.users),
            merged(self.hosts, other.hosts),
        )


NOBODY = Who()


@dataclass(frozen=True)
class About:
    """What a story wants to know of a finding that the incident itself does not say. `order`: where it is listed.
    `detected`: a detector found it, whose title says all that there is to say.
    """

    who: Who
    meaning: str = ""
    refused: bool = False
    order: int = 0
    detected: bool = False


def merged(*some: Iterable[str]) -> tuple[str, ...]:
    """Each once, in the order in which they come first."""
    return tuple(dict.fromkeys(value for values in some for value in values))


@dataclass(frozen=True)
class Piece:
    """An incident so far (`incident`, listed after `order`), or a trace (`session`, by its number, and no incident).

    `meaning` is one of the words above, or the rule's id. `refused`: it came to nothing, so it is no step of a chain.
    """

    title: str
    rule: str
    classification: Classification
    score: int
    count: int
    first: datetime | None
    last: datetime | None
    entity: str
    who: Who
    attack: str
    meaning: str
    order: int = 0
    incident: Incident | None = None
    session: int = -1
    refused: bool = False
    detected: bool = False

    @property
    def is_address(self) -> bool:
        return is_address(self.entity)

    @property
    def is_security(self) -> bool:
        return self.classification is Classification.SECURITY_ALERT


@lru_cache(maxsize=65_536)  # a story asks of the same few again and again
def is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


class PieceMaker:
    """Knows what the rules of a ruleset mean."""

    def __init__(self, ruleset: Ruleset) -> None:
        self._failing = {*ruleset.tagged(AUTH_FAILURE), FAILURE}
        self._accepting = {*ruleset.tagged(AUTH_SUCCESS), SUCCESS}
        self._in_vain = {*ruleset.tagged(IN_VAIN)}
        self._attack = techniques(ruleset)

    def of_incident(self, incident: Incident, about: About) -> Piece:
        attack = ", ".join(
            dict.fromkeys(
                one.strip() for reason in incident.reasons for one in reason.attack.split(",") if one.strip()
            )
        )
        return Piece(
            title=incident.title, rule=incident.rule_id, classification=incident.classification, score=incident.score,
            count=incident.count, first=incident.first_seen, last=incident.last_seen, entity=incident.entity, who=about.who,
            attack=attack, meaning=about.meaning or self._meaning(incident.rule_id, attack),
            order=about.order, incident=incident, refused=about.refused or incident.rule_id in self._in_vain,
            detected=about.detected,
        )  # fmt: skip

    def of_trace(self, session: Session) -> Piece:
        rule = session.rule_id
        reasons = orjson.loads(session.reasons)
        attack = reasons[0]["attack"] if reasons else ""
        return Piece(
            title=TRACES.get(rule, "Requests that found nothing"), rule=rule, score=session.score, count=session.n,
            classification=Classification(session.classification), first=session.first_seen, last=session.last_seen,
            entity=session.entity, who=who_of(session), attack=attack, meaning=self._meaning(rule, attack),
            session=session.session, refused=rule not in (SUCCESS, *TRACES) or rule == FAILURE,
        )  # fmt: skip

    def _meaning(self, rule: str, attack: str) -> str:
        if rule in self._failing:
            return GUESS
        if rule in self._accepting:
            return ACCEPTED
        techniques = {one.strip().partition(".")[0] for one in attack.split(",")}
        if "T1110" in techniques:
            return GUESS
        tactics = tactics_of(attack)
        return SCAN if tactics and tactics <= {RECONNAISSANCE, DISCOVERY} else rule


def who_of(*sessions: Session) -> Who:
    """All that take part in sessions."""
    return Who(
        merged(*(session.users for session in sessions)),
        merged(*(session.hosts for session in sessions)),
    )
