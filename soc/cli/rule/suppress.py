"""`soc suppress`: what nobody is told of for a while, from the shell."""

from __future__ import annotations

from datetime import datetime, timedelta

from soc import clock
from soc.cli.duty.rostering import person_of
from soc.cli.say import give, open_store, result
from soc.domain.actor import AT_THE_SHELL
from soc.domain.rule import HidingKind, Suppression
from soc.errors import ConfigurationError
from soc.rules import suppressing
from soc.store.db import read_session, write_session
from soc.store.nouns.rules.suppressions import list_hiding, to_suppression


def print_suppressions() -> None:
    """The next to end first."""
    open_store()
    now = clock.now()
    with read_session() as session:
        known = list_hiding(session, since=now - timedelta(days=31))
    for one in known:
        state = "over" if one.ends_at <= now else "to come" if one.starts_at > now else "in force"
        result(
            f"{one.id}  {state:8}  {one.kind:11}  until {one.ends_at:%Y-%m-%d %H:%M}Z  {in_words(one)}  {one.reason}"
        )
    if not known:
        result("Nothing is hidden.")
    give({"items": [one.model_dump(mode="json") for one in known]})


def in_words(one: Suppression) -> str:
    """“host or address db-*, class contains Error”."""
    parts = (
        ("host or address", one.entity), ("source", one.source), ("signature", one.signature),
        ("class contains", one.class_contains),
    )  # fmt: skip
    return ", ".join(f"{name} {value}" for name, value in parts if value)


def add_one(
    reason: str,
    *,
    owner: str,
    hours: float,
    since: str,
    entity: str,
    source: str,
    signature: str,
    words: str,
    maintenance: bool,
    preview: bool,
) -> None:
    """Raises ConfigurationError, NotFound."""
    open_store()
    begin = _moment(since)
    wanted = Suppression(
        id="new", kind=HidingKind.MAINTENANCE if maintenance else HidingKind.SUPPRESSION, reason=reason,
        owner=owner, starts_at=begin, ends_at=begin + timedelta(hours=hours), entity=entity, source=source,
        signature=signature, class_contains=words,
    )  # fmt: skip
    with read_session() as session:
        wanted = wanted.model_copy(update={"owner": person_of(session, owner)})
    if preview:
        with read_session() as session:
            found = suppressing.preview_suppression(session, wanted)
        result(found.sentence)
        for incident_id, title in found.examples:
            result(f"  {incident_id}  {title}")
        give({"looked": found.looked, "hidden": found.hidden, "told": found.told, "sentence": found.sentence})
        return
    with write_session() as session:
        made = to_suppression(suppressing.add_suppression(session, wanted, actor=AT_THE_SHELL))
    result(f"{made.id}  hides {in_words(made)} until {made.ends_at:%Y-%m-%d %H:%M} UTC")
    give(made.model_dump(mode="json"))


def end_one(suppression_id: str) -> None:
    open_store()
    with write_session() as session:
        ended = to_suppression(suppressing.end_suppression(session, suppression_id, actor=AT_THE_SHELL))
    result(f"{ended.id}  ended at {ended.ends_at:%Y-%m-%d %H:%M} UTC")
    give(ended.model_dump(mode="json"))


def _moment(text: str) -> datetime:
    try:
        return clock.parse(text) if text else clock.now()
    except ValueError:
        raise ConfigurationError("That is no moment.", hint="Write it as 2026-01-14T22:00:00Z.") from None
