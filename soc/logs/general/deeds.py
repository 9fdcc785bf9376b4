"""What is done in a service's audit record: whose record it is, by which name the service calls the deed, and what the
record's values add to it (that it failed, made something public, gave rights …).

A service is known by keys that stand together in its records only; no value of anybody is looked at for that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

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

#: Keys whose value says that it failed: any value but these, a status from 400 on, or a word.
_ERRORS = frozenset(("errorcode", "errormessage", "error"))
_STATUSES = frozenset(
    ("responsestatus.code", "response.statuscode", "statuscode", "status_code", "response.status_code")
)
_RESULTS = frozenset((
    "outcome.result", "result", "resulttype", "resultstatus", "properties.result", "responseelements.consolelogin", "success",
    "resultsignature", "outcome", "is_success", "issuccess",
))  # fmt: skip
_NO_ERROR = frozenset(("", "none", "null", "0", "ok", "success", "succeeded", "noerror", "no error"))
_FAILED = re.compile(r"(?i)fail|fraud|^no$|den[iy]|unauth|forbid|reject|refus|\berror|^false$")
#: Values that mean everybody, wherever they stand; and those that do so only where it is said for whom.
_EVERYBODY = frozenset((
    "allusers", "allauthenticatedusers", "public", "public_read", "publicread", "public-read", "public-read-write", "0.0.0.0/0", "::/0", "anyone",
    "people_with_link", "public_on_the_web", "everyone", "anonymous", "public_read_write", "unauthenticated", "container", "blob", "shared_externally", "external",
))  # fmt: skip
_ALL = frozenset(("*", "all", "any"))
_FOR = re.compile(
    r"(?:group|principal|aws|members?|valuestoadd|scope|cidr\w*|grantee|role_id|sourceaddressprefix)$"
)
_PUBLIC_KEY = re.compile(
    r"public(?:ly)?_?(?:accessib|access$|network)|^public$|ispublic|is_public|allow\w*public"
)
_BLOCKS = re.compile(r"block|restrict|ignore|prevent|disable")
_OFF = frozenset(
    ("false", "disabled", "disable", "off", "none", "never", "suspended", "inactive", "0", "not enforced")
)
_SWITCHED_OFF = "from on to off"
_NEW = re.compile(r"new|enabl|detail$|status$|state$|value$|multi|mfa|versioning|logging|require|enforce")
_RIGHTS = re.compile(r"role|permission|privilege|policy|policies|group|member|access|grant|scope|new|value")
_OUTWARD = re.compile(r"outside|external|public")
_SHARED = re.compile(
    r"setting_name|email|public|visib|shar|acl|cidr|principal|aws$|scope|grantee|prefix|valuestoadd|role_id|authtype|audience|link"
)
_MIGHTY = re.compile(
    r"(?i)^(?!.*@)(?:.*\b)?(?:\w*[_ -]?admin(?:istrator)?s?|owner|superuser|full[_ ]?(?:access|control)|poweruser\w*|cluster-admin|root)\b|"
    r"roles/(?:owner|editor)|administratoraccess"
)
#: Values that put a container on its host.
_HOST = frozenset(
    (
        "securitycontext.privileged",
        "spec.hostpid",
        "spec.hostnetwork",
        "spec.hostipc",
        "hostpid",
        "hostnetwork",
        "hostipc",
    )
)
_FORWARDS = frozenset(
    ("forwardingsmtpaddress", "forwardto", "redirectto", "forwardasattachmentto", "forwardingaddress")
)
_RISKS = frozenset(("high", "medium", "atrisk", "confirmedcompromised"))
_OLD = re.compile(r"old|prior|previous|before|preaction|remove")
#: Keys that name the deed in records of a service that is not known, best first; and those that name what it concerns.
_ACTS = (
    "audit_log_event", "actionname", "action_name", "eventtypename", "event_type._tag", "event_type..tag", "eventname", "event_name", "operationname",
    "operation_name", "event_type", "eventtype", "activitytype", "activity_type", "activity", "operation", "action", "event.action", "event", "command_name",
)  # fmt: skip
_OBJECTS = frozenset((
    "category", "subcategory", "category_type", "resource_type", "resourcetype", "servicename", "service_name", "object_type", "objecttype", "target_type",
    "targettype", "entity_type", "entitytype", "target.type", "resource.type", "object.type", "entity.type", "property", "target.property", "setting", "setting_name",
    "settingname", "workspaceconfkeys", "requestparams.workspaceconfkeys", "section", "module", "operation_detail", "change_detail", "event_category", "eventcategory",
))  # fmt: skip
#: A deed of one word says not what it concerns.
_VERB = re.compile(
    r"(?i)(?:batch |scim api - )?(?:add|create|update|delete|remove|disable|enable|edit|modify|change|set|insert|put|patch|destroy|suspend|grant|revoke|assign|invite|reset|export|share|stop|clear)e?d?|"
    r"\w{1,24}(?:conf|config|configuration|settings?)_?(?:edit|update|set|change)e?d?"
)
#: A name that says that something is otherwise now, and not how.
_CHANGED = re.compile(r"(?i)chang|updat|modif|edit|\bset\b|_set\b|toggl")
_K8S = re.compile(r"io\.k8s\.(?:[\w.-]+\.)?v\d\w*\.(?P<what>\w+(?:\.\w+)?)\.(?P<verb>\w+)$")

#: The sign that a kind of value gives; the others say that it failed.
_SIGN_OF = {"host": "host", "forward": "forwards", "removes": "removes"}
#: A name is no longer.
_LONGEST = 80
#: So many ways of somebody that are new make a login one at risk.
_ODD = 3


@dataclass(frozen=True)
class _Plan:
    """`service` and the place of the deed's name (-1: none); places whose values are looked at, each with its key and kind."""

    service: str
    name: int
    looked_at: tuple[tuple[int, str, str], ...]
    objects: tuple[int, ...] = ()


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
        if (kind := _kind(last, two, paths[place].lower()))
    )
    if service is None:
        act = next((places[key] for key in _ACTS if key in places), -1)
        objects = tuple(
            place for place, (last, two) in enumerate(keys) if last in _OBJECTS or two in _OBJECTS
        )
        return _Plan(ANY, act, looked_at, objects[:4])
    return _Plan(service.name, next(places[key] for key in service.called if key in places), looked_at)


def _kind(last: str, two: str, path: str) -> str:
    """What a value under this key may say; "" where nothing."""
    if last in _ERRORS:
        return "error"
    if two in _STATUSES or last in _STATUSES or two == "status.code":
        return "status"
    if two in _RESULTS or last in _RESULTS:
        return "result"
    if two in ("useridentity.type", "useridentity.invokedby", "sessionissuer.username", "additionaleventdata.mfaused", "user.username", "objectref.resource",
               "objectref.subresource", "readonly", "detail.readonly", "objectref.namespace", "hostpath.path", "spec.type") or last in (
        "authenticationrequirement", "risklevelaggregated", "risklevelduringsignin", "riskstate",  "action",
    ):  # fmt: skip
        return "named"
    if two in _HOST:
        return "host"
    if last in _FORWARDS:
        return "forward"
    if last == "granted":
        return "result"
    if "behaviors" in path:
        return "behaviour"
    if last.startswith("remove") or "\x1fremove\x1f" in path or ".remove." in path:
        return "removes"
    return (
        ""
        if _OLD.search(path) or not (_RIGHTS.search(two) or _SHARED.search(last) or _NEW.search(last))
        else "value"
    )


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
            _look(key, value, signs)
        elif kind == "behaviour":
            odd += value.count("POSITIVE")
        elif _says(kind, value):
            signs[_SIGN_OF.get(kind, "failed")] = None
    if odd >= _ODD:
        signs["risky"] = None
    for key, value in named.items():
        signs.update(dict.fromkeys(_named_signs(key, value)))
    if plan.service == ANY:
        name = _any_name(plan, values, signs)
        return {DEED: f"{ANY}\t{name}\t{' '.join(signs)}"} if signs or name else {}
    written = values[plan.name].strip()
    service, name = _name_of(plan.service, written, named)
    return {DEED: f"{service}\t{name}\t{' '.join(signs)}", ACTION: written}


def _any_name(plan: _Plan, values: Sequence[str], signs: Mapping[str, None]) -> str:
    """What a service that is not known calls the deed, and what that concerns where the name is a verb and no more."""
    if plan.name < 0:
        return ""
    name = values[plan.name].strip()[:_LONGEST].replace("\t", " ")
    added = [sign for sign in ("off", "public") if sign in signs]
    if not _VERB.fullmatch(name):
        return " ".join((name, *added)) if added and _CHANGED.search(name) else name
    objects = [values[place].strip().replace("\t", " ") for place in plan.objects]
    return " ".join((name, *(one[:_LONGEST] for one in objects), *added))


def _says(kind: str, value: str) -> bool:
    plain = value.lower()
    if kind == "error":
        return plain not in _NO_ERROR and plain != "false"
    if kind == "status":
        return value.isdigit() and (int(value) >= 400 or 0 < int(value) < 20)
    if kind == "result":
        return bool(_FAILED.search(plain)) if not plain.isdigit() else int(plain) >= 1000
    if kind == "host":
        return plain == "true"
    return plain not in ("", "null", "none")


def _look(key: str, value: str, signs: dict[str, None]) -> None:
    """What a value says of what was set."""
    if "__public_principal__" in value:
        signs["public"] = None
    plain = value[:120].lower()
    last = key.rpartition(".")[2]
    everybody = plain in _EVERYBODY or (plain == "true" and _PUBLIC_KEY.search(last))
    if (everybody and not _BLOCKS.search(last)) or (plain in _ALL and _FOR.search(last)):
        signs["public"] = None
    elif last == "setting_name":
        if _OUTWARD.search(plain):
            signs["outward"] = None
    elif plain in _OFF or _SWITCHED_OFF in plain:
        if _NEW.search(last):
            signs["off"] = None
    elif _RIGHTS.search(key) and len(value) < 120 and _MIGHTY.search(value):
        signs["admin"] = None


def _named_signs(key: str, value: str) -> tuple[str, ...]:
    plain = value.lower()
    last = key.rpartition(".")[2]
    if key == "useridentity.type":
        return {"root": ("root",), "awsservice": ("service",), "iamuser": ()}.get(plain, ("federated",))
    if key in ("useridentity.invokedby", "sessionissuer.username"):
        return ("service",) if plain.endswith(".amazonaws.com") or plain.startswith("awsservicerole") else ()
    if last in ("mfaused", "authenticationrequirement"):
        return ("one-factor",) if plain in ("no", "singlefactorauthentication") else ()
    if last.startswith("risk"):
        return ("risky",) if plain in _RISKS else ()
    if key == "user.username":
        if plain in ("system:anonymous", "system:unauthenticated"):
            return ("anonymous",)
        return ("service",) if plain.startswith(("system:", "eks:", "aks:")) else ()
    if key == "hostpath.path":
        return ("host",)
    if key == "spec.type":
        return ("outward",) if plain in ("nodeport",) else ()
    if last == "readonly":
        return ("reads",) if plain == "true" else ()
    if last == "action":
        return ("stopped",) if plain in ("block", "blocked", "deny") else ()
    return ()


def _name_of(service: str, name: str, named: Mapping[str, str]) -> tuple[str, str]:
    """The service and the name as it writes it; of Kubernetes the verb, what it concerns and its part: `create pods/exec`."""
    if service == "google" and (found := _K8S.search(name)):
        return "kubernetes", f"{found['verb']} {found['what'].replace('.', '/')}"
    if service != "kubernetes" or "objectref.resource" not in named:
        return service, name
    part = named.get("objectref.subresource", "")
    return service, f"{name} {named['objectref.resource']}{'/' + part if part else ''}"
