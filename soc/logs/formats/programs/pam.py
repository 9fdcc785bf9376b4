"""Linux-PAM's modules, whichever program asked them: `pam_unix(sshd:auth): authentication failure; … user=root`."""

from __future__ import annotations

from soc.logs.formats.kit.bodies import ADDRESS, Body, Statement
from soc.logs.formats.kit.declare import Format, example

_FAILED = {"event.category": "authentication", "event.type": "start", "event.outcome": "failure"}
#: Of sshd, which says itself how each attempt ended.
_BESIDE = {**_FAILED, "event.type": "info"}
_IN = {"event.category": "authentication", "event.type": "start", "event.outcome": "success"}
_OPENED = {"event.category": "session", "event.type": "start", "event.outcome": "success"}
_CLOSED = {"event.category": "session", "event.type": "end", "event.outcome": "success"}
_CHANGED = {
    "event.category": "iam",
    "event.type": "change",
    "event.outcome": "success",
    "event.action": "password_changed",
}
_MODULE = r"pam_\w{1,20}\((?P<process_name>[^():]{1,60})[^()]{0,40}\):? "
_SSHD = r"pam_\w{1,20}\((?P<process_name>sshd)[^()]{0,40}\):? "
_WHO = rf".{{0,120}}rhost=(?:(?P<source_ip>{ADDRESS})|\S*)(?: +user=(?P<user_name>\S+))?"

# fmt: off
_STATEMENTS = (
    Statement("authentication failure", rf"{_SSHD}(?:authentication failure|\d+ more authentication failures?);{_WHO}", _BESIDE),
    Statement("user unknown", rf"{_SSHD}(?:check pass; )?user unknown", _BESIDE),
    Statement("authentication failure", rf"{_MODULE}(?:authentication failure|\d+ more authentication failures?);{_WHO}", _FAILED),
    Statement("authentication success", rf"{_MODULE}authentication success;{_WHO}", _IN),
    Statement("more authentication failure", rf"PAM:? \d+ more authentication failures?;{_WHO}", _FAILED),
    Statement("session opened", rf"{_MODULE}session opened for user (?P<user_target_name>[^\s(]+)(?:\(uid=\d+\))? by (?P<user_name>[^\s(]+)\(uid=\d+\)", _OPENED),
    Statement("session opened", rf"{_MODULE}session opened for user (?P<user_name>[^\s(]+)", _OPENED),
    Statement("session closed", rf"{_MODULE}session closed for user (?P<user_name>[^\s(]+)", _CLOSED),
    Statement("user unknown", rf"{_MODULE}check pass; user unknown", _FAILED),
    Statement("password changed for", rf"{_MODULE}password changed for (?P<user_name>\S+)", _CHANGED),
    Statement("auth could not identify password", rf"{_MODULE}auth could not identify password for \[(?P<user_name>[^\]]*)\]", _FAILED),
    Statement("conversation failed", rf"{_MODULE}conversation failed", _FAILED),
    Statement("account ", rf"{_MODULE}(?:[Cc]onsecutive login failures for user|[Uu]ser) (?P<user_name>\S+) (?:account temporarily locked|account .{{1,40}}expired)", _FAILED),
    Statement("received for user", rf"{_MODULE}received for user (?P<user_name>[^\s:]+): (?P<event_reason>.{{1,80}})", _FAILED),
    Statement("access denied", rf"{_MODULE}access denied for user '?(?P<user_name>[^'\s]+)'? from '?(?:(?P<source_ip>{ADDRESS}))?", _FAILED),
)
FORMAT = Format(
    name="pam",
    title="PAM",
    about="`pam_unix(sshd:auth): authentication failure; … rhost=192.0.2.1  user=root`, under whichever program's name.",
    order=302,
    body=Body(_STATEMENTS, signs=("pam_unix(", "pam_sss(", "pam_faillock(", "pam_tally2(", "pam_krb5(", "pam_ldap(", "pam_winbind(", "pam_systemd(", "pam_google_authenticator(", "more authentication failure"), owns=True, names=False),
    examples=(
        example(
            "Mar  1 02:00:07 web1 sshd[77]: pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.9  user=root\n"
            "pam_unix(sudo:session): session opened for user root(uid=0) by alice(uid=1000)",
            {
                "host.name": "web1", "process.name": "sshd", "process.pid": 77, "user.name": "root", "source.ip": "203.0.113.9",
                "source": "sshd", **_BESIDE,
                "message": "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.9  user=root",
            },
            {"process.name": "sudo", "user.name": "alice", "user.target.name": "root", **_OPENED},
        ),
    ),
)
