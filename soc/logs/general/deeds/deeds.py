"""What is done in a service's audit record: whose record it is, by which name the service calls the deed, and what the
record's values add to it (that it failed, made something public, gave rights …).

A service is known by keys that stand together in its records only; no value of anybody is looked at for that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from soc.logs.general.deeds.before_after import read_changes, way_of
from soc.logs.general.deeds.called import (
    ACTS,
    CALLED,
    NOT_BESIDE,
    OBJECTS,
    OF_ACTORS,
    is_a_deed,
    is_a_verb,
    is_done,
)
from soc.logs.general.deeds.signs import BY_HAND, kind_of, look, named_signs, says
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
    _Service("azure", ("activitydisplayname",), ("loggedbyservice", "initiatedby.user", "correlationid"), ("activitydisplayname",)),
    _Service("office", ("operation",), ("workload", "recordtype"), ("operation",)),
    _Service("github", ("action", "actor"), ("org", "repo", "business", "org_id", "programmatic_access_type"), ("action",)),
)  # fmt: skip

#: A name that says that something is otherwise now, and not how.
_CHANGED = re.compile(
    r"(?i)chang|updat|modif|edit|\bset\b|_set\b|toggl|switch|polic|setting|config|preference"
)
#: One of what lets somebody in, which is safer where it is off; and one of what is asked of everybody.
_ALLOWS = re.compile(r"(?i)allow_|anonymous|public|external|guest")
_DEMANDS = re.compile(r"(?i)enforc|requir|restrict|detection|protection|scanning|prevention")
#: And one that says that somebody or something is there now.
_MADE = re.compile(r"(?i)creat|add|invit|\bput|regist|insert|provision|join")
_K8S = re.compile(r"io\.k8s\.(?:[\w.-]+\.)?v\d\w*\.(?P<what>\w+(?:\.\w+)?)\.(?P<verb>\w+)$")

#: The sign that a kind of value gives; the others say that it failed.
_SIGN_OF = {"host": "host", "inside": "host", "forward": "forwards", "removes": "removes", "net": "public"}
#: Keys that say of their value that it was set, and not what it is.
_NO_SWITCH = re.compile(r"(?i)values?$|detail|status$|state$|^new$")
#: A name is no longer.
_LONGEST = 80
#: So many keys are asked for the deed, and so many values for what a verb concerns.
_MOST_ACTS = 4
_MOST_OBJECTS = 6
#: What makes a change one for the worse, and what does not.
_WAYS_ON, _WAYS_BACK = dict.fromkeys(("off", "public", "admin", "locked")).keys(), ("stricter", "lowered")
#: So many ways of somebody that are new make a login one at risk.
_ODD = 3


@dataclass(frozen=True)
class _Plan:
    """`service` and the place of the deed's name (-1: none); places whose values are looked at, each with its key and kind;
    of a service that is not known what names its objects, and what may be called by the deed where nothing else is."""

    service: str
    name: int
    looked_at: tuple[tuple[int, str, str], ...]
    objects: tuple[int, ...] = ()
    called: tuple[int, ...] = ()
    acts: tuple[int, ...] = ()


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
        acts = tuple(dict.fromkeys(places[key] for key in ACTS if key in places))[:_MOST_ACTS]
        act = acts[0] if acts else -1
        called = sorted(
            (CALLED.index(last), place)
            for place, (last, _) in enumerate(keys)
            if last in CALLED and not NOT_BESIDE.search(paths[place].lower())
        )
        objects = tuple(
            place
            for place, (last, two) in enumerate(keys)
            if place != act
            and (last in OBJECTS or two in OBJECTS)
            and not OF_ACTORS.search(paths[place].lower())
        )
        return _Plan(
            ANY, act, looked_at, objects[:_MOST_OBJECTS], tuple(place for _, place in called[:6]), acts
        )
    return _Plan(service.name, next(places[key] for key in service.called if key in places), looked_at)


def read_deed(paths: Sequence[str], values: Sequence[str]) -> Mapping[str, str]:
    """DEED and, where the service is known, ACTION of one record; nothing where there is nothing to tell."""
    plan = _plan_of(tuple(paths))
    signs, named, switched = _look_at(plan, paths, values)
    said, told = _act_of(plan, values), list(read_changes(paths, values))
    changed: dict[str, str] = {}
    for label, before, after in told:
        if way := way_of(label or said.lower(), before, after):
            changed.setdefault(way, label)
    signs.update(dict.fromkeys(way for way in changed if way not in _WAYS_BACK))
    if not signs.keys() & _WAYS_ON:
        signs.update(dict.fromkeys(changed))
    for key, value in named.items():
        signs.update(dict.fromkeys(named_signs(key, value)))
    if BY_HAND in signs:  # whose account it is or not: somebody holds its token
        signs.pop(BY_HAND)
        signs.pop("service", None)
    if plan.service != ANY:
        written = values[plan.name].strip()
        service, name = _name_of(plan.service, written, named)
        return {DEED: f"{service}\t{name}\t{' '.join(signs)}", ACTION: written}
    if "off" in signs and "off" not in changed and _ALLOWS.search(said):
        signs.pop("off")
        signs["stricter"] = None
    elif switched and _CHANGED.search(said):
        changed.setdefault("off", switched)
    if "on" in signs and _DEMANDS.search(said) and not signs.keys() & _WAYS_ON:
        signs["stricter"] = None
    signs.pop("on", None)
    name = _any_name(said or ("changed" if told else ""), plan, values, signs, changed)
    return {DEED: f"{ANY}\t{name}\t{' '.join(signs)}"} if signs or name else {}


def _look_at(
    plan: _Plan, paths: Sequence[str], values: Sequence[str]
) -> tuple[dict[str, None], dict[str, str], str]:
    """The signs that values give alone, what is asked together, and the key of what is off."""
    signs: dict[str, None] = {}
    named: dict[str, str] = {}
    odd, switched = 0, ""
    for place, key, kind in plan.looked_at:
        value = values[place].strip()
        if kind == "named":
            named.setdefault(key, value)
        elif kind == "value":
            look(key, value, signs)
            if "off" in signs and not switched:
                switched = paths[place].rpartition(UNIT)[2][:_LONGEST]
                switched = "" if _NO_SWITCH.search(switched) else switched
        elif kind == "behaviour":
            odd += value.count("POSITIVE")
        elif says(kind, value):
            signs[_SIGN_OF.get(kind, "failed")] = None
    if odd >= _ODD:
        signs["risky"] = None
    return signs, named, switched


def _any_name(
    name: str, plan: _Plan, values: Sequence[str], signs: Mapping[str, None], changed: Mapping[str, str]
) -> str:
    """What a service that is not known calls the deed, what that concerns where the name is a verb and no more, and what was
    changed for the worse."""
    if not name:
        return ""
    worse = [
        *(label for way, label in changed.items() if way not in _WAYS_BACK and label),
        *(sign for sign in _WAYS_ON if sign in signs),
    ]
    if is_a_verb(name):
        places = (*(place for place in plan.called if is_a_deed(_written(values, place))), *plan.objects)
        objects = [one for place in places if (one := _written(values, place))]
        return " ".join(dict.fromkeys((name, *objects, *worse)))
    if _CHANGED.search(name):
        return " ".join((name, *worse))
    return f"{name} admin" if "admin" in signs and _MADE.search(name) else name


def _act_of(plan: _Plan, values: Sequence[str]) -> str:
    """Of several keys that may name the deed the first whose value looks like one, else the first; what it is called elsewhere
    where that is no word."""
    for place in plan.acts[1:] and plan.acts:
        if is_a_deed(said := _written(values, place)) or is_done(said):
            return said
    name = _written(values, plan.name)
    if name and not name.isdigit():
        return name
    return next((said for place in plan.called if is_a_deed(said := _written(values, place))), "")


def _written(values: Sequence[str], place: int) -> str:
    return values[place].strip()[:_LONGEST].replace("\t", " ") if place >= 0 else ""


def _name_of(service: str, name: str, named: Mapping[str, str]) -> tuple[str, str]:
    """The service and the name as it writes it; of Kubernetes the verb, what it concerns and its part: `create pods/exec`."""
    if service == "google" and (found := _K8S.search(name)):
        return "kubernetes", f"{found['verb']} {found['what'].replace('.', '/')}"
    if service != "kubernetes" or "objectref.resource" not in named:
        return service, name
    part = named.get("objectref.subresource", "")
    return service, f"{name} {named['objectref.resource']}{'/' + part if part else ''}"
