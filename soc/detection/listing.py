"""The declared signatures and detectors as Markdown tables, for docs/signatures.md and docs/detectors.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from soc.detection.detectors import all_detectors
from soc.detection.signatures.declaration import TAGS
from soc.detection.signatures.files import read_signature_files


def _table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(str(cell) or " " for cell in line) + " |" for line in lines)


def _code(words: Iterable[object]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def list_signatures() -> str:
    """A table a family, in the order in which equally strong signatures decide."""
    parts = []
    for file in read_signature_files():
        if file.signatures:
            rows = (
                (f"`{one.id}`", one.title, one.classification, one.score, one.confidence, one.tier, ", ".join(one.where),
                 ", ".join(one.attack), _code(one.tags))
                for one in file.signatures
            )  # fmt: skip
            heads = ("id", "title", "class", "score", "confidence", "tier", "where", "ATT&CK", "tags")
            parts.append(f"### {file.about}\n\n`{file.name}`\n\n{_table(heads, rows)}")
    return "\n\n".join(parts)


def list_context() -> str:
    entries = [entry for file in read_signature_files() for entry in file.context]
    rows = (
        (f"`{one.id}`", one.title, f"{one.weight:+d}", one.kind, ", ".join(one.classes), _code(one.positives))
        for one in entries
    )
    return _table(("id", "what it says", "weight", "kind", "classes", "for example"), rows)


def list_vetoes() -> str:
    entries = [entry for file in read_signature_files() for entry in file.vetoes]
    rows = ((f"`{one.id}`", one.title, _code(one.positives)) for one in entries)
    return _table(("id", "what it says", "for example"), rows)


def list_tags() -> str:
    """Every tag, who asks for it, and what it means."""
    rows = [(f"`{tag}`", "judging", meaning) for tag, meaning in TAGS.items()]
    rows += [
        (f"`{tag}`", f"`{detector.id}`", meaning)
        for detector in all_detectors()
        for tag, meaning in detector.asks.items()
    ]
    return _table(("tag", "asked for by", "meaning"), rows)


def list_detectors() -> str:
    rows = (
        (f"`{one.id}`", one.title, one.about, ", ".join(one.attack), _code(one.asks), one.order)
        for one in all_detectors()
    )
    return _table(("id", "title", "what it looks for", "ATT&CK", "tags it asks for", "order"), rows)


def list_settings() -> str:
    """A table a detector: its settings, their defaults and what they do."""
    parts = []
    for detector in all_detectors():
        defaults = detector.Settings()  # type: ignore[call-arg]  # every setting of a detector has a default
        rows = (
            (
                f"`{name}`",
                "" if (value := getattr(defaults, name)) is None else f"`{value}`",
                field.description,
            )
            for name, field in detector.Settings.model_fields.items()
        )
        parts.append(f"### `{detector.id}`\n\n{_table(('setting', 'default', 'what it does'), rows)}")
    return "\n\n".join(parts)
