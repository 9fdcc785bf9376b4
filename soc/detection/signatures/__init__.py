"""All signatures, in order: of equally strong ones the first decides."""

from __future__ import annotations

from soc.detection.signature import ContextWord, Signature, Veto
from soc.detection.signatures.access import ACCESS
from soc.detection.signatures.attack import ATTACK
from soc.detection.signatures.context import CONTEXT, VETOES
from soc.detection.signatures.everyday import EVERYDAY
from soc.detection.signatures.sessions import SESSIONS
from soc.detection.signatures.system import SYSTEM
from soc.detection.signatures.traces import TRACES
from soc.detection.signatures.web import WEB

SIGNATURES: tuple[Signature, ...] = (*ATTACK, *TRACES, *WEB, *ACCESS, *SESSIONS, *SYSTEM, *EVERYDAY)

__all__ = ["CONTEXT", "SIGNATURES", "VETOES", "ContextWord", "Signature", "Veto"]
