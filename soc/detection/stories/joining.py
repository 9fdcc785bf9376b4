"""Which pieces are one story: what one actor did, with no quiet time longer than a day between two of its steps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from soc.detection.stories.pieces import ACCEPTED, BREACH, GUESS, Piece, merged
from soc.detection.stories.tactics import AFTERWARDS, tactics_of

#: An actor that is quiet for longer begins a new story.
GAP = timedelta(hours=24)
#: What somebody does on a host within this time after he broke in there is his, whoever else may work on it.
AT_ONCE = timedelta(hours=1)
#: Accounts that many have: doing something as one of them joins nobody to anybody.
_EVERYBODY = {
    "root", "system", "local system", "localsystem", "localservice", "networkservice", "network service", "local service", "administrator", "admin", "nobody", "-",
    "anonymous", "anonymous logon", "guest", "unknown", "www-data", "daemon", "n/a",
}  # fmt: skip

Story = list[Piece]
Key = tuple[str, ...]


def join_actors(pieces: Sequence[Piece], *, window: timedelta) -> list[Story]:
    """Attacks by who acts; what merely went wrong by rule and host, as long as it goes on (`window`)."""
    attackers = {piece.entity for piece in pieces if piece.is_security and piece.is_address}
    by_actor: dict[Key, list[Piece]] = {}
    for piece in pieces:
        by_actor.setdefault(actor_of(piece, attackers), []).append(piece)
    stories = [
        story
        for key, some in by_actor.items()
        for story in divided(some, window if key[0] == "fault" else GAP)
    ]
    return _with_followers(_with_hosts(stories))


def actor_of(piece: Piece, attackers: set[str]) -> Key:
    if piece.entity in attackers:
        return ("address", piece.entity)
    if not piece.is_security:
        place = next(iter(piece.who.hosts), "" if piece.is_address else piece.entity)
        return ("fault", piece.rule, place or _source(piece))
    users = piece.who.users
    if len(users) == 1 and not is_everybody(users[0]):
        return ("user", users[0].casefold())
    if piece.entity:
        return ("host", piece.entity)
    return ("nobody", piece.rule, _source(piece))


def is_everybody(user: str) -> bool:
    """Whether the account is one that a machine or many people use."""
    bare = user.rpartition("\\")[2].casefold()
    return bare in _EVERYBODY or bare.endswith("$") or bare.isdigit()


def _source(piece: Piece) -> str:
    return piece.incident.source if piece.incident is not None else ""


def divided(pieces: Sequence[Piece], gap: timedelta) -> list[Story]:
    """Where the quiet time between two is longer than `gap`, a new one begins; what has no time is one of its own."""
    timed = sorted((piece for piece in pieces if piece.first is not None), key=_in_time)
    stories: list[Story] = []
    reach: datetime | None = None
    for piece in timed:
        first, last = span_of([piece])
        if reach is None or first is None or first - reach > gap:
            stories.append([])
            reach = last
        stories[-1].append(piece)
        reach = max(reach, last) if reach is not None and last is not None else last
    untimed = [piece for piece in pieces if piece.first is None]
    return [*stories, untimed] if untimed else stories


def _in_time(piece: Piece) -> tuple[float, str, str]:
    assert piece.first is not None
    return piece.first.timestamp(), piece.rule, piece.incident.id if piece.incident is not None else ""


def span_of(story: Sequence[Piece]) -> tuple[datetime | None, datetime | None]:
    """From when to when; None, None where nothing has a time."""
    firsts = [piece.first for piece in story if piece.first is not None]
    lasts = [piece.last for piece in story if piece.last is not None]
    return min(firsts, default=None), max(lasts, default=None)


def near(one: Sequence[Piece], other: Sequence[Piece], gap: timedelta) -> bool:
    """Whether no more than `gap` lies between them; of two without times nobody knows better."""
    (first, last), (begin, end) = span_of(one), span_of(other)
    if first is None or last is None or begin is None or end is None:
        return first is None and begin is None
    return begin - last <= gap and first - end <= gap


def _of(stories: Iterable[Story], word: str) -> list[Story]:
    return [story for story in stories if _word(story) == word]


def _word(story: Story) -> str:
    """By what a story is known: an address, a user, a host, a fault."""
    piece = story[0]
    if not any(one.is_security for one in story):
        return "fault"
    if piece.is_address:
        return "address"
    if any(len(one.who.users) == 1 and not is_everybody(one.who.users[0]) for one in story):
        return "user"
    return "host" if piece.entity else "nobody"


def _with_hosts(stories: list[Story]) -> list[Story]:
    """What is known of a host alone belongs to the one user's story there, where there is only one."""
    users = _of(stories, "user")
    kept = []
    for story in stories:
        if _word(story) == "host":
            host = story[0].entity
            there = [
                one
                for one in users
                if any(host in piece.who.hosts for piece in one) and near(one, story, GAP)
            ]
            if len(there) == 1:
                there[0].extend(story)
                continue
        kept.append(story)
    return kept


def _with_followers(stories: list[Story]) -> list[Story]:
    """What the account that an address broke into did afterwards on that host is a step of the same story, and what
    reaches further there at once, whoever is named."""
    breaches = [story for story in _of(stories, "address") if broken_into(story)]
    kept = []
    for story in stories:
        owner = None if _word(story) in ("address", "fault") else _breaker(breaches, story)
        if owner is None:
            kept.append(story)
        else:
            owner.extend(story)
    return kept


def _breaker(breaches: Sequence[Story], story: Story) -> Story | None:
    users = {user.casefold() for piece in story for user in piece.who.users}
    hosts = {host for piece in story for host in piece.who.hosts}
    further = any(tactics_of(piece.attack) & {*AFTERWARDS} and not piece.refused for piece in story)
    begin, _ = span_of(story)
    for breach in breaches:
        hit = broken_into(breach)
        if hit is None or not hosts & hit.hosts:
            continue
        same = users & {account.casefold() for account in hit.accounts}
        moment = hit.moment
        if moment is None or begin is None:
            if same and moment is None and begin is None:
                return breach
            continue
        if begin < moment:
            continue
        if (same and begin - moment <= GAP) or (further and begin - moment <= AT_ONCE):
            return breach
    return None


class Hit(NamedTuple):
    """The accounts and hosts that somebody got into, and when first."""

    accounts: frozenset[str]
    hosts: frozenset[str]
    moment: datetime | None


def broken_into(story: Story) -> Hit | None:
    """What an address got into after guessing; None where it did not."""
    hits = [piece for piece in story if piece.meaning == BREACH]
    if not hits:
        return None
    return Hit(
        frozenset(merged(*(piece.who.users for piece in hits))),
        frozenset(merged(*(piece.who.hosts for piece in hits))),
        min((piece.first for piece in hits if piece.first is not None), default=None),
    )


def only_guesses(story: Story) -> bool:
    """Whether somebody tried to get in, and nothing shows that he did."""
    return not any(piece.meaning in (ACCEPTED, BREACH) for piece in story) and any(
        piece.meaning == GUESS for piece in story
    )
