"""What a verdict of the model weighs: a rule a class. Its scores open nothing, and its lines are in no incident."""

from __future__ import annotations

from soc.detection.field_rule import MODEL, FieldRule
from soc.domain.classification import Classification as Class

#: The confidence of each verdict is the model's own.
_SCORES = {
    Class.SECURITY_ALERT: 4,
    Class.CRITICAL_ERROR: 4,
    Class.ERROR: 3,
    Class.WORKFLOW_ERROR: 3,
    Class.SYSTEM_NOTIFICATION: 1,
    Class.HTTP_STATUS: 1,
    Class.RESOURCE_USAGE: 2,
    Class.USER_ACTION: 1,
    Class.DEPRECATION_WARNING: 2,
}

MODEL_RULES = tuple(
    FieldRule(
        f"model.{kind.value.lower().replace(' ', '-')}", f"Reads like: {kind.value}", kind, score, 0.7, MODEL
    )
    for kind, score in _SCORES.items()
)
