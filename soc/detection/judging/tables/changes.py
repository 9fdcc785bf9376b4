"""Which changes an event's name tells of: what somebody switched off or took away, and rights that somebody gave or got.

By words of the name (`CreateAccessKey`, `user.mfa.factor.suspend`), whoever the sender is; the words are data.
"""

from __future__ import annotations

import re
from functools import lru_cache

import polars as pl

#: What a name tells of, as the ids of field rules.
PROTECTION_OFF, RIGHTS_CHANGED, DATA_OUT, MADE_PUBLIC, DESTROYED, WARNED, SECRET_READ, RAN_INSIDE, CODE_CHANGED = (
    "behaviour.protection-off", "behaviour.rights-changed", "behaviour.data-out", "behaviour.made-public", "behaviour.destroyed", "sender.service-alert", "behaviour.secret-read",
    "behaviour.ran-inside", "behaviour.code-changed",
)  # fmt: skip
#: What is no alert: somebody else may now do a little.
ACCOUNT_CHANGED = "behaviour.account-changed"


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_CUT = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_TAKES = _set(
    "disable disabled delete deleted deletion remove removed removal destroy destroyed stop stopped deactivate deactivated "
    "suspend suspended clear cleared clearance purge uninstall off detach revoke destruction stops removes deletes disables bypass bypassed skip "
    "unenroll unenrolled unset released release uninstalled purged override overridden overrode waived weaken weakened shorten shortened mute muted"
)
_GIVES = _set(
    "add added grant granted assign assigned create created creation set attach invite invited elevate elevated promote promoted put insert generate generated register registered install installed link linked authorized"
)
_CHANGES = (
    _TAKES
    | _GIVES
    | _set(
        "update updated modify modified change changed patch write edit enable enabled authorize reset transfer transferred export exported copy start activate activated rotate rotated alter altered unset set started "
        "expanded converted verified approve approved regenerate regenerated deploy deployed terminate terminated wiped erased voided void push pushed "
        "created delegated escalated"
    )
)
_READS = _set("get list describe read view lookup select search watch evaluate")
#: What watches, keeps or protects: less of it is what somebody wants who hides, or destroys.
_GUARDS = _set(
    "log logs logging trail trails audit auditing monitor monitoring detector guard guardrail alert alerts alarm firewall "
    "firewalls protection protected security scanning mfa 2fa 2sv factor factors two sso saml scim encryption encrypt backup backups "
    "snapshot snapshots restore vault vaults allowlist restriction restrictions whitelist acl waf flow diagnostic "
    "policy conditional insight antivirus quarantine delivery saml ekm barrier barriers hold authenticator approval approvals detection detections "
    "idp redaction tfa dlp ssl tls tamper sensor edr verification prevention spam dkim dmarc isolation exclusion exclusions trust transport antimalware retention dnssec"
)
#: Ways in: whoever changes them decides who may come.
_DOORS = _set(
    "allowlist sso saml scim scanning identity provider federation ingress credential credentials mirror guest guests impersonation apikey token tokens "
    "secret secrets rolebinding rolebindings clusterrolebinding clusterrolebindings public suppression "
    "2fa 2sv mfa oauth restrictions firewall firewalls ownership capture packetcaptures domain domains certificate authority owner idp tfa impersonation"
)
_RIGHTS = _set(
    "role roles admin admins administrator administrators permission permissions privilege privileges policy principal principals member delegate delegates delegation collaborator"
)
#: Rights, whichever way they are changed; the others only where somebody gets them.
_MIGHT = _RIGHTS - _set("policy principal member")
#: What leaves: of all of this the whole, or what tells of everybody.
_OUT = _set("export exported exports exporting download downloaded dump dumped")
_WHOLE = _set(
    "audit log logs workspace data content all members users database backup vault account tenant organization team space manual corporate enterprise org mailbox message "
    "item items client clients customer customers record records state task image"
)
_SHARES = _set(
    "share shared sharing link visibility access published publish made converted conversion audience"
)
_OUTER = _set("public publicly external externally outside anyone everyone anonymous")
_SHUTS = _set("block blocked restrict restricted prevent private")
_ENDS = _set(
    "destroy destroyed destruction delete deleted deletion purge purged wipe wiped clearance void voided terminate terminated erase erased"
)
_MUCH = _set(
    "team workspace project global tenant organization database cluster instance repository repo vault backup bucket namespace jobs site space envelope zone "
    "subscription resourcegroup volume disk keyspace stack filesystem table"
)
#: A name with one of these is a finding, unless it tells of the settings that look for it.
_FINDS = _set(
    "malicious malware suspicious fraud fraudulent anomaly anomalous phishing compromised leaked breach breached violation violations intrusion exploit ransomware spoofing jailbreak jailbroken leak "
    "excessive takeover impossible fatigue rooted stuffing spraying hijack hijacked bruteforce"
)
_SETTINGS = _set(
    "policy rule rules setting settings config configuration report reports training test create created update updated delete deleted enabled disabled resolved dismissed scan scanned scanning"
)
#: What protects as long as it is on; what is not on says so beside its name.
_STRICT = _set(
    "require required requires requirement approval approvals session duration timeout expiration expiry lockout passcode secured enforce enforcement force"
)
_OFF = _set("off never")
#: Whoever reads one of these has it.
_SECRETS, _SEES = (
    _set(
        "password passwords credential credentials secret secrets passphrase passphrases token tokens recovery"
    ),
    _set("reveal revealed read viewed view copied"),
)
#: What lies in a safe; programs fetch theirs one by one all day long, a list of all or one that was thrown away is for a person.
_KEPT, _FETCHES = _set("secret secrets"), _set("list recover restore")
#: How a service says that it has seen something.
_WARNS, _ALARMS = _set("shield threat security attack"), _set("alert detected finding incident")
#: What is stopped and stays where it is; whose second factor is left out.
_STOPS, _WHOSE = (
    _set("disable disabled deactivate deactivated"),
    _set("user code codes create created add added generate generated"),
)
#: How somebody acts as somebody else.
_AS_ANOTHER = _set("impersonation impersonate impersonated assumed assumption")
_ENTERS = _set("login logged logon signin sign")
#: Settings of how one gets in.
_ENTRY, _SETUP = (
    _set("login auth authentication signin password network"),
    _set("settings preference preferences policy method methods requirement requirements"),
)
#: What acts with the rights that it is given.
_AGENTS = _set(
    "app application bot integration integrations grant trusted scopes scope webhook webhooks hook"
)
#: Keys that open something.
_IP_LISTS = _set("list allow allowed range ranges filter access restriction restrictions entry")
#: What runs on a machine that somebody else sits at.
_REMOTE, _RUNS = _set("remote live"), _set("shell command commands script scripts response")
#: How strict a password must be.
_STRICTNESS = _set("security level complexity strength length policy expiration expiry history")
#: What protects only as it is set up.
_SET_UP = _GUARDS - _set(
    "policy flow delivery hold backup backups snapshot snapshots encryption verification transport trust"
)
#: What is left out of what protects.
_EXCEPTIONS = _set("exclusion exclusions exemption exemptions suppression")
#: What is stricter now, or may do less.
_MILDER = re.compile(
    r"(?i)\bfrom (?:off to on|disabled to enabled|false to true)\b|\bfrom [\w -]{1,30} to (?:user|member|viewer|reader|guest|basic|licensed|read[ -]?only)\b"
)
_TO_PUBLIC = re.compile(r"(?i)to[ _-]?public\b")
_KEYED = _set("access api deploy ssh signing")
#: So much at once that nobody does it one by one.
_MANY = _set("mass bulk")
#: Copies of everything that a machine or a database holds; who copies one takes it along.
_COPIES, _COPIED = _set("copy copied clone cloned"), _set("snapshot image database backup disk volume")
#: What runs with rights of its own.
_CODE = _set("function lambda runbook webjob")
#: What somebody hands to another organisation.
_HANDS, _HANDED = (
    _set("transfer transferred migrate migrated"),
    _set("repo repository project domain account workspace ownership owner site"),
)
#: Findings that somebody sets aside unread; to update or to close one is an analyst's work.
_ASIDE = _set("archive archived suppress suppressed dismiss dismissed mute muted ignore ignored")
#: Groups of people, and who belongs to them.
_PEOPLE, _JOINED = _set("group groups team teams channel list"), _set("member members membership user users")
#: Two words written as one are as long as this.
_GLUED = 9
#: What verbs are said of.
_THINGS = _GUARDS | _DOORS | _RIGHTS | _MUCH | _WHOLE | _SECRETS | _CODE | _COPIED | _set("access key group")


def name_changes(actions: pl.Series) -> pl.Series:
    """Of each event's name the id of the field rule that it asks for, null where it asks for none."""
    named = {action: told for action in actions.unique().drop_nulls().to_list() if (told := _told(action))}
    if not named:
        return pl.Series([None], dtype=pl.String).new_from_index(0, len(actions))
    return actions.replace_strict(named, default=None, return_dtype=pl.String)


@lru_cache(maxsize=20_000)
def _parts(word: str) -> tuple[str, ...]:
    """A word, the one of which there are many, and the verb and the object of two that are written as one: `GETSECRET`."""
    one = word.removesuffix("s") if len(word) > 4 and not word.endswith("ss") else word
    found: tuple[str, ...] = (word, one)
    if len(word) < _GLUED:
        return found
    verb = max(
        (verb for verb in _CHANGES | _READS if len(verb) > 2 and word.startswith(verb)), key=len, default=""
    )
    thing = max((thing for thing in _THINGS if len(thing) > 3 and one.endswith(thing)), key=len, default="")
    if one.endswith("rule"):  # a rule of what: `alertsuppressionrules`, `inboxrule`
        found = (
            *found,
            "rule",
            one.removesuffix("rule"),
            *(part for part in ("suppression",) if part in one),
        )
    return (
        *found,
        *((verb,) if verb and thing else ()),
        *((thing,) if thing and len(thing) < len(one) else ()),
    )


def _told(action: str) -> str:
    spoken = [word.lower() for word in _CUT.findall(action[:200])]
    words = {part for word in spoken for part in _parts(word)}
    if _MILDER.search(action):
        return ""
    if words & _FINDS and (not words & _SETTINGS or words & _set("violation violations")):
        return WARNED
    if words & _SECRETS and words & _SEES:
        return SECRET_READ
    if words & _KEPT and words & _FETCHES and not words & _CHANGES:
        return SECRET_READ
    if words & _REMOTE and words & _RUNS:
        return RAN_INSIDE
    if _TO_PUBLIC.search(action):
        return MADE_PUBLIC
    if (words & _WARNS and words & _ALARMS and not words & _SETTINGS) or {"high", "risk"} <= words:
        return WARNED
    if words & _AS_ANOTHER or ("as" in words and words & _ENTERS) or ("bypass" in words and words & _WHOSE):
        return RIGHTS_CHANGED
    if {"break", "glass"} <= words or (
        {"privilege", "privileges"} & words and words & {"escalation", "escalated"}
    ):
        return RIGHTS_CHANGED
    if words & _MANY and words & (_ENDS | _OUT):
        return DESTROYED if words & _ENDS else DATA_OUT
    if words & _COPIES and words & _COPIED:
        return DATA_OUT
    # a list that is changed is read by nobody
    if words & (_READS - {"list"}) or "list" in spoken[:1] + spoken[-1:]:
        return ""
    if (words & _OUT and words & _WHOLE) or (words & {"forward", "forwarding"} and words & _GIVES):
        return DATA_OUT
    if {"force", "push"} <= words or (words & _CODE and words & (_CHANGES - _TAKES)):
        return CODE_CHANGED
    if words & _HANDS and words & _HANDED:
        return DATA_OUT
    if words & {"finding", "findings"} and words & _ASIDE:
        return PROTECTION_OFF
    if words & _SHARES and words & _OUTER and not words & (_TAKES | _SHUTS):
        return MADE_PUBLIC
    if {"not", "required"} <= words or (words & _OFF and words & _STRICT):
        return PROTECTION_OFF
    if not words & _CHANGES:
        return ""
    if (words & _TAKES and words & _GUARDS) or (words & _STOPS and words & {"rule", "rules"}):
        return PROTECTION_OFF
    if words & _EXCEPTIONS and words & _GIVES:
        return PROTECTION_OFF
    # a policy that is given out to those whom it was made for
    if words & {"policy", "policies"} and words & {"install", "installed", "publish", "published"}:
        return ""
    if _joins(words):
        return ACCOUNT_CHANGED
    if _opens(words) or (words & _SET_UP and words & _SETUP):
        return RIGHTS_CHANGED
    if words & _ENDS and words & _MUCH:
        return DESTROYED
    return ""


def _joins(words: set[str]) -> bool:
    """Whether somebody joins, or leaves, a group of people whose name tells of no rights."""
    return bool(words & _PEOPLE and words & _JOINED) and not words & (_MIGHT | _DOORS - {"owner"})


def _opens(words: set[str]) -> bool:
    """Whether a change of this changes rights, or a way in."""
    if words & (_DOORS - ({"public"} if words & _SHUTS else set())):
        return True
    if ({"key", "keys"} & words and words & _KEYED) or ("api" in words and words & {"client", "clients"}):
        return True
    if words & (_GIVES | {"expanded"}) and words & (_RIGHTS | _AGENTS):
        return True
    if words & _MIGHT and not words & _TAKES:
        return True
    if {"inbox", "rule"} <= words:
        return True
    if "member" in words and words & {"update", "updated", "change", "changed", "modify", "modified"}:
        return True
    if "access" in words and words & {"grant", "granted", "level"}:
        return True
    if "password" in words and words & _STRICTNESS:
        return True
    if (words & _ENTRY and words & _SETUP) or ({"two", "multi"} & words and "factor" in words):
        return True
    return words >= {"service", "account"} or bool({"ip", "network"} & words and words & _IP_LISTS)
