"""Who am I, what may I, and what exists: the endpoints a client reads before it opens a ticket."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from soc.sandbox.jira import catalogue, render
from soc.sandbox.jira.memory import JiraMemory
from soc.sandbox.jira.shape import Shape
from soc.sandbox.jira.wire import Call, JiraError, Json


class Project:
    """What a client reads of the practice Jira; the project is shaped by the settings."""

    def __init__(self, state: JiraMemory) -> None:
        self._state = state

    async def server_info(self, call: Call) -> Response:
        """Readable without credentials, as in Jira."""
        now = render.timestamp(call, self._state.now())
        body: Json = {
            "baseUrl": call.people,
            "buildDate": "2026-01-01T00:00:00.000+0000",
            "buildNumber": 100300,
        }
        body |= {"serverTime": now, "scmInfo": "practice", "serverTitle": "Practice Jira (soc sandbox)"}
        if call.flavour.is_cloud:
            body |= {
                "version": "1001.0.0-SNAPSHOT",
                "versionNumbers": [1001, 0, 0],
                "deploymentType": "Cloud",
            }
        else:
            body |= {"version": "10.3.24", "versionNumbers": [10, 3, 24], "deploymentType": "Server"}
        return JSONResponse(body)

    async def myself(self, call: Call) -> Response:
        return JSONResponse(render.user(call, call.account))

    async def my_permissions(self, call: Call) -> Response:
        """Cloud insists on `permissions=`; Data Center lists all without it."""
        asked = [key for key in call.query("permissions").split(",") if key]
        known = catalogue.GRANTED + catalogue.DENIED
        if not asked and call.flavour.is_cloud:
            raise JiraError(400, "The 'permissions' query parameter is required.")
        if unknown := [key for key in asked if key not in known]:
            raise JiraError(400, f"Unrecognized permission: {unknown[0]}")
        _require_project(call, call.query("projectKey") or catalogue.PROJECT_KEY)
        _require_project(call, call.query("projectId") or catalogue.PROJECT_ID)
        permissions = {
            key: {
                "id": str(number),
                "key": key,
                "name": key.replace("_", " ").capitalize(),
                "type": "GLOBAL" if key in ("ADMINISTER", "SYSTEM_ADMIN") else "PROJECT",
                "description": "",
                "havePermission": key in catalogue.GRANTED,
            }
            for number, key in enumerate(known, 10)
            if not asked or key in asked
        }
        return JSONResponse({"permissions": permissions})

    async def project(self, call: Call) -> Response:
        _require_project(call, call.request.path_params["project"])
        name = call.request.path_params["project"].upper()
        other = name in (catalogue.OTHER_ID, catalogue.OTHER_KEY)
        number = catalogue.OTHER_ID if other else catalogue.PROJECT_ID
        body = render.project(call, number, desk=self._state.desk) | {
            "description": "Plays a Jira project; nothing here leaves this machine.",
            "lead": render.user(call, catalogue.LEAD.account_id),
            "components": [render.component(call, key) for key in catalogue.COMPONENTS],
            "issueTypes": [render.issue_type(call, key) for key in self._state.shape.types],
            "versions": [],
        }
        return JSONResponse(body)

    async def projects(self, call: Call) -> Response:
        """The plain list (both flavours)."""
        return JSONResponse([render.project(call)])

    async def search_projects(self, call: Call) -> Response:
        """Cloud's paged list."""
        page = {
            "self": call.link("project/search"),
            "startAt": 0,
            "maxResults": 50,
            "total": 1,
            "isLast": True,
        }
        return JSONResponse({**page, "values": [render.project(call)]})

    async def components(self, call: Call) -> Response:
        _require_project(call, call.request.path_params["project"])
        return JSONResponse([render.component(call, key) for key in catalogue.COMPONENTS])

    async def statuses_of_project(self, call: Call) -> Response:
        _require_project(call, call.request.path_params["project"])
        statuses = [render.status(call, key) for key in catalogue.STATUSES]
        kinds = [render.issue_type(call, key) for key in self._state.shape.types]
        shown = ({key: kind[key] for key in ("self", "id", "name", "subtask")} for kind in kinds)
        return JSONResponse([{**kind, "statuses": statuses} for kind in shown])

    async def priorities(self, call: Call) -> Response:
        return JSONResponse([render.priority(call, key) for key in catalogue.PRIORITIES])

    async def issue_types(self, call: Call) -> Response:
        return JSONResponse([render.issue_type(call, key) for key in self._state.shape.types])

    async def statuses(self, call: Call) -> Response:
        return JSONResponse([render.status(call, key) for key in catalogue.STATUSES])

    async def status_categories(self, call: Call) -> Response:
        return JSONResponse([render.category(call, known) for known in catalogue.CATEGORIES])

    async def fields(self, call: Call) -> Response:
        """The system fields of the screens."""
        names = [
            {
                "id": field.id,
                "key": field.id,
                "name": field.name,
                "custom": "custom" in field.schema,
                "orderable": True,
                "navigable": True,
                "searchable": True,
                "clauseNames": [field.id],
                "schema": field.schema,
            }
            for field in self._state.shape.screen.values()
        ]
        return JSONResponse(
            [{k: v for k, v in n.items() if call.flavour.is_cloud or k != "key"} for n in names]
        )

    async def assignable_users(self, call: Call) -> Response:
        """`query=` on Cloud, `username=` on Data Center; everybody when it is empty."""
        asked = (call.query("query") or call.query("username")).casefold()
        people = (
            u for u in catalogue.USERS.values() if asked in f"{u.display_name} {u.name} {u.email}".casefold()
        )
        return JSONResponse([render.user(call, person.account_id) for person in people])

    async def create_types(self, call: Call) -> Response:
        """`createmeta/{project}/issuetypes`: `issueTypes` on Cloud, `values` on Data Center."""
        _require_project(call, call.request.path_params["project"])
        kinds = [render.issue_type(call, key) for key in self._state.shape.types]
        return JSONResponse(_page(call, "issueTypes", kinds))

    async def create_fields(self, call: Call) -> Response:
        """`createmeta/{project}/issuetypes/{id}`: what the create screen has."""
        _require_project(call, call.request.path_params["project"])
        shape = self._state.shape
        if call.request.path_params["type"] not in shape.types:
            raise JiraError(
                400 if call.flavour.is_cloud else 404, "The issue type does not exist in the project."
            )
        return JSONResponse(_page(call, "fields", [_field(call, f, shape) for f in shape.screen.values()]))


def _field(call: Call, field: catalogue.ScreenField, shape: Shape) -> Json:
    shown: Json = {
        "required": field.required,
        "schema": field.schema,
        "name": field.name,
        "fieldId": field.id,
        "hasDefaultValue": shape.has_default(field),
        "operations": list(field.operations),
    }
    if field.allowed is not None:
        word = "value" if "custom" in field.schema else "name"
        allowed = [{"id": key, word: name} for key, name in field.allowed.items()]
        shown["allowedValues"] = allowed
    return shown | ({"key": field.id} if call.flavour.is_cloud else {})


def _page(call: Call, name: str, values: list[Json]) -> Json:
    start, size = call.number("startAt", 0), call.number("maxResults", 50)
    page: Json = {"startAt": start, "maxResults": size, "total": len(values)}
    if call.flavour.is_cloud:
        return page | {name: values[start : start + size]}
    return page | {"isLast": start + size >= len(values), "values": values[start : start + size]}


def _require_project(call: Call, name: str) -> None:
    known = name.upper() in {*catalogue.PROJECT_KEYS, *catalogue.PROJECT_KEYS.values()}
    if not known or call.memory.no_permission:
        raise JiraError(404, f"No project could be found with key '{name}'.")
