"""What any route may be asked: ids, pages and filters within bounds, and JSON that can be written down again."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Annotated, Any, get_args, get_origin

from fastapi import Path, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.params import Form
from fastapi.routing import APIRoute
from pydantic import AfterValidator, BaseModel, StringConstraints
from starlette.datastructures import ImmutableMultiDict
from starlette.exceptions import HTTPException

from soc.api.scopes import declared_scopes
from soc.domain.classification import Classification
from soc.domain.delivery import DeliveryState
from soc.domain.incident import IncidentStatus
from soc.domain.severity import Priority, Severity
from soc.domain.sla import SlaState
from soc.integrations.kit.bodies import MOST_LEVELS, deeper_than
from soc.integrations.registry import KINDS
from soc.store.nouns.batches.batches import BatchState
from soc.wrong_values import unknown_name

#: The largest number that every database takes for a row's number and for an offset.
_LARGEST = 2**31 - 1
#: Ids that the product makes have 20 characters at most. A longer one is nobody's, and a 404 would repeat it.
_LONGEST_ID = 60
#: An export has some levels around the data of an integration.
_MOST_LEVELS = 2 * MOST_LEVELS
_PRINTABLE = r"^[^\x00-\x1f\x7f]+$"
_NO_NUL = r"^[^\x00]*$"  # PostgreSQL's text cannot hold it

Offset = Annotated[int, Query(ge=0, le=_LARGEST)]
Limit = Annotated[int, Query(ge=1, le=500)]
Version = Annotated[int, Path(ge=1, le=_LARGEST)]
RowId = Annotated[str, Path(min_length=1, max_length=_LONGEST_ID, pattern=_PRINTABLE)]
GivenId = Annotated[str, StringConstraints(min_length=1, max_length=_LONGEST_ID, pattern=_PRINTABLE)]
BatchFilter = Annotated[str, Query(max_length=_LONGEST_ID, pattern=_NO_NUL)]
OwnerFilter = Annotated[
    str,
    Query(
        max_length=_LONGEST_ID, pattern=_NO_NUL, description="A person's id, or `nobody`; empty: anybody's."
    ),
]
TeamFilter = Annotated[
    str,
    Query(
        max_length=200,
        pattern=_NO_NUL,
        description="A team's id or name: what its people have. `owner` goes before it.",
    ),
]
TextFilter = Annotated[str, Query(max_length=200, pattern=_NO_NUL)]


def _one_of(names: Iterable[str]) -> AfterValidator:
    """Refuses what is none of the names, with the list of them; "" stays, and means all."""
    known = tuple(names)

    def check(value: str) -> str:
        if value and value not in known:
            raise ValueError(f"is one of {', '.join(known)}; empty means all")
        return value

    return AfterValidator(check)


def _listed(names: Iterable[str]) -> dict[str, list[str]]:
    return {"enum": ["", *names]}


_STATES = tuple(state.value for state in DeliveryState)
_SEVERITIES = tuple(severity.value for severity in Severity)
_CLASSES = tuple(one.value for one in Classification)
_STATUSES = tuple(status.value for status in IncidentStatus)
_PRIORITIES = tuple(priority.value for priority in Priority)
#: `overdue` is what `violated` was called before there were two clocks.
_CLOCKS = (*(state.value for state in SlaState), "overdue")
_BATCHES = tuple(state.value for state in BatchState)
StateFilter = Annotated[str, _one_of(_STATES), Query(json_schema_extra={**_listed(_STATES)})]
KindFilter = Annotated[str, _one_of(KINDS), Query(json_schema_extra={**_listed(KINDS)})]
SeverityFilter = Annotated[str, _one_of(_SEVERITIES), Query(json_schema_extra={**_listed(_SEVERITIES)})]
ClassFilter = Annotated[str, _one_of(_CLASSES), Query(json_schema_extra={**_listed(_CLASSES)})]
StatusFilter = Annotated[str, _one_of(_STATUSES), Query(json_schema_extra={**_listed(_STATUSES)})]
PriorityFilter = Annotated[str, _one_of(_PRIORITIES), Query(json_schema_extra={**_listed(_PRIORITIES)})]
SlaFilter = Annotated[str, _one_of(_CLOCKS), Query(json_schema_extra={**_listed(_CLOCKS)})]
BatchStateFilter = Annotated[str, _one_of(_BATCHES), Query(json_schema_extra={**_listed(_BATCHES)})]
ActionFilter = Annotated[str, Query(max_length=_LONGEST_ID, pattern=_NO_NUL)]


async def writable_json(request: Request) -> None:
    """Every route's: refuses a JSON body that holds half a surrogate pair, in a name or a value, or nests too deeply.

    Python reads half a character and cannot write it: not to a database, not to a vendor, not into an answer.
    """
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not (media.startswith("application/") and media.endswith("json")) or not await request.body():
        return
    try:
        body = await request.json()
        if deeper_than(_MOST_LEVELS, body):
            raise HTTPException(422, "The body is nested too deeply.")
        json.dumps(body, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise HTTPException(
            422, "The body holds half a character (a lone surrogate, \\ud800–\\udfff)."
        ) from None
    except RecursionError:
        raise HTTPException(422, "The body is nested too deeply.") from None
    except ValueError:
        return  # no JSON: the route itself says where it breaks


async def known_names(request: Request) -> None:
    """Every route's: refuses what follows the `?`, and fields of a form, that it does not know, or takes once and gets twice.

    A misspelled filter lets everything through, a misspelled `channels` tells everybody. Who asks without a key (a probe, a
    balancer that adds a number against caches) is let be.
    """
    route = request.scope.get("route")
    if not isinstance(route, APIRoute) or declared_scopes(route) == [None]:
        return
    wrong = _unknown("query", request.query_params, query_names(route)) if request.query_params else []
    if fields := form_names(route):
        wrong += _unknown("field", await request.form(), fields)  # the framework has read it, and keeps it
    if wrong:
        raise RequestValidationError(wrong)


def _unknown(what: str, given: ImmutableMultiDict[str, Any], taken: dict[str, bool]) -> list[dict[str, Any]]:
    """One of pydantic's errors for each name that is wrong; `taken`: whether a name may stand there several times."""
    there = f"there are: {', '.join(taken)}" if taken else "this address takes none"
    told = [
        f"{unknown_name(what, name, taken)}; {there}" for name in dict.fromkeys(given) if name not in taken
    ]
    told += [
        f"“{name}” is given more than once"
        for name, several in taken.items()
        if not several and len(given.getlist(name)) > 1
    ]
    place = "query" if what == "query" else "body"
    return [{"type": "name", "loc": (place,), "msg": message} for message in told]


def query_names(route: APIRoute) -> dict[str, bool]:
    """Each name that the route takes after the `?`, and whether it may stand there several times."""
    return _names(route, "query_params")


def form_names(route: APIRoute) -> dict[str, bool]:
    """The same of the fields of its form; none where it takes JSON, or nothing."""
    return _names(route, "body_params", only=Form)


def _names(route: APIRoute, params: str, only: type = object) -> dict[str, bool]:
    taken: dict[str, bool] = {}
    asked = [route.dependant]
    while asked:
        part = asked.pop()
        asked.extend(part.dependencies)
        for one in getattr(part, params):
            kind: Any = one.field_info.annotation
            is_model = isinstance(kind, type) and issubclass(kind, BaseModel)  # its fields are the names
            fields = kind.model_fields if is_model else {one.alias: one.field_info}
            if isinstance(one.field_info, only):
                taken |= {field.alias or name: _is_list(field.annotation) for name, field in fields.items()}
    return taken


def _is_list(annotation: Any) -> bool:
    return get_origin(annotation) is list or any(get_origin(one) is list for one in get_args(annotation))
