"""Says of texts which class they have, or none, and how sure that is: the stored weights, applied."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from soc.detection.model.features import BUCKETS, Features, features_of
from soc.domain.classification import Classification

#: What the model can say, by place: the nine classes, and that a text has none of them.
LABELS: tuple[Classification, ...] = tuple(Classification)
NOTHING = LABELS.index(Classification.UNCLASSIFIED)
#: Below this the model says nothing.
SURE = 0.7
#: What is called Security must be surer: ordinary lines are many.
SURE_OF_SECURITY = 0.9
_SECURITY = LABELS.index(Classification.SECURITY_ALERT)
WEIGHTS = Path(__file__).with_name("weights.npz")

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Weights:
    """`table`: a row a bucket, a column a label; `bias` by label. Logits are divided by `temperature`."""

    table: Floats
    bias: Floats
    temperature: float


@lru_cache(maxsize=1)
def load_weights() -> Weights:
    """The weights that come with the product; read once a process."""
    with np.load(WEIGHTS) as stored:
        table = stored["table"].astype(np.float32) * stored["scale"]
        return Weights(table.reshape(BUCKETS, len(LABELS)), stored["bias"], float(stored["temperature"]))


def logits_of(weights: Weights, features: Features) -> Floats:
    """A row a text: the mean pull of its features, by the root of their number."""
    logits = np.tile(weights.bias, (len(features.size), 1))
    some = np.flatnonzero(features.size)
    if len(some):
        sums = np.add.reduceat(weights.table[features.bucket], features.begin[some], axis=0)
        logits[some] += sums / np.sqrt(features.size[some])[:, None]
    return np.asarray(logits, np.float32)


def chances_of(logits: Floats, temperature: float) -> Floats:
    """Rows that add up to 1."""
    scaled = logits / temperature
    raised = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), np.float32)


def classify(texts: pl.Series) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Of each template: the place of its label in LABELS, and how likely it is. NOTHING where no class is sure enough."""
    weights = load_weights()
    chances = chances_of(logits_of(weights, features_of(texts)), weights.temperature)
    return decide(chances), chances.max(axis=1).astype(np.float64)


def decide(chances: Floats) -> npt.NDArray[np.int64]:
    """The likeliest label of each row where it is likely enough, else NOTHING."""
    label = chances.argmax(axis=1)
    enough = np.where(label == _SECURITY, SURE_OF_SECURITY, SURE)
    return np.where(chances.max(axis=1) >= enough, label, NOTHING)
