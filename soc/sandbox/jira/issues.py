"""Creating, reading and changing practice issues, with their comments, transitions and properties."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from starlette.responses import JSONResponse, Response

from soc.sandbox.jira import catalogue, render
from soc.sandbox.jira.fields import FieldError, FieldReader
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
        return JSONResponse(render.issue(call, self._find(call), fields, properties))

    async def edit(self, call: Call) -> Response:
        body = await call.body()
        issue = copy.deepcopy(self._find(call))
        reader = self._reader(call)
        _read_payload(body)
        fields, update = body.get("fields") or {}, body.get("update") or {}
        if errors := reader.errors_of(fields) | reader.errors_of_operations(update, issue):
            raise JiraError(400, errors=errors)
        reader.write(issue, fields)
        reader.operate(issue, update)
        self._add_comments(call, issue, update)
        issue.properties.update(_properties(body))
        self._save(issue)
        if call.query("returnIssue") == "true" and call.flavour.is_cloud:
            return JSONResponse(render.issue(call, issue, []))
        return Response(status_code=204)

    async def comments(self, call: Call) -> Response:
        issue = self._find(call)
        start, size = call.number("startAt", 0), call.number("maxResults", 5000)
        ordered = issue.comments[::-1] if call.query("orderBy") == "-created" else issue.comments
        page = [render.comment(call, issue, one) for one in ordered[start : start + size]]
        paging = {"startAt": start, "maxResults": size, "total": len(issue.comments)}
        return JSONResponse({**paging, "comments": page})

    async def add_comment(self, call: Call) -> Response:
        body = await call.body()
        issue = copy.deepcopy(self._find(call))
        comment = self._new_comment(call, body.get("body"))
        issue.comments.append(comment)
        self._save(issue)
        return JSONResponse(render.comment(call, issue, comment), 201)

    async def transitions(self, call: Call) -> Response:
        steps = offered(self._find(call))
        if wanted := call.query("transitionId"):
            steps = [step for step in steps if step.id == wanted]
        shown = [render.transition(call, step) for step in steps]
        return JSONResponse({"expand": "transitions", "transitions": shown})

    async def transition(self, call: Call) -> Response:
        body = await call.body()
        issue = copy.deepcopy(self._find(call))
        wanted = (body.get("transition") or {}).get("id")
        if wanted is None:
            raise JiraError(400, "Missing 'transition' identifier")
        step = next((step for step in offered(issue) if step.id == str(wanted)), None)
        if step is None:
            raise JiraError(
                400,
                f"It seems that you have tried to perform a workflow operation (transition {wanted}) that is not"
                f" valid for the current state of this issue ({issue.key}). The likely cause is that somebody has"
                " changed the issue recently, please look at the issue history for details.",
            )
        fields = {k: v for k, v in (body.get("fields") or {}).items() if k != "resolution"}
        if errors := self._reader(call).errors_of(fields):
            raise JiraError(400, errors=errors)
        self._reader(call).write(issue, fields)
        move(issue, step, self._state.now())
        self._add_comments(call, issue, body.get("update") or {})
        self._save(issue)
        return Response(status_code=204)

    async def assign(self, call: Call) -> Response:
        """`{"accountId": …}` on Cloud, `{"name": …}` on Data Center; null unassigns."""
        fields = {"assignee": await call.body()}
        issue = copy.deepcopy(self._find(call))
        if errors := self._reader(call).errors_of(fields):
            raise JiraError(400, errors=errors)
        self._reader(call).write(issue, fields)
        self._save(issue)
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
            issue = copy.deepcopy(self._find(call))
            is_new = key not in issue.properties
            issue.properties[key] = value
            self._save(issue)
            return JSONResponse({}, 201 if is_new else 200)
        issue = copy.deepcopy(self._find(call))
        if key not in issue.properties:
            raise JiraError(404, "The property with the given key was not found.")
        if method == "GET":
            return JSONResponse({"key": key, "value": issue.properties[key]})
        del issue.properties[key]
        self._save(issue)
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
            reporter=catalogue.BOT.account_id,
            status=catalogue.OPEN,
            priority=catalogue.MEDIUM,
            properties=_properties(body),
        )
        reader.write(issue, fields)
        self._state.save_issue(issue)
        return issue

    def _reader(self, call: Call) -> FieldReader:
        shape = self._state.shape
        return FieldReader(is_adf=call.is_adf, is_cloud=call.flavour.is_cloud, shape=shape)

    def _find(self, call: Call) -> Issue:
        issue = self._state.find_issue(call.request.path_params["issue"])
        if issue is None:
            raise JiraError(404, MISSING)
        return issue

    def _save(self, issue: Issue) -> None:
        issue.updated = self._state.now()
        self._state.save_issue(issue)

    def _new_comment(self, call: Call, body: Any) -> Comment:
        try:
            text = self._reader(call).read_rich_text(body)
        except FieldError as error:
            raise JiraError(400, errors={"comment": str(error)}) from error
        if not text or (isinstance(text, str) and not text.strip()):
            raise JiraError(400, errors={"comment": "Comment body can not be empty!"})
        return Comment(self._state.next_comment_id(), catalogue.BOT.account_id, text, self._state.now())

    def _add_comments(self, call: Call, issue: Issue, update: Json) -> None:
        for operation in update.get("comment", []):
            comment = self._new_comment(call, (operation.get("add") or {}).get("body"))
            comment.id = str(int(comment.id) + sum(c.id >= comment.id for c in issue.comments))
            issue.comments.append(comment)


def change_as_analyst(state: JiraMemory, key: str, change: Callable[[Issue], None]) -> bool:
    """Change an issue by hand, as a person at the practice Jira would. False when there is no such issue."""
    found = state.find_issue(key)
    if found is None:
        return False
    issue = copy.deepcopy(found)
    change(issue)
    issue.updated = state.now()
    state.save_issue(issue)
    return True


def offered(issue: Issue) -> list[catalogue.Transition]:
    """The transitions that the workflow offers now."""
    return [step for step in catalogue.TRANSITIONS if issue.status in step.offered_in]


def move(issue: Issue, step: catalogue.Transition, now: str) -> None:
    """Take a transition at `now`; the resolution is set on the way to done and cleared on the way back."""
    issue.status = step.to
    is_done = catalogue.STATUSES[step.to].category is catalogue.FINISHED
    issue.resolved = (issue.resolved or now) if is_done else None
    issue.resolution = (issue.resolution or catalogue.DONE) if is_done else None


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
