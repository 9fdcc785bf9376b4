"""What the shared tests need to know of Jira."""

from __future__ import annotations

import httpx

from tests.integrations.examples import ESCALATION, GUIDE_DATA, OPEN, SECRET, Example, called

ISSUE_TYPES = [
    {"id": "10003", "name": "Incident", "subtask": False},
    {"id": "10004", "name": "Security Incident", "subtask": False},
]

SCREEN = [
    {"fieldId": name, "required": name == "summary"}
    for name in (
        "summary",
        "description",
        "labels",
        "priority",
        "duedate",
        "components",
        "project",
        "issuetype",
    )
]

COMMENT = ESCALATION.model_copy(update={"way": "comment"})
CREATE_TICKET = called("create-ticket", incident_id="inc-123", incident_data=GUIDE_DATA)


def jira_read(request: httpx.Request) -> httpx.Response:
    """A Jira that has everything, for all questions that are not the create itself."""
    path = request.url.path
    if path.endswith("/issuetypes"):
        return httpx.Response(200, json={"issueTypes": ISSUE_TYPES, "total": 2})
    if "/issuetypes/" in path:
        return httpx.Response(200, json={"fields": SCREEN, "total": len(SCREEN)})
    if path.endswith("/serverInfo"):
        return httpx.Response(
            200, json={"version": "1001.0", "deploymentType": "Cloud", "serverTitle": "Jira"}
        )
    if path.endswith("/myself"):
        return httpx.Response(200, json={"displayName": "SOC Bot"})
    if path.endswith("/mypermissions"):
        names = ("BROWSE_PROJECTS", "CREATE_ISSUES", "EDIT_ISSUES", "ADD_COMMENTS", "TRANSITION_ISSUES")
        return httpx.Response(200, json={"permissions": {n: {"havePermission": True} for n in names}})
    if path.endswith("/priority"):
        return httpx.Response(200, json=[{"name": n} for n in ("Highest", "High", "Medium", "Low", "Lowest")])
    if "/search" in path:
        return httpx.Response(200, json={"issues": [], "isLast": True, "total": 0})
    if "/project/" in path:
        components = [{"name": "Security"}, {"name": "Infrastructure"}]
        body = {
            "key": "SOC",
            "name": "Security Operations Center",
            "components": components,
            "issueTypes": ISSUE_TYPES,
        }
        return httpx.Response(200, json=body)
    return httpx.Response(404, json={"errorMessages": ["dead link"]})


CLOUD = {"base_url": "https://soc.atlassian.net", "username": "bot@example.com", "api_token": SECRET}

DATA_CENTER = {"instance_type": "on_premise", "base_url": "https://jira.example/jira", "api_token": SECRET}

CREATED = {"id": "10012", "key": "SOC-12", "self": "https://soc.atlassian.net/rest/api/3/issue/10012"}

EXAMPLES = (
    Example("jira cloud", "jira", CLOUD, OPEN, "/issue", jira_read, CREATED),
    Example("jira data center", "jira", DATA_CENTER, OPEN, "/issue", jira_read, CREATED),
    Example("jira comment", "jira", CLOUD, COMMENT, "/comment", jira_read, CREATED),
    Example("jira comment data center", "jira", DATA_CENTER, COMMENT, "/comment", jira_read, CREATED),
    Example("jira call", "jira", CLOUD, CREATE_TICKET, "/issue", jira_read, CREATED),
)
ENVIRONMENT = {
    "JIRA_SERVER_URL": "https://your-company.atlassian.net",
    "JIRA_USERNAME": "your-email@company.com",
    "JIRA_API_TOKEN": SECRET,
    "JIRA_PROJECT_KEY": "SOC",
    "JIRA_COMPONENTS": "Security,Infrastructure",
}
