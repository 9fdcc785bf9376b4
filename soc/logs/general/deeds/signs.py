"""What the values of a service's audit record say of a deed: that it failed, concerns everybody, gave or took something."""

from __future__ import annotations

import re

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
_SAID_OF_ALL = re.compile(r"(?:from_|to_)?(?:public|anyone|everyone|anonymous)(?:_[a-z]{2,12}){1,3}")
_ALL = frozenset(("*", "all", "any"))
_FOR = re.compile(
    r"(?:group|principal|aws|members?|valuestoadd|scope|cidr\w*|grantee|role_id|sourceaddressprefix)$"
)
#: Whom a network lets in.
_PLACES = re.compile(r"source|src|remote|address(?:es)?$|range|entry$|cidr|(?:^|_)ips?$")
_PUBLIC_KEY = re.compile(
    r"public(?:ly)?_?(?:accessib|access$|network)|^public$|ispublic|is_public|allow\w*public"
)
_BLOCKS = re.compile(r"block|restrict|ignore|prevent|disable")
OFF = frozenset(
    (
        "false", "disabled", "disable", "off", "none", "never", "suspended", "inactive", "0", "not enforced", "optional", "no", "bypass", "no_mfa", "not required",
        "not_required", "unrestricted",
    )
)  # fmt: skip
_SWITCHED_OFF = "from on to off"
ON = frozenset(("true", "enabled", "enable", "on", "active", "enforced", "required", "1", "yes"))
_NEW = re.compile(
    r"new|enabl|detail$|status$|state$|mode$|values?$|multi|mfa|factor|versioning|logging|require|enforce|protect"
)
_SWITCH = re.compile(r"(?:^|_)(?:state|status|mode|value|enabled|enforced)$|new_?value$")
_RIGHTS = re.compile(
    r"role|permission|privilege|policy|policies|group|member|team|access|grant|scope|new|value|(?:^|\.)as$"
)
_OUTWARD = re.compile(r"outside|external|public")
_SHARED = re.compile(
    r"setting_name|email|public|visib|shar|acl|cidr|principal|aws$|scope|grantee|prefix|valuestoadd|role_id|authtype|audience|link"
)
_MIGHTY = re.compile(
    r"(?i)^(?!.*@)(?:.*\b)?(?:\w*[_ -]?admin(?:istrator)?s?|owner|superuser|full[_ ]?(?:access|control)|poweruser\w*|cluster-admin|root)\b|"
    r"roles/(?:owner|editor)|administratoraccess"
)
#: Roles that may not do much.
_MEEK = re.compile(
    r"(?i)(?:\w{1,20}[ _.-])?(?:viewer|reader|read[ _-]?only|member|user|guest|basic|licensed|limited|observer|none|regular|standard)"
)
_ROLES = re.compile(r"role|privilege|permission|access_?level|^as$")
#: Whose rights a value under these keys tells of is whoever did it.
_ACTORS = re.compile(
    r"actor|initiator|caller|performed|identity|principal|session|credential|agent|admin_?roles?$|^auth\b"
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
        "securitycontext.allowprivilegeescalation",
    )
)
_ROOT_INSIDE = frozenset(("securitycontext.runasuser", "capabilities.add"))
_MUCH_ALLOWED = frozenset(("0", "all", "sys_admin", "cap_sys_admin", "sys_ptrace", "net_admin", "sys_module"))
_FORWARDS = frozenset(
    ("forwardingsmtpaddress", "forwardto", "redirectto", "forwardasattachmentto", "forwardingaddress")
)
#: What people and their scripts come with; a controller has a name of its own.
BY_HAND = "by-hand"
_BY_HAND = re.compile(
    r"kubectl|curl|wget|python|httpie|okhttp|go-http-client|node-fetch|axios|postman|ruby|perl"
)
_RISKS = frozenset(("high", "medium", "atrisk", "confirmedcompromised"))
_OLD = re.compile(r"old|prior|previous|before|preaction|remove")


def kind_of(last: str, two: str, path: str) -> str:
    """What a value under this key may say; "" where nothing."""
    if last in _ERRORS:
        return "error"
    if two in _STATUSES or last in _STATUSES or two == "status.code":
        return "status"
    if two in _RESULTS or last in _RESULTS:
        return "result"
    if two in ("useridentity.type", "useridentity.invokedby", "sessionissuer.username", "additionaleventdata.mfaused", "user.username", "objectref.resource",
               "objectref.subresource", "readonly", "detail.readonly", "objectref.namespace", "hostpath.path", "spec.type") or last in (
        "authenticationrequirement", "useragent", "risklevelaggregated", "risklevelduringsignin", "riskstate",  "action",
    ):  # fmt: skip
        return "named"
    if two in _HOST:
        return "host"
    if two in _ROOT_INSIDE:
        return "inside"
    if last in _FORWARDS:
        return "forward"
    if last == "granted":
        return "result"
    if "behaviors" in path:
        return "behaviour"
    if _PLACES.search(last) and not _OLD.search(path):
        return "net"
    if last.startswith("remove") or "\x1fremove\x1f" in path or ".remove." in path:
        return "removes"
    return (
        ""
        if _OLD.search(path) or not (_RIGHTS.search(two) or _SHARED.search(last) or _NEW.search(last))
        else "value"
    )


def says(kind: str, value: str) -> bool:
    plain = value.lower()
    if kind == "error":
        return plain not in _NO_ERROR and plain != "false"
    if kind == "status":
        return value.isdigit() and (int(value) >= 400 or 0 < int(value) < 20)
    if kind == "result":
        return bool(_FAILED.search(plain)) if not plain.isdigit() else int(plain) >= 1000
    if kind == "host":
        return plain == "true"
    if kind == "net":
        return plain in ("0.0.0.0/0", "::/0")
    if kind == "inside":
        return plain in _MUCH_ALLOWED
    return plain not in ("", "null", "none")


def is_everybody(value: str) -> bool:
    """Whether a value in small letters means everybody wherever it stands."""
    return value in _EVERYBODY or bool(_SAID_OF_ALL.fullmatch(value))


def is_mighty(value: str) -> bool:
    """Whether a value is the name of a role that may do everything."""
    return len(value) < 120 and bool(_MIGHTY.search(value))


def look(key: str, value: str, signs: dict[str, None]) -> None:
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
    elif plain in OFF or _SWITCHED_OFF in plain:
        if _NEW.search(last):
            signs["off"] = None
    elif plain in ON:
        if _SWITCH.search(last):
            signs["on"] = None
    elif _RIGHTS.search(key) and len(value) < 120:
        if _MIGHTY.search(value):
            signs["admin" if not _ACTORS.search(key) else "mighty"] = None
        elif _ROLES.search(last) and _MEEK.fullmatch(value):
            signs["meek"] = None


def named_signs(key: str, value: str) -> tuple[str, ...]:
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
    if last == "useragent":
        return (BY_HAND,) if _BY_HAND.match(plain) else ()
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
