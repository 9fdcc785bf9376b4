"""Changes of the rules: added, replaced, switched, moved, taken away. Each is kept with who did it and what it was before."""

from __future__ import annotations

import re
from collections.abc import Sequence

import structlog
from sqlmodel import Session

from soc import clock
from soc.audit.write import record
from soc.domain.actor import Actor
from soc.domain.audit import Subject, SubjectKind, differences
from soc.domain.rule import EVERY_CHANNEL, Rule
from soc.errors import ConfigurationError
from soc.ids import new_id
from soc.integrations.registry import KINDS
from soc.store.nouns.rules import rules as stored
from soc.store.trail.committed import LogOnceCommitted

log = structlog.get_logger(__name__)

LONGEST_NAME, LONGEST_CLASS = 200, 100
#: What no text of a rule may hold: it is shown on one line, in terminals too, and stored in any database.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")


#: As the audit calls them.
_ACTIONS = {
    "added": "add",
    "changed": "change",
    "switched on": "switch on",
    "switched off": "switch off",
    "taken away": "delete",
    "moved": "move",
}


def add_rule(session: Session, rule: Rule, *, actor: Actor) -> Rule:
    """A new rule, asked last; it gets an id. Raises ConfigurationError for one that cannot be."""
    clean = check_rule(rule)
    last = max((one.position for one in stored.list_rules(session)), default=0)
    made = clean.model_copy(update={"id": new_id("rule"), "position": last + 1})
    _save(session, None, made, act="added", actor=actor)
    return made


def replace_rule(session: Session, rule: Rule, *, actor: Actor) -> Rule:
    """The rule of this id is this from now on; its place stays. Raises NotFound, ConfigurationError."""
    before = stored.get_rule(session, rule.id)
    changed = check_rule(rule).model_copy(update={"position": before.position})
    _save(session, before, changed, act="changed", actor=actor)
    return changed


def switch_rule(session: Session, rule_id: str, *, enabled: bool, actor: Actor) -> Rule:
    """Switch it on or off; what it was already is no change. Raises NotFound."""
    before = stored.get_rule(session, rule_id)
    changed = before.model_copy(update={"enabled": enabled})
    _save(session, before, changed, act="switched on" if enabled else "switched off", actor=actor)
    return changed


def remove_rule(session: Session, rule_id: str, *, actor: Actor) -> None:
    """Take it away; what it decided stays, and its last wording with who took it away. Raises NotFound."""
    before = stored.get_rule(session, rule_id)
    stored.delete_rule(session, rule_id)
    _keep(session, before, None, act="taken away", actor=actor)


def move_rule(session: Session, rule_id: str, place: int, *, actor: Actor) -> Sequence[Rule]:
    """Put it at this place, counted from 1; beyond the last means last. Raises NotFound, ConfigurationError."""
    stored.get_rule(session, rule_id)
    if place < 1:
        raise ConfigurationError("Places are counted from 1.", hint="1 is asked first.")
    others = [rule.id for rule in stored.list_rules(session) if rule.id != rule_id]
    return reorder_rules(session, [*others[: place - 1], rule_id, *others[place - 1 :]], actor=actor)


def reorder_rules(session: Session, ids: Sequence[str], *, actor: Actor) -> Sequence[Rule]:
    """Ask the rules in this order. Raises ConfigurationError unless every rule is named once."""
    rules = {rule.id: rule for rule in stored.list_rules(session)}
    if len(set(ids)) != len(ids) or set(ids) != set(rules):
        raise ConfigurationError(
            "This is not every rule, once each.", hint="List the rules, and send all of their ids."
        )
    for position, rule_id in enumerate(ids, start=1):
        before = rules[rule_id]
        _save(session, before, before.model_copy(update={"position": position}), act="moved", actor=actor)
    session.flush()
    return stored.list_rules(session)


def _save(session: Session, before: Rule | None, after: Rule, *, act: str, actor: Actor) -> None:
    if before != after:
        stored.save_rule(session, after, actor=actor)
        _keep(session, before, after, act=act, actor=actor)


def _keep(session: Session, before: Rule | None, after: Rule | None, *, act: str, actor: Actor) -> None:
    rule = after or before
    assert rule is not None
    old, new = (one.model_dump(mode="json") if one is not None else {} for one in (before, after))
    was, now = differences(old, new)
    subject = Subject(SubjectKind.RULE, rule.id)
    record(session, actor, _ACTIONS[act], subject, before=was, after=now)
    stored.add_change(session, rule.id, act, before=before, after=after, actor=actor, now=clock.now())
    LogOnceCommitted(session, log).info(
        f"rule_{act.replace(' ', '_').replace('taken_away', 'removed')}", rule=rule.id, actor=str(actor)
    )


def check_rule(rule: Rule) -> Rule:
    """The rule as it is kept: its name on one line, each channel once. Raises ConfigurationError."""
    name, words = " ".join(rule.name.split()), rule.class_contains.strip()
    if not name or len(name) > LONGEST_NAME or _CONTROLS.search(name):
        raise ConfigurationError(
            "The rule's name is empty, too long, or holds a control character.",
            hint=f"A name has 1 to {LONGEST_NAME} characters on one line.",
        )
    if len(words) > LONGEST_CLASS or _CONTROLS.search(words):
        raise ConfigurationError(
            "What the class must contain is too long, or holds a control character.",
            hint=f"It has at most {LONGEST_CLASS} characters; empty means any class.",
        )
    if not set(rule.actions) <= {EVERY_CHANNEL, *KINDS}:
        raise ConfigurationError(
            "A channel of the rule is no integration.",
            hint=f"There are: {', '.join(KINDS)}; {EVERY_CHANNEL} is every one.",
        )
    return rule.model_copy(
        update={"name": name, "class_contains": words, "actions": tuple(dict.fromkeys(rule.actions))}
    )
