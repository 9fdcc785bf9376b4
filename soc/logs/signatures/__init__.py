"""All signatures, in order: of equally strong ones the first decides."""

from __future__ import annotations

from soc.logs.signatures.access import ACCESS
from soc.logs.signatures.attack import ATTACK
from soc.logs.signatures.context import CONTEXT, VETOES
from soc.logs.signatures.everyday import EVERYDAY
from soc.logs.signatures.model import ContextWord, Signature, Veto
from soc.logs.signatures.sessions import SESSIONS
from soc.logs.signatures.system import SYSTEM
from soc.logs.signatures.traces import TRACES
from soc.logs.signatures.web import WEB

SIGNATURES: tuple[Signature, ...] = (*ATTACK, *TRACES, *WEB, *ACCESS, *SESSIONS, *SYSTEM, *EVERYDAY)

__all__ = ["CONTEXT", "SIGNATURES", "VETOES", "ContextWord", "Signature", "Veto"]
