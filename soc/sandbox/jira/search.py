"""Searching the practice Jira: Cloud's paged, lagging, bounded search and Data Center's classic one."""

from __future__ import annotations

import base64
import binascii
from typing import Any
from zoneinfo import ZoneInfo

from starlette.responses import JSONResponse, Response

from soc.sandbox.jira import render
from soc.sandbox.jira.memory import Issue, JiraMemory
from soc.sandbox.jira.query import jql
from soc.sandbox.jira.query.jql_fields import JqlError
from soc.sandbox.jira.wire import Call, JiraError, Json, comma_separated, whole_number

UNBOUNDED = "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
REMOVED = (
    "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full migration"
    " guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046"
)
SEARCH_KEYS = frozenset(
    [
        "expand",
        "failFast",
        "fields",
        "fieldsByKeys",
        "jql",
        "maxResults",
        "nextPageToken",
        "properties",
        "reconcileIssues",
    ]
)


class Search:
    """The search endpoints of both flavours."""

    def __init__(self, state: JiraMemory) -> None:
        self._state = state

    async def removed(self, call: Call) -> Response:
        """Cloud's old search: gone."""
        raise JiraError(410, REMOVED)

    async def enhanced(self, call: Call) -> Response:
        """Cloud `search/jql`: bounded JQL, `nextPageToken`, no total, ids only unless fields are named.

        An issue is found only `search_lag` seconds after its creation, or at once when `reconcileIssues`
        names its id.
        """
        asked = await _arguments(call)
        if unknown := set(asked) - SEARCH_KEYS:
            raise JiraError(400, f"Invalid request payload: unrecognized field '{min(unknown)}'.")
        query = _parse(call, asked)
        if query.test is None:
            raise JiraError(400, UNBOUNDED)
        fields = comma_separated(asked.get("fields")) or ["id"]
        most = 5000 if set(fields) <= {"id", "key"} else 100
        size = min(whole_number(asked.get("maxResults") or 50, "maxResults"), most) or 50
        start, newest = _read_token(asked.get("nextPageToken"))
        found = [i for i in query.search(self._visible(asked)) if newest is None or int(i.id) <= newest]
        if newest is None:
            newest = max((int(issue.id) for issue in found), default=0)
        page, is_last = found[start : start + size], start + size >= len(found)
        body: Json = {"issues": [_shown(call, issue, fields, asked) for issue in page], "isLast": is_last}
        if not is_last:
            body["nextPageToken"] = _token(start + size, newest)
        return JSONResponse(body)

    async def count(self, call: Call) -> Response:
        """Cloud `search/approximate-count`."""
        query = _parse(call, await call.body())
        if query.test is None:
            raise JiraError(400, UNBOUNDED)
        return JSONResponse({"count": len(query.search(self._visible({})))})

    async def classic(self, call: Call) -> Response:
        """Data Center `search`: `startAt`, `total`, every navigable field unless some are named."""
        asked = await _arguments(call)
        found = _parse(call, asked).search(self._visible({}))
        start = whole_number(asked.get("startAt") or 0, "startAt")
        size = min(whole_number(asked.get("maxResults", 50), "maxResults"), 1000)
        fields = comma_separated(asked.get("fields")) or ["*navigable"]
        shown = [render.issue(call, issue, fields) for issue in found[start : start + size]]
        paging = {"startAt": start, "maxResults": size, "total": len(found)}
        return JSONResponse({"expand": "schema,names", **paging, "issues": shown})

    def _visible(self, asked: Json) -> list[Issue]:
        now = self._state.moment()
        value = asked.get("reconcileIssues") or []
        reconciled = {str(item) for item in (value if isinstance(value, list) else comma_separated(value))}
        if len(reconciled) > 50:
            raise JiraError(400, "No more than 50 issues can be reconciled at once.")
        if self._state.no_permission:
            return []
        with self._state.lock:
            known = {issue.id: issue for issue in self._state.indexed(now)}
            fresh = {issue.id: issue for issue in self._state.issues.values() if issue.id in reconciled}
        return [i for i in {**known, **fresh}.values() if not (i.hidden or i.archived)]


async def _arguments(call: Call) -> Json:
    if call.request.method == "POST":
        return await call.body()
    query = call.request.query_params
    return {key: ",".join(query.getlist(key)) if key != "jql" else query[key] for key in query}


def _parse(call: Call, asked: Json) -> jql.Query:
    text = asked.get("jql") or ""
    if not isinstance(text, str):
        raise JiraError(400, "The 'jql' must be a string.")
    try:
        return jql.parse(text, call.memory.moment().astimezone(ZoneInfo(call.zone)))
    except JqlError as error:
        raise JiraError(400, str(error)) from error


def _shown(call: Call, issue: Issue, fields: list[str], asked: Json) -> Json:
    if fields == ["id"]:
        return {"id": issue.id}
    properties = comma_separated(asked.get("properties"))
    shown = render.issue(
        call, issue, [name for name in fields if name not in ("id", "key")] or ["-"], properties
    )
    if set(fields) <= {"id", "key"}:
        return {"id": shown["id"], "key": shown["key"], "self": shown["self"]}
    return shown


def _token(start: int, newest: int) -> str:
    return base64.urlsafe_b64encode(f"{start}:{newest}".encode()).decode()


def _read_token(token: Any) -> tuple[int, int | None]:
    """Where the page starts, and the newest issue that was there when the first page was read."""
    if not token:
        return 0, None
    try:
        start, newest = base64.urlsafe_b64decode(str(token)).decode().split(":")
        return int(start), int(newest)
    except (ValueError, binascii.Error) as error:
        raise JiraError(400, "The provided next page token is invalid or expired.") from error
