"""`soc rules`: when an incident is acted upon, changed from the shell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from soc.cli.process.channels import kind_names
from soc.cli.say import give, note, open_store, refuse, result, warn
from soc.clock import isoformat
from soc.domain.actor import AT_THE_SHELL
from soc.domain.rule import EVERY_CHANNEL, Rule
from soc.rules import changing
from soc.rules.preview import Preview, preview_removal, preview_rule
from soc.rules.review import review_rules
from soc.store.db import read_session, write_session
from soc.store.nouns.rules.rules import get_rule, list_changes, list_rules


def print_rules() -> None:
    """Every rule, in the order in which they are asked, with what there is to say of it."""
    open_store()
    with read_session() as session:
        rules = list_rules(session)
    notices = review_rules(rules)
    for rule in rules:
        state = "on " if rule.enabled else "off"
        result(f"{rule.position:>3}  {state}  {rule.id:16}  {in_words(rule)}  ({rule.name})")
    for rule in rules:
        for notice in notices[rule.id]:
            (warn if notice.grave else note)(f"{rule.id}: {notice.text}")
    give({"items": [_document(rule, rules) for rule in rules]})


def in_words(rule: Rule) -> str:
    """“score ≥ 8 and class contains “Security” → jira, slack”."""
    words = f" and class contains “{rule.class_contains}”" if rule.class_contains else ""
    told = "every channel" if EVERY_CHANNEL in rule.actions else ", ".join(rule.actions) or "nobody"
    return f"score ≥ {rule.min_score}{words} → {told}"


def add(name: str, score: int, words: str, tell: Sequence[str]) -> None:
    open_store()
    rule = Rule(
        id="new",
        name=name,
        min_score=score,
        class_contains=words,
        actions=_channels(tell) or (EVERY_CHANNEL,),
    )
    with write_session() as session:
        made = changing.add_rule(session, rule, actor=AT_THE_SHELL)
    _tell(made, "Added")


def change(
    rule_id: str, *, name: str | None, score: int | None, words: str | None, tell: Sequence[str] | None
) -> None:
    """Change what was said of it; all else stays."""
    open_store()
    with write_session() as session:
        changed = changing.replace_rule(
            session, _changed(get_rule(session, rule_id), name, score, words, tell), actor=AT_THE_SHELL
        )
    _tell(changed, "Changed")


def switch(rule_id: str, *, enabled: bool) -> None:
    open_store()
    with write_session() as session:
        rule = changing.switch_rule(session, rule_id, enabled=enabled, actor=AT_THE_SHELL)
    _tell(rule, "Switched on" if enabled else "Switched off")


def move(rule_id: str, place: int) -> None:
    open_store()
    with write_session() as session:
        changing.move_rule(session, rule_id, place, actor=AT_THE_SHELL)
    print_rules()


def delete(rule_id: str) -> None:
    open_store()
    with write_session() as session:
        changing.remove_rule(session, rule_id, actor=AT_THE_SHELL)
    result(f"{rule_id} is taken away. What it decided stays.")
    give({"id": rule_id, "deleted": True})


def preview(
    rule_id: str,
    *,
    score: int | None,
    words: str | None,
    tell: Sequence[str] | None,
    last: int,
    without: bool,
) -> None:
    """What a new rule, a changed one, or one taken away would have meant. Nothing is changed."""
    open_store()
    with read_session() as session:
        if rule_id:
            rule = _changed(get_rule(session, rule_id), None, score, words, tell)
        elif score is None:
            refuse("Nothing to try.", hint="Name a rule, or say --score for a new one.")
        else:
            rule = Rule(
                id="new",
                name="new",
                min_score=score,
                class_contains=words or "",
                actions=_channels(tell) or (EVERY_CHANNEL,),
            )
        changing.check_rule(rule)
        found = (
            preview_removal(session, rule, last=last) if without else preview_rule(session, rule, last=last)
        )
    result(f"{in_words(rule)}" + (" taken away" if without else ""))
    _tell_preview(found)


def _tell_preview(found: Preview) -> None:
    result(found.sentence)
    for one in found.channels:
        if one.today != one.then:
            result(f"  {one.channel}: {one.today:,} told of as the rules are, {one.then:,} then")
    for incident_id, title in found.examples:
        result(f"  {incident_id}  {title}")
    for notice in found.notices:
        (warn if notice.grave else note)(notice.text)
    give(
        {
            "sentence": found.sentence, "incidents": found.incidents, "matched": found.matched,
            "eligible_today": found.eligible_today, "eligible_then": found.eligible_then, "tickets": found.tickets,
            "channels": [{"channel": one.channel, "today": one.today, "then": one.then} for one in found.channels],
            "examples": [one for one, _ in found.examples],
            "notices": [{"text": one.text, "grave": one.grave} for one in found.notices],
        }
    )  # fmt: skip


def print_changes(rule_id: str, *, limit: int) -> None:
    """Who did what to the rules, newest first."""
    open_store()
    with read_session() as session:
        rows = list_changes(session, rule_id=rule_id, limit=limit)
    for row in rows:
        result(f"{isoformat(row.created_at)}  {row.act:12}  {row.rule_id:16}  {row.made_by}")
    if not rows:
        result("Nobody has changed the rules.")
    give(
        {
            "items": [
                {"rule_id": row.rule_id, "act": row.act, "before": row.before, "after": row.after,
                 "created_at": isoformat(row.created_at), "made_by": row.made_by}
                for row in rows
            ]
        }
    )  # fmt: skip


def _changed(
    rule: Rule, name: str | None, score: int | None, words: str | None, tell: Sequence[str] | None
) -> Rule:
    said = {
        "name": name,
        "min_score": score,
        "class_contains": words,
        "actions": _channels(tell) if tell else None,
    }
    return rule.model_copy(update={field: value for field, value in said.items() if value is not None})


def _channels(tell: Sequence[str] | None) -> tuple[str, ...]:
    known = kind_names()
    if wrong := [one for one in tell or () if one not in (*known, "all", EVERY_CHANNEL)]:
        refuse(f"“{wrong[0]}” is no channel.", hint=f"There are: all, {', '.join(known)}.")
    return tuple(EVERY_CHANNEL if one == "all" else one for one in tell or ())


def _tell(rule: Rule, did: str) -> None:
    with read_session() as session:
        rules = list_rules(session)
    result(f"{did}: {rule.id} ({rule.name}): {in_words(rule)}")
    for notice in review_rules(rules)[rule.id]:
        (warn if notice.grave else note)(notice.text)
    give(_document(rule, rules))


def _document(rule: Rule, rules: Sequence[Rule]) -> dict[str, Any]:
    notices = [{"text": one.text, "grave": one.grave} for one in review_rules(rules)[rule.id]]
    return {**rule.model_dump(mode="json"), "notices": notices}
