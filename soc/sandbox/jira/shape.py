"""What the practice project has and asks for: its issue types and its create screen, as the settings make them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from soc.sandbox.jira import catalogue
from soc.sandbox.jira.catalogue import ScreenField


@dataclass(frozen=True)
class Shape:
    """`required` are names of the catalogue's custom fields; `reporter` is optional, required or not_settable."""

    required: tuple[str, ...] = ()
    reporter: str = "optional"
    epic_first: bool = False

    @property
    def types(self) -> dict[str, str]:
        """Names by id, in the project's order."""
        return catalogue.EPIC_FIRST if self.epic_first else catalogue.ISSUE_TYPES

    @property
    def screen(self) -> dict[str, ScreenField]:
        """The fields of the create and edit screens, by id."""
        system = dict(catalogue.SCREEN)
        system["issuetype"] = replace(system["issuetype"], allowed=self.types)
        if self.reporter == "not_settable":
            del system["reporter"]
        elif self.reporter == "required":
            system["reporter"] = replace(system["reporter"], required=True)
        return system | {field.id: field for field in self.custom}

    @property
    def custom(self) -> tuple[ScreenField, ...]:
        return tuple(catalogue.CUSTOM[name] for name in self.required)

    def has_default(self, field: ScreenField) -> bool:
        """Whether Jira fills the field in by itself."""
        return field.id == "priority" or (field.id == "reporter" and self.reporter == "optional")
