"""The signatures as data, one YAML file a family; and all of them in order."""

from __future__ import annotations

from soc.detection.signature import ContextWord, Signature, Veto
from soc.detection.signature_files import read_signature_files

_FILES = read_signature_files()
SIGNATURES: tuple[Signature, ...] = tuple(entry.built() for file in _FILES for entry in file.signatures)
CONTEXT: tuple[ContextWord, ...] = tuple(entry.built() for file in _FILES for entry in file.context)
VETOES: tuple[Veto, ...] = tuple(entry.built() for file in _FILES for entry in file.vetoes)
