"""Which changes an event's name tells of: what somebody switched off or took away, and rights that somebody gave or got.

By words of the name (`CreateAccessKey`, `user.mfa.factor.suspend`), whoever the sender is; the words are data.
"""

from __future__ import annotations

import re

import polars as pl

#: What a name tells of, as the ids of field rules.
PROTECTION_OFF, RIGHTS_CHANGED, DATA_OUT, MADE_PUBLIC, DESTROYED, WARNED = (
    "behaviour.protection-off", "behaviour.rights-changed", "behaviour.data-out", "behaviour.made-public", "behaviour.destroyed", "sender.service-alert",
)  # fmt: skip


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_CUT = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_TAKES = _set(
    "disable disabled delete deleted deletion remove removed removal destroy destroyed stop stopped deactivate deactivated "
    "suspend suspended clear cleared clearance purge uninstall off detach revoke destruction stops removes deletes disables bypass bypassed skip"
)
_GIVES = _set(
    "add added grant granted assign assigned create created creation set attach invite invited elevate elevated promote promoted put insert generate generated register registered install installed link linked authorized"
)
_CHANGES = (
    _TAKES
    | _GIVES
    | _set(
        "update updated modify modified change changed patch write edit enable enabled authorize reset transfer transferred export exported copy start activate activated"
    )
)
_READS = _set("get list describe read view lookup select search watch evaluate")
#: What watches, keeps or protects: less of it is what somebody wants who hides, or destroys.
_GUARDS = _set(
    "log logs logging trail trails audit auditing monitor monitoring detector guard guardrail alert alerts alertrules metricalerts alarm firewall "
    "firewalls protection protected security scanning dependabot mfa 2fa 2sv factor factors two sso saml scim encryption encrypt backup backups "
    "snapshot snapshots restore restorepointcollections vault vaults allowlist restriction restrictions whitelist acl waf defender flow diagnostic "
    "policy conditional insight antivirus quarantine delivery saml"
)
#: Ways in: whoever changes them decides who may come.
_DOORS = _set(
    "allowlist sso saml scim scanning identity provider federation ingress credential credentials mirror guest guests impersonation apikey token tokens "
    "secret secrets rolebinding rolebindings clusterrolebinding clusterrolebindings public suppression suppressionrules alertssuppressionrules takeout "
    "inboxrule 2fa 2sv mfa oauth restrictions firewall firewalls ownership capture packetcaptures domain domains certificate authority owner"
)
_RIGHTS = _set(
    "role roles admin admins administrator administrators permission permissions privilege privileges policy principal principals member"
)
#: Rights, whichever way they are changed; the others only where somebody gets them.
_MIGHT = _RIGHTS - _set("policy principal member")
#: What leaves: of all of this the whole, or what tells of everybody.
_OUT = _set("export exported exports download downloaded takeout dump dumped")
_WHOLE = _set(
    "audit log logs workspace data content all members users database backup vault report account tenant organization team space"
)
_SHARES = _set("share shared sharing link visibility access published publish made")
_OUTER = _set("public publicly external externally outside anyone everyone anonymous")
_SHUTS = _set("block blocked restrict restricted prevent private")
_ENDS = _set(
    "destroy destroyed destruction delete deleted deletion purge purged wipe wiped clearance void voided terminate terminated erase erased"
)
_MUCH = _set(
    "team workspace project global tenant organization database cluster instance repository vault backup bucket namespace jobs site space envelope"
)
#: A name with one of these is a finding, unless it tells of the settings that look for it.
_FINDS = _set(
    "malicious malware suspicious fraud fraudulent anomaly anomalous phishing compromised leaked breach breached violation violations intrusion exploit ransomware spoofing"
)
_SETTINGS = _set(
    "policy rule rules setting settings config configuration report reports training test create created update updated delete deleted enabled disabled resolved dismissed scan scanned scanning"
)


def name_changes(actions: pl.Series) -> pl.Series:
    """Of each event's name the id of the field rule that it asks for, null where it asks for none."""
    named = {action: told for action in actions.unique().drop_nulls().to_list() if (told := _told(action))}
    if not named:
        return pl.Series([None], dtype=pl.String).new_from_index(0, len(actions))
    return actions.replace_strict(named, default=None, return_dtype=pl.String)


def _told(action: str) -> str:
    words = {word.lower() for word in _CUT.findall(action[:200])}
    if words & _FINDS and (not words & _SETTINGS or words & _set("violation violations")):
        return WARNED
    if words & _READS:
        return ""
    if words & _OUT and words & _WHOLE:
        return DATA_OUT
    if words & _SHARES and words & _OUTER and not words & (_TAKES | _SHUTS):
        return MADE_PUBLIC
    if not words & _CHANGES:
        return ""
    if words & _TAKES and words & _GUARDS:
        return PROTECTION_OFF
    key = bool({"key", "keys"} & words and {"access", "api"} & words) or (
        "api" in words and bool(words & {"client", "clients"})
    )
    if (
        words & (_DOORS - ({"public"} if words & _SHUTS else set()))
        or key
        or (words & _GIVES and words & _RIGHTS)
        or (words & _MIGHT and not words & _TAKES)
    ):
        return RIGHTS_CHANGED
    if words >= {"service", "account"} or ("ip" in words and words & _set("list allow range filter access")):
        return RIGHTS_CHANGED
    if words & _ENDS and words & _MUCH:
        return DESTROYED
    return ""
