"""Deeds in services' audit records: by whose record it is, by the service's name for it, and by what the record says beside."""

from __future__ import annotations

import orjson
import polars as pl
import pytest

from soc.detection.judging.tables.changes import name_changes
from soc.detection.judging.tables.deeds_read import find_deed, read_tables
from soc.detection.rulebook import build_ruleset
from soc.logs.general.deeds.deeds import ACTION, DEED, read_deed
from soc.logs.general.pairs import json_pairs


def deed(record: object) -> tuple[str, ...]:
    pairs = json_pairs(orjson.dumps(record).decode())
    assert pairs is not None
    return tuple(read_deed(*pairs).get(DEED, "").split("\t"))


def test_every_example_of_every_table_gets_its_rule() -> None:
    wrong = [
        (example, rule, found)
        for table in read_tables().values()
        for example, rule in table.examples
        if (found := find_deed(example)) != rule
    ]
    assert wrong == []


def test_tables_name_rules_that_exist_and_have_examples_of_what_is_nothing() -> None:
    known = {rule.id for rule in build_ruleset().rules} | {"none"}
    for service, table in read_tables().items():
        assert {entry.rule for entry in table.entries} <= known, service
        assert {bool(rule) for _, rule in table.examples} == {True, False}, service


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"eventSource": "iam.amazonaws.com", "eventName": "CreateUser", "userIdentity": {"type": "Root"}}, ("aws", "CreateUser", "root")),
        ({"eventSource": "s3", "eventName": "PutBucketAcl", "errorCode": "AccessDenied"}, ("aws", "PutBucketAcl", "failed")),
        ({"eventSource": "ec2", "eventName": "ModifyImageAttribute", "requestParameters": {"launchPermission": {"add": {"items": [{"group": "all"}]}}}}, ("aws", "ModifyImageAttribute", "public")),
        ({"eventSource": "ec2", "eventName": "ModifyImageAttribute", "requestParameters": {"launchPermission": {"remove": {"items": [{"group": "all"}]}}}}, ("aws", "ModifyImageAttribute", "removes")),
        ({"eventType": "user.session.start", "actor": {"alternateId": "eve"}, "outcome": {"result": "FAILURE"}}, ("okta", "user.session.start", "failed")),
        ({"verb": "list", "auditID": "a", "objectRef": {"resource": "secrets"}, "user": {"username": "system:anonymous"}}, ("kubernetes", "list secrets", "anonymous")),
        ({"verb": "create", "auditID": "a", "objectRef": {"resource": "pods", "subresource": "exec"}, "user": {"username": "eve"}}, ("kubernetes", "create pods/exec", "")),
        ({"protoPayload": {"methodName": "io.k8s.core.v1.pods.exec.create", "serviceName": "k8s.io"}}, ("kubernetes", "create pods/exec", "")),
        ({"id": {"applicationName": "drive"}, "events": [{"name": "change_user_access", "parameters": [{"name": "visibility", "value": "people_with_link"}]}]}, ("workspace", "change_user_access", "public")),
        ({"Operation": "Set-Mailbox", "Workload": "Exchange", "Parameters": [{"Name": "ForwardingSmtpAddress", "Value": "smtp:eve@example.net"}]}, ("office", "Set-Mailbox", "forwards")),
        ({"operationName": {"value": "Microsoft.Compute/virtualMachines/delete"}, "resourceId": "/x", "status": {"value": "Succeeded"}}, ("azure", "Microsoft.Compute/virtualMachines/delete", "")),
        ({"user": "bob", "newRole": "Organization Admin"}, ("any", "", "admin")),
        ({"user": "bob", "page": "/home"}, ("",)),
        ({"action": "update", "before": {"mfa": {"enforced": True}}, "after": {"mfa": {"enforced": False}}}, ("any", "update mfa enforced off", "off")),
        ({"event": {"action": "UPDATE", "preaction": {"lockout": False}, "postaction": {"lockout": True}}}, ("any", "UPDATE lockout locked", "locked")),
        ({"event_type": "member_changed", "previous_value": "enabled", "value": "disabled"}, ("any", "member_changed off", "off")),
        ({"action": "role.changed", "role": "Project Viewer", "principal_type": "user"}, ("any", "role.changed", "meek")),
        ({"action": "update", "target_type": "user", "changes": {"role": "Administrator"}}, ("any", "update user admin", "admin")),
        ({"action": "user.updated", "actor": {"role": "admin"}}, ("any", "user.updated", "mighty")),
        ({"verb": "create", "auditID": "a", "objectRef": {"resource": "pods"}, "requestObject": {"spec": {"containers": [{"securityContext": {"runAsUser": 0}}]}}}, ("kubernetes", "create pods", "host")),
        # which way a switch went, by what was and what is, wherever the two stand
        ({"event_type": "user_update", "changes": [{"field": "city", "from": "a", "to": "b"}, {"field": "mfa.enforced", "from": True, "to": False}]}, ("any", "user_update mfa.enforced off", "off")),
        ({"event_type": "user_update", "changes": [{"field": "mfa.enforced", "from": False, "to": True}]}, ("any", "user_update", "stricter")),
        ({"action": "update", "fields": [{"name": "role", "before_value": "limited_user", "value": "admin"}]}, ("any", "update role admin", "admin")),
        ({"action": "update", "fields": [{"name": "role", "before_value": "admin", "value": "limited_user"}]}, ("any", "update", "meek lowered")),
        ({"action": {"type": "link_access_change", "details": {"old_access": "org_view", "new_access": "public_edit"}}}, ("any", "link_access_change access public", "public")),
        ({"action": {"type": "link_access_change", "details": {"old_access": "public_edit", "new_access": "org_view"}}}, ("any", "link_access_change", "stricter")),
        ({"event": "approvals_changed", "from": "2", "to": "0"}, ("any", "approvals_changed off", "off")),
        ({"activity": "data retention changed", "old": "365", "new": "30"}, ("any", "data retention changed off", "off")),
        ({"activity": "data retention changed", "old": "30", "new": "365"}, ("any", "data retention changed", "")),
        ({"tablename": "sys_user", "fieldname": "locked_out", "oldvalue": "false", "newvalue": "true"}, ("any", "changed sys_user locked_out locked", "locked")),
        ({"type": "allow_guests_setting_updated", "state": "disabled"}, ("any", "allow_guests_setting_updated", "stricter")),
        ({"type": "enforce_sso_updated", "state": "enabled"}, ("any", "enforce_sso_updated", "stricter")),
        ({"event": "firewall_update", "rules": [{"sources": {"addresses": ["0.0.0.0/0"]}}]}, ("any", "firewall_update public", "public")),
        ({"activityDisplayName": "Consent to application", "loggedByService": "Core", "correlationId": "c"}, ("azure", "Consent to application", "")),
    ],
)  # fmt: skip
def test_a_record_tells_whose_it_is_what_was_done_and_what_came_of_it(
    record: object, said: tuple[str, ...]
) -> None:
    assert deed(record) == said


def test_the_words_of_a_name_tell_of_it_where_no_table_knows_the_service() -> None:
    told = {
        "service_account_created": "behaviour.rights-changed", "updatePermissions": "behaviour.rights-changed", "Created new admin": "behaviour.rights-changed",
        "workspace.audit_log_exported": "behaviour.data-out", "document.shared_externally": "behaviour.made-public", "TeamDestruction": "behaviour.destroyed",
        "FILE_MARKED_MALICIOUS": "sender.service-alert", "delete backup and restore": "behaviour.protection-off", "create ssoConfigBackend": "behaviour.rights-changed",
        "user.login": None, "page_viewed": None, "malware policy updated": None, "PutBucketPublicAccessBlock": None, "role removed": None, "GetSecret": None,
        "disable_anonymous_access": None, "file.created": None, "private_channel_converted_to_public": "behaviour.made-public",
        "remote_shell_command_executed": "behaviour.ran-inside", "sensor.uninstalled": "behaviour.protection-off", "scan exclusion created": "behaviour.protection-off",
        "Update multi-factor authentication policies": "behaviour.rights-changed", "password complexity changed": "behaviour.rights-changed", "vault purged": "behaviour.protection-off",
        "email_forwarding_rule_created": "behaviour.data-out", "branch force push": "behaviour.code-changed", "privilege_escalation": "behaviour.rights-changed",
        "recovery passphrase viewed": "behaviour.secret-read", "impossible_travel": "sender.service-alert", "mailbox delegate added": "behaviour.rights-changed",
        "two-factor authentication: from Off to On": None, "role: from Owner to Member": None, "remote access session started": None, "policy updated": None,
        "process terminated": None, "item created": None, "network connection allowed": None, "exception created": None,
            # many are one, and two words that are written as one are two
            "TerminateInstances": "behaviour.destroyed", "x/workspaces/delete": "behaviour.destroyed", "MS.X/STARTPACKETCAPTURE/ACTION": "behaviour.rights-changed", "ELEVATEACCESS": None,
            "CopyDBSnapshot": "behaviour.data-out", "StartExportTask": "behaviour.data-out", "UpdateFunctionCode2015": "behaviour.code-changed", "DeleteFunction": None, "repo.transfer_start": "behaviour.data-out",
            "RebootDBInstance": None, "UpdateFindings": None, "finding.closed": None, "ArchiveFindings": "behaviour.protection-off", "GetFindings": None, "org.update_member": "behaviour.rights-changed", "org.remove_member": None,
            "ListSecrets": "behaviour.secret-read", "secrets/recover": "behaviour.secret-read", "mass_delete": "behaviour.destroyed", "files.bulk_download": "behaviour.data-out", "bulk_update": None,
            "password_spraying": "sender.service-alert", "collaborator_added": "behaviour.rights-changed", "retention_policy.shortened": "behaviour.protection-off",
            # who joins people is an account's everyday, who joins those that may do much is not
            "group.member.add": "behaviour.account-changed", "Add member to group": "behaviour.account-changed", "admin_group.member_added": "behaviour.rights-changed",
            # the same thing on and off, given and taken back, more and less
            "ip_allowlist_enabled": None, "ip_allowlist_disabled": "behaviour.protection-off", "Two-factor authentication enabled": "behaviour.account-changed", "mfa.add": "behaviour.account-changed",
            "User_Disabled2fa": "behaviour.protection-off", "admin_totp_disable": "behaviour.protection-off", "Two-step verification reset": "behaviour.protection-off", "ORG_TWO_FACTOR_AUTH_OPTIONAL": "behaviour.protection-off",
            "api_token.revoked": None, "api_token.created": "behaviour.rights-changed", "public_link_disabled": None, "public_link_enabled": "behaviour.made-public", "anonymous_access_enabled": "behaviour.made-public",
            "public access block removed": "behaviour.made-public", "role: from Admin to Agent": None, "role_change_to_user": "behaviour.account-changed", "role_change_to_owner": "behaviour.rights-changed",
            "user_access_locked": "behaviour.locked-out", "account lockout": "behaviour.locked-out", "account unlocked": None, "workspace locked": None, "mfa_failed": "behaviour.failed-login", "job failed": None,
            "page.shared_to_web": "behaviour.made-public", "public_channel_made_from_private": "behaviour.made-public", "context.secrets.accessed": "behaviour.secret-read", "password policy viewed": None,
            "support_access.enabled": "behaviour.rights-changed", "Consent to application": "behaviour.rights-changed", "SharingPolicyChanged": "behaviour.rights-changed", "access_granted": None, "CREATE_APPLICATION_SETTING": None, "RevokeDBSecurityGroupIngress": None, "AuthorizeSecurityGroupIngress": "behaviour.rights-changed", "recovery_code.used": "behaviour.weak-login",
            "CLUSTERROLEBINDINGS/WRITE": "behaviour.rights-changed", "delete keyspace": "behaviour.destroyed", "2sv turned off": "behaviour.protection-off",
            "Install policy": None, "file_downloaded": None, "Report exported": None, "device_noncompliant": None,
    }  # fmt: skip
    assert dict(zip(told, name_changes(pl.Series(list(told))).to_list(), strict=True)) == told


@pytest.mark.parametrize(
    ("record", "name"),
    [
        ({"serviceName": "ssoConfigBackend", "actionName": "create"}, "create ssoConfigBackend"),
        ({"action": "UPDATE", "category": "AUDIT", "new_value": "disabled"}, "UPDATE AUDIT off"),
        ({"event_type": "service_account_created", "event_category": "apps"}, "service_account_created"),
        ({"action": "Update", "operation_detail": "Two-factor authentication: from On to Off"}, "Update Two-factor authentication: from On to Off off"),
        ({"event_type": "session_duration_changed", "details": {"new_value": "never", "old_value": "14 days"}}, "session_duration_changed off"),
        ({"message": "hello", "host": "a"}, ""), ({"type": "sapi", "description": "Delete a log stream"}, "Delete a log stream"), ({"type": "event", "description": "nothing to see"}, ""),
        ({"actor": {"type": "person"}, "type": "page.shared_to_web"}, "page.shared_to_web"), ({"eventtype": "administrator", "action": "bypass_create"}, "bypass_create"),
        ({"activityType": 23, "primaryDescription": "Eve added user Bob as Admin"}, "Eve added user Bob as Admin"), ({"name": "pack_sip_disabled", "action": "added"}, "added pack_sip_disabled"),
        ({"event_type": "database_user_added", "roles": ["atlasAdmin"]}, "database_user_added admin"), ({"resource": {"type": "policy_check", "action": "override"}}, "override policy_check"),
        ({"name": "CHANGE_USER_ACCESS", "type": "acl"}, "CHANGE_USER_ACCESS"), ({"name": "Jane Doe", "type": "acl"}, ""),
        ({"action": "visibility_changed", "from": "private", "to": "public"}, "visibility_changed public"), ({"action": "visibility_changed", "from": "public", "to": "private"}, "visibility_changed"),
    ],
)  # fmt: skip
def test_a_verb_is_told_with_what_it_concerns(record: object, name: str) -> None:
    assert (*deed(record), "", "")[1] == name


def test_what_a_service_of_the_cloud_does_for_itself_is_said() -> None:
    record = {"eventSource": "ec2.amazonaws.com", "eventName": "TerminateInstances"}
    own = {
        "userIdentity": {
            "type": "AssumedRole",
            "sessionContext": {"sessionIssuer": {"userName": "AWSServiceRoleForAutoScaling"}},
        }
    }
    asked = {"userIdentity": {"type": "AssumedRole", "invokedBy": "autoscaling.amazonaws.com"}}
    assert [
        "service" in deed({**record, **who})[2].split()
        for who in (own, asked, {"userIdentity": {"type": "AssumedRole"}})
    ] == [True, True, False]


def test_the_name_of_the_deed_is_what_stands_in_the_record() -> None:
    pairs = json_pairs('{"verb": "get", "auditID": "a", "objectRef": {"resource": "secrets"}}')
    assert pairs is not None
    assert read_deed(*pairs)[ACTION] == "get"
