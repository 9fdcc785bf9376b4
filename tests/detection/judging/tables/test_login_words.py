"""A login that failed, by sets of words in any order, with somebody there; and a connection given up before it."""

from __future__ import annotations

import polars as pl

from soc.detection.judging.tables.login_words import find_failed_login, find_probe


def failed(*texts: str) -> list[str | None]:
    column = pl.Series(texts)
    return find_failed_login(column, pl.Series([True] * len(texts)))[0].to_list()


def test_the_words_may_stand_in_any_order_and_any_product_may_say_them() -> None:
    said = [
        "Login of bob was refused", "could not log on bob: wrong passphrase", "rejected credentials from 192.0.2.4", "bad OTP for eve",
        "eve: authentication has been unsuccessful", "unknown user eve", "account eve is locked", "User eve from 192.0.2.4 not allowed",
        "no such user eve", "client denied by server configuration", "AUTH LOGIN error: invalid", "sign-in denied for eve",
        "Login from '192.0.2.4' for user 'eve' might not have worked", "realm mismatch for eve", "PREAUTH_FAILED: eve",
        "Registration from '<sip:7@192.0.2.1>' failed for '192.0.2.4' - No matching peer found", "Can't find user [7@192.0.2.1] from 192.0.2.4",
        "EAP method EAP_MSCHAPV2 failed for peer eve", "Host 192.0.2.4 is not allowed to talk to us!", "AUTHFAIL: user=eve ip=192.0.2.4",
        'x SecurityEvent="ChallengeResponseFailed" of 192.0.2.4', "Auth: user []\\[eve] status [NT_STATUS_NO_SUCH_USER]", '- 192.0.2.4 "failed" "wrongpass"',
        "EAP-MS-CHAPv2 verification failed, retry (1)", "Login attempt limit reached, the user is frozen", "Cannot login root@192.0.2.4",
        "An attempt was made to authenticate the locked user [admin]", "Access-Reject for eve", "peer 192.0.2.4 sent wrong pre-shared key", "user eve did not pass authentication", "Wrong PIN entered for 204", "user eve was not authenticated", "Access policy result: Logon_Deny", "token signature mismatch, rejecting bearer for eve", "invalid access token from 192.0.2.4", "API key rejected for eve", "192.0.2.4 rejected by register acl",
        "Erreur d'authentification pour l'utilisateur [eve]", "Benutzerauthentifizierung fehlgeschlagen für [eve]", "Autenticación fallida para eve", "Autenticazione fallita: eve",
        "type=USER_AUTH msg=audit(1.0:7): pid=7 uid=0 msg='op=PAM acct=\"eve\" addr=192.0.2.4 res=failed'",
    ]  # fmt: skip
    assert [text for text, found in zip(said, failed(*said), strict=True) if found is None] == []


def test_what_says_that_none_failed_or_that_a_part_of_the_machine_did_is_none() -> None:
    said = [
        "Anmeldung von eve erfolgreich", "Connexion de eve depuis 192.0.2.4", "la conexión al servidor falló", "0 failed logins for eve", "no authentication failures", "Disconnected (no auth attempts in 10 secs): user=<>", "login errors: 0",
        "failed to load the credentials file", "connect to the authentication server failed", "user eve logged in", "password changed for eve",
        "connection refused by client", "login page rendered; upload failed", "user eve opened report invalid.pdf",
        "[client 192.0.2.4] File does not exist: /srv/x", "request of user checker came, subsystem not found",
        "peer 192.0.2.4 not found in cluster", "user eve uploaded report.pdf: file not found in cache", "failedLogins: 0", "failed logins: 0", "mail passed to heap", "failed login report generated in 2 s", "failed login threshold was set to 5", "user eve not found in cache, loading", "invalid token '<' in line 3", "access token of eve expired",
        "tcp rejected by rule 7", "rate limit reached for queue", "cannot log the event: disk full",
        "update rejected for user eve: invalid phone number", "import failed: row 12 has invalid account number", "Selected source 192.0.2.4 (not authenticated)",
        "managesieve-login: Disconnected: Too many invalid commands. (no auth attempts in 0 secs): user=<>",
    ]  # fmt: skip
    assert [text for text, found in zip(said, failed(*said), strict=True) if found is not None] == []


def test_lines_that_deny_a_failure_are_told_apart_from_those_that_say_nothing() -> None:
    texts = pl.Series(
        ["no failed login for eve", "user eve opened a door that is locked", "Failed login, 0 errors"]
    )
    words, denied = find_failed_login(texts, pl.Series([True, True, True]))
    assert words.is_not_null().to_list() == [False, False, True]
    assert denied.to_list() == [True, False, False]


def test_only_the_rows_that_are_asked_for_are_read() -> None:
    texts = pl.Series(["Failed login", None, "Failed login"], dtype=pl.String)
    assert find_failed_login(texts, pl.Series([False, True, True]))[0].to_list() == [
        None,
        None,
        "Failed login",
    ]


def test_a_connection_given_up_before_a_login_is_a_probe_unless_it_is_called_harmless() -> None:
    texts = pl.Series([
        "Connection closed by 192.0.2.4 [preauth]", "Timeout before authentication for 192.0.2.4", "SSL_do_handshake() failed while SSL handshaking",
        "Did not receive identification string from 192.0.2.4", "Disconnected (no auth attempts): TLS handshake failed", "Connection from 192.0.2.4",
    ])  # fmt: skip
    assert find_probe(texts, pl.Series([True] * 6)).is_not_null().to_list() == [
        True,
        True,
        True,
        True,
        False,
        False,
    ]
