"""Reading an issue's fields as Jira does: every mistake is named by its field, and nothing is written then."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from soc.sandbox.jira import adf, catalogue
from soc.sandbox.jira.catalogue import ScreenField
from soc.sandbox.jira.memory import Issue
from soc.sandbox.jira.shape import Shape
from soc.sandbox.jira.wire import FIELD_LIMIT, Json


class FieldError(ValueError):
    """Why one field's value is refused, in Jira's words."""


class FieldReader:
    """Checks fields and writes them into an issue. `is_adf` says how rich text must come, `shape` what the project has."""

    def __init__(self, *, is_adf: bool, is_cloud: bool, shape: Shape) -> None:
        self._is_adf = is_adf
        self._is_cloud = is_cloud
        self._shape = shape
        self._custom = {field.id: field for field in shape.custom}
        self._readers: dict[str, tuple[str, Callable[[Any], Any]]] = {
            "summary": ("summary", read_summary),
            "description": ("description", self.read_rich_text),
            "environment": ("environment", self.read_rich_text),
            "issuetype": ("issue_type", self._read_type),
            "priority": ("priority", read_priority),
            "labels": ("labels", read_labels),
            "components": ("components", read_components),
            "duedate": ("duedate", read_date),
            "assignee": ("assignee", self._read_assignee),
            "reporter": ("reporter", self._read_reporter),
        }
        if shape.reporter == "not_settable":
            del self._readers["reporter"]

    def errors_of_new(self, fields: Json) -> dict[str, str]:
        """What is wrong with the fields of an issue to be created; empty when nothing is."""
        errors: dict[str, str] = {}
        if self._find_project(fields.get("project")) is None:
            errors["project"] = (
                "Specify a valid project ID or key" if self._is_cloud else "valid project is required"
            )
        for name in ("issuetype", "summary"):
            if fields.get(name) is None:
                fields = {**fields, name: ""}
        if self._shape.reporter == "required" and not fields.get("reporter"):
            errors["reporter"] = "Reporter is required."
        missing = [one for one in self._custom.values() if fields.get(one.id) in (None, "", [])]
        errors |= {one.id: f"{one.name} is required." for one in missing}
        return errors | self.errors_of({k: v for k, v in fields.items() if k not in errors})

    def errors_of(self, fields: Json) -> dict[str, str]:
        """What is wrong with these fields, by name."""
        errors: dict[str, str] = {}
        for name, value in fields.items():
            if name == "project":
                continue
            if name in self._custom:
                try:
                    self._read_custom(self._custom[name], value)
                except FieldError as error:
                    errors[name] = str(error)
                continue
            if name not in self._readers:
                errors[name] = (
                    f"Field '{name}' cannot be set. It is not on the appropriate screen, or unknown."
                )
                continue
            try:
                self._readers[name][1](value)
            except FieldError as error:
                errors[name] = str(error)
        return errors

    def write(self, issue: Issue, fields: Json) -> None:
        """Put checked fields into the issue."""
        for name, value in fields.items():
            if name in self._custom:
                issue.custom[name] = self._read_custom(self._custom[name], value)
            elif name != "project":
                attribute, read = self._readers[name]
                setattr(issue, attribute, read(value))

    def errors_of_operations(self, update: Json, issue: Issue) -> dict[str, str]:
        """What is wrong with an `update` object (`{"labels": [{"add": "x"}]}`)."""
        errors: dict[str, str] = {}
        for name, operations in update.items():
            try:
                self._read_operations(name, operations, issue)
            except FieldError as error:
                errors[name] = str(error)
        return errors

    def operate(self, issue: Issue, update: Json) -> None:
        """Apply checked operations. Comments (`update.comment`) are the caller's."""
        for name, operations in update.items():
            if name != "comment":
                setattr(issue, self._readers[name][0], self._read_operations(name, operations, issue))

    def read_rich_text(self, value: Any) -> Any:
        """An ADF document (version 3) or a string (version 2); None or an empty string clears."""
        if value is None:
            return None
        if self._is_adf and not isinstance(value, dict):
            raise FieldError(
                "Operation value must be an Atlassian Document (see the Atlassian Document Format)"
            )
        if self._is_adf and not adf.is_document(value):
            raise FieldError("INVALID_INPUT")
        if not self._is_adf and not isinstance(value, str):
            raise FieldError("Operation value must be a string")
        if len(adf.text_of(value)) > FIELD_LIMIT:
            raise FieldError(
                "The entered text is too long. It exceeds the allowed limit of 32,767 characters."
            )
        return value

    def _read_operations(self, name: str, operations: Any, issue: Issue) -> Any:
        if not isinstance(operations, list) or not all(
            isinstance(o, dict) and len(o) == 1 for o in operations
        ):
            raise FieldError("Operations must be a list of objects with one operation each.")
        if name == "comment":
            for operation in operations:
                self.read_rich_text((operation.get("add") or {}).get("body"))
            return None
        screen = catalogue.SCREEN.get(name)
        if screen is None or name not in self._readers:
            raise FieldError(
                f"Field '{name}' cannot be set. It is not on the appropriate screen, or unknown."
            )
        attribute, read = self._readers[name]
        value = getattr(issue, attribute)
        for operation in operations:
            ((verb, operand),) = operation.items()
            if verb not in screen.operations:
                raise FieldError(f"Field does not support update '{verb}'")
            if verb == "set":
                value = read(operand)
            elif verb == "add":
                value = value + [new for new in read([operand]) if new not in value]
            else:
                value = [old for old in value if old not in read([operand])]
        return value

    def _read_type(self, value: Any) -> str:
        found = catalogue.find(self._shape.types, value)
        if found == catalogue.SUBTASK:
            raise FieldError("Issue type is a sub-task but parent issue key or id not specified.")
        if found is None and not value:
            raise FieldError("Specify an issue type" if self._is_cloud else "issue type is required")
        if found is None:
            raise FieldError(
                "Specify a valid issue type" if self._is_cloud else "valid issue type is required"
            )
        return found

    def _read_assignee(self, value: Any) -> str | None:
        if value is None or (isinstance(value, dict) and not any(value.values())):
            return None
        return self._read_user(value)

    def _read_reporter(self, value: Any) -> str:
        return self._read_user(value)

    def _read_user(self, value: Any) -> str:
        found = catalogue.find_user(value)
        if found is None:
            raise FieldError("Specify a valid value for user" if self._is_cloud else "User does not exist.")
        return found

    def _read_custom(self, field: ScreenField, value: Any) -> Any:
        """A custom field's value as it is kept: whole options, a user's account, a text."""
        if field.schema["type"] == "array":
            if not isinstance(value, list):
                raise FieldError("data was not an array")
            return [_option(field, one) for one in value]
        if field.schema["type"] == "option":
            return _option(field, value)
        if field.schema["type"] == "user":
            return {"accountId": self._read_user(value)}
        if not isinstance(value, str) or len(value) > 255:
            raise FieldError("Operation value must be a string")
        return value

    @staticmethod
    def _find_project(value: Any) -> str | None:
        if not isinstance(value, dict):
            return None
        known = value.get("key") == catalogue.PROJECT_KEY or str(value.get("id")) == catalogue.PROJECT_ID
        return catalogue.PROJECT_ID if known else None


def _option(field: ScreenField, value: Any) -> dict[str, str]:
    allowed = field.allowed or {}
    asked = {"name": value["value"]} if isinstance(value, dict) and "value" in value else value
    found = catalogue.find(allowed, asked)
    if found is None:
        raise FieldError(f"Option value '{value}' is not valid")
    return {"id": found, "value": allowed[found]}


def read_summary(value: Any) -> str:
    """1 to 255 characters on one line."""
    if not isinstance(value, str):
        raise FieldError("Operation value must be a string")
    if not value.strip():
        raise FieldError("You must specify a summary of the issue.")
    if "\n" in value or "\r" in value:
        raise FieldError("The summary is invalid because it contains newline characters.")
    if len(value) > 255:
        raise FieldError("Summary can't exceed 255 characters.")
    return value


def read_priority(value: Any) -> str:
    """A known priority's id."""
    if not isinstance(value, dict):
        raise FieldError("Specify the Priority (id or name) in the string format")
    found = catalogue.find(catalogue.PRIORITIES, value)
    if found is None:
        raise FieldError("The priority selected is invalid.")
    return found


def read_labels(value: Any) -> list[str]:
    """Distinct labels without white space, 1 to 255 characters each."""
    if not isinstance(value, list | None):
        raise FieldError("data was not an array")
    for label in value or []:
        if not isinstance(label, str) or not label:
            raise FieldError("Operation value must be a string")
        if re.search(r"\s", label):
            raise FieldError(f"The label '{label}' contains spaces which is invalid.")
        if len(label) > 255:
            raise FieldError(f"The label '{label[:40]}…' exceeds the maximum length of 255 characters.")
    return list(dict.fromkeys(value or []))


def read_components(value: Any) -> list[str]:
    """Ids of known components."""
    if not isinstance(value, list | None):
        raise FieldError("data was not an array")
    found = []
    for component in value or []:
        known = catalogue.find(catalogue.COMPONENTS, component)
        if known is None:
            asked = component.get("name", component.get("id")) if isinstance(component, dict) else component
            raise FieldError(f"Component name '{asked}' is not valid")
        found.append(known)
    return found


def read_date(value: Any) -> str | None:
    """`YYYY-MM-DD`, or None to clear."""
    if value is None or value == "":
        return None
    try:
        if not isinstance(value, str) or len(value) != 10:
            raise ValueError
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise FieldError(f"Error parsing date string: {value}") from None
