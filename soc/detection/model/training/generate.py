"""Training texts: each line of `patterns/CLASS.txt` is a pattern of a message; its choices and slots are filled by dice.

In a pattern `(a|b|)` is one of its parts, `{slot}` a value, `\\(` a bracket. The file's name is the class; `nothing` is
what ordinary systems write all day and no class fits.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from soc.detection.model.classifier import LABELS, NOTHING
from soc.detection.model.training.slots import SLOTS

PATTERNS = Path(__file__).with_name("patterns")
_CHOICE = re.compile(r"\(([^()]*)\)")
_SLOT = re.compile(r"\{([a-z]+)\}")


@dataclass(frozen=True)
class Text:
    """`pattern`: which one wrote it, `CLASS:LINE`. `label`: a place in LABELS."""

    pattern: str
    label: int
    words: str


def read_patterns() -> dict[str, tuple[int, str]]:
    """By name, `CLASS:LINE`: its label and the pattern."""
    found: dict[str, tuple[int, str]] = {}
    for number, label in enumerate(LABELS):
        name = "nothing" if number == NOTHING else label.value.lower().replace(" ", "_")
        lines = (PATTERNS / f"{name}.txt").read_text(encoding="utf-8").splitlines()
        found |= {
            f"{name}:{line}": (number, text) for line, text in enumerate(lines, start=1) if text.strip()
        }
    return found


def write_texts(variants: int) -> Iterator[Text]:
    """So many texts of each pattern, the same each time."""
    for name, (label, pattern) in read_patterns().items():
        for number in range(variants):
            dice = random.Random(f"{name}/{number}")  # noqa: S311 - the same texts each time
            yield Text(name, label, fill(pattern, dice))


def fingerprint() -> str:
    """Changes with what texts are made of."""
    made = [*sorted(PATTERNS.glob("*.txt")), Path(__file__).with_name("slots.py"), Path(__file__)]
    return hashlib.sha256(b"".join(file.read_bytes() for file in made)).hexdigest()


def fill(pattern: str, dice: random.Random) -> str:
    """One text of a pattern."""
    text = pattern.replace("\\(", "\2").replace("\\)", "\3")
    while match := _CHOICE.search(text):
        text = text[: match.start()] + dice.choice(match[1].split("|")) + text[match.end() :]
    text = text.replace("\2", "(").replace("\3", ")")
    return _SLOT.sub(lambda slot: SLOTS[slot[1]](dice) if slot[1] in SLOTS else slot[0], text).strip()
