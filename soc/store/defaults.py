"""What a new database begins with: the setup guide's three triggers and its SLA thresholds."""

from __future__ import annotations

from soc.domain.actor import Actor
from soc.domain.rule import GUIDE_RULES
from soc.domain.severity import Priority
from soc.domain.sla import GUIDE_THRESHOLDS
from soc.domain.sla.policy import DEFAULT_POLICY, GUIDE_POLICY
from soc.store.db import insert_ignoring, write_session
from soc.store.nouns.installation.notes import NoteRow
from soc.store.nouns.rules.rules import RuleRow
from soc.store.nouns.sla.policies import SlaPolicyRow
from soc.store.nouns.sla.sla_policies import SlaPolicyInForceRow, put_version
from soc.store.trail.chain import begin_chain

_SELF = Actor.system("defaults")
_DESCRIPTIONS = {
    Priority.HIGHEST: "Critical security incidents",
    Priority.HIGH: "Major system issues",
    Priority.MEDIUM: "Standard incidents",
    Priority.LOW: "Minor issues",
    Priority.LOWEST: "Informational items",
}


def add_defaults() -> None:
    """Put the defaults in once; what somebody deleted or changed later stays as they left it."""
    with write_session() as session:
        begin_chain(session)
        if session.get(NoteRow, "defaults") is not None:
            return
        session.add(NoteRow(name="defaults", value={"rules": len(GUIDE_RULES)}))
        insert_ignoring(
            session,
            RuleRow,
            [{**rule.model_dump(mode="json"), "changed_by": str(_SELF)} for rule in GUIDE_RULES],
        )
        insert_ignoring(
            session,
            SlaPolicyRow,
            [
                {
                    "priority": priority.value,
                    "position": position,
                    "minutes": int(length.total_seconds() // 60),
                    "description": _DESCRIPTIONS[priority],
                    "changed_by": str(_SELF),
                }
                for position, (priority, length) in enumerate(GUIDE_THRESHOLDS.items())
            ],
        )
        if session.get(SlaPolicyInForceRow, DEFAULT_POLICY) is None:
            put_version(session, GUIDE_POLICY, actor=_SELF)
