"""A night: its lines with their moments and stories, and the forms that lines are written in."""

import json
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

BEGIN = datetime(2026, 3, 2, 22, 0, tzinfo=UTC)
STAFF = ("mia", "jonas", "aylin", "tom", "svea", "noor", "piet", "lena")


@dataclass
class Night:
    """Lines with their moment and the story that they belong to ("": none)."""

    name: str
    dice: random.Random
    ending: str = "log"
    lines: list[tuple[datetime, str, str]] = field(default_factory=list)

    def add(self, minute: float, text: str, story: str = "") -> None:
        self.lines.append((BEGIN + timedelta(minutes=minute), text, story))

    def in_order(self) -> tuple[list[str], list[str]]:
        self.lines.sort(key=lambda one: one[0])
        return [text for _, text, _ in self.lines], [story for _, _, story in self.lines]


def syslog(night: Night, minute: float, host: str, what: str, story: str = "") -> None:
    at = BEGIN + timedelta(minutes=minute)
    night.add(minute, f"{at:%b} {at.day:2d} {at:%H:%M:%S} {host} {what}", story)


def request(
    night: Night,
    minute: float,
    who: str,
    what: str,
    status: int,
    agent: str,
    story: str = "",
    size: int = 512,
) -> None:
    at = BEGIN + timedelta(minutes=minute)
    night.add(
        minute,
        f'{who} - - [{at:%d/%b/%Y:%H:%M:%S} +0000] "{what} HTTP/1.1" {status} {size} "-" "{agent}"',
        story,
    )


def record(night: Night, minute: float, values: dict[str, object], key: str, story: str = "") -> None:
    at = BEGIN + timedelta(minutes=minute)
    night.add(minute, json.dumps({key: f"{at:%Y-%m-%dT%H:%M:%SZ}", **values}), story)
