"""What the practice Jira remembers: its issues, with their comments and properties."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal
from zoneinfo import available_timezones

from pydantic import Field, field_validator

from soc import clock
from soc.sandbox.jira import catalogue
from soc.sandbox.jira.shape import Shape
from soc.sandbox.kit.journal import Record
from soc.sandbox.kit.memory import Json, Memory, Settings

#: As far back as the search may lag.
_LONGEST_LAG = timedelta(seconds=600)


@dataclass
class Comment:
    """One comment. `body` is an ADF document or plain text, as it was sent."""

    id: str
    author: str
    body: Any
    created: str
    updated: str = ""
    update_author: str = ""
    properties: dict[str, Any] = field(default_factory=dict)
    visibility: dict[str, str] | None = None


@dataclass
class Issue:
    """One practice issue. Vocabulary values (status, priority, components …) are ids of the catalogue.

    `history` is its changelog, oldest first. A `hidden` one is out of this account's sight; an archived one can be read
    and not changed. Times are ISO-8601 in UTC with microseconds. `description` is an ADF document or plain text, as sent.
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
    project: str = catalogue.PROJECT_ID
    history: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[str] = field(default_factory=list)
    watchers: list[str] = field(default_factory=list)
    archived: str | None = None
    hidden: bool = False


CustomField = Literal["Business impact", "Affected service", "Responsible person", "Sites"]
Reporter = Literal["optional", "required", "not_settable"]


class JiraSettings(Settings):
    """`search_lag`: seconds until the search finds a new issue, or what of one was changed. `user_zone`: the zone of the
    accounts, in which absolute times of JQL are read and all times are written. `no_permission`: the product's account may
    not see the project any more. `closing_field`: the name of a field that every transition to done asks for.
    `blocked_transitions`: names that the workflow offers to nobody. `keep_marks`: the history keeps what a client says of
    its origin. `desk`: the project is a service desk; its
    own SLA gives `desk_sla_shift` seconds more than the setup guide's times. `webhook_url` and `webhook_secret`: where changes are told, and what
    that is signed with. `required_fields`: fields of its own that the project asks for. `reporter`: whether its screen has
    it (`optional`), asks for it (`required`), or refuses it (`not_settable`). `epic_first`: the project's types begin with
    Epic and a sub-task, and none is an Incident.
    """

    search_lag: float = Field(default=0.0, ge=0, le=600)
    user_zone: str = "Etc/UTC"
    no_permission: bool = False
    closing_field: str = Field(default="", max_length=100)
    blocked_transitions: tuple[str, ...] = Field(default=(), max_length=20)
    keep_marks: bool = True
    desk: bool = False
    desk_sla_shift: int = Field(default=0, ge=-3600, le=1_000_000)
    webhook_url: str = Field(
        default="", max_length=500, pattern=r"^(http://(127\.0\.0\.1|localhost)[:/].*)?$"
    )
    webhook_secret: str = Field(default="", max_length=200)
    required_fields: tuple[CustomField, ...] = ()
    reporter: Reporter = "optional"
    epic_first: bool = False

    @field_validator("user_zone")
    @classmethod
    def _is_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("no zone of that name")
        return value


class JiraMemory(Memory):
    RECORDS: ClassVar = frozenset({"issue", "gone"})
    SETTINGS: ClassVar = JiraSettings
    search_lag: float = 0.0
    user_zone: str = "Etc/UTC"
    no_permission: bool = False
    closing_field: str = ""
    blocked_transitions: tuple[str, ...] = ()
    keep_marks: bool = True
    desk: bool = False
    desk_sla_shift: int = 0
    webhook_url: str = ""
    webhook_secret: str = ""
    required_fields: tuple[CustomField, ...] = ()
    reporter: Reporter = "optional"
    epic_first: bool = False

    @property
    def shape(self) -> Shape:
        """What the project has and asks for now."""
        return Shape(tuple(self.required_fields), self.reporter, self.epic_first)

    def forget(self) -> None:
        self.issues: dict[str, Issue] = {}
        #: Keys that issues had before they were moved, and what the index has of each issue since when.
        self._moved: dict[str, str] = {}
        self._versions: dict[str, list[tuple[datetime, Issue | None]]] = {}
        self._last_change = 20000
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

    def delete_issue(self, issue: Issue) -> None:
        """For good, with everything that belongs to it."""
        self.record("gone", {"id": issue.id, "key": issue.key})

    def next_change_id(self) -> str:
        """Of the history, over all issues."""
        return str(self._last_change + 1)

    def find_issue(self, name: str) -> Issue | None:
        """By key (any case; one that it had before it was moved, too) or id."""
        known = self.issues.get(name.upper())
        wanted = self._moved.get(name.upper(), name)
        return known or next((i for i in self.issues.values() if i.id == wanted), None)

    def indexed(self, now: datetime) -> list[Issue]:
        """The issues as the search knows them: as they were `search_lag` seconds ago."""
        seen = now - timedelta(seconds=self.search_lag)
        if not self.search_lag:
            return list(self.issues.values())
        found = (self._version(versions, seen) for versions in self._versions.values())
        return [issue for issue in found if issue is not None]

    @staticmethod
    def _version(versions: list[tuple[datetime, Issue | None]], seen: datetime) -> Issue | None:
        return next((issue for at, issue in reversed(versions) if at <= seen), None)

    def _index(self, number: str, at: datetime, issue: Issue | None) -> None:
        versions = self._versions.setdefault(number, [])
        oldest = at - _LONGEST_LAG
        while len(versions) > 1 and versions[1][0] <= oldest:
            versions.pop(0)
        versions.append((at, issue))

    def apply(self, kind: str, data: Json) -> None:
        if kind == "gone":
            self.issues.pop(data["key"], None)
            self._index(data["id"], self.moment(), None)
            return
        issue = Issue(**{**data, "comments": [Comment(**comment) for comment in data["comments"]]})
        before = self.find_issue(issue.id)
        if before is not None and before.key != issue.key:
            del self.issues[before.key]
            self._moved[before.key] = issue.id
        self._index(issue.id, clock.parse(issue.updated), issue)
        self._last_change = max([self._last_change, *(int(entry["id"]) for entry in issue.history)])
        self.issues[issue.key] = issue
        self._last_issue = max(self._last_issue, int(issue.id) - 10000)
        self._last_comment = max([self._last_comment, *(int(c.id) for c in issue.comments)])

    def kept(self) -> list[Record]:
        return [{"kind": "issue", "data": row} for row in self.received()["issues"]]

    def counts(self) -> dict[str, int]:
        return {"issues": len(self.issues)}

    def received(self) -> dict[str, list[Json]]:
        return {"issues": [asdict(issue) for issue in self.issues.values()]}
