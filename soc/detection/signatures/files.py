"""Reads the signatures' files: one YAML entry a signature, a context word or a veto, its examples inside.

An entry that is not understood is refused with the file's and the entry's name; nothing is passed over.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from soc.detection.signatures.declaration import ContextWord, Signature, Veto
from soc.detection.signatures.place import WHERE
from soc.domain.classification import Classification
from soc.errors import ConfigurationError

FOLDER = Path(__file__).parent

#: libyaml's parser where PyYAML was built with it: 5× faster. Both are safe loaders: data, never objects.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Line = Annotated[str, StringConstraints(min_length=1, pattern=r"^[^\r\n]+$")]
Tag = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
Where = Literal[
    "line", "message", "field", "url", "parameter", "search", "user_agent", "referrer", "command_line", "file_path",
    "name", "value",
]  # fmt: skip
Technique = Annotated[str, StringConstraints(pattern=r"^T\d{4}(\.\d{3})?$")]


#: What a broad signature may score.
BROAD_AT_MOST = 6


class _Entry(BaseModel):
    """What every entry has. `case: any` matches upper and lower case alike. `anchors: words` lets the pattern
    begin and end only at the edge of a word."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+\.[a-z0-9-]+$")]
    title: Annotated[str, StringConstraints(min_length=3, max_length=120)]
    case: Literal["any", "exact"] = "any"
    anchors: Literal["none", "words"] = "none"
    pattern: Line | Annotated[tuple[Line, ...], Field(min_length=1)]
    positives: tuple[Line, ...] = Field(min_length=1)
    negatives: tuple[Line, ...] = ()

    @property
    def expression(self) -> str:
        """The pattern as the engines take it; of several each on a line of its own."""
        several = (self.pattern,) if isinstance(self.pattern, str) else self.pattern
        words = self.anchors == "words"
        return "\n".join(rf"\b(?:{pattern})\b" if words else pattern for pattern in several)


class SignatureEntry(_Entry):
    classification: Classification = Field(alias="class")
    score: int = Field(ge=1, le=10)
    confidence: float = Field(gt=0, lt=1)
    attack: tuple[Technique, ...] = ()
    tags: tuple[Tag, ...] = ()
    where: tuple[Where, ...] = Field(default=("line",), min_length=1)
    tier: Literal["narrow", "broad"] = "narrow"
    unless: tuple[Line, ...] = Field(default=(), alias="not")

    @field_validator("where", "unless", mode="before")
    @classmethod
    def _one_or_many(cls, where: object) -> object:
        return (where,) if isinstance(where, str) else where

    @model_validator(mode="after")
    def _broad_is_not_grave(self) -> SignatureEntry:
        if self.tier == "broad" and self.score > BROAD_AT_MOST:
            raise ValueError(f"a broad signature scores at most {BROAD_AT_MOST}")
        return self

    @property
    def places(self) -> int:
        """The bits of all places that `where` names."""
        return reduce(operator.or_, (WHERE[word] for word in self.where))

    def built(self) -> Signature:
        return Signature(
            id=self.id, title=self.title, classification=self.classification, score=self.score,
            confidence=self.confidence, pattern=self.expression, attack=self.attack, tags=self.tags,
            caseless=self.case == "any", places=self.places, narrow=self.tier == "narrow",
            unless="\n".join(self.unless),
        )  # fmt: skip


class ContextEntry(_Entry):
    kind: Tag
    weight: int = Field(ge=-9, le=9)
    classes: tuple[Classification, ...] = Field(min_length=1)

    def built(self) -> ContextWord:
        return ContextWord(
            id=self.id, title=self.title, pattern=self.expression, weight=self.weight, kind=self.kind,
            classes=self.classes, caseless=self.case == "any",
        )  # fmt: skip


class VetoEntry(_Entry):
    def built(self) -> Veto:
        return Veto(id=self.id, title=self.title, pattern=self.expression, caseless=self.case == "any")


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    about: str
    order: int
    signatures: tuple[SignatureEntry, ...] = ()
    context: tuple[ContextEntry, ...] = ()
    vetoes: tuple[VetoEntry, ...] = ()


@dataclass(frozen=True)
class SignatureFile:
    """One family: a file's name, what it is about, and its entries."""

    name: str
    about: str
    order: int
    signatures: tuple[SignatureEntry, ...]
    context: tuple[ContextEntry, ...]
    vetoes: tuple[VetoEntry, ...]


def read_signature_files(folder: Path = FOLDER) -> tuple[SignatureFile, ...]:
    """All files of a folder in their declared order: of equally strong signatures the first one decides.

    Raises ConfigurationError that names the file and the entry. Takes 13 ms; read anew only where a file changed.
    """
    return _read_files(tuple((path, path.stat().st_mtime_ns) for path in sorted(folder.glob("*.yaml"))))


@lru_cache(maxsize=4)
def _read_files(paths: tuple[tuple[Path, int], ...]) -> tuple[SignatureFile, ...]:
    files = sorted((_read(path) for path, _ in paths), key=lambda file: (file.order, file.name))
    seen: dict[str, str] = {}
    for file in files:
        for entry in (*file.signatures, *file.context, *file.vetoes):
            if entry.id in seen:
                raise ConfigurationError(
                    f"{file.name}: {entry.id}: the id is taken in {seen[entry.id]}.",
                    hint="Give the new entry an id of its own.",
                )
            seen[entry.id] = file.name
    return tuple(files)


def _read(path: Path) -> SignatureFile:
    try:
        found = yaml.load(path.read_bytes(), Loader=_Loader)  # noqa: S506 - a safe loader
        file = _File.model_validate(found)
    except yaml.YAMLError as problem:
        raise ConfigurationError(f"{path.name} is not YAML: {problem}", hint=_HINT) from problem
    except ValidationError as problem:
        raise ConfigurationError(f"{path.name}: {_first(problem, found)}", hint=_HINT) from problem
    return SignatureFile(path.name, file.about, file.order, file.signatures, file.context, file.vetoes)


_HINT = "docs/adding-a-signature.md shows every key."


def _first(problem: ValidationError, found: Any) -> str:
    """The first complaint, by the entry's id where it has one."""
    error = problem.errors(include_url=False)[0]
    place: Sequence[Any] = error["loc"]
    if len(place) >= 2 and isinstance(place[1], int):
        entry = found[place[0]][place[1]]
        name = entry.get("id") if isinstance(entry, dict) else None
        place = [name or f"{place[0]}, entry {place[1] + 1}", *place[2:]]
    return f"{': '.join(map(str, place)) or 'the file'}: {error['msg']}"
