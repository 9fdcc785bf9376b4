"""Builds the stories of a batch from all that was found in it, and says to which of them everything belongs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from soc.detection.sessions.window import Session
from soc.detection.stories.campaigns import GRAVE, join_campaigns
from soc.detection.stories.joining import AT_ONCE, GAP, Story, broken_into, is_everybody, join_actors, near
from soc.detection.stories.pieces import GUESS, Piece, PieceMaker
from soc.detection.stories.telling import leading, tell
from soc.detection.stories.traces import ACT, FAILURE, PRIVILEGE, SECURITY, SUCCESS
from soc.domain.incident import Incident

#: Traces that an account leaves, and not only an address.
_OF_ACCOUNTS = (SUCCESS, ACT, SECURITY)
#: So many failures at most are a mistyped password where the same account comes in from there later, and only does what
#: accounts do every day.
_MISTYPED, _EVERYDAY = 3, (SUCCESS, ACT, FAILURE)


@dataclass(frozen=True)
class Told:
    """The stories, gravest first; to which of them each finding (by its id) and each trace (its session) belongs."""

    incidents: tuple[Incident, ...]
    of_finding: Mapping[str, str]
    of_trace: Mapping[int, str]


def build_stories(
    pieces: Sequence[Piece], traces: Iterable[Session], maker: PieceMaker, *, window: timedelta
) -> Told:
    """The same whatever the order in which the findings come: they are joined in the order of time."""
    stories = join_campaigns(join_actors(pieces, window=window))
    _add_traces(stories, traces, maker)
    of_finding: dict[str, str] = {}
    of_trace: dict[int, str] = {}
    told = []
    for story in stories:
        if is_typing_error(story):
            continue
        lead, incident = leading(story), tell(story)
        told.append((lead.order, incident))
        for piece in story:
            if piece.incident is not None:
                of_finding[piece.incident.id] = incident.id
            else:
                of_trace[piece.session] = incident.id
    told.sort(key=lambda one: (-one[1].score, one[0]))
    return Told(tuple(incident for _, incident in told), of_finding, of_trace)


def _add_traces(stories: Sequence[Story], traces: Iterable[Session], maker: PieceMaker) -> None:
    """What was too weak to be told alone: an attacker's other lines, and what the account that he got into did."""
    by_entity: dict[str, list[Story]] = {}
    for story in stories:
        if any(piece.is_security for piece in story):
            for entity in (
                {piece.entity for piece in story if piece.is_address} | _accounts(story) | _hosts(story)
            ):
                by_entity.setdefault(entity, []).append(story)
    by_user = _by_user(stories)
    added: list[tuple[Story, Piece]] = []
    for session in traces:
        piece = None
        known = by_entity.get(session.entity) or by_entity.get(_host(session))
        if known is None and session.rule_id in _OF_ACCOUNTS and len(session.users) == 1:
            piece = maker.of_trace(session)
            known = [one for one in by_user.get(_folded(session.users[0]), ()) if _came_for(one, piece)]
        for story in known or ():
            piece = piece or maker.of_trace(session)
            if near(story, [piece], GAP) and _follows(story, piece):
                added.append((story, piece))
                break
    for story, piece in added:
        story.append(piece)


def is_typing_error(story: Story) -> bool:
    """Whether somebody mistyped a password and then came in, from where he tried, and nothing else happened. Not where a detector
    found it, nor under a name that many use: who guessed one looks the same."""
    tries = [piece for piece in story if piece.incident is not None]
    if any(piece.meaning != GUESS or piece.detected or piece.score >= GRAVE for piece in tries):
        return False
    if sum(piece.count for piece in tries) > _MISTYPED or any(
        piece.incident is None and piece.rule not in _EVERYDAY for piece in story
    ):
        return False
    users = {user.casefold() for piece in tries for user in piece.who.users}
    if len(users) != 1 or any(map(is_everybody, users)) or not all(piece.who.users for piece in tries):
        return False
    ends = [piece.last for piece in tries if piece.last is not None]
    return any(
        piece.rule == SUCCESS
        and users <= {user.casefold() for user in piece.who.users}
        and (piece.last is None or not ends or piece.last >= max(ends))
        for piece in story
    )


def _by_user(stories: Sequence[Story]) -> dict[str, list[Story]]:
    """Stories of which no address is known, by the one account that acts in them."""
    found: dict[str, list[Story]] = {}
    for story in stories:
        names = {_folded(user) for piece in story for user in piece.who.users if not is_everybody(user)}
        if len(names) == 1 and story[0].is_security and not any(piece.is_address for piece in story):
            found.setdefault(names.pop(), []).append(story)
    return found


def _folded(user: str) -> str:
    return user.casefold()


def _came_for(story: Story, piece: Piece) -> bool:
    """Whether the account came in, or did something from an address, at once before or while it did that, on a host of the story."""
    hosts = {host for one in story for host in one.who.hosts}
    return bool(hosts & {*piece.who.hosts}) and near(story, [piece], AT_ONCE)


def _accounts(story: Story) -> set[str]:
    """`backup on web1`: the accounts that were broken into, as traces without an address name them."""
    hit = broken_into(story)
    return {f"{user} on {host}" for user in hit.accounts for host in hit.hosts} if hit is not None else set()


def _hosts(story: Story) -> set[str]:
    """The hosts that were broken into, as `_host` names them."""
    hit = broken_into(story)
    return {f" on {host}" for host in hit.hosts} if hit is not None else set()


def _host(session: Session) -> str:
    """Where somebody took more rights under a name that many use; "" where it is not that."""
    user, _, host = session.entity.rpartition(" on ")
    nobody = not user or is_everybody(user)
    return f" on {host}" if session.rule_id == PRIVILEGE and nobody else ""


def _follows(story: Story, piece: Piece) -> bool:
    """Whether it may be a step: what an account does before anybody broke into it is its owner's, and what is done under
    a name that many use is the intruder's only at once."""
    hit = broken_into(story)
    if piece.is_address or hit is None:
        return True
    if hit.moment is None or piece.first is None or piece.last is None:
        return True
    named = any(user.casefold() in {one.casefold() for one in hit.accounts} for user in piece.who.users)
    return piece.last >= hit.moment and (named or piece.first - hit.moment <= AT_ONCE)
