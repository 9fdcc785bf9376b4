"""The sample night: logs that come with the project, for whoever has none at hand."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from soc.batches.intake import keep_local, submit_batch
from soc.domain.actor import Actor
from soc.logs.layout import ReadOptions
from soc.settings import ROOT

SAMPLES = ROOT / "data" / "samples"
_SUFFIXES = (".log", ".jsonl", ".csv", ".gz")


def sample_files() -> list[Path]:
    """The sample night's logs that come with the project."""
    return sorted(path for path in SAMPLES.glob("*") if path.suffix in _SUFFIXES)


def submit_samples(*, on: Collection[str], idempotency_key: str, actor: Actor) -> str:
    """Process the sample night as one batch; `on` as `submit_batch` takes it."""
    uploads = [(keep_local(path), ReadOptions()) for path in sample_files()]
    return submit_batch(uploads, on=on, idempotency_key=idempotency_key, actor=actor, name="Sample night")
