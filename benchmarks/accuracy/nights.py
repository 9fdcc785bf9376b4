"""Nights of our own: an attack lies in ordinary noise beside harmless look-alikes. Is it one story, ticketed, and nothing else?

Made by dice with a seed, so that the same nights come each time; addresses are those of documentation. `python -m
benchmarks.accuracy.nights FOLDER` writes them, each line's story beside it, for `soc process`.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.accuracy.judged import Judged, judge_lines
from benchmarks.accuracy.night.cloud import cloud_keys
from benchmarks.accuracy.night.made import Night
from benchmarks.accuracy.night.network import border, tunnel, two_countries
from benchmarks.accuracy.night.servers import (
    campaign,
    guessing,
    many_to_one,
    web_shell,
)
from benchmarks.accuracy.night.windows import cleared, lateral, leaving, one_to_many
from benchmarks.accuracy.table import Figure
from soc.domain.rule import GUIDE_RULES
from soc.rules import decide

#: So much of a story's lines have to be in one incident.
_MOST_OF = 0.6
NIGHTS: dict[str, Callable[[Night], None]] = {
    "guessing": guessing, "one-to-many": one_to_many, "many-to-one": many_to_one, "web-shell": web_shell, "campaign": campaign,
    "cloud-keys": cloud_keys, "lateral": lateral, "cleared": cleared, "leaving": leaving,
    "tunnel": tunnel, "border": border, "two-countries": two_countries,
}  # fmt: skip


def nights() -> Iterator[Night]:
    for name, fill in NIGHTS.items():
        night = Night(name, random.Random(name))
        fill(night)
        yield night


@dataclass(frozen=True)
class Seen:
    """Of each story the share of its lines in the incident that has most of them, and its score; tickets of anything else."""

    stories: dict[str, tuple[float, int, bool]]
    false_tickets: tuple[str, ...]

    @property
    def found(self) -> int:
        return sum(share >= _MOST_OF and ticket for share, _, ticket in self.stories.values())


def look(judged: Judged, stories: list[str]) -> Seen:
    scores = {one.id: one for one in judged.incidents}
    tickets = {one.id for one in judged.incidents if any(said.matched for said in decide(one, GUIDE_RULES))}
    of_story: dict[str, Counter[str]] = {}
    inside: Counter[str] = Counter()
    for number, row in judged.rows.items():
        name, incident = stories[number - 1], row.get("incident_id")
        if name:
            of_story.setdefault(name, Counter())[incident or ""] += 1
            inside[incident or ""] += 1
    seen = {}
    for name, places in of_story.items():
        best = max((one for one in places if one), key=lambda one: places[one], default="")
        score = scores[best].score if best in scores else 0
        seen[name] = (places[best] / places.total() if best else 0.0, score, best in tickets)
    false = tuple(scores[one].title for one in sorted(tickets) if not inside[one])
    return Seen(seen, false)


def measure_nights(_logs: Path) -> list[Figure]:
    seen = [
        look(judge_lines(lines, f"{night.name}.{night.ending}"), of)
        for night in nights()
        for lines, of in [night.in_order()]
    ]
    told, all_of_them = sum(one.found for one in seen), sum(len(one.stories) for one in seen)
    false = sum(len(one.false_tickets) for one in seen)
    return [
        Figure(
            "own nights: stories in one incident, ticketed", told / all_of_them, None, "≥ .88", all_of_them
        ),
        Figure("own nights: false tickets", false, None, "≤ 2", all_of_them),
    ]


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for night in nights():
        lines, stories = night.in_order()
        (folder / f"{night.name}.{night.ending}").write_text("\n".join(lines) + "\n")
        (folder / f"{night.name}.stories").write_text("\n".join(stories) + "\n")
        judged = judge_lines(lines, f"{night.name}.{night.ending}")
        seen = look(judged, stories)
        print(
            night.name,
            judged.format,
            len(lines),
            seen.stories,
            "FALSE:" if seen.false_tickets else "",
            *seen.false_tickets,
        )
        for one in judged.incidents:
            print(f"   {one.score:2} {one.classification} {one.count:4} {one.title}")


if __name__ == "__main__":
    main()
