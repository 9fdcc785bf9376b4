"""The guide's configuration endpoints: read, save, test, and every version.

The routes are made from the registry, so a new integration has its endpoints at once. (This module has no deferred
annotations: FastAPI reads them from functions that are made in a loop.)
"""

from collections.abc import Mapping
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Annotated, Any, Literal, get_args, get_origin

from fastapi import APIRouter, Body, Request
from pydantic import ConfigDict, Field, SecretStr, create_model

from soc.access.scopes import Scope
from soc.api import lanes
from soc.api.asked_once import Asked
from soc.api.guard import actor_of, caller_of
from soc.api.inputs import Limit, Offset, Version
from soc.api.lists import SOME_KIND, Answer, Cursor, Listed, sorts_of
from soc.api.scopes import needs
from soc.configuration.save import save_configuration
from soc.configuration.state import integration_state, shown_state
from soc.configuration.test import test_configuration
from soc.configuration.versions import restore_configuration
from soc.integrations.kit.base import ConnectionReport, IntegrationConfig, TroubleCase
from soc.integrations.kit.declared import defaults_of, example_of
from soc.integrations.kit.declaring.masking import secrecy_of
from soc.integrations.kit.redaction import MASK
from soc.integrations.registry import KINDS, Kind
from soc.level import Level
from soc.store.db import read_session
from soc.store.nouns.vendors.versions import VERSION_SORTS, page_versions
from soc.store.paging import Page

router = APIRouter(prefix="/integrations", tags=["integrations"])
_Sort = Annotated[str, sorts_of(VERSION_SORTS)]

#: What a configuration is shown with besides its settings; whoever sends all of it back means the settings.
_SHOWN_WITH = frozenset(
    {
        "status",
        "integration",
        "title",
        "configured",
        "source",
        "paused_reason",
        "next_probe_at",
        "level",
        "warnings",
    }
)


class IntegrationState(Answer):
    """Whether it is set up, where its settings come from, and why it is paused, if it is."""

    integration: str = Field(examples=[SOME_KIND])
    title: str = Field(examples=[KINDS[SOME_KIND].title])
    configured: bool = Field(examples=[True])
    enabled: bool = Field(examples=[True])
    source: Literal["store", "environment", ""] = Field(examples=["store"])
    practice: bool = Field(description="Whether it speaks to the sandbox.", examples=[False])
    paused_reason: str = Field(examples=[""])
    next_probe_at: datetime | None = Field(
        description="When a pause is looked into by itself; null where only a person ends it.",
        examples=[None],
    )


class IntegrationList(Listed[IntegrationState]):
    """Every integration."""


#: Of what was saved: whether it works is what a test says.
LEVEL = Field(description="`warning`: it was saved, and not all of it could be checked.", examples=["ok"])


class SavedState(IntegrationState):
    """The state after a version was restored."""

    status: str = Field(examples=["restored"])
    version: int = Field(examples=[3])
    level: Level = LEVEL
    warnings: list[str] = Field(
        default=[],
        description="Why the vendor could not be asked whether it has what is chosen.",
        examples=[[]],
    )


class TestReport(Answer):
    """What a connection test found. Beside these fields there may be the vendor's own details."""

    __test__ = False  # for pytest: it is no test
    model_config = ConfigDict(extra="allow")

    status: Literal["success", "error"]
    level: Literal["ok", "warning", "error"] = Field(
        description="`warning`: it works, and there is something to mend."
    )
    message: str = Field(examples=["Connected as night-shift."])
    error: str | None = Field(default=None, description="Where it failed.", examples=[None])
    hint: str = Field(examples=[""])
    case: TroubleCase | None = Field(examples=[None])
    facts: dict[str, str] = Field(examples=[{"Project": "SOC"}])
    warnings: list[str] = Field(examples=[[]])
    latency_ms: int | None = Field(examples=[84])


class Change(Answer):
    """One field's difference to the version before; secrets are masked."""

    field: str = Field(examples=["timeout"])
    before: Any = Field(default=None, examples=[30])
    after: Any = Field(default=None, examples=[10])


class ConfigurationVersion(Answer):
    """One save."""

    kind: str = Field(examples=[SOME_KIND])
    version: int = Field(examples=[3])
    public: dict[str, Any] = Field(
        description="The settings, without secrets.", examples=[{"url": "https://your-system.com/hook"}]
    )
    practice: bool = Field(examples=[False])
    changes: list[Change]
    author: str = Field(examples=["key:grafana"])
    made_by: str = Field(description="Who saved it.", examples=["key:key-7k2m9q4x1c@bearer"])
    note: str = Field(examples=["rolled back to version 1"])
    created_at: datetime = Field(examples=["2026-01-14T22:03:11Z"])


class VersionList(Listed[ConfigurationVersion]):
    """A page of versions."""


@router.get("", dependencies=[needs(Scope.READ)], summary="Every integration and its state")
def list_integrations() -> IntegrationList:
    """In the order of the pages."""
    items = [IntegrationState(**_state(kind)) for kind in KINDS]
    return IntegrationList.of(Page((), len(items)), items)


def _state(kind: str) -> dict[str, Any]:
    state = shown_state(kind)
    return {
        "integration": kind,
        "title": KINDS[kind].title,
        "configured": state.configured,
        "enabled": state.enabled,
        "source": state.source,
        "practice": state.practice,
        "paused_reason": state.paused_reason,
        "next_probe_at": state.next_probe_at,
    }


def _settings(kind: str, data: Mapping[str, Any]) -> dict[str, Any]:
    shown_only = _SHOWN_WITH - set(KINDS[kind].config.model_fields)
    return {name: value for name, value in data.items() if name not in shown_only}


def _tested(report: ConnectionReport) -> TestReport:
    """The guide's shape: `status`, `error`, and what was found."""
    return TestReport(
        **{
            "status": "success" if report.ok else "error",
            "level": report.level,
            "message": report.summary,
            **({} if report.ok else {"error": report.summary}),
            "hint": report.hint,
            "case": report.case,
            "facts": dict(report.facts),
            "warnings": list(report.warnings),
            "latency_ms": report.latency_ms,
            **report.details,
        }
    )


def _as_shown(annotation: Any) -> Any:
    """The type of a setting as it is shown: a secret is a mask, which is text."""
    if annotation is SecretStr:
        return str
    origin, inner = get_origin(annotation), tuple(map(_as_shown, get_args(annotation)))
    if origin is None or origin is Literal:
        return annotation
    if origin in (list, tuple):
        return list[inner[0]]  # type: ignore[valid-type]
    if origin in (dict, Mapping):
        return dict[inner[0], inner[1]]  # type: ignore[valid-type]
    return reduce(or_, inner)


#: What a secret is shown as, by how many there are.
_EXAMPLES: dict[str, Any] = {"one": MASK, "map": {"Authorization": MASK}, "list": [MASK]}


def shown_model(name: str, config: type[IntegrationConfig]) -> Any:
    """The state of an integration and, where it is set up, its settings with every secret masked."""
    given = example_of(config)
    settings: dict[str, Any] = {
        field_name: (
            _as_shown(field.annotation) | None,
            Field(
                default=None,
                title=field.title,
                description=field.description,
                examples=[_EXAMPLES.get(secrecy_of(field), given.get(field_name))],
            ),
        )
        for field_name, field in config.model_fields.items()
        if field_name not in IntegrationState.model_fields
    }
    status = (str | None, Field(default=None, description="`saved` after a save.", examples=["saved"]))
    level = (Level | None, Field(default=None, description=LEVEL.description, examples=["ok"]))
    warnings = (
        list[str] | None,
        Field(default=None, description="What a save could not ask the vendor.", examples=[[]]),
    )
    return create_model(
        f"{name}Shown",
        __base__=IntegrationState,
        __module__=__name__,
        __doc__=f"{name}, its secrets masked. Sent back as it is, it changes nothing.",
        **{**settings, "status": settings.get("status", status), "level": level, "warnings": warnings},
    )


def _add_configuration(kind: str, declared: Kind) -> None:
    shown = shown_model(declared.config.__name__, declared.config)
    body = {
        "content": {
            "application/json": {
                "schema": {"$ref": f"#/components/schemas/{declared.config.__name__}"},
                "example": example_of(declared.config),
            }
        }
    }

    @router.get(
        f"/{kind}/config",
        dependencies=[needs(Scope.READ)],
        summary=f"{declared.title}: configuration, secrets masked",
        name=f"get_{kind}_config",
        response_model=shown,
        response_model_exclude_unset=True,
    )
    def get_config() -> dict[str, Any]:
        """Sent back as it is, it changes nothing. The defaults where it is not configured."""
        state = shown_state(kind)
        return {**_state(kind), **(state.masked if state.configured else defaults_of(declared.config))}

    @router.post(
        f"/{kind}/config",
        dependencies=[needs(Scope.ADMIN)],
        summary=f"{declared.title}: save",
        openapi_extra={"requestBody": {"required": True, **body}},
        name=f"save_{kind}_config",
        response_model=shown,
        response_model_exclude_unset=True,
    )
    @lanes.in_lane(f"save-{kind}")
    def save_config(data: Annotated[dict[str, Any], Body()], request: Request, once: Asked) -> dict[str, Any]:
        """A mask sent back means the secret that is saved. Every save is a version."""
        who: Any = {"actor": actor_of(request), "author": caller_of(request)}
        unasked = save_configuration(kind, _settings(kind, data), once=once, **who)
        warned = {"level": Level.of([unasked]), **({"warnings": [unasked]} if unasked else {})}
        return {"status": "saved", **_state(kind), **integration_state(kind).masked, **warned}

    @router.post(
        f"/{kind}/test",
        dependencies=[needs(Scope.ACT)],
        summary=f"{declared.title}: test the connection",
        openapi_extra={"requestBody": {"required": False, **body}},
        name=f"test_{kind}",
        response_model_exclude_unset=True,
    )
    async def test(request: Request, data: Annotated[dict[str, Any] | None, Body()] = None) -> TestReport:
        """With a body: these settings, without saving them. Without: the saved ones."""
        settings = _settings(kind, data) if data else None
        actor = actor_of(request)
        return _tested(
            await lanes.asking(kind).run_soon(lambda: test_configuration(kind, settings, actor=actor))
        )

    @router.get(
        f"/{kind}/versions",
        dependencies=[needs(Scope.READ)],
        summary=f"{declared.title}: every save, newest first",
        name=f"list_{kind}_versions",
    )
    def versions(
        sort: _Sort = "-version", cursor: Cursor = "", offset: Offset = 0, limit: Limit = 50
    ) -> VersionList:
        """Who, when, and what changed; secrets are masked."""
        with read_session() as session:
            page = page_versions(session, kind, sort=sort, cursor=cursor, offset=offset, limit=limit)
            return VersionList.of(page, map(ConfigurationVersion.model_validate, page.rows))

    @router.post(
        f"/{kind}/versions/{{version}}/restore",
        dependencies=[needs(Scope.ADMIN)],
        summary=f"{declared.title}: roll back",
        name=f"restore_{kind}_config",
    )
    @lanes.in_lane(f"save-{kind}")
    def restore(version: Version, request: Request, once: Asked) -> SavedState:
        """As a new version; held deliveries go on."""
        who: Any = {"actor": actor_of(request), "author": caller_of(request)}
        unasked = restore_configuration(kind, version, once=once, **who)
        said: Any = {"level": Level.of([unasked]), "warnings": [unasked] if unasked else []}
        return SavedState(status="restored", version=version, **said, **_state(kind))


for _kind, _declared in KINDS.items():
    _add_configuration(_kind, _declared)
