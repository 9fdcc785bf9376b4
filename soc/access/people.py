"""Adds people and teams to the roster, changes them and takes them out. Each is an entry of the audit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from soc.audit.write import record
from soc.domain.actor import Actor
from soc.domain.audit import Subject, SubjectKind, differences
from soc.domain.people import clean_email, clean_role, clean_zone, one_line
from soc.errors import ConfigurationError
from soc.ids import new_id
from soc.store.nouns.people import people as stored
from soc.store.nouns.people.people import PersonRow
from soc.store.nouns.people.teams import TeamRow, find_team, get_team

#: What may be said of a person, in the order in which it is shown.
FIELDS = ("name", "email", "role", "team_id", "zone", "jira_account", "slack_id", "active")


def add_person(session: Session, given: Mapping[str, Any], *, actor: Actor, now: datetime) -> PersonRow:
    """A person with these FIELDS; only the name must be there. Raises ConfigurationError, NotFound (no such team)."""
    values = _checked(session, {"name": "", "role": "analyst", "zone": "", "active": True, **given}, "")
    row = PersonRow(id=new_id("per"), created_at=now, made_by=str(actor), **values)
    session.add(row)
    record(session, actor, "add", Subject(SubjectKind.PERSON, row.id), after=_told(row))
    return row


def change_person(
    session: Session, person_id: str, given: Mapping[str, Any], *, actor: Actor, now: datetime
) -> PersonRow:
    """Set the FIELDS that are given; what is the same changes nothing. Raises ConfigurationError, NotFound."""
    row = stored.get_person(session, person_id)
    before = _told(row)
    for name, value in _checked(session, given, person_id).items():
        setattr(row, name, value)
    old, new = differences(before, _told(row))
    if old or new:
        row.changed_at, row.changed_by = now, str(actor)
        session.add(row)
        action = {True: "activate", False: "deactivate"}[row.active] if set(new) == {"active"} else "change"
        record(session, actor, action, Subject(SubjectKind.PERSON, person_id), before=old, after=new)
    return row


def add_team(session: Session, name: str, *, actor: Actor, now: datetime) -> TeamRow:
    """Raises ConfigurationError where the name is empty or taken."""
    row = TeamRow(id=new_id("team"), name=_free(session, name, ""), created_at=now, made_by=str(actor))
    session.add(row)
    session.flush()  # so that people of this transaction can point to it
    record(session, actor, "add", Subject(SubjectKind.TEAM, row.id), after={"name": row.name})
    return row


def change_team(
    session: Session, team_id: str, *, name: str | None = None, active: bool | None = None, actor: Actor
) -> TeamRow:
    """Rename it, or say whether it is still there. Raises ConfigurationError, NotFound."""
    row = get_team(session, team_id)
    before = {"name": row.name, "active": row.active}
    row.name = row.name if name is None else _free(session, name, team_id)
    row.active = row.active if active is None else active
    old, new = differences(before, {"name": row.name, "active": row.active})
    if new:
        row.changed_by = str(actor)
        session.add(row)
        record(session, actor, "change", Subject(SubjectKind.TEAM, team_id), before=old, after=new)
    return row


def _told(row: PersonRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in FIELDS}


def _checked(session: Session, given: Mapping[str, Any], person_id: str) -> dict[str, Any]:
    """The given fields as they are stored."""
    if unknown := sorted(set(given) - set(FIELDS)):
        raise ConfigurationError(
            f"A person has no {', '.join(unknown)}.", hint=f"There are: {', '.join(FIELDS)}."
        )
    values = dict(given)
    if "name" in values:
        values["name"] = one_line(str(values["name"]), "name", needed=True)
    if "email" in values:
        values["email"] = clean_email(str(values["email"]))
    if "role" in values:
        values["role"] = clean_role(str(values["role"])).value
    if "zone" in values:
        values["zone"] = clean_zone(str(values["zone"]))
    if "team_id" in values:
        values["team_id"] = _team(session, str(values["team_id"] or ""))
    for name, what in (("jira_account", "Jira account"), ("slack_id", "Slack id")):
        if name in values:
            values[name] = one_line(str(values[name]), what)
    for name, find in _ALONE.items():
        other = find(session, values.get(name, ""))
        if other is not None and other.id != person_id:
            raise ConfigurationError(
                f"{other.name} has that {_WORDS[name]} already.", hint=f"Take it from {other.id} first."
            )
    return values


_ALONE = {
    "email": stored.find_by_email,
    "jira_account": stored.find_by_jira_account,
    "slack_id": stored.find_by_slack_id,
}
_WORDS = {"email": "e-mail address", "jira_account": "Jira account", "slack_id": "Slack id"}


def _team(session: Session, given: str) -> str | None:
    """By id or by name; None for none."""
    if not given.strip():
        return None
    found = find_team(session, given)
    return get_team(session, given.strip()).id if found is None else found.id


def _free(session: Session, name: str, team_id: str) -> str:
    clean = one_line(name, "team's name", needed=True)
    other = find_team(session, clean)
    if other is not None and other.id != team_id:
        raise ConfigurationError(f"There is a team {other.name} already.", hint="Choose another name.")
    return clean
