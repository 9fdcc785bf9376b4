"""Who did it: a person, an API key, a rule, a vendor, or the product itself; and how that is known.

Every write takes an actor and keeps it with what it wrote, as one short text (`key:key-0bqr4mj9p4g2@bearer`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class ActorKind(StrEnum):
    PERSON = "person"
    KEY = "key"
    RULE = "rule"
    VENDOR = "vendor"
    SYSTEM = "system"


class Known(StrEnum):
    """How it is known who acted, where it is no vendor that proves a person by their account there."""

    #: A page or a local call before there is a sign-in: somebody at this screen, nobody knows who.
    UNSAID = "unsaid"
    #: A person of the roster whom somebody at the page named as themselves; nobody checked it.
    SAID = "said"
    #: A person who signed in here.
    SIGNED_IN = "signed-in"
    #: A command of this machine's shell.
    SHELL = "shell"
    #: An API key that came with the request.
    BEARER = "bearer"
    #: A rule matched.
    DECISION = "decision"
    #: The vendor reported it.
    REPORT = "report"
    #: One of the engine's schedules.
    SCHEDULE = "schedule"
    #: The product's own code, on its way through a piece of work.
    ITSELF = "itself"
    #: Written before actors were kept.
    UNKNOWN = "unknown"


_KNOWN = frozenset(one.value for one in Known)
#: How a kind of vendor may be called: as a folder of Python.
_KIND = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Actor:
    """`id` is the kind's own: a key's id, a rule's id, a vendor's kind, the name of a schedule or of a way in.

    Where a vendor proves a person of the roster by their account there, `known` is the vendor's kind. `str(actor)` is the text of a column, `<kind>:<id>@<known>`; `Actor.parse` reads it again.
    """

    kind: ActorKind
    id: str
    known: Known | str

    def __post_init__(self) -> None:
        if self.known not in _KNOWN and not (self.kind is ActorKind.PERSON and _KIND.fullmatch(self.known)):
            raise ValueError("It is not said how that is known.")
        if not self.id or any(ord(character) < 32 for character in self.id):
            raise ValueError("An actor has an id, on one line.")

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}@{self.known}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The actor of a column's text. Raises ValueError for anything else."""
        kind, colon, rest = text.partition(":")
        identity, at, known = rest.rpartition("@")
        if not colon or not at:
            raise ValueError("This is no actor: it reads <kind>:<id>@<known>.")
        return cls(ActorKind(kind), identity, Known(known) if known in _KNOWN else known)

    @classmethod
    def person(cls, identity: str, known: Known = Known.UNSAID) -> Self:
        return cls(ActorKind.PERSON, identity, known)

    @classmethod
    def said(cls, person_id: str) -> Self:
        """A person of the roster, by the id of its row, who was chosen at the page."""
        return cls(ActorKind.PERSON, person_id, Known.SAID)

    @classmethod
    def proved(cls, person_id: str, by: str) -> Self:
        """A person of the roster, by the id of its row, whom this kind of vendor proves by their account there."""
        return cls(ActorKind.PERSON, person_id, by)

    @property
    def of_roster(self) -> bool:
        """Whether `id` is that of a person's row."""
        if self.kind is not ActorKind.PERSON:
            return False
        return self.known in (Known.SAID, Known.SIGNED_IN) or self.known not in _KNOWN

    @classmethod
    def key(cls, key_id: str) -> Self:
        return cls(ActorKind.KEY, key_id, Known.BEARER)

    @classmethod
    def rule(cls, rule_id: str) -> Self:
        return cls(ActorKind.RULE, rule_id, Known.DECISION)

    @classmethod
    def vendor(cls, kind: str) -> Self:
        """What a vendor says of itself, by its kind (`jira`)."""
        return cls(ActorKind.VENDOR, kind, Known.REPORT)

    @classmethod
    def system(cls, part: str, known: Known = Known.ITSELF) -> Self:
        """The product, by the part that acts (`sweep`, `sla-watch`, `attempt`)."""
        return cls(ActorKind.SYSTEM, part, known)


#: Somebody at a page; there is no sign-in yet.
AT_A_PAGE = Actor.person("page")
#: Somebody who calls the API of a fresh install on loopback, where no key is needed.
ON_LOOPBACK = Actor.person("loopback")
#: Somebody at this machine's shell.
AT_THE_SHELL = Actor.person("shell", Known.SHELL)
#: Somebody's own Python, through `soc.processing`.
IN_PYTHON = Actor.person("python")
#: Rows that were written before actors were kept.
NOBODY_KNOWN = Actor.system("before", Known.UNKNOWN)
