"""What is done in a service's audit record: whose record it is, by which name the service calls the deed, and what the
record's values add to it (that it failed, made something public, gave rights …).

A service is known by keys that stand together in its records only; no value of anybody is looked at for that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from soc.logs.general.deeds.before_after import read_changes
from soc.logs.general.deeds.signs import BY_HAND, OFF, ON, is_everybody, kind_of, look, named_signs, says
from soc.logs.general.pairs import UNIT

#: What is given of a record: the service, the deed's name in full and the signs, between tabs; and the name as it stands there.
DEED, ACTION = "said.deed", "event.action"
#: A record of a service that is not known.
ANY = "any"


@dataclass(frozen=True)
class _Service:
    """`keys`: all of them stand in its records, and one of `beside`. `name`: where the deed's name stands, the first that does.

    Keys are the last one or two of a path, in lower case.
    """

    name: str
    keys: tuple[str, ...]
    beside: tuple[str, ...] = ()
    called: tuple[str, ...] = ()


_SERVICES = (
    _Service("kubernetes", ("verb",), ("auditid", "objectref.resource", "requesturi"), ("verb",)),
    _Service("aws", ("eventsource", "eventname"), (), ("eventname",)),
    _Service("waf", ("webaclid", "terminatingruleid"), (), ("terminatingruleid",)),
    _Service("okta", ("eventtype",), ("actor.alternateid", "outcome.result"), ("eventtype",)),
    _Service("workspace", ("id.applicationname",), ("name", "events.name"), ("events.name", "name")),
    _Service("google", ("methodname",), ("servicename", "resourcename", "protopayload.methodname"), ("methodname",)),
    _Service(
        "azure", ("operationname",), ("category", "resourceid", "operationversion", "correlationid"), ("operationname",)
    ),
    _Service("azure", ("operationname.value",), ("resourceid", "correlationid"), ("operationname.value",)),
    _Service("office", ("operation",), ("workload", "recordtype"), ("operation",)),
    _Service("github", ("action", "actor"), ("org", "repo", "business", "org_id", "programmatic_access_type"), ("action",)),
)  # fmt: skip

#: Keys that name the deed in records of a service that is not known, best first; and those that name what it concerns.
_ACTS = (
    "audit_log_event", "actionname", "action_name", "eventtypename", "event_type._tag", "event_type..tag", "eventname", "event_name", "operationname",
    "operation_name", "event_type", "eventtype", "activitytype", "activity_type", "activity", "operation", "action", "event.action", "event", "command_name",
    "action_type", "actiontype", "audit_event", "audit_action", "auditaction", "activity_name", "activitydisplayname", "change_type", "changetype",
    "methodname", "method_name", "eventtype_name", "operationtype", "operation_type", "verb", "events.name",
)  # fmt: skip
_OBJECTS = frozenset((
    "category", "subcategory", "category_type", "resource_type", "resourcetype", "servicename", "service_name", "object_type", "objecttype", "target_type",
    "targettype", "entity_type", "entitytype", "target.type", "resource.type", "object.type", "entity.type", "property", "target.property", "setting", "setting_name",
    "settingname", "workspaceconfkeys", "requestparams.workspaceconfkeys", "section", "module", "operation_detail", "change_detail", "event_category", "eventcategory",
    "source_type", "change_description", "objecttypename", "entity", "target_resource_type", "subject_type", "auditable_type", "item_type", "feature", "objectref.resource", "objectref.subresource",
))  # fmt: skip
#: A deed of one word says not what it concerns.
_VERB = re.compile(
    r"(?i)(?:batch |scim api - )?(?:add|create|update|delete|remove|disable|enable|edit|modify|change|set|insert|put|patch|get|list|watch|destroy|suspend|grant|revoke|assign|invite|reset|export|share|stop|clear)e?d?|"
    r"\w{1,24}(?:conf|config|configuration|settings?)_?(?:edit|update|set|change)e?d?"
)
#: How deeds are called, and people and things are not: `CHANGE_USER_ACCESS`, `user_login`.
_AS_DEEDS_ARE = re.compile(
    r"[A-Z][A-Z0-9]{1,30}(?:_[A-Z0-9]{1,30}){1,9}|[a-z][a-z0-9]{1,30}(?:_[a-z0-9]{1,30}){1,9}"
)
#: A name that says that something is otherwise now, and not how.
_CHANGED = re.compile(r"(?i)chang|updat|modif|edit|\bset\b|_set\b|toggl")
_K8S = re.compile(r"io\.k8s\.(?:[\w.-]+\.)?v\d\w*\.(?P<what>\w+(?:\.\w+)?)\.(?P<verb>\w+)$")

#: The sign that a kind of value gives; the others say that it failed.
_SIGN_OF = {"host": "host", "inside": "host", "forward": "forwards", "removes": "removes"}
#: A name is no longer.
_LONGEST = 80
#: So many ways of somebody that are new make a login one at risk.
_ODD = 3


@dataclass(frozen=True)
class _Plan:
    """`service` and the place of the deed's name (-1: none); places whose values are looked at, each with its key and kind;
    of a service that is not known what names its objects, and a name (`called`) that may be a deed's where nothing else is."""

    service: str
    name: int
    looked_at: tuple[tuple[int, str, str], ...]
    objects: tuple[int, ...] = ()
    called: int = -1


@lru_cache(maxsize=5_000)
def _plan_of(paths: tuple[str, ...]) -> _Plan:
    places: dict[str, int] = {}
    keys: list[tuple[str, str]] = []
    for place, path in enumerate(paths):
        parts = path.lower().split(UNIT)
        two = ".".join(parts[-2:])
        keys.append((parts[-1], two))
        places.setdefault(two, place)
        places.setdefault(parts[-1], place)
    service = next(
        (one for one in _SERVICES if all(key in places for key in one.keys) and (not one.beside or any(key in places for key in one.beside))),
        None,
    )  # fmt: skip
    looked_at = tuple(
        (place, two, kind)
        for place, (last, two) in enumerate(keys)
        if (kind := kind_of(last, two, paths[place].lower()))
    )
    if service is None:
        act = next((places[key] for key in _ACTS if key in places), -1)
        called = places.get("name", -1) if act < 0 else -1
        objects = tuple(
            place for place, (last, two) in enumerate(keys) if last in _OBJECTS or two in _OBJECTS
        )
        return _Plan(ANY, act, looked_at, objects[:4], called)
    return _Plan(service.name, next(places[key] for key in service.called if key in places), looked_at)


def read_deed(paths: Sequence[str], values: Sequence[str]) -> Mapping[str, str]:
    """DEED and, where the service is known, ACTION of one record; nothing where there is nothing to tell."""
    plan = _plan_of(tuple(paths))
    signs: dict[str, None] = {}
    named: dict[str, str] = {}
    odd = 0
    for place, key, kind in plan.looked_at:
        value = values[place].strip()
        if kind == "named":
            named.setdefault(key, value)
        elif kind == "value":
            look(key, value, signs)
        elif kind == "behaviour":
            odd += value.count("POSITIVE")
        elif says(kind, value):
            signs[_SIGN_OF.get(kind, "failed")] = None
    for before, after in read_changes(paths, values):
        if before in ON and after in OFF:
            signs["off"] = None
        elif is_everybody(after) and not is_everybody(before):
            signs["public"] = None
    if odd >= _ODD:
        signs["risky"] = None
    for key, value in named.items():
        signs.update(dict.fromkeys(named_signs(key, value)))
    if BY_HAND in signs:  # whose account it is or not: somebody holds its token
        signs.pop(BY_HAND)
        signs.pop("service", None)
    if plan.service == ANY:
        name = _any_name(plan, values, signs)
        return {DEED: f"{ANY}\t{name}\t{' '.join(signs)}"} if signs or name else {}
    written = values[plan.name].strip()
    service, name = _name_of(plan.service, written, named)
    return {DEED: f"{service}\t{name}\t{' '.join(signs)}", ACTION: written}


def _any_name(plan: _Plan, values: Sequence[str], signs: Mapping[str, None]) -> str:
    """What a service that is not known calls the deed, and what that concerns where the name is a verb and no more."""
    place = plan.name
    if place < 0 and plan.called >= 0 and _AS_DEEDS_ARE.fullmatch(values[plan.called].strip()):
        place = plan.called
    if place < 0:
        return ""
    name = values[place].strip()[:_LONGEST].replace("\t", " ")
    added = [sign for sign in ("off", "public", "admin") if sign in signs]
    if not _VERB.fullmatch(name):
        return " ".join((name, *added)) if added and _CHANGED.search(name) else name
    objects = [values[place].strip().replace("\t", " ") for place in plan.objects]
    return " ".join((name, *(one[:_LONGEST] for one in objects), *added))


def _name_of(service: str, name: str, named: Mapping[str, str]) -> tuple[str, str]:
    """The service and the name as it writes it; of Kubernetes the verb, what it concerns and its part: `create pods/exec`."""
    if service == "google" and (found := _K8S.search(name)):
        return "kubernetes", f"{found['verb']} {found['what'].replace('.', '/')}"
    if service != "kubernetes" or "objectref.resource" not in named:
        return service, name
    part = named.get("objectref.subresource", "")
    return service, f"{name} {named['objectref.resource']}{'/' + part if part else ''}"
