"""The guide's integration endpoints: configuration, test, and each vendor's declared actions.

The routes of the actions are made from the registry, so a new integration has its endpoints at once. (This
module has no deferred annotations: FastAPI reads them from functions that are made in a loop.)
"""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Header, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from soc.access.scopes import Scope
from soc.api.guard import actor_of
from soc.api.inputs import Version
from soc.api.problems import problem
from soc.api.scopes import needs
from soc.configuration import setup
from soc.configuration.transfer import FORMAT, export_configurations, import_configurations
from soc.delivery import actions
from soc.domain.delivery import DeliveryState
from soc.errors import FailureReason
from soc.integrations.kit.base import Action, ConnectionReport
from soc.integrations.kit.declared import example_of
from soc.integrations.registry import KINDS, Kind
from soc.store.db import read_session
from soc.store.versions import list_versions

router = APIRouter(prefix="/integrations", tags=["integrations"])


#: What a configuration is shown with besides its settings; whoever sends all of it back means the settings.
_SHOWN_WITH = frozenset({"status", "integration", "title", "configured", "source", "paused_reason"})


def _caller(request: Request) -> str:
    return str(request.scope.get("soc.caller") or "local")


@router.get("", dependencies=[needs(Scope.READ)], summary="Every integration and its state")
def list_all() -> list[dict[str, Any]]:
    return [_state(kind) for kind in KINDS]


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


@router.post(
    "/export",
    dependencies=[needs(Scope.ADMIN)],
    summary="Every saved configuration, for another installation",
)
def export_all(request: ExportRequest | None = None) -> dict[str, Any]:
    """Practice and what comes from the environment are left out."""
    passphrase = request.passphrase.get_secret_value() if request else ""
    return export_configurations(passphrase=passphrase)


@router.post(
    "/import", dependencies=[needs(Scope.ADMIN)], summary="Save the configurations of an export, all or none"
)
def import_all(data: ImportRequest, request: Request) -> dict[str, Any]:
    """Each is a version. Secrets that were left out keep the saved value where the address is the same."""
    kinds = import_configurations(
        data.document,
        passphrase=data.passphrase.get_secret_value(),
        actor=actor_of(request),
        author=_caller(request),
    )
    return {"status": "saved", "integrations": kinds}


def _state(kind: str) -> dict[str, Any]:
    state = setup.integration_state(kind)
    return {
        "integration": kind,
        "title": KINDS[kind].title,
        "configured": state.configured,
        "enabled": state.enabled,
        "source": state.source,
        "practice": state.practice,
        "paused_reason": state.paused_reason,
    }


def _settings(kind: str, data: dict[str, Any]) -> dict[str, Any]:
    shown_only = _SHOWN_WITH - set(KINDS[kind].config.model_fields)
    return {name: value for name, value in data.items() if name not in shown_only}


def _tested(report: ConnectionReport) -> dict[str, Any]:
    """The guide's shape: `status`, `error`, and what was found."""
    return {
        "status": "success" if report.ok else "error",
        "message": report.summary,
        **({} if report.ok else {"error": report.summary}),
        "hint": report.hint,
        "case": report.case.value if report.case else None,
        "facts": dict(report.facts),
        "warnings": list(report.warnings),
        "latency_ms": report.latency_ms,
        **report.details,
    }


def _add_configuration(kind: str, declared: Kind) -> None:
    schema = {
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": declared.config.model_json_schema(),
                    "example": example_of(declared.config),
                }
            },
        }
    }

    @router.get(
        f"/{kind}/config",
        dependencies=[needs(Scope.READ)],
        summary=f"{declared.title}: configuration, secrets masked",
        name=f"get_{kind}_config",
    )
    def get_config() -> dict[str, Any]:
        return {**_state(kind), **setup.integration_state(kind).masked}

    @router.post(
        f"/{kind}/config",
        dependencies=[needs(Scope.ADMIN)],
        summary=f"{declared.title}: save",
        openapi_extra=schema,
        name=f"save_{kind}_config",
    )
    def save_config(data: Annotated[dict[str, Any], Body()], request: Request) -> dict[str, Any]:
        """A mask sent back means the secret that is saved. Every save is a version."""
        setup.save_configuration(
            kind, _settings(kind, data), actor=actor_of(request), author=_caller(request)
        )
        return {"status": "saved", **_state(kind), **setup.integration_state(kind).masked}

    @router.post(
        f"/{kind}/test",
        dependencies=[needs(Scope.ACT)],
        summary=f"{declared.title}: test the connection",
        openapi_extra={"requestBody": {**schema["requestBody"], "required": False}},
        name=f"test_{kind}",
    )
    def test(request: Request, data: Annotated[dict[str, Any] | None, Body()] = None) -> dict[str, Any]:
        """With a body: these settings, without saving them. Without: the saved ones."""
        return _tested(
            setup.test_configuration(kind, _settings(kind, data) if data else None, actor=actor_of(request))
        )

    @router.get(
        f"/{kind}/versions",
        dependencies=[needs(Scope.READ)],
        summary=f"{declared.title}: every save",
        name=f"list_{kind}_versions",
    )
    def versions() -> list[dict[str, Any]]:
        with read_session() as session:
            rows = list_versions(session, kind)
        return [row.model_dump(mode="json", exclude={"sealed"}) for row in rows]

    @router.post(
        f"/{kind}/versions/{{version}}/restore",
        dependencies=[needs(Scope.ADMIN)],
        summary=f"{declared.title}: roll back",
        name=f"restore_{kind}",
    )
    def restore(version: Version, request: Request) -> dict[str, Any]:
        setup.restore_configuration(kind, version, actor=actor_of(request), author=_caller(request))
        return {"status": "restored", "version": version, **_state(kind)}


def _answer(action: Action, result: actions.ActionResult) -> Response:
    row, receipt = result.delivery, result.receipt
    if row.state == DeliveryState.DELIVERED and receipt is not None:
        body = {
            "status": "success",
            "delivery_id": row.id,
            "state": row.state,
            "id": receipt.remote_id,
            "key": receipt.key,
            "url": receipt.url,
            "details": receipt.extra,
        }
        return JSONResponse(body, status_code=201 if result.new else 200)
    held = row.state != DeliveryState.DEAD and row.next_try_at is None
    if row.state == DeliveryState.DEAD:
        status = 422 if row.reason in (FailureReason.CLIENT, FailureReason.ADDRESS) else 502
        return problem(
            status, row.error or "The vendor refused it.", row.hint, delivery_id=row.id, state=row.state
        )
    where = f"/api/v1/deliveries/{row.id}"
    body = {
        "status": "held" if held else "accepted",
        "delivery_id": row.id,
        "state": row.state,
        "message": row.error or row.hint or f"“{action.title}” goes on in the background.",
        "hint": f"It goes on by itself once the integration works again; do not send it twice. {row.hint}".strip()
        if held
        else f"Follow it at {where}.",
        "follow": where,
    }
    return JSONResponse(body, status_code=202)


_DONE: dict[int | str, dict[str, Any]] = {
    200: {"description": "It had been done before by the same request."},
    201: {"description": "Done now: `id`, `key` and `url` at the vendor, `delivery_id` here."},
    202: {"description": "Accepted, or held until the configuration is mended: it goes on by itself."},
}


def _add_action(kind: str, action: Action) -> None:
    model: Any = (
        Annotated[action.request, Query()] if action.query or action.method == "GET" else action.request
    )

    def read(request: model) -> Any:
        return actions.ask(kind, action, request)

    def write(request: model, caller: Request, idempotency_key: Annotated[str, Header()] = "") -> Response:
        return _answer(
            action,
            actions.call(kind, action, request, actor=actor_of(caller), idempotency_key=idempotency_key),
        )

    router.add_api_route(
        f"/{kind}/{action.name}",
        write if action.writes else read,
        methods=[action.method],
        dependencies=[needs(Scope.READ if action.method == "GET" else Scope.ACT)],
        summary=f"{KINDS[kind].title}: {action.title}",
        name=f"{kind}_{action.name}",
        response_model=None,
        responses=_DONE if action.writes else None,
    )


for _kind, _declared in KINDS.items():
    _add_configuration(_kind, _declared)
    for _action in _declared.actions:
        _add_action(_kind, _action)
