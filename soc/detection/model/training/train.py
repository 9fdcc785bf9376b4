"""`make model`: learns the weights from the patterns and prints how right they are on patterns that were held back.

Gradient steps (Adam) over shuffled portions, with numpy alone; the same weights each time on the same machine.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from soc.detection.model.classifier import (
    LABELS,
    NOTHING,
    WEIGHTS,
    Floats,
    Weights,
    chances_of,
    decide,
    logits_of,
)
from soc.detection.model.features import BUCKETS, Features, features_of
from soc.detection.model.training.generate import fingerprint, write_texts
from soc.domain.classification import Classification
from soc.logs.text.shapes import shapes_of
from soc.logs.text.templates import mask_messages

#: Texts of a pattern, rounds over all, texts a step, step, and how strongly weights are kept small.
VARIANTS, ROUNDS, PORTION, STEP, SHRINK = 48, 8, 256, 0.08, 2e-6
SECURITY = LABELS.index(Classification.SECURITY_ALERT)
#: A pattern in so many is held back to measure.
HELD = 3


@dataclass(frozen=True)
class Lesson:
    """`weight`: of a text, so that each class counts as much as each other, and each pattern of it."""

    features: Features
    label: npt.NDArray[np.int64]
    weight: Floats
    pattern: Sequence[str]


def make_lesson(*, held: bool | None = None, variants: int = VARIANTS) -> Lesson:
    """Of all patterns, or those that are (not) held back. Each template of a pattern once."""
    rows = pl.DataFrame(
        [(one.pattern, one.label, one.words) for one in write_texts(variants)],
        schema={"pattern": pl.String, "label": pl.Int64, "words": pl.String},
        orient="row",
    )
    if held is not None:
        kept = [is_held(name) == held for name in rows["pattern"].to_list()]
        rows = rows.filter(pl.Series(kept))
    template, _ = mask_messages(shapes_of(rows["words"]))
    rows = rows.with_columns(template.alias("template")).unique(["pattern", "template"], maintain_order=True)
    rows = rows.with_columns((1 / pl.len().over("pattern")).alias("share"))
    rows = rows.with_columns((pl.col("share") / pl.col("share").sum().over("label")).alias("weight"))
    weight = rows["weight"].to_numpy() * len(rows) / len(LABELS)
    return Lesson(
        features_of(rows["template"]),
        rows["label"].to_numpy(),
        weight.astype(np.float32),
        rows["pattern"].to_list(),
    )


def is_held(pattern: str) -> bool:
    return hashlib.sha256(pattern.encode()).digest()[0] % HELD == 0


def learn(lesson: Lesson, *, rounds: int = ROUNDS) -> Weights:
    """Weights that tell the lesson's labels apart; their temperature is 1."""
    table = np.zeros((BUCKETS, len(LABELS)), np.float32)
    bias = np.zeros(len(LABELS), np.float32)
    first, second = np.zeros_like(table), np.zeros_like(table)
    dice, taken = np.random.default_rng(7), 0
    texts = len(lesson.label)
    for turn in range(rounds):
        order = dice.permutation(texts)
        for at in range(0, texts, PORTION):
            some = np.sort(order[at : at + PORTION])
            taken += 1
            slope, tilt = _slopes(table, bias, lesson, some)
            slope += SHRINK * table
            first += 0.1 * (slope - first)
            second += 0.01 * (slope * slope - second)
            pace = STEP * (1 - turn / rounds)
            corrected = np.sqrt(second / (1 - 0.99**taken)) + 1e-8
            table -= pace * (first / (1 - 0.9**taken)) / corrected
            bias -= pace * tilt
    return Weights(table, bias, 1.0)


def _slopes(
    table: Floats, bias: Floats, lesson: Lesson, some: npt.NDArray[np.int64]
) -> tuple[Floats, Floats]:
    part = pick(lesson.features, some)
    away = chances_of(logits_of(Weights(table, bias, 1.0), part), 1.0)
    away[np.arange(len(some)), lesson.label[some]] -= 1
    away *= lesson.weight[some, None] / len(some)
    pull = np.repeat(away / np.sqrt(part.size)[:, None], part.size, axis=0)
    slope = np.empty_like(table)
    for label in range(len(LABELS)):
        slope[:, label] = np.bincount(part.bucket, weights=pull[:, label], minlength=BUCKETS)
    return slope, away.sum(axis=0)


def pick(features: Features, some: npt.NDArray[np.int64]) -> Features:
    """Those texts alone."""
    size = features.size[some]
    begin = np.cumsum(size) - size
    at = np.repeat(features.begin[some] - begin, size) + np.arange(size.sum())
    return Features(features.bucket[at], begin, size)


def temper(weights: Weights, lesson: Lesson) -> Weights:
    """With the temperature at which the chances are most likely, of texts that were not learned."""
    logits = logits_of(weights, lesson.features)
    rows = np.arange(len(lesson.label))

    def surprise(temperature: float) -> float:
        chances = chances_of(logits, temperature)[rows, lesson.label]
        return float(-(lesson.weight * np.log(chances + 1e-9)).mean())

    return Weights(weights.table, weights.bias, min(np.arange(0.3, 6.0, 0.05).tolist(), key=surprise))


def measure(weights: Weights, lesson: Lesson) -> dict[str, float]:
    """How right the model is on texts, and how sure: shares, each pattern and class counting as much as another."""
    chances = chances_of(logits_of(weights, lesson.features), weights.temperature)
    best, sure = chances.argmax(axis=1), chances.max(axis=1)
    said = decide(chances)
    weight, label = lesson.weight / lesson.weight.sum(), lesson.label
    one_of_nine = label != NOTHING
    spoken = said != NOTHING
    return {
        "right": float(weight[best == label].sum()),
        "right_of_nine": float(weight[(best == label) & one_of_nine].sum() / weight[one_of_nine].sum()),
        "spoken_of_nine": float(weight[spoken & one_of_nine].sum() / weight[one_of_nine].sum()),
        "right_where_spoken": float(weight[spoken & (said == label)].sum() / weight[spoken].sum()),
        "sure_where_spoken": float((weight * sure)[spoken].sum() / weight[spoken].sum()),
        "nothing_called_a_class": float(weight[spoken & ~one_of_nine].sum() / weight[~one_of_nine].sum()),
        "nothing_called_security": float(weight[(said == SECURITY) & ~one_of_nine].sum() / weight[~one_of_nine].sum()),
    }  # fmt: skip


def store(weights: Weights) -> None:
    """As small whole numbers: a byte a weight, a scale a label."""
    scale = np.maximum(np.abs(weights.table).max(axis=0), 1e-6) / 127
    np.savez_compressed(
        WEIGHTS,
        table=np.rint(weights.table / scale).astype(np.int8),
        scale=scale.astype(np.float32),
        bias=weights.bias,
        temperature=np.float32(weights.temperature),
        patterns=fingerprint(),
    )


def stored_fingerprint() -> str:
    """Of the patterns that the stored weights learned from."""
    with np.load(WEIGHTS) as stored:
        return str(stored["patterns"])


def main() -> None:
    held = make_lesson(held=True)
    part = temper(learn(make_lesson(held=False)), held)
    print(f"temperature {part.temperature:.2f}, a third of the patterns held back:")
    for name, value in measure(part, held).items():
        print(f"  {name}: {value:.3f}")
    whole = learn(make_lesson())
    store(Weights(whole.table, whole.bias, part.temperature))
    print(f"{WEIGHTS.name}: sha256 {hashlib.sha256(WEIGHTS.read_bytes()).hexdigest()[:16]}")


if __name__ == "__main__":
    main()
