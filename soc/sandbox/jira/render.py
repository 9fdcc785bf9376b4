"""Issues, comments, users and vocabulary in Jira's shape, for the version and flavour that asked."""

from __future__ import annotations

from typing import Any

from soc import clock
from soc.sandbox.jira import adf, catalogue
from soc.sandbox.jira.memory import Comment, Issue
from soc.sandbox.jira.wire import Call, Json


def timestamp(moment: str) -> str:
    """`2026-01-15T10:30:00.000+0000`, as Jira writes it."""
    at = clock.parse(moment)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}+0000"


def user(call: Call, account: str | None) -> Json | None:
    """A user as Cloud (accountId) or Data Center (name, key) shows one."""
    if account is None:
        return None
    person = catalogue.USERS[account]
    shown: Json = {
        "displayName": person.display_name,
        "emailAddress": person.email,
        "active": True,
        "timeZone": "Etc/UTC",
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


def project(call: Call) -> Json:
    """The project as it appears inside an issue and in lists."""
    shown: Json = {
        "self": call.link(f"project/{catalogue.PROJECT_ID}"),
        "id": catalogue.PROJECT_ID,
        "key": catalogue.PROJECT_KEY,
        "name": catalogue.PROJECT_NAME,
        "avatarUrls": {"48x48": f"{call.site}/avatar.png"},
    }
    return shown | ({"projectTypeKey": "software", "simplified": False} if call.flavour.is_cloud else {})


def rich_text(call: Call, value: Any) -> Any:
    """ADF on version 3, a string on version 2, whichever way it was written."""
    if value is None or isinstance(value, str) != call.is_adf:
        return value
    return adf.document_of(value) if call.is_adf else adf.text_of(value)


def comment(call: Call, issue: Issue, shown: Comment) -> Json:
    author = user(call, shown.author)
    return {
        "self": call.link(f"issue/{issue.id}/comment/{shown.id}"),
        "id": shown.id,
        "author": author,
        "body": rich_text(call, shown.body),
        "updateAuthor": author,
        "created": timestamp(shown.created),
        "updated": timestamp(shown.created),
    }


def transition(call: Call, step: catalogue.Transition) -> Json:
    """A transition and the status it leads to."""
    shown: Json = {"id": step.id, "name": step.name, "to": status(call, step.to)}
    if call.flavour.is_cloud:
        shown |= {"hasScreen": False, "isGlobal": False, "isInitial": False, "isAvailable": True}
        shown |= {"isConditional": False, "looped": False}
    return shown


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
    if properties:
        everything = "*all" in properties
        kept = {key: v for key, v in shown.properties.items() if everything or key in properties}
        body["properties"] = kept if call.flavour.is_cloud else {"properties": kept}
    return body


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
        "project": project(call),
        "priority": priority(call, shown.priority),
        "labels": shown.labels,
        "components": [component(call, key) for key in shown.components],
        "description": rich_text(call, shown.description),
        "environment": rich_text(call, shown.environment),
        "created": timestamp(shown.created),
        "updated": timestamp(shown.updated),
        "duedate": shown.duedate,
        "assignee": user(call, shown.assignee),
        "reporter": user(call, shown.reporter),
        "creator": user(call, catalogue.BOT.account_id),
        "resolution": resolution,
        "resolutiondate": timestamp(shown.resolved) if shown.resolved else None,
        "comment": listed,
        **shown.custom,
    }
