"""Creating, reading and changing practice issues, with their comments, transitions and properties."""

from __future__ import annotations

import copy
from typing import Any

from starlette.responses import JSONResponse, Response

from soc.sandbox.jira import catalogue, render
from soc.sandbox.jira.fields import FieldError, FieldReader
from soc.sandbox.jira.life import acts
from soc.sandbox.jira.life.hooks import tell
from soc.sandbox.jira.memory import Comment, Issue, JiraMemory
from soc.sandbox.jira.wire import Call, JiraError, Json, comma_separated

MISSING = "Issue does not exist or you do not have permission to see it."
PAYLOAD_KEYS = frozenset({"fields", "update", "properties", "transition", "historyMetadata"})


class Issues:
    """The issue endpoints, the same for both flavours but for the shapes."""

    def __init__(self, state: JiraMemory) -> None:
        self._state = state

    async def create(self, call: Call) -> Response:
        issue = self._create(call, await call.body())
        return JSONResponse(_created(call, issue), 201)

    async def create_many(self, call: Call) -> Response:
        """Up to 50 at once; the good ones are created even when others are refused."""
        updates = (await call.body()).get("issueUpdates")
        if not isinstance(updates, list) or not updates:
            raise JiraError(400, "At least one issue must be given in 'issueUpdates'.")
        if len(updates) > 50:
            raise JiraError(400, "The maximum number of issues that can be created at once is 50.")
        created: list[Json] = []
        refused: list[Json] = []
        for number, update in enumerate(updates):
            try:
                created.append(_created(call, self._create(call, update)))
            except JiraError as error:
                body = {**error.body, "status": error.status}
                refused.append({"status": 400, "elementErrors": body, "failedElementNumber": number})
        return JSONResponse({"issues": created, "errors": refused}, 201 if created else 400)

    async def read(self, call: Call) -> Response:
        fields, properties = comma_separated(call.query("fields")), comma_separated(call.query("properties"))
        issue = self._find(call)
        return JSONResponse(render.issue(call, issue, fields, properties))

    async def history(self, call: Call) -> Response:
        """Cloud's paged changelog, the oldest entry first."""
        issue = self._find(call)
        start, size = call.number("startAt", 0), min(call.number("maxResults", 100), 100)
        page = [render.entry(call, one) for one in issue.history[start : start + size]]
        last = start + size >= len(issue.history)
        paging = {"self": call.link(f"issue/{issue.id}/changelog"), "startAt": start, "maxResults": size}
        return JSONResponse({**paging, "total": len(issue.history), "isLast": last, "values": page})

    async def delete(self, call: Call) -> Response:
        acts.delete(self._state, self._find(call).key, author=call.account)
        return Response(status_code=204)

    async def archive(self, call: Call) -> Response:
        """Cloud takes a list of issues, Data Center one by its path."""
        if not call.flavour.is_cloud:
            acts.archive(self._state, self._find(call).key)
            return Response(status_code=204)
        names = (await call.body()).get("issueIdsOrKeys") or []
        kept = [issue for name in names if (issue := self._state.find_issue(str(name))) is not None]
        for issue in kept:
            acts.archive(self._state, issue.key)
        return JSONResponse({"numberOfIssuesUpdated": len(kept), "errors": {}})

    async def edit(self, call: Call) -> Response:
        body = await call.body()
        issue = self._find_to_change(call)
        reader = self._reader(call)
        _read_payload(body)
        fields, update = body.get("fields") or {}, body.get("update") or {}
        if errors := reader.errors_of(fields) | reader.errors_of_operations(update, issue):
            raise JiraError(400, errors=errors)
        reader.write(issue, fields)
        reader.operate(issue, update)
        self._add_comments(call, issue, update)
        issue.properties.update(_properties(body))
        self._save(call, issue, body)
        if call.query("returnIssue") == "true" and call.flavour.is_cloud:
            return JSONResponse(render.issue(call, issue, []))
        return Response(status_code=204)

    async def comments(self, call: Call) -> Response:
        issue = self._find(call)
        start, size = call.number("startAt", 0), call.number("maxResults", 5000)
        ordered = issue.comments[::-1] if call.query("orderBy") == "-created" else issue.comments
        more = "properties" in call.query("expand")
        page = [render.comment(call, issue, one, properties=more) for one in ordered[start : start + size]]
        paging = {"startAt": start, "maxResults": size, "total": len(issue.comments)}
        return JSONResponse({**paging, "comments": page})

    async def add_comment(self, call: Call) -> Response:
        body = await call.body()
        issue = self._find_to_change(call)
        comment = self._new_comment(call, body.get("body"))
        comment.properties, comment.visibility = _properties(body), body.get("visibility")
        issue.comments.append(comment)
        self._save(call, issue, {}, event="comment_created")
        return JSONResponse(render.comment(call, issue, comment), 201)

    async def comment(self, call: Call) -> Response:
        """Read, change or delete one comment."""
        number, method = call.request.path_params["comment"], call.request.method
        body = await call.body() if method == "PUT" else {}
        issue = self._find_to_change(call) if method != "GET" else copy.deepcopy(self._find(call))
        found = next((one for one in issue.comments if one.id == number), None)
        if found is None:
            raise JiraError(404, f"Can not find a comment for the id: {number}.")
        if method == "GET":
            more = "properties" in call.query("expand")
            return JSONResponse(render.comment(call, issue, found, properties=more))
        if method == "DELETE":
            issue.comments.remove(found)
            self._save(call, issue, {}, event="comment_deleted")
            return Response(status_code=204)
        found.body = self._new_comment(call, body.get("body")).body
        found.updated, found.update_author = self._state.now(), call.account
        found.properties.update(_properties(body))
        self._save(call, issue, {}, event="comment_updated")
        return JSONResponse(render.comment(call, issue, found))

    async def transitions(self, call: Call) -> Response:
        steps = self._offered(self._find(call))
        if wanted := call.query("transitionId"):
            steps = [step for step in steps if step.id == wanted]
        closing = self._state.closing_field
        shown = [render.transition(call, step, closing_field=closing) for step in steps]
        return JSONResponse({"expand": "transitions", "transitions": shown})

    async def transition(self, call: Call) -> Response:
        body = await call.body()
        issue = self._find_to_change(call)
        wanted = (body.get("transition") or {}).get("id")
        if wanted is None:
            raise JiraError(400, "Missing 'transition' identifier")
        step = next((step for step in self._offered(issue) if step.id == str(wanted)), None)
        if step is None:
            raise JiraError(
                400,
                f"It seems that you have tried to perform a workflow operation (transition {wanted}) that is not"
                f" valid for the current state of this issue ({issue.key}). The likely cause is that somebody has"
                " changed the issue recently, please look at the issue history for details.",
            )
        given = body.get("fields") or {}
        closing = render.screen(step, self._state.closing_field)
        fields = {k: v for k, v in given.items() if k not in closing and k != "resolution"}
        if errors := self._reader(call).errors_of(fields) | _unfilled(closing, given):
            raise JiraError(400, errors=errors)
        self._reader(call).write(issue, fields)
        move(
            issue,
            step,
            self._state.now(),
            resolution=catalogue.find(catalogue.RESOLUTIONS, given.get("resolution")),
        )
        self._add_comments(call, issue, body.get("update") or {})
        self._save(call, issue, body)
        return Response(status_code=204)

    async def assign(self, call: Call) -> Response:
        """`{"accountId": …}` on Cloud, `{"name": …}` on Data Center; null unassigns."""
        fields = {"assignee": await call.body()}
        issue = self._find_to_change(call)
        if errors := self._reader(call).errors_of(fields):
            raise JiraError(400, errors=errors)
        self._reader(call).write(issue, fields)
        self._save(call, issue, {})
        return Response(status_code=204)

    async def property_keys(self, call: Call) -> Response:
        issue = self._find(call)
        keys = [{"self": call.link(f"issue/{issue.id}/properties/{k}"), "key": k} for k in issue.properties]
        return JSONResponse({"keys": keys})

    async def property(self, call: Call) -> Response:
        """Read, write or delete one entity property."""
        key, method = call.request.path_params["property"], call.request.method
        if method == "PUT":
            value = await call.any_json()
            issue = self._find_to_change(call)
            is_new = key not in issue.properties
            issue.properties[key] = value
            self._save(call, issue, {})
            return JSONResponse({}, 201 if is_new else 200)
        issue = copy.deepcopy(self._find(call))
        if key not in issue.properties:
            raise JiraError(404, "The property with the given key was not found.")
        if method == "GET":
            return JSONResponse({"key": key, "value": issue.properties[key]})
        del issue.properties[key]
        self._save(call, issue, {})
        return Response(status_code=204)

    def _create(self, call: Call, body: Any) -> Issue:
        _read_payload(body)
        fields = body.get("fields")
        if not isinstance(fields, dict):
            raise JiraError(
                400, "Invalid request payload. Refer to the REST API documentation and try again."
            )
        reader = self._reader(call)
        if errors := reader.errors_of_new(fields):
            raise JiraError(400, errors=errors)
        number, now = self._state.next_issue_number(), self._state.now()
        issue = Issue(
            id=str(10000 + number),
            key=f"{catalogue.PROJECT_KEY}-{number}",
            summary="",
            issue_type="",
            created=now,
            updated=now,
            reporter=call.account,
            status=catalogue.OPEN,
            priority=catalogue.MEDIUM,
            properties=_properties(body),
        )
        reader.write(issue, fields)
        self._state.save_issue(issue)
        tell(self._state, "jira:issue_created", issue, author=call.account)
        return issue

    def _reader(self, call: Call) -> FieldReader:
        shape = self._state.shape
        return FieldReader(is_adf=call.is_adf, is_cloud=call.flavour.is_cloud, shape=shape)

    def _find(self, call: Call) -> Issue:
        issue = self._state.find_issue(call.request.path_params["issue"])
        if issue is None or issue.hidden or self._state.no_permission:
            raise JiraError(404, MISSING)
        return issue

    def _find_to_change(self, call: Call) -> Issue:
        issue = self._find(call)
        if issue.archived:
            raise JiraError(400, "The issue is archived and can't be changed.")
        return copy.deepcopy(issue)

    def _offered(self, issue: Issue) -> list[catalogue.Transition]:
        return [step for step in offered(issue) if step.name not in self._state.blocked_transitions]

    def _save(self, call: Call, issue: Issue, body: Json, *, event: str = "jira:issue_updated") -> None:
        acts.save(self._state, issue, author=call.account, mark=body.get("historyMetadata"), event=event)

    def _new_comment(self, call: Call, body: Any) -> Comment:
        try:
            text = self._reader(call).read_rich_text(body)
        except FieldError as error:
            raise JiraError(400, errors={"comment": str(error)}) from error
        if not text or (isinstance(text, str) and not text.strip()):
            raise JiraError(400, errors={"comment": "Comment body can not be empty!"})
        return Comment(self._state.next_comment_id(), call.account, text, self._state.now())

    def _add_comments(self, call: Call, issue: Issue, update: Json) -> None:
        for operation in update.get("comment", []):
            comment = self._new_comment(call, (operation.get("add") or {}).get("body"))
            comment.id = str(int(comment.id) + sum(c.id >= comment.id for c in issue.comments))
            issue.comments.append(comment)


def offered(issue: Issue) -> list[catalogue.Transition]:
    """The transitions that the workflow offers now."""
    return [step for step in catalogue.TRANSITIONS if issue.status in step.offered_in]


def _unfilled(screen: Json, given: Json) -> dict[str, str]:
    """The fields of a transition's screen that must be filled and are not. A resolution has a default here."""
    names = {key: field["name"] for key, field in screen.items() if key != "resolution"}
    return {key: f"{name} is required." for key, name in names.items() if not given.get(key)}


def move(issue: Issue, step: catalogue.Transition, now: str, *, resolution: str | None = None) -> None:
    """Take a transition at `now`; the resolution is set on the way to done and cleared on the way back."""
    issue.status = step.to
    is_done = catalogue.STATUSES[step.to].category is catalogue.FINISHED
    issue.resolved = (issue.resolved or now) if is_done else None
    issue.resolution = (resolution or issue.resolution or catalogue.DONE) if is_done else None


def _created(call: Call, issue: Issue) -> Json:
    return {"id": issue.id, "key": issue.key, "self": call.link(f"issue/{issue.id}")}


def _read_payload(body: Any) -> None:
    """400 unless fields and update are objects and properties a list of keys and values."""
    if not isinstance(body, dict) or set(body) - PAYLOAD_KEYS:
        raise JiraError(400, "Invalid request payload. Refer to the REST API documentation and try again.")
    if not all(isinstance(body.get(name), dict | None) for name in ("fields", "update", "transition")):
        raise JiraError(400, "Can not deserialize instance of java.util.LinkedHashMap.")
    properties = body.get("properties") or []
    if not isinstance(properties, list) or not all(isinstance(p, dict) and "key" in p for p in properties):
        raise JiraError(400, "Properties must be a list of objects with 'key' and 'value'.")


def _properties(body: Json) -> dict[str, Any]:
    return {str(item["key"]): item.get("value") for item in body.get("properties") or []}
