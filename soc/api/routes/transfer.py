"""Configurations that are carried to another installation: all of them as one document."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from soc.access.scopes import Scope
from soc.api import lanes
from soc.api.asked_once import Asked
from soc.api.guard import actor_of, caller_of
from soc.api.lists import SOME_KIND, Answer
from soc.api.scopes import needs
from soc.configuration.transfer import FORMAT, export_configurations, import_configurations
from soc.level import Level

router = APIRouter(prefix="/integrations", tags=["integrations"])


class ExportRequest(BaseModel):
    """Without a passphrase the secrets are left out."""

    model_config = ConfigDict(
        extra="forbid",
        hide_input_in_errors=True,
        json_schema_extra={"examples": [{"passphrase": "at least twelve characters"}]},
    )

    passphrase: SecretStr = Field(
        default=SecretStr(""), description="Seals the secrets; 12 characters or more."
    )


class ExportedIntegration(Answer):
    """The settings of one, and its sealed secrets."""

    settings: dict[str, Any] = Field(examples=[{"url": "https://your-system.com/hook"}])
    sealed: str | None = Field(default=None, description="Absent without a passphrase.", examples=["kJx…"])


class ExportDocument(Answer):
    """What `POST /integrations/import` takes."""

    format: str = Field(examples=[FORMAT])
    exported_at: datetime = Field(examples=["2026-01-14T22:03:11Z"])
    integrations: dict[str, ExportedIntegration]


class ImportRequest(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        hide_input_in_errors=True,
        json_schema_extra={
            "examples": [
                {"document": {"format": FORMAT, "integrations": {}}, "passphrase": "the one of the export"}
            ]
        },
    )

    document: dict[str, Any] = Field(description="What an export answered, unchanged.")
    passphrase: SecretStr = Field(
        default=SecretStr(""), description="The export's passphrase, where its secrets are sealed."
    )


class Imported(Answer):
    """Which integrations were saved."""

    status: str = Field(examples=["saved"])
    integrations: list[str] = Field(examples=[[SOME_KIND]])
    level: Level = Field(
        description="`warning`: they were saved, and not all of it could be checked.", examples=["ok"]
    )
    warnings: list[str] = Field(
        default=[],
        description="Which vendors could not be asked whether they have what is chosen.",
        examples=[[]],
    )


@router.post(
    "/export",
    dependencies=[needs(Scope.ADMIN)],
    summary="Every saved configuration, for another installation",
    response_model_exclude_unset=True,
)
def export_integrations(request: Request, data: ExportRequest | None = None) -> ExportDocument:
    """Practice and what comes from the environment are left out. Secrets may take a second administrator: [approvals](../sign-in.md)."""
    passphrase = data.passphrase.get_secret_value() if data else ""
    return ExportDocument.model_validate(
        export_configurations(passphrase=passphrase, actor=actor_of(request))
    )


@router.post(
    "/import", dependencies=[needs(Scope.ADMIN)], summary="Save the configurations of an export, all or none"
)
@lanes.in_lane("import")
def import_integrations(data: ImportRequest, request: Request, once: Asked) -> Imported:
    """Each is a version. Secrets that were left out keep the saved value where the address is the same."""
    imported = import_configurations(
        data.document,
        passphrase=data.passphrase.get_secret_value(),
        actor=actor_of(request),
        author=caller_of(request),
        once=once,
    )
    return Imported(
        status="saved",
        integrations=imported.kinds,
        level=Level.of(imported.warnings),
        warnings=imported.warnings,
    )
