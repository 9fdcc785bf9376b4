"""Tells a story: its title, score with the reasons for it, who takes part, and its steps."""

from __future__ import annotations

from datetime import datetime

from soc.detection.stories.campaigns import failures_of, is_campaign
from soc.detection.stories.joining import Story, actor_of, broken_into, span_of
from soc.detection.stories.pieces import ACCEPTED, BREACH, GUESS, SCAN, Piece, is_address, merged
from soc.detection.stories.quoting import said_in, words_of
from soc.detection.stories.raising import MOST, raised
from soc.detection.stories.tactics import PERSISTENCE, PRIVILEGE, tactics_of
from soc.domain.incident import Entity, Incident, Sample, Step
from soc.ids import derived_id

#: So many lines are kept with a story of several steps, and so many of its gravest step.
SAMPLES, OF_THE_GRAVEST = 8, 3
#: So many addresses, users and hosts are named; so many steps are kept.
ADDRESSES, NAMES, STEPS = 1000, 50, 60


def tell(story: Story) -> Incident:
    """One incident of all its pieces; a single finding is told as it is."""
    lead = leading(story)
    incident = lead.incident
    assert incident is not None
    steps = tuple(_step(piece) for piece in _in_order(story))[:STEPS]
    entities = _entities(story, lead)
    known_by = {
        "entities": entities,
        "steps": steps,
        "fingerprint": _fingerprint(story, lead) if entities else "",
    }
    if len(story) == 1:
        title = {} if incident.entity or lead.detected else {"title": title_of_nobody(lead)}
        return incident.model_copy(update={**title, **known_by})
    first, last = span_of(story)
    reasons = (*incident.reasons, *raised(story, lead))
    return incident.model_copy(
        update={
            "title": title_of(story, lead),
            "entity": _actor(story, lead),
            "score": min(MOST, incident.score + sum(reason.weight for reason in reasons[len(incident.reasons):])),
            "count": sum(piece.count for piece in story),
            "first_seen": first,
            "last_seen": last,
            "reasons": reasons,
            "samples": _samples(story, lead),
            **known_by,
        }
    )  # fmt: skip


def leading(story: Story) -> Piece:
    """The gravest; of equally grave ones what was not refused, then that of most lines, of these the first."""
    found = [piece for piece in story if piece.incident is not None]
    return min(
        found,
        key=lambda piece: (-piece.score, piece.refused, piece.order, -piece.count, _when(piece), _id(piece)),
    )


def _id(piece: Piece) -> str:
    return piece.incident.id if piece.incident is not None else f"{piece.session:012d}"


def _when(piece: Piece) -> float:
    return piece.first.timestamp() if piece.first is not None else 0.0


def _in_order(story: Story) -> list[Piece]:
    return sorted(story, key=lambda piece: (_when(piece), piece.session, _id(piece)))


def _step(piece: Piece) -> Step:
    return Step(
        title=piece.title, classification=piece.classification, score=piece.score, count=piece.count, first=piece.first,
        last=piece.last, rule=piece.rule, attack=piece.attack,
    )  # fmt: skip


def _actor(story: Story, lead: Piece) -> str:
    """The address that acts; of a campaign the host that it aims at."""
    if is_campaign(story):
        return next(iter(merged(*(piece.who.hosts for piece in story))), "")
    found = (lead, *(piece for piece in _in_order(story) if piece.incident is not None))
    return next((piece.entity for piece in found if piece.is_address), lead.entity)


def _fingerprint(story: Story, lead: Piece) -> str:
    return derived_id("sty", *_key(story, lead))


def _key(story: Story, lead: Piece) -> tuple[str, ...]:
    """What the story has in common with what the same actor does on another day."""
    actor = _actor(story, lead)
    if is_campaign(story) and lead.is_security:
        return ("campaign", GUESS if failures_of(story) else lead.meaning, actor)
    if is_address(actor) and lead.is_security:
        return ("address", actor)
    return actor_of(lead, set())


def _entities(story: Story, lead: Piece) -> tuple[Entity, ...]:
    """Who acts first, then the other addresses, users (who got in before who was tried), hosts."""
    pieces = [lead, *_in_order(story)]
    addresses = merged(piece.entity for piece in pieces if piece.is_address)
    got_in = (piece.who.users for piece in pieces if piece.meaning in (BREACH, ACCEPTED))
    users = merged(*got_in, *(piece.who.users for piece in pieces))
    bare = (piece.entity for piece in pieces if piece.incident is not None and piece.entity)
    hosts = merged((name for name in bare if not is_address(name)), *(piece.who.hosts for piece in pieces))
    return (
        *(Entity(type="ip", value=value) for value in addresses[:ADDRESSES]),
        *(Entity(type="user", value=value) for value in users[:NAMES]),
        *(Entity(type="host", value=value) for value in hosts[:NAMES]),
    )


def _samples(story: Story, lead: Piece) -> tuple[Sample, ...]:
    """The gravest step's first lines, then the first of each other step."""
    assert lead.incident is not None
    kept = list(lead.incident.samples[:OF_THE_GRAVEST])
    others = [
        piece.incident for piece in _in_order(story) if piece.incident is not None and piece is not lead
    ]
    for rank in range(SAMPLES):
        kept += [one.samples[rank] for one in others if rank < len(one.samples)]
        if len(kept) >= SAMPLES:
            break
    return tuple(dict.fromkeys(kept))[:SAMPLES]


def title_of(story: Story, lead: Piece) -> str:
    """Who did what to whom, how often, when: `SSH guessing from 203.0.113.77: 520 failures, 14 users, 01:12–01:31,
    UTC, then success as backup, then sudo`. A title goes where no page knows the reader's zone: it names its own."""
    actor = _actor(story, lead)
    if is_campaign(story):
        addresses = merged(piece.entity for piece in story if piece.is_address)
        on = f" on {actor}" if actor else ""
        return f"{_deed(story, lead)}{on} from {len(addresses)} addresses: {_amount(story, lead)}"[:240]
    place = f" {'from' if is_address(actor) else 'on'} {actor}" if actor else said_in(lead)
    told = f"{_deed(story, lead)}{place}: {_amount(story, lead)}"
    named = actor or any(piece.who.users for piece in story)
    return f"{told}{_afterwards(story, lead)}{'' if named else words_of(lead)}"[:240]


def title_of_nobody(lead: Piece) -> str:
    """Of one thing with neither address nor host: whose account, else what the line says. `Breach in backup-agent: “…”`."""
    users = lead.who.users
    about = f": user {users[0]}" if len(users) == 1 else f": {len(users)} users" if users else words_of(lead)
    return f"{lead.title}{said_in(lead)}{about}"[:240]


def _deed(story: Story, lead: Piece) -> str:
    """What it is at its core."""
    if _is_guessing(story, lead):
        by = lead.incident.source if lead.incident is not None else ""
        daemon = by.islower() and by.isalpha() and by.endswith("d") and len(by) <= 6
        return f"{by[:-1].upper()} guessing" if daemon else "Password guessing"
    return bare_title(lead)


def _is_guessing(story: Story, lead: Piece) -> bool:
    guessed = any(piece.meaning in (GUESS, BREACH) for piece in story)
    return guessed and lead.meaning in (GUESS, BREACH, ACCEPTED, SCAN)


def bare_title(piece: Piece) -> str:
    """Without who did it."""
    for word in (" from ", " on "):
        title = piece.title.removesuffix(f"{word}{piece.entity}")
        if piece.entity and title != piece.title:
            return title
    return piece.title


def _amount(story: Story, lead: Piece) -> str:
    failures = failures_of(story) if _is_guessing(story, lead) else 0
    parts = []
    if failures:
        users = merged(*(piece.who.users for piece in story if piece.meaning == GUESS))
        parts.append(f"{failures:,} {'failure' if failures == 1 else 'failures'}")
        parts += [f"{len(users)} users"] if len(users) > 1 else [f"user {user}" for user in users]
    else:
        count = sum(piece.count for piece in story)
        parts.append(f"{count:,} {'line' if count == 1 else 'lines'}")
    if when := _between(*span_of(story)):
        parts.append(when)
    return ", ".join(parts)


def _between(first: datetime | None, last: datetime | None) -> str:
    if first is None or last is None:
        return ""
    if first.date() == last.date():
        begin, end = f"{first:%H:%M}", f"{last:%H:%M}"
        return f"{begin} UTC" if begin == end else f"{begin}–{end} UTC"
    return f"{first:%d %b %H:%M}–{last:%d %b %H:%M} UTC"


def _afterwards(story: Story, lead: Piece) -> str:
    """`, then success as backup, then sudo`: the other things that were done, each once, the gravest where there are many."""
    hit = broken_into(story)
    said: list[str] = []
    if hit is not None:
        names = ", ".join(sorted(hit.accounts)[:3])
        said.append(f"then success as {names}" if names else "then success")
    rest = [piece for piece in _in_order(story) if _is_more(piece, lead, hit is not None)]
    titles = merged(bare_title(piece) for piece in sorted(rest, key=lambda piece: -piece.score))[:3]
    said += [f"{'then' if hit is not None else 'with'} {title[:1].lower()}{title[1:]}" for title in titles]
    return "".join(f", {words}" for words in said)


def _is_more(piece: Piece, lead: Piece, broken: bool) -> bool:
    if piece.meaning in (GUESS, BREACH, ACCEPTED) or piece.meaning == lead.meaning:
        return False
    if piece.incident is None:
        return broken and bool(tactics_of(piece.attack) & {PRIVILEGE, PERSISTENCE})
    return piece.meaning != SCAN or lead.meaning not in (GUESS, BREACH)
