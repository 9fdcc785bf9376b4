"""What raises a story's score above its gravest step's: one thing that led to another, very many failures, many strangers."""

from __future__ import annotations

from soc.detection.inside import is_inside
from soc.detection.stories.campaigns import MUCH, failures_of, is_campaign
from soc.detection.stories.joining import Story, broken_into, span_of
from soc.detection.stories.pieces import ACCEPTED, GUESS, SCAN, TAKEN, Piece, merged
from soc.detection.stories.tactics import EVASION, PERSISTENCE, PRIVILEGE, tactics_of
from soc.domain.incident import Reason

#: From so many tactics on it is a chain.
TACTICS = 3
MOST = 10
#: To this score very many failures rise, where they are of so many users or come at such a rate.
_MANY, _USERS = 8, 3
#: A campaign is aimed at one account where so many addresses, and such a share of all, tried it.
_FROM, _AIM = 10, 0.8
#: And no matter at whom where so many strangers fail so often an hour.
_STRANGERS, _MUCH_AN_HOUR = 30, 40
#: What a sender detects, and from which score on several of its detections say more than each.
_ALERT, _NEARLY = "sender.alert", 7
#: Who sends requests with a scanner's name; so grave is one of one's own at most.
_SCANNER, _BELOW = "web.scanner", 7


def raised(story: Story, lead: Piece) -> list[Reason]:
    """What raises the gravest step's score: one thing that led to another. A campaign of small things is noise, but where
    all of it is aimed at one account. A scanner of one's own lowers it."""
    found = (_aimed(story, lead) or _by_strangers(story, lead)) if is_campaign(story) else _often(story, lead)
    tactics = sorted(set().union(*(tactics_of(piece.attack) for piece in story if not piece.refused)))
    if broken_into(story) is not None:
        found += [
            (f"story.{tactic.split()[0]}", f"{tactic.capitalize()} after a break-in", 1)
            for tactic in (PRIVILEGE, PERSISTENCE)
            if tactic in tactics
        ]
    if is_campaign(story):
        tactics = []
    if any(piece.meaning == TAKEN for piece in story) and {PERSISTENCE, PRIVILEGE, EVASION} & {*tactics}:
        words = "An account in two places at once, and new rights or ways in from one of them"
        found.append(("story.taken-over", words, max(1, _MANY - lead.score)))
    if {PERSISTENCE, EVASION} <= {*tactics}:
        found.append(("story.covered", "New rights or ways in, and what protects or records taken away", 1))
    if len(tactics) >= TACTICS:
        weight = 1 if len(tactics) == TACTICS else 2
        found.append(("story.chain", f"{len(tactics)} tactics of one actor: {', '.join(tactics)}", weight))
    alerts = {
        one.incident.template_id
        for one in story
        if one.rule == _ALERT and one.incident is not None and not one.refused
    }
    if len(alerts) >= TACTICS and lead.score >= _NEARLY:
        found.append(("story.alerts", f"{len(alerts)} different detections of one actor", 1))
    if not found and _is_own_scanner(story, lead):
        found.append(
            (
                "story.own-scanner",
                "A scanner inside that says that it is one, and nothing was let through",
                _BELOW - lead.score,
            )
        )
    reasons, score = [], lead.score
    for signature, title, weight in found:
        weight = min(weight, MOST - score)
        score += weight
        reasons.append(Reason(signature=signature, title=title, words="", start=0, end=0, weight=weight))
    return reasons


def _is_own_scanner(story: Story, lead: Piece) -> bool:
    """Whether it would be an alarm, but is of one's own network, names itself, and came to nothing."""
    named = any(piece.rule == _SCANNER for piece in story)
    inside = all(piece.is_address and is_inside(piece.entity) for piece in story)
    in_vain = all(piece.refused or piece.meaning == SCAN or piece.rule == _SCANNER for piece in story)
    return lead.score > _BELOW and named and inside and in_vain


def _aimed(story: Story, lead: Piece) -> list[tuple[str, str, int]]:
    """Failed logins of one account from so many addresses that its owner is none of them."""
    guesses = [piece for piece in story if piece.meaning == GUESS and piece.is_address]
    tried: dict[str, set[str]] = {}
    for piece in guesses:
        for user in piece.who.users:
            tried.setdefault(user.casefold(), set()).add(piece.entity)
    addresses = len({piece.entity for piece in guesses})
    user, some = max(tried.items(), key=lambda one: (len(one[1]), one[0]), default=("", set()))
    if lead.score >= _MANY or len(some) < _FROM or len(some) < addresses * _AIM or failures_of(story) < MUCH:
        return []
    return [("story.aimed", f"{len(some)} addresses tried to come in as {user}", _MANY - lead.score)]


def _by_strangers(story: Story, lead: Piece) -> list[tuple[str, str, int]]:
    """Failed logins, at such a rate, from so many addresses outside of which none gets in: people who mistype do."""
    inside = {piece.entity for piece in story if piece.meaning == ACCEPTED}
    guesses = [
        piece for piece in story if piece.meaning == GUESS and piece.is_address and piece.entity not in inside
    ]
    addresses = {piece.entity for piece in guesses if not is_inside(piece.entity)}
    failures = failures_of([piece for piece in guesses if piece.entity in addresses])
    if lead.score >= _MANY or len(addresses) < _STRANGERS or failures < _MUCH_AN_HOUR * _hours(guesses):
        return []
    words = f"{failures:,} failed logins from {len(addresses)} addresses of which none got in"
    return [("story.strangers", words, _MANY - lead.score)]


def _hours(story: Story) -> float:
    """How long it took, an hour at least."""
    first, last = span_of(story)
    return max(1.0, (last - first).total_seconds() / 3600) if first is not None and last is not None else 1.0


def _often(story: Story, lead: Piece) -> list[tuple[str, str, int]]:
    """Very many failures, at such a rate or of so many users that nobody mistypes so often."""
    failures, users = failures_of(story), merged(*(one.who.users for one in story if one.meaning == GUESS))
    if (
        not users
        or failures < MUCH
        or lead.score >= _MANY
        or (failures / _hours(story) < MUCH and len(users) < _USERS)
    ):
        return []
    return [("story.many", f"{failures:,} failed logins of {len(users)} users", _MANY - lead.score)]
