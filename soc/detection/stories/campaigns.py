"""Campaigns: one thing done by many addresses is one incident, with the addresses inside.

What each address did alone must be little, and nothing that succeeded: who does much is an actor with a story of his own.
A single attack that each of them tried is little, however grave it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from soc.detection.stories.joining import GAP, Story, divided, near, only_guesses, span_of
from soc.detection.stories.pieces import GUESS, SCAN, merged

#: From so many addresses on it is one thing done by many.
ADDRESSES = 5
#: An address with so many failed logins, or else lines, or findings of this score that are of several kinds, is told of
#: alone; so is what is as grave as a success.
MUCH, GRAVE, SUCCEEDED = 20, 7, 9


def join_campaigns(stories: list[Story]) -> list[Story]:
    """Small stories of addresses that did the same to the same host, joined; failed logins of nobody known belong to
    whoever was guessing there."""
    small: dict[tuple[str, ...], list[Story]] = {}
    kept: list[Story] = []
    for story in stories:
        meaning = _meaning(story)
        if meaning:
            small.setdefault((meaning, *_targets(story)), []).append(story)
        else:
            kept.append(story)
    campaigns: list[Story] = []
    for some in small.values():
        for run in _runs(some):
            many = len({story[0].entity for story in run}) >= ADDRESSES
            (campaigns.append([piece for story in run for piece in story]) if many else kept.extend(run))
    return _with_nameless([*kept, *campaigns])


def _meaning(story: Story) -> str:
    """What a small story of one address is; "" where it is not one."""
    if not story[0].is_address or not all(piece.is_security for piece in story):
        return ""
    much = failures_of(story) or sum(piece.count for piece in story)
    meanings, score = {piece.meaning for piece in story}, max(piece.score for piece in story)
    one_attack = len(meanings) == 1 and not meanings & {GUESS, SCAN} and score < SUCCEEDED
    if much >= MUCH or (score >= GRAVE and not one_attack):
        return ""
    if meanings <= {GUESS, SCAN}:
        return GUESS if only_guesses(story) else SCAN
    return next(iter(meanings)) if len(meanings) == 1 else ""


def _targets(story: Story) -> tuple[str, ...]:
    return tuple(sorted(merged(*(piece.who.hosts for piece in story)))[:1])


def _runs(stories: Sequence[Story]) -> list[list[Story]]:
    """Those that follow each other within the gap."""
    of_piece = {id(piece): number for number, story in enumerate(stories) for piece in story}
    runs: list[list[Story]] = []
    for run in divided([piece for story in stories for piece in story], GAP):
        numbers = dict.fromkeys(of_piece[id(piece)] for piece in run)
        runs.append([stories[number] for number in numbers])
    return runs


def is_campaign(story: Story) -> bool:
    """Whether many addresses did it. Only campaigns are joined of several addresses."""
    return len({piece.entity for piece in story if piece.is_address}) >= ADDRESSES


def _with_nameless(stories: list[Story]) -> list[Story]:
    """Failed logins on a host, of nobody known, belong to the one that left most of them there at that time."""
    guessing = [
        story for story in stories if any(piece.meaning == GUESS and piece.is_address for piece in story)
    ]
    kept = []
    for story in stories:
        if all(piece.meaning in (GUESS, SCAN) and not piece.is_address and piece.entity for piece in story):
            owner = _guesser(guessing, story)
            if owner is not None:
                owner.extend(story)
                continue
        kept.append(story)
    return kept


def _guesser(guessing: Sequence[Story], story: Story) -> Story | None:
    hosts = {host for piece in story for host in piece.who.hosts}
    there = [
        one
        for one in guessing
        if one is not story and near(one, story, GAP) and any(hosts & {*piece.who.hosts} for piece in one)
    ]
    return max(there, key=lambda one: (is_campaign(one), failures_of(one), str(span_of(one))), default=None)


def failures_of(story: Story) -> int:
    """How many logins failed: of several rules that tell of the same ones, the one with the most."""
    return max(failures_by_rule(story).values(), default=0)


def failures_by_rule(story: Story) -> Counter[str]:
    counted: Counter[str] = Counter()
    for piece in story:
        if piece.meaning == GUESS:
            counted[piece.rule] += piece.count
    return counted
