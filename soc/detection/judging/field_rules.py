"""The field rules: what a verdict can say that fields gave. Data; `sender` and `behaviour` say when each applies.

`score` is the base of a kind: 1–3 what happens every day, 4 a login that fails, 5 a change of accounts or of who may do
what, 6 what a product detected, 7 malicious code that ran, 8 credentials taken, a log cleared, protection switched off.
"""

from __future__ import annotations

from soc.detection.field_rule import BEHAVIOUR, SENDER, FieldRule
from soc.detection.signature import AUTH_FAILURE
from soc.domain.classification import Classification as Class

_ALERT = Class.SECURITY_ALERT

FIELD_RULES: tuple[FieldRule, ...] = (
    FieldRule("sender.alert", "Detection by the sender", _ALERT, 6, 0.85, SENDER),
    FieldRule(
        "behaviour.failed-login",
        "Failed login",
        _ALERT,
        4,
        0.9,
        BEHAVIOUR,
        attack=("T1110",),
        tags=(AUTH_FAILURE,),
    ),
)
