"""What the project has: issue types and the fields of their create screens, read once and kept for a while."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from soc.errors import DeliveryError, FailureReason, PermanentDeliveryError
from soc.integrations.kit.http import VendorSession
from soc.integrations.vendors.jira.config import JiraConfig
from soc.integrations.vendors.jira.fields.pasted import is_gateway, is_local
from soc.integrations.vendors.jira.fields.screen import Screen, screen_of
from soc.integrations.vendors.jira.fields.types import IssueType, chosen, types_of
from soc.integrations.vendors.jira.looking.freshness import is_fresh, note_read
from soc.integrations.vendors.jira.vendor import PERMISSION_DENIED, PROJECT_NOT_FOUND, bad_answer

_ACCOUNT_ID = re.compile(r"[0-9a-f]{24}|(?:\d+|[a-z]+):[0-9a-zA-Z-]{8,}")
_PAGE = 50
_MOST_PAGES = 20


class ProjectReader:
    """Reads the project through createmeta, whose paths Cloud and Data Center ≥ 8.4 share."""

    def __init__(self, session: VendorSession, config: JiraConfig) -> None:
        self._session = session
        self._config = config
        self._types: tuple[float, tuple[IssueType, ...]] | None = None
        self._screens: dict[str, tuple[float, Screen]] = {}
        self._components: tuple[float, frozenset[str]] | None = None
        self._web: str | None = None
        self._desk: tuple[float, bool] | None = None

    def forget(self) -> None:
        self._types = self._components = None
        self._screens.clear()

    def issue_types(self) -> tuple[IssueType, ...]:
        """The types that this user may create, subtasks last. Raises DeliveryError; never returns none."""
        if self._types and is_fresh(self._config, self._types[0]):
            return self._types[1]
        key = self._config.project_key
        try:
            rows = self._pages(f"/issue/createmeta/{key}/issuetypes", ("issueTypes", "values"))
        except PermanentDeliveryError as error:
            if error.status != 404:
                raise
            rows = self._rows_of_project()
        types = types_of(rows)
        if not types:
            self._rows_of_project()  # raises where the project itself is the trouble
            raise PermanentDeliveryError(
                f"Permission denied: this user may create nothing in project {key}.",
                reason=FailureReason.AUTH,
                hint=PERMISSION_DENIED,
            )
        self._types = (note_read(self._config), types)
        return types

    def _rows_of_project(self) -> list[dict[str, Any]]:
        """Jira before 8.4 has no createmeta by project; a project that is missing answers 404 here as well."""
        missing: PermanentDeliveryError | None = None
        data: Any = None
        try:
            data = self._session.read("GET", f"/project/{self._config.project_key}").data
        except PermanentDeliveryError as error:
            missing = error
        if missing is not None:
            raise _project_gone(missing) if missing.status == 404 else missing
        if isinstance(data, dict) and (data.get("archived") or data.get("deleted")):
            raise PermanentDeliveryError(
                f"Project {self._config.project_key} is archived.",
                reason=FailureReason.GONE,
                hint=PROJECT_NOT_FOUND,
            )
        rows = data.get("issueTypes") if isinstance(data, dict) else None
        return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []

    def components(self) -> frozenset[str]:
        """The names of the project's components. Raises DeliveryError."""
        if self._components and is_fresh(self._config, self._components[0]):
            return self._components[1]
        data = self._session.read("GET", f"/project/{self._config.project_key}").data
        rows = data.get("components") if isinstance(data, dict) else None
        names = frozenset(
            str(row["name"])
            for row in (rows if isinstance(rows, list) else [])
            if isinstance(row, dict) and "name" in row
        )
        self._components = (note_read(self._config), names)
        return names

    def is_service_desk(self) -> bool:
        """Whether customers may read its comments (Jira Service Management). Raises DeliveryError."""
        if self._desk is None or not is_fresh(self._config, self._desk[0]):
            data = self._session.read("GET", f"/project/{self._config.project_key}").data
            kind = data.get("projectTypeKey") if isinstance(data, dict) else ""
            self._desk = (note_read(self._config), kind == "service_desk")
        return self._desk[1]

    def screen(self, issue_type: IssueType) -> Screen:
        """The create screen of a type. Raises DeliveryError."""
        kept = self._screens.get(issue_type.id)
        if kept and is_fresh(self._config, kept[0]):
            return kept[1]
        path = f"/issue/createmeta/{self._config.project_key}/issuetypes/{issue_type.id}"
        try:
            screen = screen_of(self._pages(path, ("fields", "values")))
        except PermanentDeliveryError as error:
            if error.status != 404:
                raise
            screen = Screen()
        self._screens[issue_type.id] = (note_read(self._config), screen)
        return screen

    def choose(self, *, security: bool) -> IssueType:
        """The configured type, else Incident, else another ordinary one (see `chosen`). Raises DeliveryError."""
        wanted = (*((self._config.security_issue_type,) if security else ()), self._config.issue_type)
        return chosen(self.issue_types(), wanted)

    def used_types(self) -> tuple[IssueType, ...]:
        """The types that tickets get: one, or another for security alerts. Raises DeliveryError."""
        return tuple(dict.fromkeys(self.choose(security=security) for security in (False, True)))

    def web_url(self) -> str:
        """Where people open tickets: what Jira says of itself, since the API may live elsewhere; "" where nobody knows.

        A Jira that was set up as “localhost” knows no better than we do.
        """
        if self._web is None:
            self._web = self._ask_web_url()
        return self._web

    def _ask_web_url(self) -> str:
        try:
            data = self._session.read("GET", "/serverInfo").data
        except DeliveryError:
            return "" if is_gateway(self._config.base_url) else self._config.base_url
        return self._said_url(data)

    def take_web_url(self, data: Any) -> str:
        """The same, out of an answer of `serverInfo`."""
        self._web = self._said_url(data)
        return self._web

    def _said_url(self, data: Any) -> str:
        said = str(data.get("baseUrl") or "").rstrip("/") if isinstance(data, dict) else ""
        own = self._config.base_url
        is_elsewhere = is_local(said) and not is_local(own)  # a Data Center that was never told its address
        if not said.startswith(("http://", "https://")) or is_gateway(said) or is_elsewhere:
            said = "" if is_gateway(own) else own
        return said

    def find_user(self, text: str) -> Mapping[str, str] | None:
        """A person by id, e-mail or name, in the form of a field's value; “me” is the account itself. Raises DeliveryError."""
        cloud = self._config.cloud
        if text.casefold() in ("me", "@me", "myself", "currentuser()"):
            return as_user(self._session.read("GET", "/myself").data, cloud=cloud)
        if cloud and _ACCOUNT_ID.fullmatch(text):
            return {"accountId": text}
        params = {"query": text} if cloud else {"username": text}
        rows = self._session.read("GET", "/user/search", params=params).data
        people = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
        exact = [
            row
            for row in people
            if text.casefold()
            in {str(row.get(k, "")).casefold() for k in ("emailAddress", "name", "displayName", "key")}
        ]
        several = exact or people
        return as_user(several[0], cloud=cloud) if len(several) == 1 or exact else None

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


def _project_gone(error: PermanentDeliveryError) -> PermanentDeliveryError:
    """Whoever asks for the project itself and gets a 404 has none, in whatever language Jira says so."""
    return PermanentDeliveryError(
        error.message, reason=FailureReason.GONE, hint=error.hint, status=error.status, detail=error.detail
    )


def as_user(row: Any, *, cloud: bool) -> dict[str, str] | None:
    """What names this person as a field's value: Cloud's account id, Data Center's name."""
    key = "accountId" if cloud else "name"
    return {key: str(row[key])} if isinstance(row, dict) and row.get(key) else None
