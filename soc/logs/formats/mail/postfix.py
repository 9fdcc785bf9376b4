"""Postfix: who connected, as whom, what was refused, where a mail went."""

from __future__ import annotations

from soc.logs.formats.kit.bodies import ADDRESS, Body, Statement
from soc.logs.formats.kit.declare import Format, example

_FAILED = {"event.category": "authentication", "event.type": "start", "event.outcome": "failure"}
_IN = {"event.category": "authentication", "event.type": "start", "event.outcome": "success"}
_CAME = {"event.category": "network", "event.type": "start"}
_GONE = {"event.category": "network", "event.type": "end"}
_REFUSED = {"event.category": "email", "event.type": "denied", "event.outcome": "failure"}
_SENT = {"event.category": "email", "event.type": "info", "event.outcome": "success"}
_UNSENT = {"event.category": "email", "event.type": "error", "event.outcome": "failure"}
_PEER = rf"[^\s\[\]]{{1,255}}\[(?P<source_ip>{ADDRESS})\](?::(?P<source_port>\d{{1,5}}))?"
_USER = r"(?:.{0,400}?sasl_username=(?P<user_name>[^\s,]+))?"

# fmt: off
_STATEMENTS = (
    Statement("authentication failed", rf"(?:warning: )?{_PEER}: SASL [\w-]{{1,40}} authentication failed(?:: (?P<event_reason>[^,]{{0,200}}))?{_USER}", _FAILED),
    Statement("authentication failure", r"(?:warning: )?SASL authentication failure: (?P<event_reason>.{1,200})", _FAILED),
    Statement("sasl_username=", rf"[0-9A-Za-z]{{5,20}}: client={_PEER}.{{0,100}}?sasl_username=(?P<user_name>[^\s,]+)", _IN),
    Statement("client=", rf"[0-9A-Za-z]{{5,20}}: client={_PEER}", _CAME),
    Statement("reject: ", rf"(?:[0-9A-Za-z]{{5,20}}: |NOQUEUE: )?(?:milter-)?reject: [A-Z-]{{2,20}} from {_PEER}: (?P<event_code>\d{{3}}) (?P<event_reason>[^;]{{1,400}})", _REFUSED),
    Statement("reject: ", rf"(?:[0-9A-Za-z]{{5,20}}: |NOQUEUE: )?(?:milter-)?reject: .{{1,100}}? from {_PEER}", _REFUSED),
    Statement("blocked using ", rf"(?:.{{0,60}} )?\[?(?P<source_ip>{ADDRESS})\]? blocked using (?P<rule_name>\S+)", _REFUSED),
    Statement("lost connection after ", rf"(?:improper .{{1,80}} )?lost connection after (?P<event_reason>[\w /().-]{{1,60}}) from {_PEER}", _GONE),
    Statement("too many errors after ", rf"too many errors after (?P<event_reason>[\w /().-]{{1,60}}) from {_PEER}", _REFUSED),
    Statement("timeout after ", rf"timeout after (?P<event_reason>[\w /().-]{{1,60}}) from {_PEER}", _GONE),
    Statement("isconnect from ", rf"disconnect from {_PEER}", _GONE),
    Statement("onnect from ", rf"(?:warning: )?connect from {_PEER}", _CAME),
    Statement("CONNECT from ", rf"CONNECT from \[(?P<source_ip>{ADDRESS})\]:(?P<source_port>\d{{1,5}}) to \[(?P<destination_ip>{ADDRESS})\]:(?P<destination_port>\d{{1,5}})", _CAME),
    Statement("onnection established from ", rf"\w{{1,20}} TLS connection established from {_PEER}", _CAME),
    Statement("onnection established to ", rf"\w{{1,20}} TLS connection established to [^\s\[\]]{{1,255}}\[(?P<destination_ip>{ADDRESS})\](?::(?P<destination_port>\d{{1,5}}))?", _CAME),
    Statement("SSL_accept error from ", rf"SSL_accept error from {_PEER}: (?P<event_reason>.{{1,100}})", _GONE),
    Statement("does not resolve to address", rf"(?:warning: )?hostname \S+ does not resolve to address (?P<source_ip>{ADDRESS})", {"event.category": "network", "event.type": "info"}),
    *(
        Statement(f"status={word}", rf"[0-9A-Za-z]{{5,20}}: to=<[^>]*>,.{{0,300}}?relay=(?:[^\s\[\]]{{1,255}}\[(?P<destination_ip>{ADDRESS})\]:(?P<destination_port>\d{{1,5}})|[^,]*),.{{0,200}}?status=(?P<event_action>{word}) \((?P<event_reason>.*)\)$", gives)
        for word, gives in (("sent", _SENT), ("bounced", _UNSENT), ("deferred", _UNSENT), ("expired", _UNSENT))
    ),
)
FORMAT = Format(
    name="postfix",
    title="Postfix",
    about="`warning: unknown[192.0.2.1]: SASL LOGIN authentication failed: …`, `connect from …`, `NOQUEUE: reject: …` and `to=<…>, status=sent` of `postfix/…`.",
    order=320,
    body=Body(
        _STATEMENTS,
        closed=False,
        programs=("postfix",),
        signs=("]: SASL ", "NOQUEUE: reject: ", "lost connection after ", ": client="),
        names=False,
    ),
    examples=(
        example(
            "Mar  1 02:00:07 mx1 postfix/smtpd[77]: warning: unknown[203.0.113.9]: SASL LOGIN authentication failed: UGFzc3dvcmQ6, sasl_username=eve@example.com\n"
            "Mar  1 02:00:08 mx1 postfix/smtp[78]: 4F9D195432C: to=<bob@example.com>, relay=mail.example.com[192.0.2.7]:25, delay=1, dsn=2.0.0, status=sent (250 ok)",
            {
                "host.name": "mx1", "process.name": "postfix/smtpd", "process.pid": 77, "source": "postfix/smtpd", "source.ip": "203.0.113.9", "user.name": "eve@example.com",
                "event.reason": "UGFzc3dvcmQ6", **_FAILED,
                "message": "warning: unknown[203.0.113.9]: SASL LOGIN authentication failed: UGFzc3dvcmQ6, sasl_username=eve@example.com",
            },
            {
                "host.name": "mx1", "process.name": "postfix/smtp", "process.pid": 78, "source": "postfix/smtp", "destination.ip": "192.0.2.7", "destination.port": 25,
                "event.action": "sent", "event.reason": "250 ok", **_SENT,
                "message": "4F9D195432C: to=<bob@example.com>, relay=mail.example.com[192.0.2.7]:25, delay=1, dsn=2.0.0, status=sent (250 ok)",
            },
        ),
    ),
)
