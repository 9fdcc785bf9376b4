"""The field rules: what a verdict can say that fields gave. Data; `sender` and `behaviour` say when each applies.

`score` is the base of a kind: 1–3 what happens every day, 4 a login that fails, 5 a change of accounts or of who may do
what, 6 what a product detected, 7 malicious code that ran, 8 credentials taken, a log cleared, protection switched off.
"""

from __future__ import annotations

from soc.detection.field_rule import BEHAVIOUR, SENDER, FieldRule
from soc.detection.signatures.declaration import AUTH_FAILURE
from soc.domain.classification import Classification as Class

_ALERT, _USER = Class.SECURITY_ALERT, Class.USER_ACTION

# fmt: off
FIELD_RULES: tuple[FieldRule, ...] = (
    FieldRule("sender.alert", "Detection by the sender", _ALERT, 6, 0.85, SENDER),
    FieldRule("sender.malware", "Malware found", _ALERT, 7, 0.9, SENDER, ("T1204",)),
    FieldRule("sender.credential-theft", "Credentials taken or forged", _ALERT, 8, 0.9, SENDER, ("T1003",)),
    FieldRule("sender.log-cleared", "Audit log cleared", _ALERT, 8, 0.95, SENDER, ("T1070.001",)),
    FieldRule("sender.protection-off", "Protection switched off", _ALERT, 8, 0.85, SENDER, ("T1562.001",)),
    FieldRule("sender.persistence", "Service or task installed", _ALERT, 5, 0.75, SENDER, ("T1543", "T1053")),
    FieldRule("behaviour.failed-login", "Failed login", _ALERT, 4, 0.9, BEHAVIOUR, ("T1110",), (AUTH_FAILURE,), yields=True),
    FieldRule("behaviour.failed-beside", "A failed login that another line of the same attempt tells, or a key that was not the right one", _USER, 4, 0.85, BEHAVIOUR, ("T1110",), (AUTH_FAILURE,), yields=True),
    FieldRule("behaviour.attempts-exceeded", "Too many failed logins in one connection", _ALERT, 5, 0.9, BEHAVIOUR, ("T1110",), yields=True),
    FieldRule("behaviour.locked-out", "An account was locked after failed logins", _ALERT, 4, 0.8, BEHAVIOUR, ("T1110",), yields=True),
    FieldRule("behaviour.name-asked", "A server asked for a name and got none", _USER, 2, 0.85, BEHAVIOUR, yields=True),
    FieldRule("behaviour.login-probe", "Connection given up before a login", _ALERT, 3, 0.8, BEHAVIOUR, ("T1595",), yields=True),
    FieldRule("behaviour.protocol-abused", "A peer that does not keep to the protocol", _ALERT, 3, 0.7, BEHAVIOUR, ("T1595",), yields=True),
    FieldRule("behaviour.peer-refused", "A peer that a server turned away", _ALERT, 3, 0.7, BEHAVIOUR, ("T1595",), yields=True),
    FieldRule("behaviour.login", "Login", _USER, 2, 0.95, BEHAVIOUR, ("T1078",), ("auth-success",), yields=True),
    FieldRule("behaviour.account-changed", "Account changed", _USER, 5, 0.85, BEHAVIOUR, ("T1098",), yields=True),
    FieldRule("behaviour.rights-changed", "Rights or ways in changed", _ALERT, 5, 0.7, BEHAVIOUR, ("T1098",)),
    FieldRule("behaviour.protection-off", "Something that protects or records was taken away", _ALERT, 6, 0.8, BEHAVIOUR, ("T1562",)),
    FieldRule("sender.service-alert", "The service warns of it", _ALERT, 6, 0.8, SENDER),
    FieldRule("behaviour.log-off", "Audit logging was switched off", _ALERT, 8, 0.8, BEHAVIOUR, ("T1562.008",)),
    FieldRule("behaviour.guard-off", "Detection or protection was switched off", _ALERT, 8, 0.8, BEHAVIOUR, ("T1562.001",)),
    FieldRule("behaviour.factor-off", "A second factor was switched off", _ALERT, 8, 0.8, BEHAVIOUR, ("T1556.006",)),
    FieldRule("behaviour.made-public", "Opened to everybody", _ALERT, 6, 0.8, BEHAVIOUR, ("T1537",)),
    FieldRule("behaviour.data-out", "Data copied, shared or sent outwards", _ALERT, 5, 0.75, BEHAVIOUR, ("T1537",)),
    FieldRule("behaviour.secret-read", "Secrets read", _ALERT, 5, 0.7, BEHAVIOUR, ("T1552",)),
    FieldRule("behaviour.ran-inside", "Command run inside a machine or container", _ALERT, 5, 0.75, BEHAVIOUR, ("T1609",)),
    FieldRule("behaviour.weak-container", "Container with the rights of its host", _ALERT, 6, 0.8, BEHAVIOUR, ("T1611",)),
    FieldRule("behaviour.code-changed", "Code that runs with rights was changed", _ALERT, 5, 0.7, BEHAVIOUR, ("T1648",)),
    FieldRule("behaviour.destroyed", "Data or machines destroyed", _ALERT, 5, 0.7, BEHAVIOUR, ("T1485",)),
    FieldRule("behaviour.root-used", "The root account of a cloud was used", _ALERT, 5, 0.8, BEHAVIOUR, ("T1078.004",)),
    FieldRule("behaviour.weak-login", "Login at risk, or without a second factor", _ALERT, 4, 0.75, BEHAVIOUR, ("T1078",), yields=True),
    FieldRule("behaviour.anonymous-access", "Asked without saying who", _ALERT, 4, 0.75, BEHAVIOUR, ("T1190",), yields=True),
    FieldRule("behaviour.attack-stopped", "A request that a web firewall stopped", _ALERT, 5, 0.8, BEHAVIOUR, ("T1190",), yields=True),
    FieldRule("behaviour.call-refused", "A call that the service refused", _USER, 2, 0.8, BEHAVIOUR, yields=True),
    FieldRule("level.critical-said", "The sender calls it critical", Class.CRITICAL_ERROR, 6, 0.6, SENDER),
    FieldRule("level.error-said", "The sender calls it an error", Class.ERROR, 4, 0.6, SENDER),
    FieldRule("level.warning-said", "The sender calls it a warning", Class.SYSTEM_NOTIFICATION, 3, 0.6, SENDER),
    FieldRule("level.info-said", "The sender calls it ordinary", Class.SYSTEM_NOTIFICATION, 1, 0.6, SENDER),
)
# fmt: on
