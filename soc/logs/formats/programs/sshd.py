"""OpenSSH and Dropbear: who came, as whom, how it went."""

from __future__ import annotations

from soc.logs.formats.kit.bodies import ADDRESS, Body, Statement
from soc.logs.formats.kit.declare import Format, example

_LOGIN = {"event.category": "authentication", "event.type": "start"}
_FAILED = {**_LOGIN, "event.action": "ssh_login", "event.outcome": "failure"}
#: What another line of the same attempt tells, or what a client does on its way in: it offers each key that it has.
_BESIDE = {**_FAILED, "event.type": "info"}
_IN = {**_LOGIN, "event.action": "ssh_login", "event.outcome": "success"}
_GONE = {"event.category": "session", "event.type": "end"}
_CAME = {"event.category": "network", "event.type": "start"}
_PROBED = {"event.category": "network", "event.type": "denied", "event.outcome": "failure"}
_PEER = rf"(?P<source_ip>{ADDRESS})(?:%[\w.-]{{1,20}})?(?:(?: port |:)(?P<source_port>\d{{1,5}}))?"
#: A user's name may hold anything, also ` from `: the peer that the server wrote is the last.
_USER = r"(?P<user_name>.*?)"
_WHO = rf"(?:(?:invalid|illegal|authenticating) user )?{_USER}"

# fmt: off
_STATEMENTS = (
    Statement("Failed publickey ", rf"Failed publickey for (?P<user_name>[^ ]{{1,64}}) from {_PEER}", _BESIDE),
    Statement("Failed ", rf"Failed [\w/-]{{1,40}} for {_WHO} from {_PEER}(?: ssh2?)?(?:: .{{0,200}})?$", _FAILED),
    Statement("Accepted ", rf"Accepted [\w/-]{{1,40}} for {_USER} from {_PEER}(?: ssh2?)?(?:: .{{0,200}})?$", _IN),
    Statement("Accepted ", r"Accepted [\w/-]{1,40} for (?P<user_name>\S+)$", _IN),
    Statement("Postponed ", rf"Postponed [\w/-]{{1,40}} for {_WHO} from {_PEER}", _LOGIN),
    Statement("Partial ", rf"Partial [\w/-]{{1,40}} for {_WHO} from {_PEER}", _LOGIN),
    Statement("nvalid user", rf"Invalid user {_USER} from {_PEER}$", _FAILED),
    Statement("llegal user", rf"Illegal user {_USER} from (?:::ffff:)?{_PEER}", _FAILED),
    Statement("nvalid user", rf"input_userauth_request: invalid user {_USER}(?: \[preauth\])?$", _BESIDE),
    Statement("maximum authentication attempts", rf"(?:error: )?maximum authentication attempts exceeded for {_WHO} from {_PEER}", _FAILED),
    Statement("Too many authentication failures", rf"(?:error: )?(?:Disconnecting|Received disconnect).{{0,80}}Too many authentication failures(?: for {_WHO})?(?: \[preauth\])?$", _FAILED),
    Statement("Too many authentication failures", rf"Disconnecting (?:(?:invalid|authenticating) user {_USER} )?{_PEER}: Too many authentication failures", _FAILED),
    Statement("not allowed because", rf"User {_USER} from (?P<source_ip>{ADDRESS}) not allowed because (?P<event_reason>.+)$", _FAILED),
    Statement("not allowed because", rf"User {_USER} from \S+ not allowed because (?P<event_reason>.+)$", _FAILED),
    Statement("not allowed because", rf"User {_USER} not allowed because (?P<event_reason>.+)$", _BESIDE),
    Statement("ROOT LOGIN REFUSED", rf"ROOT LOGIN REFUSED FROM {_PEER}", {**_FAILED, "user.name": "root"}),
    Statement("authentication failure", rf"PAM: [Aa]uthentication failure for {_WHO} from {_PEER}$", _FAILED),
    Statement("PAM: ", rf"(?:error: )?PAM: (?P<event_reason>[A-Z][^()]{{1,80}}?) for {_WHO} from (?P<source_ip>{ADDRESS})(?: via .{{1,60}})?$", _FAILED),
    Statement("PAM: ", rf"(?:error: )?PAM: (?P<event_reason>[A-Z][^()]{{1,80}}?) for {_WHO} from \S+$", _FAILED),
    Statement("Connection closed by", rf"Connection (?:closed|reset) by (?:(?:invalid|authenticating) user )(?P<user_name>.*?) {_PEER} \[preauth\]$", _GONE),
    Statement("Disconnected from", rf"Disconnected from (?:invalid|authenticating) user (?P<user_name>.*?) {_PEER} \[preauth\]$", _GONE),
    Statement("Disconnected from", rf"Disconnected from user (?P<user_name>.*?) {_PEER}$", _GONE),
    Statement("isconnect", rf"(?:error: )?Received disconnect from {_PEER}:? ?(?:\d{{1,3}}: )?(?P<event_reason>.{{0,200}}?)(?: \[preauth\])?$", _GONE),
    Statement("isconnected from", rf"Disconnected from {_PEER}", _GONE),
    Statement("onnection closed by", rf"(?:error: )?Connection closed by {_PEER}", _GONE),
    Statement("onnection reset by", rf"(?:error: )?Connection reset by {_PEER}", _GONE),
    Statement("Connection from", rf"Connection from {_PEER}(?: on (?P<destination_ip>{ADDRESS}) port (?P<destination_port>\d{{1,5}}))?", _CAME),
    Statement("Did not receive identification", rf"Did not receive identification string from {_PEER}", _PROBED),
    Statement("Bad protocol version", rf"Bad protocol version identification .{{0,400}} from {_PEER}", _PROBED),
    Statement("banner", rf"(?:error: )?(?:ssh_dispatch_run_fatal: |kex_exchange_identification: |banner exchange: )?Connection from {_PEER}: (?P<event_reason>.{{1,200}})$", _PROBED),
    Statement("Unable to negotiate", rf"(?:fatal: )?Unable to negotiate (?:a key exchange method )?with {_PEER}: (?P<event_reason>.{{1,200}}?)\.? ?Their offer", _PROBED),
    Statement("POSSIBLE BREAK-IN ATTEMPT", rf"reverse mapping checking getaddrinfo for \S+ \[(?P<source_ip>{ADDRESS})\]", {"event.category": "network", "event.type": "info"}),
    Statement("POSSIBLE BREAK-IN ATTEMPT", rf"Address (?P<source_ip>{ADDRESS}) maps to", {"event.category": "network", "event.type": "info"}),
    Statement("refused connect from", rf"refused connect from \S+ \((?P<source_ip>{ADDRESS})\)", _PROBED),
    Statement("Timeout, client not responding", rf"Timeout, client not responding(?: from user (?P<user_name>\S+) {_PEER})?", _GONE),
    Statement("Close session", rf"Close session: user (?P<user_name>\S+) from {_PEER}", _GONE),
    Statement("tarting session", rf"Starting session: .{{1,200}} for (?P<user_name>\S+) from {_PEER}", {"event.category": "session", "event.type": "start", "event.outcome": "success"}),
    Statement("listening on", rf"Server listening on (?P<destination_ip>{ADDRESS}) port (?P<destination_port>\d{{1,5}})", {"event.category": "process", "event.type": "start"}),
    Statement("attempt for ", rf"(?:Bad|bad) (?:password|PAM password) attempt for '?(?P<user_name>[^' ]*)'? from {_PEER}", _FAILED),
    Statement("ogin attempt for nonexistent user", rf"Login attempt for nonexistent user(?: '(?P<user_name>[^']*)')? from {_PEER}", _FAILED),
    Statement("auth succeeded for", rf"[\w /]{{1,40}} auth succeeded for '(?P<user_name>[^']*)' from {_PEER}", _IN),
    Statement("Child connection from", rf"Child connection from {_PEER}", _CAME),
)
FORMAT = Format(
    name="sshd",
    title="OpenSSH",
    about="`Failed password for root from 192.0.2.1 port 4000 ssh2` and what else OpenSSH and Dropbear say, with a syslog header or without.",
    order=301,
    body=Body(
        _STATEMENTS,
        programs=("sshd", "sshd-session", "sshd-auth", "dropbear"),
        signs=("Failed password for ", "Failed publickey for ", "Failed none for ", "Failed keyboard-interactive/pam for ",
               "Accepted password for ", "Accepted publickey for ", "Accepted keyboard-interactive/pam for ", "Accepted gssapi-with-mic for ",
               "Accepted google_authenticator for ", "nvalid user ", "[preauth]", "POSSIBLE BREAK-IN ATTEMPT", "Did not receive identification string", "Received disconnect from ", "Disconnected from ", "Starting session: ", "Postponed ", " not allowed because ", "Connection closed by "),
        process="sshd",
        names=False,
    ),
    examples=(
        example(
            "Mar  1 02:00:07 web1 sshd[77]: Failed password for invalid user a from b from 203.0.113.9 port 4000 ssh2\n"
            "Invalid user oracle from 203.0.113.9 port 4000\n"
            "Accepted publickey for deploy from 2001:db8::7 port 51826 ssh2: ED25519 SHA256:AbC\n"
            "Failed publickey for deploy from 2001:db8::7 port 51826 ssh2: RSA SHA256:AbC",
            {
                "host.name": "web1", "process.name": "sshd", "process.pid": 77, "user.name": "a from b", "source.ip": "203.0.113.9", "source.port": 4000,
                "source": "sshd", "message": "Failed password for invalid user a from b from 203.0.113.9 port 4000 ssh2", **_FAILED,
            },
            {"process.name": "sshd", "user.name": "oracle", "source.ip": "203.0.113.9", "source.port": 4000, **_FAILED},
            {"process.name": "sshd", "user.name": "deploy", "source.ip": "2001:db8::7", "source.port": 51826, **_IN},
            {"process.name": "sshd", "user.name": "deploy", "source.ip": "2001:db8::7", "source.port": 51826, **_BESIDE},
        ),
    ),
)
