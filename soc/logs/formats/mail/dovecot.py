"""Dovecot: logins to mailboxes."""

from __future__ import annotations

from soc.logs.formats.kit.bodies import ADDRESS, Body, Statement
from soc.logs.formats.kit.declare import Format, example

_FAILED = {"event.category": "authentication", "event.type": "start", "event.outcome": "failure"}
_IN = {"event.category": "authentication", "event.type": "start", "event.outcome": "success"}
_GONE = {"event.category": "session", "event.type": "end"}
_ENDS = rf"user=<(?P<user_name>[^>]*)>,.{{0,200}}?rip=(?P<source_ip>{ADDRESS})(?:, lip=(?P<destination_ip>{ADDRESS}))?"
_NOBODY = (
    rf"(?:user=<>, )?(?:.{{0,60}}?, )?rip=(?P<source_ip>{ADDRESS})(?:, lip=(?P<destination_ip>{ADDRESS}))?"
)
_WHERE = r"(?:[\w-]{1,30}(?:\(\d+\))?: )?(?:Info: |Warning: |Error: )?"

# fmt: off
_STATEMENTS = (
    Statement("Login: ", rf"{_WHERE}Login: {_ENDS}", _IN),
    Statement("auth fail", rf"{_WHERE}(?:Disconnected|Aborted login|Login aborted|Maximum number of connections)[^:]{{0,60}} ?\((?P<event_reason>[^)]{{0,100}}auth fail[^)]*)\)[^:]{{0,60}}: {_ENDS}", _FAILED),
    Statement("auth fail", rf"{_WHERE}(?:Disconnected|Aborted login|Login aborted): (?P<event_reason>[^(]{{0,80}}auth fail.{{0,100}}?): {_ENDS}", _FAILED),
    Statement("auth fail", rf"{_WHERE}(?:Disconnected|Aborted login|Login aborted).{{0,120}}?auth fail.{{0,100}}?: {_NOBODY}", _FAILED),
    Statement("rip=", rf"{_WHERE}(?:Disconnected|Aborted login|Login aborted|Logged out).{{0,160}}?: (?:user=<(?P<user_name>[^>]*)>, )?(?:.{{0,60}}?, )?rip=(?P<source_ip>{ADDRESS})(?:, lip=(?P<destination_ip>{ADDRESS}))?", _GONE),
    *(
        Statement(words, rf"{_WHERE}(?:conn .{{1,120}}: )?[\w-]{{1,30}}\((?P<user_name>[^,)]*),(?P<source_ip>{ADDRESS})[^)]*\): (?:.{{0,60}})(?P<event_reason>{words})", _FAILED)
        for words in ("assword mismatch", "nknown user", "nvalid password")
    ),
    Statement("ogged out", rf"{_WHERE}(?:imap|pop3|managesieve)\((?P<user_name>[^)]*)\).{{0,80}}?: Logged out", _GONE),
)
FORMAT = Format(
    name="dovecot",
    title="Dovecot",
    about="`imap-login: Login: user=<bob>, method=PLAIN, rip=192.0.2.1, lip=…`, `imap-login: Disconnected (auth failed, 1 attempts): …` and what its `auth` says.",
    order=321,
    body=Body(_STATEMENTS, closed=False, programs=("dovecot",), signs=("imap-login: ", "pop3-login: ", "managesieve-login: ", "submission-login: "), names=False),
    examples=(
        example(
            "Mar  1 02:00:07 mx1 dovecot: imap-login: Disconnected (auth failed, 3 attempts in 9 secs): user=<eve>, method=PLAIN, rip=203.0.113.9, lip=192.0.2.7, TLS\n"
            "Mar  1 02:00:08 mx1 dovecot: pop3-login: Login: user=<bob>, method=PLAIN, rip=2001:db8::7, lip=2001:db8::1, mpid=7, TLS",
            {
                "host.name": "mx1", "process.name": "dovecot", "source": "dovecot", "source.ip": "203.0.113.9", "destination.ip": "192.0.2.7", "user.name": "eve",
                "event.reason": "auth failed, 3 attempts in 9 secs", **_FAILED,
                "message": "imap-login: Disconnected (auth failed, 3 attempts in 9 secs): user=<eve>, method=PLAIN, rip=203.0.113.9, lip=192.0.2.7, TLS",
            },
            {
                "host.name": "mx1", "process.name": "dovecot", "source": "dovecot", "source.ip": "2001:db8::7", "destination.ip": "2001:db8::1", "user.name": "bob", **_IN,
                "message": "pop3-login: Login: user=<bob>, method=PLAIN, rip=2001:db8::7, lip=2001:db8::1, mpid=7, TLS",
            },
        ),
    ),
)
