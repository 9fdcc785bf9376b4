"""What exists in the practice Jira before anybody touches it: a project, its vocabulary, its workflow, two users."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

TOKEN = "practice-jira-token"  # noqa: S105 - practice credentials are printed in the docs on purpose
#: A token with scopes: the site refuses it, the gateway takes it.
SCOPED_TOKEN = "practice-jira-scoped-token"  # noqa: S105
CLOUD_ID = "5a0c5a0c-0000-4000-8000-736f63707263"
PROJECT_KEY = "SOC"
PROJECT_ID = "10000"
PROJECT_NAME = "Security Operations Center (practice)"
#: Where an issue can be moved to.
OTHER_KEY, OTHER_ID, OTHER_NAME = "OPS", "10001", "IT Operations (practice)"
PROJECT_KEYS = {PROJECT_ID: PROJECT_KEY, OTHER_ID: OTHER_KEY}
PROJECT_NAMES = {PROJECT_ID: PROJECT_NAME, OTHER_ID: OTHER_NAME}

ISSUE_TYPES = {
    "10001": "Task",
    "10002": "Bug",
    "10003": "Story",
    "10004": "Incident",
    "10005": "Problem",
    "10006": "Security Incident",
}
#: What a project has instead of them while `epic_first` is on: the first is no ordinary ticket, none is an Incident.
EPIC, SUBTASK = "10000", "10007"
EPIC_FIRST = {EPIC: "Epic", SUBTASK: "Sub-task", "10001": "Task", "10002": "Bug", "10003": "Story"}
EVERY_TYPE = EPIC_FIRST | ISSUE_TYPES
LEVELS = {EPIC: 1, SUBTASK: -1}
MEDIUM = "3"
PRIORITIES = {"1": "Highest", "2": "High", MEDIUM: "Medium", "4": "Low", "5": "Lowest"}
PRIORITY_COLOURS = {"1": "#d04437", "2": "#f15c75", "3": "#f79232", "4": "#707070", "5": "#999999"}
COMPONENTS = {"10100": "Security", "10101": "Infrastructure", "10102": "Application", "10103": "Network"}
DONE = "10000"
RESOLUTIONS = {DONE: "Done", "10001": "Won't Do", "10002": "Duplicate"}


@dataclass(frozen=True)
class StatusCategory:
    id: int
    key: str
    name: str
    colour: str


TO_DO = StatusCategory(2, "new", "To Do", "blue-gray")
DOING = StatusCategory(4, "indeterminate", "In Progress", "yellow")
FINISHED = StatusCategory(3, "done", "Done", "green")
CATEGORIES = (TO_DO, DOING, FINISHED)


@dataclass(frozen=True)
class Status:
    id: str
    name: str
    category: StatusCategory


OPEN = "1"
STATUSES = {
    OPEN: Status(OPEN, "Open", TO_DO),
    "3": Status("3", "In Progress", DOING),
    "5": Status("5", "Resolved", FINISHED),
    "6": Status("6", "Closed", FINISHED),
}


@dataclass(frozen=True)
class Transition:
    """A step of the workflow; it is offered only in the statuses of `offered_in`. Its screen asks for a resolution on the way
    to done.
    """

    id: str
    name: str
    to: str
    offered_in: frozenset[str]

    @property
    def ends(self) -> bool:
        return STATUSES[self.to].category is FINISHED


TRANSITIONS = (
    Transition("4", "Start Progress", "3", frozenset({"1"})),
    Transition("301", "Stop Progress", "1", frozenset({"3"})),
    Transition("5", "Resolve Issue", "5", frozenset({"1", "3"})),
    Transition("2", "Close Issue", "6", frozenset({"1", "3", "5"})),
    Transition("3", "Reopen Issue", "1", frozenset({"5", "6"})),
)


@dataclass(frozen=True)
class User:
    """`account_id` is how Cloud names a person, `name` and `key` how Data Center does."""

    account_id: str
    name: str
    key: str
    display_name: str
    email: str


BOT = User(
    "712020:5a0c-practice-bot", "soc-bot", "JIRAUSER10000", "SOC Bot (practice)", "soc-bot@example.com"
)
ANALYST = User(
    "712020:5a0c-practice-ana", "analyst", "JIRAUSER10100", "Ana Lyst (practice)", "ana.lyst@practice.example"
)
LEAD = User(
    "712020:5a0c-practice-lee", "lead", "JIRAUSER10101", "Lee Ader (practice)", "lee.ader@practice.example"
)
USERS = {user.account_id: user for user in (BOT, ANALYST, LEAD)}

GRANTED = (
    "ADD_COMMENTS",
    "ASSIGNABLE_USER",
    "ASSIGN_ISSUES",
    "BROWSE_PROJECTS",
    "CLOSE_ISSUES",
    "CREATE_ATTACHMENTS",
    "CREATE_ISSUES",
    "EDIT_ISSUES",
    "LINK_ISSUES",
    "RESOLVE_ISSUES",
    "SCHEDULE_ISSUES",
    "TRANSITION_ISSUES",
)
DENIED = ("ADMINISTER", "ADMINISTER_PROJECTS", "DELETE_ISSUES", "SYSTEM_ADMIN")


@dataclass(frozen=True)
class ScreenField:
    """A field of the create and edit screens. `schema` is Jira's own description of its type."""

    id: str
    name: str
    schema: dict[str, str]
    required: bool = False
    operations: tuple[str, ...] = ("set",)
    allowed: dict[str, str] | None = None


def _type(name: str, system: str, items: str = "") -> dict[str, str]:
    return {"type": name, "system": system} | ({"items": items} if items else {})


LIST_OPERATIONS = ("add", "set", "remove")
SCREEN = {
    field.id: field
    for field in (
        ScreenField("project", "Project", _type("project", "project"), True),
        ScreenField("issuetype", "Issue Type", _type("issuetype", "issuetype"), True, allowed=ISSUE_TYPES),
        ScreenField("summary", "Summary", _type("string", "summary"), True),
        ScreenField("description", "Description", _type("string", "description")),
        ScreenField("environment", "Environment", _type("string", "environment")),
        ScreenField("priority", "Priority", _type("priority", "priority"), allowed=PRIORITIES),
        ScreenField("labels", "Labels", _type("array", "labels", "string"), operations=LIST_OPERATIONS),
        ScreenField(
            "components",
            "Components",
            _type("array", "components", "component"),
            operations=LIST_OPERATIONS,
            allowed=COMPONENTS,
        ),
        ScreenField("duedate", "Due date", _type("date", "duedate")),
        ScreenField("assignee", "Assignee", _type("user", "assignee")),
        ScreenField("reporter", "Reporter", _type("user", "reporter")),
    )
}


def _custom(number: int, name: str, kind: str, widget: str, items: str = "", **more: Any) -> ScreenField:
    widget = f"com.atlassian.jira.plugin.system.customfieldtypes:{widget}"
    schema = {"type": kind, "custom": widget, "customId": str(number)} | ({"items": items} if items else {})
    return ScreenField(f"customfield_{number}", name, schema, True, **more)


#: Fields of their own that a project can ask for, by the names that people see.
CUSTOM = {
    field.name: field
    for field in (
        _custom(10050, "Business impact", "option", "select", allowed={"10201": "High", "10202": "Low"}),
        _custom(10051, "Affected service", "string", "textfield"),
        _custom(10052, "Responsible person", "user", "userpicker"),
        _custom(10053, "Sites", "array", "multiselect", "option", operations=LIST_OPERATIONS,
                allowed={"10211": "Berlin", "10212": "New York", "10213": "Lord Howe"}),
    )
}  # fmt: skip


def find(vocabulary: dict[str, str], value: Any) -> str | None:
    """The id of `{"id": …}` or `{"name": …}` in a vocabulary (names in any case), or None."""
    if not isinstance(value, dict):
        return None
    if "id" in value:
        return str(value["id"]) if str(value["id"]) in vocabulary else None
    name = str(value.get("name", "")).casefold()
    return next((key for key, known in vocabulary.items() if known.casefold() == name), None)


def find_user(value: Any) -> str | None:
    """The account of `{"accountId"|"id"|"name"|"key": …}`, or None."""
    if not isinstance(value, dict):
        return None
    wanted = value.get("accountId") or value.get("id") or value.get("name") or value.get("key")
    return next((u.account_id for u in USERS.values() if wanted in (u.account_id, u.name, u.key)), None)
