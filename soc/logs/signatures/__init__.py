"""All signatures, in order: of equally strong ones the first decides."""

from __future__ import annotations

from soc.logs.signatures.access import ACCESS
from soc.logs.signatures.attack import ATTACK
from soc.logs.signatures.model import ContextWord, Signature, Veto
from soc.logs.signatures.system import CONTEXT, SYSTEM, VETOES
from soc.logs.signatures.web import WEB

SIGNATURES: tuple[Signature, ...] = (*ATTACK, *WEB, *ACCESS, *SYSTEM)

__all__ = ["CONTEXT", "SIGNATURES", "VETOES", "ContextWord", "Signature", "Veto"]
