"""The request that creates a ticket, and the fields that a project asks for beside ours: filled in from the configuration, or
named as people see them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any, NamedTuple

from soc.errors import FailureReason, PermanentDeliveryError
from soc.integrations.vendors.jira.config import JiraConfig
from soc.integrations.vendors.jira.fields.screen import Screen, ScreenField
from soc.integrations.vendors.jira.fields.types import IssueType
from soc.integrations.vendors.jira.fields.values import Filled, filled_fields
from soc.integrations.vendors.jira.project import ProjectReader
from soc.integrations.vendors.jira.ticket import PROPERTY, SLA_PROPERTY, Draft, fields_of, sla_value

#: Every ticket has these.
_ALWAYS = frozenset({"project", "issuetype", "summary", "description", "labels", "priority", "duedate"})
_WHERE = "“Values of other fields” on the Integrations page (JIRA_FIELD_VALUES)"
_MOST_NAMED = 12


def fill(project: ProjectReader, screen: Screen, config: JiraConfig) -> Filled:
    """The configured values in Jira's form; the reporter where one is set, or asked for. Raises DeliveryError."""
    filled = filled_fields(screen, config.field_values, cloud=config.cloud, find_user=project.find_user)
    wanted = screen.known.get("reporter")
    if "reporter" in filled.fields or not (config.reporter or (wanted is not None and wanted.needed)):
        return filled
    if not screen.has("reporter"):
        return replace(filled, absent=(*filled.absent, "reporter"))
    person = project.find_user(config.reporter or "me")
    if person is None:
        words = f"names nobody that this account can see; change “Reporter” on the Integrations page: {config.reporter or 'me'}"
        return replace(filled, problems={**filled.problems, "Reporter": words})
    return replace(filled, fields={**filled.fields, "reporter": dict(person)})


def lacking(screen: Screen, filled: Filled, config: JiraConfig) -> list[ScreenField]:
    """The fields without which Jira refuses a ticket of this screen, and which nothing fills in."""
    sent = _ALWAYS | set(filled.fields) | ({"components"} if config.components else set())
    broken = {one.id for name in filled.problems for one in screen.find(name)}
    return [
        one for one in screen.known.values() if one.needed and one.id not in sent and one.id not in broken
    ]


def asked_for(one: ScreenField) -> str:
    """“Business impact” (High, Low): a field as people see it, with what it takes."""
    values = [str(row.get("value") or row.get("name") or row.get("id")) for row in one.allowed or ()]
    more = ", …" if len(values) > _MOST_NAMED else ""
    return f"“{one.name}”" + (f" ({', '.join(values[:_MOST_NAMED])}{more})" if values else "")


def how_to_fill(fields: list[ScreenField]) -> str:
    """What to do about fields that are lacking: each where its setting is."""
    ways = []
    if any(one.id == "components" for one in fields):
        ways.append("name one under Components")
    others = [one for one in fields if one.id != "components"]
    if others:
        first = others[0]
        value = next((str(row.get("value") or row.get("name")) for row in first.allowed or ()), "…")
        ways.append(f'give a value under {_WHERE}, such as {{"{first.name}": "{value}"}}')
    return "To mend it, " + ", and ".join(ways) + "; or make it optional in Jira, or give it a default there."


def refuse_unfilled(issue_type: IssueType, screen: Screen, filled: Filled, config: JiraConfig) -> None:
    """Raises PermanentDeliveryError before anything is sent, where Jira would refuse it: that is no message's own fault."""
    if filled.problems:
        said = "; ".join(f"“{name}” {words}" for name, words in filled.problems.items())
        raise PermanentDeliveryError(
            f"A configured field does not fit {issue_type.name} in project {config.project_key}: {said}.",
            reason=FailureReason.SETTINGS,
            hint=f"Change it under {_WHERE}.",
        )
    if missing := lacking(screen, filled, config):
        named = ", ".join(map(asked_for, missing))
        raise PermanentDeliveryError(
            f"Jira takes no {issue_type.name} in project {config.project_key} without {named}.",
            reason=FailureReason.SETTINGS,
            hint=how_to_fill(missing) + _mistyped(missing, filled),
        )


def _mistyped(missing: list[ScreenField], filled: Filled) -> str:
    """A value that was given under a name that is nearly a missing field's."""
    names = {one.name.casefold(): one.name for one in missing}
    near = {name: get_close_matches(name.casefold(), names, n=1, cutoff=0.7) for name in filled.absent}
    said = [
        f"There is no field “{name}”; “{names[meant[0]]}” is meant?" for name, meant in near.items() if meant
    ]
    return "".join(f" {one}" for one in said)


def spoken_refusal(
    error: PermanentDeliveryError, screen: Screen, sent: Mapping[str, Any]
) -> PermanentDeliveryError:
    """Jira's refusal with its fields as people see them.

    A refusal about a field that was not sent asks for it: whatever the message, the next one is refused as well.
    """
    named = [one for name, one in screen.known.items() if re.search(rf"\b{re.escape(name)}\b", error.detail)]
    custom = re.findall(r"\bcustomfield_\d+\b", error.detail)
    if error.status != 400 or not (named or custom):
        return error
    about = _ids_at_the_start(error.detail)
    unsent = [
        screen.known.get(name) or ScreenField(name, name)
        for name in about
        if name not in sent and name not in _ALWAYS
    ]
    asks = bool(about) and len(unsent) == len(about)
    return PermanentDeliveryError(
        _spoken(error.message, screen),
        reason=FailureReason.SETTINGS if asks else error.reason,
        hint=how_to_fill(unsent) if asks else _spoken(error.hint, screen),
        status=error.status,
        detail=_spoken(error.detail, screen),
    )


def _ids_at_the_start(detail: str) -> list[str]:
    """The fields of `id: text; id: text`, which is how Jira's `errors` are told."""
    return re.findall(r"(?:^|; )([A-Za-z][A-Za-z0-9_]*): ", detail)


def _spoken(text: str, screen: Screen) -> str:
    return re.sub(r"\bcustomfield_\d+\b", lambda found: screen.spoken(found[0]), text)


class Create(NamedTuple):
    """The body, the screen it was made for, and what had to be left out."""

    body: dict[str, Any]
    screen: Screen
    left_out: tuple[str, ...]


def create_request(project: ProjectReader, config: JiraConfig, draft: Draft, delivery_id: str) -> Create:
    """Raises PermanentDeliveryError where the project asks for what nothing fills in, DeliveryError."""
    project.web_url()  # before the ticket exists: nothing stands between its answer and writing that down
    issue_type = project.choose(security=draft.security)
    screen = project.screen(issue_type)
    filled = fill(project, screen, config)
    refuse_unfilled(issue_type, screen, filled, config)
    fields, left_out = fields_of(
        draft,
        config,
        issue_type_id=issue_type.id,
        screen=screen.fields,
        priorities=screen.names("priority"),
        components=_components(project, config, screen),
        more=filled.fields,
    )
    body: dict[str, Any] = {"fields": fields}
    if config.cloud:  # Data Center's specification wants a string there; the label is enough
        value = {"id": draft.incident_id, "delivery": delivery_id}
        body["properties"] = [{"key": PROPERTY, "value": value}]
        if draft.ends:
            told = sla_value(ends=draft.ends, due=draft.due)
            body["properties"].append({"key": SLA_PROPERTY, "value": told})
    return Create(body, screen, (*left_out, *filled.absent))


def _components(project: ProjectReader, config: JiraConfig, screen: Screen) -> frozenset[str] | None:
    """The names that the project takes; the screen does not tell everywhere."""
    if not config.components:
        return None
    return screen.names("components") or project.components()
