"""Directories and the keepers of their tickets: OpenLDAP, 389 Directory Server, MIT and Heimdal Kerberos."""

from __future__ import annotations

from soc.logs.formats.kit.bodies import ADDRESS, Body, Statement
from soc.logs.formats.kit.declare import Format, example

_LOGIN = {"event.category": "authentication", "event.type": "start"}
_FAILED, _IN = {**_LOGIN, "event.outcome": "failure"}, {**_LOGIN, "event.outcome": "success"}
_CAME = {"event.category": "network", "event.type": "start"}
_BEFORE = r".{0,120}?"
_ASKED = rf"{_BEFORE}(?:AS|TGS)_REQ (?:\([^)]*(?:\{{[^}}]*\}}[^)]*)?\) )?(?P<source_ip>{ADDRESS}): "
_SLAPD = {"host.name": "ldap1", "process.name": "slapd", "process.pid": 77, "source": "slapd"}
_KDC = {"host.name": "kdc1", "process.name": "krb5kdc", "process.pid": 78, "source": "krb5kdc"}

# fmt: off
_STATEMENTS = (
    # a directory says by number alone that it did not know the name or the password (49), or that the account is shut (53)
    Statement("RESULT ", rf"{_BEFORE}conn=\d+ op=-?\d+ RESULT (?:tag=97 err=(?:49|53)\b|err=(?:49|53) tag=97\b){_BEFORE}(?P<event_reason>Invalid credentials)?$", _FAILED),
    Statement("RESULT ", rf"{_BEFORE}conn=\d+ op=-?\d+ RESULT (?:tag=97 err=0\b|err=0 tag=97\b)", _IN),
    Statement(" BIND ", rf"{_BEFORE}conn=\d+ op=-?\d+ BIND dn=\"(?:(?:uid|cn|CN|UID)=(?P<user_name>[^,\"]+))?", {"event.category": "authentication", "event.type": "info"}),
    Statement(" ACCEPT from IP=", rf"{_BEFORE}conn=\d+ fd=\d+ ACCEPT from IP=\[?(?P<source_ip>{ADDRESS})\]?:(?P<source_port>\d{{1,5}})", _CAME),
    Statement(" connection from ", rf"{_BEFORE}conn=\d+ fd=\d+ slot=\d+ (?:SSL )?connection from (?P<source_ip>{ADDRESS}) to (?P<destination_ip>{ADDRESS})", _CAME),
    # the first answer to everybody: no failure
    Statement("NEEDED_PREAUTH", rf"{_ASKED}NEEDED_PREAUTH: (?P<user_name>\S+) for ", {"event.category": "authentication", "event.type": "info"}),
    Statement("ISSUE: ", rf"{_ASKED}ISSUE: authtime \d+, .{{0,120}}?, (?P<user_name>\S+) for ", _IN),
    Statement("_REQ ", rf"{_ASKED}(?P<event_reason>(?:PREAUTH_FAILED|CLIENT_NOT_FOUND|LOCKED_OUT|CLIENT EXPIRED|CLIENT KEY EXPIRED|INVALID CREDENTIALS)): (?P<user_name>\S+) for ", _FAILED),
)
FORMAT = Format(
    name="ldap-kerberos",
    title="LDAP, Kerberos",
    about="`conn=7 op=0 RESULT tag=97 err=49 text=`, `AS_REQ (8 etypes {18 17}) 192.0.2.1: PREAUTH_FAILED: bob@EX.ORG for krbtgt/EX.ORG@EX.ORG`.",
    order=335,
    body=Body(
        _STATEMENTS,
        closed=False,
        programs=("slapd", "ns-slapd", "krb5kdc", "kdc"),
        signs=(" RESULT tag=97 ", " RESULT err=", " BIND dn=\"", " ACCEPT from IP=", "AS_REQ (", "TGS_REQ ("),
        names=False,
    ),
    examples=(
        example(
            "Mar  1 02:00:07 ldap1 slapd[77]: conn=1001 op=0 RESULT tag=97 err=49 text=\n"
            "Mar  1 02:00:08 ldap1 slapd[77]: conn=1001 op=0 BIND dn=\"uid=bob,ou=people,dc=example\" method=128\n"
            "Mar  1 02:00:09 ldap1 slapd[77]: conn=1001 fd=12 ACCEPT from IP=203.0.113.9:4000 (IP=0.0.0.0:389)",
            {**_SLAPD, "message": "conn=1001 op=0 RESULT tag=97 err=49 text=", **_FAILED},
            {
                **_SLAPD, "user.name": "bob", "event.category": "authentication", "event.type": "info",
                "message": "conn=1001 op=0 BIND dn=\"uid=bob,ou=people,dc=example\" method=128",
            },
            {
                **_SLAPD, "source.ip": "203.0.113.9", "source.port": 4000, "message": "conn=1001 fd=12 ACCEPT from IP=203.0.113.9:4000 (IP=0.0.0.0:389)", **_CAME,
            },
        ),
        example(
            "Mar  1 02:00:10 kdc1 krb5kdc[78]: AS_REQ (8 etypes {18 17}) 203.0.113.9: PREAUTH_FAILED: bob@EX.ORG for krbtgt/EX.ORG@EX.ORG, Preauthentication failed\n"
            "Mar  1 02:00:11 kdc1 krb5kdc[78]: AS_REQ (8 etypes {18 17}) 203.0.113.9: NEEDED_PREAUTH: bob@EX.ORG for krbtgt/EX.ORG@EX.ORG, Additional pre-authentication required",
            {
                **_KDC, "user.name": "bob@EX.ORG", "source.ip": "203.0.113.9", "event.reason": "PREAUTH_FAILED", **_FAILED,
                "message": "AS_REQ (8 etypes {18 17}) 203.0.113.9: PREAUTH_FAILED: bob@EX.ORG for krbtgt/EX.ORG@EX.ORG, Preauthentication failed",
            },
            {
                **_KDC, "user.name": "bob@EX.ORG", "source.ip": "203.0.113.9", "event.category": "authentication", "event.type": "info",
                "message": "AS_REQ (8 etypes {18 17}) 203.0.113.9: NEEDED_PREAUTH: bob@EX.ORG for krbtgt/EX.ORG@EX.ORG, Additional pre-authentication required",
            },
        ),
    ),
)
