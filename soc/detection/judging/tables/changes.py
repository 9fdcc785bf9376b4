"""Which changes an event's name tells of: what somebody switched off or took away, and rights that somebody gave or got.

By words of the name (`CreateAccessKey`, `user.mfa.factor.suspend`), whoever the sender is; the words are data.
"""

from __future__ import annotations

import re

import polars as pl

#: What a name tells of, as the ids of field rules.
PROTECTION_OFF, RIGHTS_CHANGED, ACCOUNT_CHANGED = (
    "behaviour.protection-off", "behaviour.rights-changed", "behaviour.account-changed",
)  # fmt: skip


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_CUT = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_TAKES = _set(
    "disable disabled delete deleted deletion remove removed removal destroy destroyed stop stopped deactivate deactivated "
    "suspend suspended clear cleared purge uninstall off detach revoke"
)
_GIVES = _set(
    "add added grant granted assign assigned create created creation set attach invite invited elevate elevated put insert generate generated"
)
_CHANGES = (
    _TAKES
    | _GIVES
    | _set(
        "update updated modify modified change changed patch write edit enable enabled authorize reset transfer transferred export exported copy start"
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
    "inboxrule 2fa 2sv mfa oauth restrictions firewall firewalls ownership capture packetcaptures"
)
_RIGHTS = _set(
    "role roles admin admins administrator permission permissions privilege privileges policy principal member"
)


def name_changes(actions: pl.Series) -> pl.Series:
    """Of each event's name the id of the field rule that it asks for, null where it asks for none."""
    named = {action: told for action in actions.unique().drop_nulls().to_list() if (told := _told(action))}
    if not named:
        return pl.Series([None], dtype=pl.String).new_from_index(0, len(actions))
    return actions.replace_strict(named, default=None, return_dtype=pl.String)


def _told(action: str) -> str:
    words = {word.lower() for word in _CUT.findall(action[:200])}
    if not words & _CHANGES or words & _READS:
        return ""
    if words & _TAKES and words & _GUARDS:
        return PROTECTION_OFF
    key = bool({"key", "keys"} & words and {"access", "api"} & words)
    if words & _DOORS or key or (words & _GIVES and words & _RIGHTS):
        return RIGHTS_CHANGED
    return ""
