"""Issues, comments, users and vocabulary in Jira's shape, for the version and flavour that asked."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from soc import clock
from soc.sandbox.jira import adf, catalogue
from soc.sandbox.jira.memory import Comment, Issue
from soc.sandbox.jira.wire import Call, Json


def timestamp(call: Call, moment: str) -> str:
    """`2026-01-15T10:30:00.000+0000`, as Jira writes it: in the zone of the account."""
    at = clock.parse(moment).astimezone(ZoneInfo(call.zone))
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}{at:%z}"


def user(call: Call, account: str | None) -> Json | None:
    """A user as Cloud (accountId) or Data Center (name, key) shows one."""
    if account is None:
        return None
    person = catalogue.USERS[account]
    shown: Json = {
        "displayName": person.display_name,
        "emailAddress": person.email,
        "active": True,
        "timeZone": call.zone,
        "avatarUrls": {"48x48": f"{call.site}/avatar.png"},
    }
    if call.flavour.is_cloud:
        link = call.link(f"user?accountId={person.account_id}")
        return {"self": link, "accountId": person.account_id, "accountType": "atlassian", **shown}
    return {
        "self": call.link(f"user?username={person.name}"),
        "name": person.name,
        "key": person.key,
        **shown,
    }


def status(call: Call, key: str) -> Json:
    """A status with its category."""
    known = catalogue.STATUSES[key]
    return {
        "self": call.link(f"status/{key}"),
        "id": key,
        "name": known.name,
        "description": "",
        "iconUrl": call.site,
        "statusCategory": category(call, known.category),
    }


def category(call: Call, known: catalogue.StatusCategory) -> Json:
    return {
        "self": call.link(f"statuscategory/{known.id}"),
        "id": known.id,
        "key": known.key,
        "colorName": known.colour,
        "name": known.name,
    }


def issue_type(call: Call, key: str) -> Json:
    shown: Json = {
        "self": call.link(f"issuetype/{key}"),
        "id": key,
        "name": catalogue.EVERY_TYPE[key],
        "description": "",
        "iconUrl": call.site,
        "subtask": key == catalogue.SUBTASK,
    }
    return shown | ({"hierarchyLevel": catalogue.LEVELS.get(key, 0)} if call.flavour.is_cloud else {})


def priority(call: Call, key: str) -> Json:
    return {
        "self": call.link(f"priority/{key}"),
        "id": key,
        "name": catalogue.PRIORITIES[key],
        "description": "",
        "iconUrl": call.site,
        "statusColor": catalogue.PRIORITY_COLOURS[key],
    }


def component(call: Call, key: str) -> Json:
    return {"self": call.link(f"component/{key}"), "id": key, "name": catalogue.COMPONENTS[key]}


def project(call: Call, number: str = catalogue.PROJECT_ID, *, desk: bool = False) -> Json:
    """The project as it appears inside an issue and in lists."""
    kind = "service_desk" if desk else "software"
    return {
        "self": call.link(f"project/{number}"),
        "id": number,
        "key": catalogue.PROJECT_KEYS[number],
        "name": catalogue.PROJECT_NAMES[number],
        "avatarUrls": {"48x48": f"{call.site}/avatar.png"},
        "projectTypeKey": kind,
        **({"simplified": False} if call.flavour.is_cloud else {}),
    }


def rich_text(call: Call, value: Any) -> Any:
    """ADF on version 3, a string on version 2, whichever way it was written."""
    if value is None or isinstance(value, str) != call.is_adf:
        return value
    return adf.document_of(value) if call.is_adf else adf.text_of(value)


def comment(call: Call, issue: Issue, shown: Comment, *, properties: bool = False) -> Json:
    """`properties`: with its entity properties, as `expand=properties` asks."""
    body: Json = {
        "self": call.link(f"issue/{issue.id}/comment/{shown.id}"),
        "id": shown.id,
        "author": user(call, shown.author),
        "body": rich_text(call, shown.body),
        "updateAuthor": user(call, shown.update_author or shown.author),
        "created": timestamp(call, shown.created),
        "updated": timestamp(call, shown.updated or shown.created),
    }
    if shown.visibility:
        body["visibility"] = shown.visibility
    if properties:
        body["properties"] = [{"key": key, "value": value} for key, value in shown.properties.items()]
    return body


def entry(call: Call, kept: Json) -> Json:
    """One entry of an issue's history."""
    shown: Json = {
        "id": kept["id"],
        "author": user(call, kept["author"]),
        "created": timestamp(call, kept["created"]),
        "items": kept["items"],
    }
    return shown | ({"historyMetadata": kept["mark"]} if kept.get("mark") else {})


def changelog(call: Call, shown: Issue) -> Json:
    """As `expand=changelog` gives it: Cloud the newest 40 first, Data Center all, the oldest first."""
    every = [entry(call, one) for one in shown.history]
    listed = every[::-1][:40] if call.flavour.is_cloud else every
    return {"startAt": 0, "maxResults": len(listed), "total": len(every), "histories": listed}


def transition(call: Call, step: catalogue.Transition, *, closing_field: str = "") -> Json:
    """A transition, the status it leads to, and (`expand=transitions.fields`) what its screen asks for."""
    shown: Json = {"id": step.id, "name": step.name, "to": status(call, step.to)}
    if call.flavour.is_cloud:
        shown |= {"hasScreen": False, "isGlobal": False, "isInitial": False, "isAvailable": True}
        shown |= {"isConditional": False, "looped": False}
    if "transitions.fields" in call.query("expand"):
        shown["fields"] = screen(step, closing_field)
    return shown


def screen(step: catalogue.Transition, closing_field: str) -> Json:
    """The fields of a transition's screen."""
    if not step.ends:
        return {}
    allowed = [{"id": key, "name": name} for key, name in catalogue.RESOLUTIONS.items()]
    fields: Json = {
        "resolution": {
            "required": True, "name": "Resolution", "fieldId": "resolution", "operations": ["set"],
            "schema": {"type": "resolution", "system": "resolution"}, "hasDefaultValue": False, "allowedValues": allowed,
        }
    }  # fmt: skip
    if closing_field:
        fields["customfield_10200"] = {
            "required": True, "name": closing_field, "fieldId": "customfield_10200", "operations": ["set"],
            "schema": {"type": "string"}, "hasDefaultValue": False,
        }  # fmt: skip
    return fields


def issue(call: Call, shown: Issue, fields: list[str], properties: list[str] | None = None) -> Json:
    """An issue with the fields asked for (`*all`, `*navigable`, names, `-name`); [] means all of them."""
    every = _all_fields(call, shown)
    wanted = {name for name in fields if not name.startswith(("-", "*"))}
    if not wanted or any(name.startswith("*") for name in fields):
        wanted |= set(every)
    if "*navigable" in fields:
        wanted -= {"comment"}
    wanted -= {name[1:] for name in fields if name.startswith("-")}
    body: Json = {
        "expand": "renderedFields,names,schema,operations,editmeta,changelog",
        "id": shown.id,
        "self": call.link(f"issue/{shown.id}"),
        "key": shown.key,
        "fields": {name: value for name, value in every.items() if name in wanted},
    }
    if "changelog" in call.query("expand"):
        body["changelog"] = changelog(call, shown)
    if properties:
        everything = "*all" in properties
        kept = {key: v for key, v in shown.properties.items() if everything or key in properties}
        body["properties"] = kept if call.flavour.is_cloud else {"properties": kept}
    return body


def watches(call: Call, shown: Issue) -> Json:
    """How many people watch an issue."""
    link, account = call.link(f"issue/{shown.key}/watchers"), call.account
    return {"self": link, "watchCount": len(shown.watchers), "isWatching": account in shown.watchers}


def _all_fields(call: Call, shown: Issue) -> Json:
    resolution = shown.resolution and {
        "self": call.link(f"resolution/{shown.resolution}"),
        "id": shown.resolution,
        "name": catalogue.RESOLUTIONS[shown.resolution],
        "description": "",
    }
    comments = [comment(call, shown, one) for one in shown.comments]
    listed = {"comments": comments, "maxResults": len(comments), "total": len(comments), "startAt": 0}
    return {
        "summary": shown.summary,
        "status": status(call, shown.status),
        "issuetype": issue_type(call, shown.issue_type),
        "project": project(call, shown.project),
        "attachment": [{"id": str(n), "filename": name} for n, name in enumerate(shown.attachments, 10000)],
        "archiveddate": timestamp(call, shown.archived) if shown.archived else None,
        "priority": priority(call, shown.priority),
        "labels": shown.labels,
        "components": [component(call, key) for key in shown.components],
        "description": rich_text(call, shown.description),
        "environment": rich_text(call, shown.environment),
        "created": timestamp(call, shown.created),
        "updated": timestamp(call, shown.updated),
        "duedate": shown.duedate,
        "assignee": user(call, shown.assignee),
        "reporter": user(call, shown.reporter),
        "creator": user(call, catalogue.BOT.account_id),
        "resolution": resolution,
        "resolutiondate": timestamp(call, shown.resolved) if shown.resolved else None,
        "watches": watches(call, shown),
        "comment": listed,
        **shown.custom,
    }
