"""The practice Jira's routes, for Cloud (`/jira`, and the gateway of its scoped tokens) and Data Center (`/jira-dc`): the same issues."""

from __future__ import annotations

from starlette.routing import Mount, Route

from soc.sandbox.jira.issues import Issues
from soc.sandbox.jira.life.desk import Desk
from soc.sandbox.jira.life.watching import Watching
from soc.sandbox.jira.memory import JiraMemory
from soc.sandbox.jira.project import Project
from soc.sandbox.jira.search import Search
from soc.sandbox.jira.wire import Endpoint, Flavour, answering, unknown_path

GET, POST, PUT = ("GET",), ("POST",), ("PUT",)


def routes(state: JiraMemory, flavour: Flavour) -> list[Mount]:
    """Everything below `<prefix>/rest/api`, and a service desk's SLA; paths that are not played answer Jira's 404."""
    project = Project(state)
    paths = _search(state, flavour) + _issues(state, flavour) + _project(project)
    if flavour.is_cloud:
        paths.append(("project/search", GET, project.search_projects))
    found = [
        Route(f"/{{version}}/{path}", answering(endpoint, flavour, state), methods=list(methods))
        for path, methods, endpoint in sorted(paths, key=lambda entry: "{" in entry[0])
    ]
    info = Route("/{version}/serverInfo", answering(project.server_info, flavour, state, public=True))
    every = ["GET", "POST", "PUT", "DELETE", "PATCH"]
    rest = Route("/{version}/{path:path}", answering(unknown_path, flavour, state), methods=every)
    desk = Route("/request/{issue}/sla", answering(Desk(state).sla, flavour, state))
    return [
        Mount(f"{flavour.prefix}/rest/api", routes=[info, *found, rest]),
        Mount(f"{flavour.prefix}/rest/servicedeskapi", routes=[desk]),
    ]


Path = tuple[str, tuple[str, ...], Endpoint]


def _project(project: Project) -> list[Path]:
    return [
        ("myself", GET, project.myself),
        ("mypermissions", GET, project.my_permissions),
        ("project", GET, project.projects),
        ("project/{project}", GET, project.project),
        ("project/{project}/components", GET, project.components),
        ("project/{project}/statuses", GET, project.statuses_of_project),
        ("priority", GET, project.priorities),
        ("issuetype", GET, project.issue_types),
        ("status", GET, project.statuses),
        ("statuscategory", GET, project.status_categories),
        ("field", GET, project.fields),
        ("user/assignable/search", GET, project.assignable_users),
        ("user/search", GET, project.assignable_users),
        ("issue/createmeta/{project}/issuetypes", GET, project.create_types),
        ("issue/createmeta/{project}/issuetypes/{type}", GET, project.create_fields),
    ]


def _search(state: JiraMemory, flavour: Flavour) -> list[Path]:
    search = Search(state)
    if not flavour.is_cloud:
        return [("search", GET + POST, search.classic)]
    return [
        ("search", GET + POST, search.removed),
        ("search/jql", GET + POST, search.enhanced),
        ("search/approximate-count", POST, search.count),
    ]


def _issues(state: JiraMemory, flavour: Flavour) -> list[Path]:
    issues = Issues(state)
    of_flavour: list[Path] = (
        [("issue/archive", PUT, issues.archive), ("issue/{issue}/changelog", GET, issues.history)]
        if flavour.is_cloud
        else [("issue/{issue}/archive", PUT, issues.archive)]
    )
    return [
        *of_flavour,
        ("issue", POST, issues.create),
        ("issue/bulk", POST, issues.create_many),
        ("issue/{issue}", GET, issues.read),
        ("issue/{issue}", PUT, issues.edit),
        ("issue/{issue}", ("DELETE",), issues.delete),
        ("issue/{issue}/comment", GET, issues.comments),
        ("issue/{issue}/comment", POST, issues.add_comment),
        ("issue/{issue}/comment/{comment}", ("GET", "PUT", "DELETE"), issues.comment),
        ("issue/{issue}/transitions", GET, issues.transitions),
        ("issue/{issue}/transitions", POST, issues.transition),
        ("issue/{issue}/assignee", PUT, issues.assign),
        ("issue/{issue}/watchers", ("GET", "POST", "DELETE"), Watching(state).watchers),
        ("issue/{issue}/properties", GET, issues.property_keys),
        ("issue/{issue}/properties/{property}", ("GET", "PUT", "DELETE"), issues.property),
    ]
