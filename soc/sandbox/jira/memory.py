"""What the practice Jira remembers: its issues, with their comments and properties."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal

from pydantic import Field

from soc import clock
from soc.sandbox.jira.shape import Shape
from soc.sandbox.kit.journal import Record
from soc.sandbox.kit.memory import Json, Memory, Settings


@dataclass
class Comment:
    """One comment. `body` is an ADF document or plain text, as it was sent."""

    id: str
    author: str
    body: Any
    created: str


@dataclass
class Issue:
    """One practice issue. Vocabulary values (status, priority, components …) are ids of the catalogue.

    Times are ISO-8601 in UTC with microseconds. `description` is an ADF document or plain text, as sent.
    """

    id: str
    key: str
    summary: str
    issue_type: str
    created: str
    updated: str
    reporter: str
    status: str
    priority: str
    description: Any = None
    environment: Any = None
    labels: list[str] = field(default_factory=list)
    components: list[str] = field(default_factory=list)
    duedate: str | None = None
    assignee: str | None = None
    resolution: str | None = None
    resolved: str | None = None
    comments: list[Comment] = field(default_factory=list)
    properties: dict[str, Any] = field(default_factory=dict)
    custom: dict[str, Any] = field(default_factory=dict)


CustomField = Literal["Business impact", "Affected service", "Responsible person", "Sites"]
Reporter = Literal["optional", "required", "not_settable"]


class JiraSettings(Settings):
    """`search_lag`: seconds until Cloud's search finds a new issue. `required_fields`: fields of its own that the project
    asks for. `reporter`: whether its screen has it (`optional`), asks for it (`required`), or refuses it (`not_settable`).
    `epic_first`: the project's types begin with Epic and a sub-task, and none is an Incident.
    """

    search_lag: float = Field(default=0.0, ge=0, le=600)
    required_fields: tuple[CustomField, ...] = ()
    reporter: Reporter = "optional"
    epic_first: bool = False


class JiraMemory(Memory):
    RECORDS: ClassVar = frozenset({"issue"})
    SETTINGS: ClassVar = JiraSettings
    search_lag: float = 0.0
    required_fields: tuple[CustomField, ...] = ()
    reporter: Reporter = "optional"
    epic_first: bool = False

    @property
    def shape(self) -> Shape:
        """What the project has and asks for now."""
        return Shape(tuple(self.required_fields), self.reporter, self.epic_first)

    def forget(self) -> None:
        self.issues: dict[str, Issue] = {}
        self._last_issue = 0
        self._last_comment = 10000

    def next_issue_number(self) -> int:
        """The number of the next issue: `SOC-<n>`, id `10000 + n`."""
        return self._last_issue + 1

    def next_comment_id(self) -> str:
        return str(self._last_comment + 1)

    def save_issue(self, issue: Issue) -> None:
        """Journal and keep an issue, new or changed."""
        self.record("issue", asdict(issue))

    def find_issue(self, name: str) -> Issue | None:
        """By key (any case) or id."""
        return self.issues.get(name.upper()) or next((i for i in self.issues.values() if i.id == name), None)

    def is_searchable(self, issue: Issue, now: datetime) -> bool:
        """Whether Cloud's index has caught up with the issue (`search_lag` seconds after its creation)."""
        return now - clock.parse(issue.created) >= timedelta(seconds=self.search_lag)

    def apply(self, kind: str, data: Json) -> None:
        issue = Issue(**{**data, "comments": [Comment(**comment) for comment in data["comments"]]})
        self.issues[issue.key] = issue
        self._last_issue = max(self._last_issue, int(issue.id) - 10000)
        self._last_comment = max([self._last_comment, *(int(c.id) for c in issue.comments)])

    def kept(self) -> list[Record]:
        return [{"kind": "issue", "data": row} for row in self.received()["issues"]]

    def counts(self) -> dict[str, int]:
        return {"issues": len(self.issues)}

    def received(self) -> dict[str, list[Json]]:
        return {"issues": [asdict(issue) for issue in self.issues.values()]}
