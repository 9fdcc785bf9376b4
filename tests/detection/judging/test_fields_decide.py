"""Verdicts that fields decide: the sender's statement, numbers of events, changes, outcomes and levels; and where their values stand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from soc.detection.field_rule import DECIDERS
from soc.detection.judging.facts import FIELDS, Facts
from soc.detection.judging.hear import hear_stages
from soc.detection.judging.scanning.scan import find_matches, no_matches
from soc.detection.judging.tables.changes import name_changes
from soc.detection.judging.tables.windows_events import name_windows_events
from soc.detection.judging.verdict import judge
from soc.detection.rulebook import build_ruleset
from soc.domain.event import ECS_FIELDS

RULESET = build_ruleset()
_WHOLE = {name for name, check in ECS_FIELDS.items() if check in ("port", "whole", "status")}


def facts_of(*rows: dict[str, object], raw: str = "") -> Facts:
    fields = pl.DataFrame(
        {
            name: pl.Series([row.get(name) for row in rows], dtype=pl.Int64 if name in _WHOLE else pl.String)
            for name in ECS_FIELDS
        }
    )
    body = pl.Series([str(row.get("body", "")) for row in rows])
    raws = pl.Series([str(row.get("raw", row.get("body", ""))) for row in rows])
    return Facts(
        fields, body, raws, pl.Series(["plain"] * len(rows)), raws.str.len_bytes().to_numpy().astype(np.int64)
    )


def judged(*rows: dict[str, object]) -> list[tuple[str | None, int, str, str | None]]:
    """Rule, score, who decided, and the words that decided."""
    facts = facts_of(*rows)
    verdicts = judge(RULESET, no_matches(), len(rows), hear_stages(RULESET, facts))
    found = []
    for row, raw in enumerate(facts.raw):
        number, start, end = (
            int(column[row]) for column in (verdicts.rule, verdicts.evidence_start, verdicts.evidence_end)
        )
        rule = RULESET.rule_ids()[number] if number >= 0 else None
        words = raw.encode()[start:end].decode() if start >= 0 else None
        found.append((rule, int(verdicts.score[row]), DECIDERS[verdicts.decided[row]], words))
    return found


def test_a_request_with_a_name_that_is_answered_with_401_is_a_failed_login_and_one_without_is_none() -> None:
    asked = {
        "http.request.method": "GET",
        "http.response.status_code": 401,
        "source.ip": "192.0.2.4",
        "raw": "GET /a 401",
    }
    assert judged({**asked, "user.name": "eve"}) == [("behaviour.failed-login", 5, "behaviour", "401")]
    assert [
        rule for rule, *_ in judged(asked, {**asked, "user.name": "eve", "http.response.status_code": 200})
    ] == [None, None]


def test_what_is_sent_to_where_one_logs_in_and_answered_with_401_is_a_failed_login() -> None:
    sent = {
        "source.ip": "192.0.2.4",
        "http.request.method": "POST",
        "http.response.status_code": 401,
        "raw": "x",
    }
    paths = ("/auth/login", "/api/v2/sign-in", "/oauth/token", "/client", "/authors/7")
    rows = [{**sent, "url.path": path} for path in paths]
    rows += [{**rows[0], "http.request.method": "GET"}, {**rows[0], "http.response.status_code": 200}]
    assert [rule for rule, *_ in judged(*rows)] == ["behaviour.failed-login"] * 3 + [None] * 4


def test_authentication_that_failed_is_a_failed_login_graver_with_somebody_and_for_root() -> None:
    login = {"event.category": "authentication", "event.outcome": "failure", "raw": "x failure"}
    assert judged(login, {**login, "source.ip": "192.0.2.4"}, {**login, "source.ip": "192.0.2.4", "user.name": "root"}) == [
        ("behaviour.failed-login", score, "behaviour", "failure") for score in (4, 5, 6)
    ]  # fmt: skip


def test_what_another_line_of_the_attempt_tells_is_no_alert_and_still_counted_as_a_failure() -> None:
    login = {"event.category": "authentication", "event.outcome": "failure", "source.ip": "192.0.2.4"}
    audited = "type=USER_LOGIN msg=audit(1.1:7): op=login acct=eve res=failed"
    rows = (
        {**login, "event.type": "info", "user.name": "root", "raw": "x failure"},
        {"body": audited, "source.ip": "192.0.2.4"},
        {"body": audited.replace("USER_LOGIN", "USER_AUTH"), "source.ip": "192.0.2.4"},
    )
    assert [(rule, score) for rule, score, *_ in judged(*rows)] == [
        ("behaviour.failed-beside", 4), ("behaviour.failed-beside", 4), ("behaviour.failed-login", 5),
    ]  # fmt: skip
    beside = next(one for one in RULESET.rules if one.id == "behaviour.failed-beside")
    assert (beside.classification, "auth-failure" in beside.tags) == ("User Action", True)


@pytest.mark.parametrize(
    "missing", ["missing Authorization header", "empty username", "unknown user ''", "no credentials"]
)
def test_a_server_that_was_given_no_name_asks_for_one_and_nothing_has_failed(missing: str) -> None:
    refused = {"body": f"access denied -- client 192.0.2.4: {missing}", "source.ip": "192.0.2.4"}
    named = {**refused, "body": "access denied -- client 192.0.2.4: unknown user 'eve'"}
    assert [(rule, score) for rule, score, *_ in judged(refused, named)] == [
        ("behaviour.name-asked", 2), ("behaviour.failed-login", 5),
    ]  # fmt: skip


def test_a_line_that_sums_failures_up_is_no_further_failure() -> None:
    text = "maximum authentication attempts exceeded for root from 192.0.2.4 port 7 ssh2"
    ((rule, score, _, words),) = judged({"body": text, "source.ip": "192.0.2.4", "user.name": "root"})
    assert (rule, score, words) == ("behaviour.attempts-exceeded", 7, "authentication attempts exceeded")
    assert "auth-failure" not in next(one for one in RULESET.rules if one.id == rule).tags


def test_an_outcome_that_a_statement_means_and_nobody_writes_is_shown_by_the_words_or_by_the_whole_message() -> (
    None
):
    login = {"event.category": "authentication", "event.outcome": "failure"}
    said, wordless = {**login, "body": "wrong password for x"}, {**login, "body": "check pass; who?"}
    assert [words for *_, words in judged(said, wordless, {**login, "body": '{"a": 1}'})] == [
        "wrong password", "check pass; who?", None,
    ]  # fmt: skip


def test_words_of_a_failed_login_count_only_with_a_peer_a_user_or_a_program_that_authenticates() -> None:
    text = {"body": "wrong password"}
    rows = (
        {**text, "source.ip": "192.0.2.4"},
        {**text, "user.name": "eve"},
        {**text, "process.name": "vpnd"},
        text,
    )
    assert [rule for rule, *_ in judged(*rows)] == ["behaviour.failed-login"] * 3 + [None]
    assert [judged(row)[0] for row in rows[:3]] == [
        ("behaviour.failed-login", 5, "behaviour", "wrong password")
    ] * 3


def test_of_a_request_or_of_pairs_the_words_are_not_read() -> None:
    words = "login failed"
    rows = (
        {"body": f"GET /?{words}", "http.request.method": "GET", "source.ip": "192.0.2.4"},
        {"body": '{"login": "failed"}', "source.ip": "192.0.2.4"},
    )
    assert [rule for rule, *_ in judged(*rows)] == [None, None]


def test_a_records_own_message_its_names_and_values_that_are_names_tell_of_a_failed_login() -> None:
    somebody = {"source.ip": "192.0.2.4"}
    request = {"http.request.method": "POST", **somebody}
    rows = (
        {"body": "x", "event.action": "login_failed", **somebody},
        {"body": '{"type": "ADMIN_LOGIN_FAILED", "a": 1}', **somebody},
        {"body": '{"a": 1, "msg": "wrong password for eve"}', **somebody},
        {"body": "Login failed: eve", "raw": '{"message": "Login failed: eve"}', **request},
        {
            "body": "GET /?login failed HTTP/1.1",
            "raw": '{"message": "GET /?login failed HTTP/1.1"}',
            **request,
        },
        {"body": '{"LoginFailed": "x", "a": 1}', **somebody},
    )
    assert [rule for rule, *_ in judged(*rows)] == ["behaviour.failed-login"] * 4 + [None, None]


def test_a_peer_that_does_not_keep_to_the_protocol_is_a_weak_sign() -> None:
    texts = (
        "PREGREET 14 after 0.1 from x",
        "lost connection after AUTH from x",
        "Invalid URI in request GET ../x",
        "too many unknown commands",
    )
    rows = [{"body": text, "source.ip": "192.0.2.4"} for text in texts]
    assert [found[:2] for found in judged(*rows, {"body": texts[0]})] == [
        ("behaviour.protocol-abused", 3)
    ] * 4 + [(None, 1)]


def test_a_peer_that_a_server_turns_away_is_a_weak_sign_and_one_that_a_list_turns_away_is_left_to_its_signature() -> (
    None
):
    texts = (
        "NOQUEUE: reject: RCPT from x: 554 client [192.0.2.4] blocked using bl.example.net",
        "client @0x7f65 192.0.2.4#3076: query (cache) 'example.com/ANY/IN' denied",
        "query 192.0.2.4 example.com. ANY IN refused",
        "rejected RCPT <c@d.example>: relay not permitted",
        "refused mount request from 192.0.2.4 for /srv",
        "Connection from UDP: [192.0.2.4]:51021 REFUSED",
    )
    rows = [{"body": text, "source.ip": "192.0.2.4"} for text in texts]
    ours = {**rows[1], "destination.ip": "192.0.2.9"}
    other = [{**rows[0], "body": text} for text in ("refused connect from 192.0.2.4", "query answered")]
    assert [found[:2] for found in judged(*rows, {"body": texts[0]}, ours, *other)] == [
        ("behaviour.peer-refused", 3)
    ] * 6 + [(None, 1)] * 4


def test_who_was_not_let_become_somebody_else_has_failed_to_log_in() -> None:
    says = "failed: ttyq4 changing from ldap to root"
    rows = [{"body": says, "process.name": program} for program in ("su", "doas", "cron")]
    assert [rule for rule, *_ in judged(*rows)] == ["behaviour.failed-login"] * 2 + [None]


def test_the_senders_detection_is_worth_what_the_sender_calls_it_and_less_where_it_was_stopped() -> None:
    alert = {"event.kind": "alert", "event.detection": "Emotet", "raw": "found Emotet"}
    rows = [
        alert,
        *({**alert, "event.gravity": word} for word in ("informational", "low", "medium", "high", "critical")),
        {**alert, "event.action": "Blocked"},
        {**alert, "event.action": "blocked", "event.gravity": "critical"},
    ]  # fmt: skip
    assert [score for _, score, *_ in judged(*rows)] == [6, 4, 5, 6, 7, 7, 5, 7]
    assert judged(alert) == [("sender.alert", 6, "sender", "Emotet")]


def test_windows_numbers_mean_something_only_with_their_log() -> None:
    frame = pl.DataFrame(
        {
            "event.code": [
                "1102",
                "1102",
                "4625",
                "4625",
                "104",
                "7045",
                "5001",
                "4720",
                "4728",
                "9",
                "4728",
                "4728",
                "4672",
                "4672",
            ],
            "winlog.channel": [
                "Security",
                None,
                "security",
                "Application",
                "System",
                None,
                "Microsoft-Windows-Windows Defender/Operational",
            ]
            + ["Security"] * 7,
            "event.provider": [
                None,
                None,
                None,
                None,
                None,
                "Service Control Manager",
                *[None] * 8,
            ],
            "group.name": [None] * 10 + ["Sales-France", "Domain Admins", None, None],
            "user.name": [None] * 12 + ["DC1$", "eve"],
        },
        schema=dict.fromkeys(
            ("event.code", "winlog.channel", "event.provider", "group.name", "user.name"), pl.String
        ),
    )
    assert name_windows_events(frame).to_list() == [
        "sender.log-cleared", None, "behaviour.failed-login", None, "sender.log-cleared", "sender.persistence", "sender.protection-off",
        "behaviour.account-changed", "behaviour.rights-changed", None,
        "behaviour.account-changed", "behaviour.rights-changed", None, "behaviour.rights-changed",
    ]  # fmt: skip


def test_changes_are_told_by_words_of_the_events_name() -> None:
    off = [
        "StopLogging",
        "DeleteTrail",
        "user.mfa.factor.suspend",
        "secret_scanning.disable",
        "microsoft.keyvault/vaults/delete",
        "DELETE_SSO_PROFILE",
    ]
    rights = [
        "CreateAccessKey",
        "api_key.created",
        "AddUserToRole",
        "SetIamAdmin",
        "clusterrolebindings/write",
        "AuthorizeSecurityGroupIngress",
    ]
    ordinary = [
        "DescribeTrails",
        "ListAccessKeys",
        "GetObject",
        "login",
        "CreateProject",
        "delete_page",
        "user.session.end",
        None,
    ]
    told = name_changes(pl.Series([*off, *rights, *ordinary], dtype=pl.String)).to_list()
    assert told == ["behaviour.protection-off"] * 6 + ["behaviour.rights-changed"] * 6 + [None] * 8


def test_names_of_deeds_tell_of_ways_in_of_secrets_of_exports_and_of_what_is_off() -> None:
    told = {
        "behaviour.rights-changed": "user_login_as_started USER_ASSUMED_USER app_scopes_expanded bot.create deploy_key_added bypass_create ACCESS_GRANTED UpdateLoginSettings",
        "behaviour.secret-read": "PASSWORD_REVEALED CredentialRead",
        "behaviour.data-out": "manual_export_started corporate_exports_enabled",
        "behaviour.protection-off": "ekm_unenrolled API_ACCESS_LIST_NOT_REQUIRED DELETE_DETECTION rule.deactivate",
        "sender.service-alert": "SHIELD_ALERT HIGH_RISK_LOGIN mobile_jailbreak",
        None: "access_list_read ListUsers user_login password_changed rule.create app.opened alert_created",
    }
    for rule, names in told.items():
        assert name_changes(pl.Series(names.split())).to_list() == [rule] * len(names.split()), rule
    phrases = pl.Series([
        "Security - all meetings are secured: from On to Off", "Security - meetings: from Off to On", "require_approvals_changed off", "approvals_changed",
    ])  # fmt: skip
    assert name_changes(phrases).to_list() == [
        "behaviour.protection-off",
        None,
        "behaviour.protection-off",
        None,
    ]


def test_a_change_that_failed_changed_nothing() -> None:
    change = {"event.action": "DeleteTrail", "raw": "DeleteTrail"}
    assert judged(change)[0] == ("behaviour.protection-off", 6, "behaviour", "DeleteTrail")
    assert judged({**change, "event.outcome": "failure"})[0][0] is None


def test_a_level_by_name_or_by_syslogs_number_speaks_last() -> None:
    rows = [
        {"log.level": "error", "raw": "<11>ERROR x"}, {"log.syslog.priority": 34}, {"log.syslog.priority": 13}, {"log.level": "odd"},
    ]  # fmt: skip
    assert judged(*rows) == [
        ("level.error-said", 4, "sender", "ERROR"), ("level.critical-said", 6, "sender", None), ("level.info-said", 1, "sender", None),
        (None, 1, "none", None),
    ]  # fmt: skip


def test_a_value_is_not_placed_where_the_line_as_read_is_not_the_line_in_the_file() -> None:
    facts = facts_of({"event.kind": "alert", "event.detection": "Emotet", "raw": "� Emotet"})
    bent = Facts(facts.fields, facts.body, facts.raw, facts.format, facts.sizes - 2)
    for some, start in ((facts, 4), (bent, -1)):
        assert judge(RULESET, no_matches(), 1, hear_stages(RULESET, some)).evidence_start.tolist() == [start]
    assert "event.detection" in FIELDS


def test_a_login_that_its_services_record_calls_refused_is_a_failed_login_and_what_failed_changed_nothing() -> (
    None
):
    rows = ({"event.action": "jwtLogin"}, {"event.action": "createServiceAccount"})
    said = pl.DataFrame({"said.deed": ["any\tjwtLogin\tfailed", "any\tcreateServiceAccount\tfailed"]})
    facts = replace(facts_of(*rows), said=said)
    verdicts = judge(RULESET, no_matches(), 2, hear_stages(RULESET, facts))
    assert [RULESET.rule_ids()[number] if number >= 0 else None for number in verdicts.rule.tolist()] == [
        "behaviour.failed-login",
        None,
    ]


def test_a_login_that_succeeded_is_one_where_the_fields_say_so_and_no_other_rule_speaks() -> None:
    got = judged(
        {"event.action": "user.login", "event.outcome": "success", "user.name": "eve"},
        {"event.category": "authentication", "event.type": "start", "event.outcome": "success"},
        {"event.category": "authentication", "event.type": "info", "event.outcome": "success"},
        {"event.action": "user.login", "event.outcome": "failure", "user.name": "eve"},
        {"event.action": "user.rename", "event.outcome": "success", "user.name": "eve"},
    )
    assert [one[0] for one in got] == [
        "behaviour.login",
        "behaviour.login",
        None,
        "behaviour.failed-login",
        None,
    ]


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"event.action": "user.session.start", "event.outcome": "success"}, "behaviour.login"),
        ({"event.action": "tunnel-up"}, "behaviour.login"),
        ({"event.action": "user.session.start", "source.ip": None}, None),
        ({"event.action": "user.session.end", "event.outcome": "success"}, None),
        ({"event.action": "tunnel-up", "event.outcome": "failure"}, None),
    ],
)
def test_what_begins_for_somebody_known_from_somewhere_is_a_login(
    fields: dict[str, object], rule: str | None
) -> None:
    [got] = judged({"user.name": "eve", "source.ip": "203.0.113.9", **fields})
    assert got[0] == rule


def test_a_login_by_its_fields_knows_better_than_a_word_of_it() -> None:
    line = '{"eventType": "user.session.start", "user": "eve", "ip": "203.0.113.9", "result": "SUCCESS"}'
    row = {"event.action": "user.session.start", "event.outcome": "success", "user.name": "eve", "source.ip": "203.0.113.9"}  # fmt: skip
    facts = facts_of({**row, "body": line})
    data, length = line.encode(), np.array([len(line)])
    matches = find_matches(RULESET, data, np.array([0]), length)
    assert "note.lifecycle" in {RULESET.rule_ids()[number] for number in matches.pattern.tolist()}
    verdicts = judge(RULESET, matches, 1, hear_stages(RULESET, facts))
    assert RULESET.rule_ids()[int(verdicts.rule[0])] == "behaviour.login"
