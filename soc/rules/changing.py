"""Changes of the rules: added, replaced, taken away, put in another order. Each keeps who did it."""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from sqlmodel import Session

from soc.domain.actor import Actor
from soc.domain.rule import EVERY_CHANNEL, Rule
from soc.errors import ConfigurationError
from soc.ids import new_id
from soc.integrations.registry import KINDS
from soc.store.nouns import rules as stored

log = structlog.get_logger(__name__)


def add_rule(session: Session, rule: Rule, *, actor: Actor) -> Rule:
    """A new rule, asked last; it gets an id. Raises ConfigurationError for a channel that is none."""
    _refuse_unknown(rule.actions)
    last = max((one.position for one in stored.list_rules(session)), default=0)
    made = rule.model_copy(update={"id": new_id("rule"), "position": last + 1})
    stored.save_rule(session, made, actor=actor)
    return made


def replace_rule(session: Session, rule: Rule, *, actor: Actor) -> Rule:
    """The rule of this id is this from now on; its place stays. Raises NotFound, ConfigurationError."""
    before = stored.get_rule(session, rule.id)
    _refuse_unknown(rule.actions)
    changed = rule.model_copy(update={"position": before.position})
    stored.save_rule(session, changed, actor=actor)
    return changed


def remove_rule(session: Session, rule_id: str, *, actor: Actor) -> None:
    """Take it away; what it decided stays. Its row is gone, so the log keeps who it was. Raises NotFound."""
    stored.delete_rule(session, rule_id)
    log.info("rule_removed", rule=rule_id, actor=str(actor))


def reorder_rules(session: Session, ids: Sequence[str], *, actor: Actor) -> Sequence[Rule]:
    """Ask the rules in this order. Raises ConfigurationError unless every rule is named once."""
    rules = {rule.id: rule for rule in stored.list_rules(session)}
    if len(set(ids)) != len(ids) or set(ids) != set(rules):
        raise ConfigurationError(
            "This is not every rule, once each.", hint="List the rules, and send all of their ids."
        )
    for position, rule_id in enumerate(ids, start=1):
        moved = rules[rule_id].model_copy(update={"position": position})
        if moved != rules[rule_id]:
            stored.save_rule(session, moved, actor=actor)
    session.flush()
    return stored.list_rules(session)


def _refuse_unknown(channels: Sequence[str]) -> None:
    if not set(channels) <= {EVERY_CHANNEL, *KINDS}:
        raise ConfigurationError(
            "A channel of the rule is no integration.",
            hint=f"There are: {', '.join(KINDS)}; {EVERY_CHANNEL} is every one.",
        )
