"""What the project has: issue types and the fields of their create screens, read once and kept for a while."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from soc.errors import FailureReason, PermanentDeliveryError
from soc.integrations.kit.http import VendorSession
from soc.integrations.vendors.jira.config import JiraConfig
from soc.integrations.vendors.jira.vendor import PERMISSION_DENIED, bad_answer

#: How long a project's shape is believed. A refused ticket forgets it at once.
KEPT_SECONDS = 600.0
_PAGE = 50
_MOST_PAGES = 20


@dataclass(frozen=True)
class IssueType:
    id: str
    name: str
    subtask: bool = False


@dataclass(frozen=True)
class Screen:
    """The create screen of one issue type. `fields` is None where Jira does not tell (before 8.4).

    `accepted` are the names that a field takes, for the fields that have such a list.
    """

    fields: frozenset[str] | None = None
    required: tuple[str, ...] = ()
    accepted: Mapping[str, frozenset[str]] | None = None

    def names(self, field: str) -> frozenset[str] | None:
        return (self.accepted or {}).get(field)

    def has(self, field: str) -> bool:
        return self.fields is None or field in self.fields


class ProjectReader:
    """Reads the project through createmeta, whose paths Cloud and Data Center ≥ 8.4 share."""

    def __init__(self, session: VendorSession, config: JiraConfig) -> None:
        self._session = session
        self._config = config
        self._types: tuple[float, tuple[IssueType, ...]] | None = None
        self._screens: dict[str, tuple[float, Screen]] = {}
        self._components: tuple[float, frozenset[str]] | None = None

    def forget(self) -> None:
        self._types = self._components = None
        self._screens.clear()

    def issue_types(self) -> tuple[IssueType, ...]:
        """The types that this user may create, subtasks last. Raises DeliveryError; never returns none."""
        if self._types and time.monotonic() - self._types[0] < KEPT_SECONDS:
            return self._types[1]
        key = self._config.project_key
        try:
            rows = self._pages(f"/issue/createmeta/{key}/issuetypes", ("issueTypes", "values"))
        except PermanentDeliveryError as error:
            if error.status != 404:
                raise
            rows = self._rows_of_project()
        found = [
            IssueType(str(row["id"]), str(row["name"]), bool(row.get("subtask")))
            for row in rows
            if "id" in row and "name" in row
        ]
        if not found:
            self._rows_of_project()  # raises where the project itself is the trouble
            raise PermanentDeliveryError(
                f"Permission denied: this user may create nothing in project {key}.",
                reason=FailureReason.AUTH,
                hint=PERMISSION_DENIED,
            )
        types = tuple(sorted(found, key=lambda t: t.subtask))
        self._types = (time.monotonic(), types)
        return types

    def _rows_of_project(self) -> list[dict[str, Any]]:
        """Jira before 8.4 has no createmeta by project; a project that is missing answers 404 here as well."""
        data = self._session.read("GET", f"/project/{self._config.project_key}").data
        rows = data.get("issueTypes") if isinstance(data, dict) else None
        return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []

    def components(self) -> frozenset[str]:
        """The names of the project's components. Raises DeliveryError."""
        if self._components and time.monotonic() - self._components[0] < KEPT_SECONDS:
            return self._components[1]
        data = self._session.read("GET", f"/project/{self._config.project_key}").data
        rows = data.get("components") if isinstance(data, dict) else None
        names = frozenset(
            str(row["name"])
            for row in (rows if isinstance(rows, list) else [])
            if isinstance(row, dict) and "name" in row
        )
        self._components = (time.monotonic(), names)
        return names

    def screen(self, issue_type: IssueType) -> Screen:
        """The create screen of a type. Raises DeliveryError."""
        kept = self._screens.get(issue_type.id)
        if kept and time.monotonic() - kept[0] < KEPT_SECONDS:
            return kept[1]
        path = f"/issue/createmeta/{self._config.project_key}/issuetypes/{issue_type.id}"
        try:
            screen = _screen_of(self._pages(path, ("fields", "values")))
        except PermanentDeliveryError as error:
            if error.status != 404:
                raise
            screen = Screen()
        self._screens[issue_type.id] = (time.monotonic(), screen)
        return screen

    def choose(self, *, security: bool) -> IssueType:
        """The configured type if the project has it, else Incident, else the project's first. Raises DeliveryError."""
        wanted = [self._config.issue_type, "Incident"]
        if security:
            wanted.insert(0, self._config.security_issue_type)
        types = self.issue_types()
        by_name = {t.name.lower(): t for t in reversed(types)}
        return next((by_name[n.lower()] for n in wanted if n.lower() in by_name), types[0])

    def _pages(self, path: str, keys: tuple[str, ...]) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        for _ in range(_MOST_PAGES):
            params = {"startAt": str(len(rows)), "maxResults": str(_PAGE)}
            data = self._session.read("GET", path, params=params).data
            if not isinstance(data, dict):
                raise bad_answer("the project")
            page = next((data[k] for k in keys if isinstance(data.get(k), list)), None)
            if page is None:
                raise bad_answer("the project")
            rows += [row for row in page if isinstance(row, dict)]
            total = data.get("total")
            if not page or data.get("isLast") is True or (isinstance(total, int) and len(rows) >= total):
                break
            if total is None and len(page) < _PAGE:
                break
        return rows


def _screen_of(rows: list[dict[str, Any]]) -> Screen:
    accepted, required, fields = {}, [], set()
    for row in rows:
        field = str(row.get("fieldId") or row.get("key") or "")
        if not field:
            continue
        fields.add(field)
        if row.get("required") and not row.get("hasDefaultValue"):
            required.append(field)
        values = row.get("allowedValues")
        if isinstance(values, list) and values:
            accepted[field] = frozenset(str(v["name"]) for v in values if isinstance(v, dict) and "name" in v)
    return Screen(frozenset(fields) if fields else None, tuple(required), accepted)
