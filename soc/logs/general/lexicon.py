"""Which words make which field, and how well. Data: a row a field; no product's name stands here.

A row's choices are words with a weight. They count where all their words are among those of the whole path and the last of
them is in the path's last key; each word of the last key that is not among them costs a little. `+word`: only in a record that
has the word in another path. `never`: words that rule a
path out; one of a key above the last does not where the choice names it. A choice that ends in `!` counts only where the last
key is nothing but its words. `+process_command_line`: only in a record that has a key of just these words, in that order.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Choice:
    words: frozenset[str]
    last: str
    weight: float
    whole: bool
    beside: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Row:
    """`check`: what a value must be, by its name in `typed`."""

    field: str
    check: str
    choices: tuple[Choice, ...]
    never: frozenset[str]


def _row(field: str, check: str, choices: str, never: str = "") -> Row:
    found = []
    for one in choices.split(","):
        *said, weight = one.split()
        words = [word for word in said if not word.startswith("+")]
        whole = words[-1].endswith("!")
        plain = [word.rstrip("!") for word in words]
        beside = frozenset(word[1:] for word in said if word.startswith("+"))
        found.append(Choice(frozenset(plain), plain[-1], float(weight), whole, beside))
    return Row(field, check, tuple(found), frozenset(never.split()))


_NO_ADDRESS = "translated mac geo geoip location dns answer answers resolved gateway observer mask subnet version type count family country range pool mapped reputation risk"

#: Fields by the order in which they are filled in.
LEXICON: tuple[Row, ...] = (
    _row("source.ip", "address",
         "source ip 100, source! 88, client ip 96, client! 80, attacker ip 99, caller ip 97, remote ip 84, remote! 60, peer ip 80, peer! 60, source host 44, client host 44, "
         "initiator ip 90, actor ip 90, requester ip 88, origin ip 78, user ip 82, login ip 80, access ip 70, c ip! 90, from ip 70, from! 50, "
         "real ip 76, true ip 76, forwarded for 58, sending server ip 60, external ip 54, public ip 50, local ip 66, private ip 44, internal ip 48, host ip 46, "
         "calling station id 70, calling station 68, machine ip 60, computer ip 56, endpoint ip 54, agent ip 16, workstation ip 54, ip! 72, ip 40, remote host 50, device ip 36, sender ip 70",
         f"destination server target victim responder nas upstream backend agent {_NO_ADDRESS}"),
    _row("source.port", "port",
         "source port 100, client port 95, remote port 80, local port 66, peer port 70, source transport port 96, caller port 80, port! 40",
         "destination server target translated s"),
    _row("destination.ip", "address",
         "destination ip 100, destination! 90, target ip 80, target! 60, server ip 74, victim ip 88, responder ip 80, remote ip +process 50, remote ip +local 50, local ip +remote 45, s ip! 70, to ip 50, destination host 50, target host 40, upstream ip 70, backend ip 66, upstream host 30, reported remote host 30, c2 ip 40",
         f"source client sending {_NO_ADDRESS} name"),
    _row("destination.port", "port",
         "destination port 100, s port! 74, server port 74, target port 80, remote port 50, local port +remote 45, service port 60, service! 30, destination transport port 96, upstream port 60, backend port 56", "source client translated"),
    _row("user.name", "user",
         "user name 100, user! 94, source user name 104, source user 96, account name 96, actor name 76, actor! 60, login name 80, login user 90, user sam 60, sam account name 80, logged user name 84, member user 30, impersonated user name 101, initiated user id 70, entity account 40, performed 40, "
         "login! 60, principal name 84, principal email 86, principal! 70, account! 66, user principal name 88, user id! 56, user email 72, actor email 74, "
         "actor id 40, account id 50, initiator name 70, owner name 40, admin name 60, admin! 50, caller! 60, identity! 50, user login 92, subject user name 86, "
         "actor user name 102, actor alternate id 96, actor +user 97, process user name 66, process user 60, device user name 60, member name 40, user display name 60, email! 40",
         "agent group domain sender recipient type count browser target destination device host country role parent file service policy computer machine process rule "
         "created modified operating os app application sid guid"),
    _row("user.target.name", "user",
         "target user name 100, target user 94, destination user name 96, destination user 90, target account name 80, new user name 50",
         "agent group domain type host sid id"),
    _row("user.domain", "name", "user domain 90, account domain 88, subject domain name 70, nt domain 60, source nt domain 62, user domain name 90, domain name +user 30", "target destination url dns agent"),
    _row("host.name", "host",
         "host name 100, device name +url 103, device host name +url 104, firewall! 58, host! 84, computer name 98, computer! 88, machine name 97, machine! 80, endpoint name 94, endpoint host name 96, device name 84, "
         "device host name 95, device host 92, agent host name 96, agent computer name 95, agent name 60, workstation name 60, source host name 70, source host 66, "
         "asset name 66, system name 60, host fqdn 92, device! 40, node name 50, node! 40, target computer 40, client name 40, s computer name 90",
         "destination target url request http header uri query forwarded process user file parent server dns site referrer group remote peer id domain type"),
    _row("process.name", "base",
         "process name 100, target process name 70, process file name 94, process exec 60, child process name 90, child name 60, child path +parent 40, child image 60, process! 70, program! 64, program name 80, image name 76, process image 60, image! 58, process path 50, executable! 50, file name +command 24, file path +command 16, path +command 12, file image 30, "
         "application name 30, file process name 80, source process name 90, initiating process file name 96, file name +process_command_line 98, destination process name 60",
         "parent id target hash user host command start time creating"),
    _row("process.pid", "whole", "process id 100, process pid 96, source process id 90, destination process id 88, target process id 70", "parent thread unique guid"),
    _row("process.executable", "path",
         "process path 100, child path +parent 60, child process path 90, folder path +process_command_line 99, target process path 70, process image path 98, process executable 99, image! 80, image path 84, executable path 80, process file path 96, process full path 97, file process path 90, process image 84, file path +command 24, path! +command 20, file full path +command 26",
         "parent target"),
    _row("process.command_line", "text",
         "process command line 100, command line 95, command! 60, process command 90, cli command 50, executed command 60, process arguments 50, target process command line 70, process command arguments 60", "parent target control c2"),
    _row("process.parent.name", "base",
         "parent process name 100, parent name 90, parent image 80, parent process 80, parent process image 84, parent process file name 94, initiating process file name +process_command_line 99, parent process path 60, parent path 60, parent command 10, acting process name 70, acting process 60",
         "id hash grand user line"),
    _row("process.parent.pid", "whole", "parent process id 100, parent id 60, initiating process id +process_command_line 90", "grand"),
    _row("url.full", "link",
         "url! 100, url full 98, request url 96, url original 90, http url 94, uri! 70, request uri 60, link! 20, request! 50, destination url 90, target url 70, url 50", "referrer reference portal console alert incident help documentation"),
    _row("url.path", "route",
         "url path 100, http target 84, http route 60, uri path 98, uri stem 96, request uri 90, request path 92, request! 60, uri! 84, url! 74, http path 90, path! 50, request url 70, url 40", "process file image referrer executable"),
    _row("url.domain", "host",
         "url domain 100, host name +url 70, cs host 70, url host 98, request host 96, host header 80, destination domain 70, destination host 60, destination host name 66, http host name 84, http host 80",
         "user account source dns nt"),
    _row("http.request.method", "method", "request method 100, http method 98, cs method 90, http verb 90, method! 80, verb! 70, client request method 96, request! 50", "authentication"),
    _row("http.response.status_code", "status",
         "response status code 100, http status code 99, status code 96, response status 94, response code 92, http status 92, http response code 98, status! 50, http code 80, http response status 96, code! 20, sc status 96, edge response status 97, http response 60", ""),
    _row("user_agent.original", "text", "user agent 100, agent! 30, browser user agent 90, client user agent 96, request client application 90, client application 30", "name type version os hash ip host id device"),
    _row("event.action", "action",
         "event action 100, action! 94, action name 88, operation name 90, operation! 84, activity name 70, activity! 60, event name 80, method name 76, security result action 90, event type 56, action taken 70, op! 60, activity type 50, event! 40, command action 40, verb! 60, disposition! 50, applied action 84,  type! 22, audit action 80, request method 3, verb! 88, audit action 80, event name 82, operation type 60, action type 96, activity action 70, sub event 40, alert type 30, request action 36, action 34",
         "id count time result status query dns answer answers resource"),
    _row("event.code", "code", "event id 100, log id 72, msg id 62, message code 64, event number 90, event original type 60, rule id +level 40, id! +level 30, event code 100, signature id 74, message id 66, activity id 40, rule id 20, event type id 60", "process parent unique correlation record"),
    _row("event.outcome", "outcome",
         "event outcome 100, outcome! 98, outcome result 96, result! 88, action result 90, action outcome 90, status! 60, result type 50, success! 70, login status 80, login result 90, result status 80, response! 40, authentication result 90, decision! 60, login success 88, access result 70, outcome 60, action status 80, reason! 4, "
         "event result 92, result 56, event status 84, authentication status 84, response status 60, operation status 80, success 60, successful 64, succeeded 64, auth result 90, auth status 84, allowed! 50, access! 40, state! 20, response console login 86",
         "http code scan job health threat alert incident security"),
    _row("event.reason", "text",
         "event reason 100, reason! 90, failure reason 96, error message 60, status message 60, result reason 80, reason 60, error! 50, failure description 70, result details 64, status detail 60, status details 60, outcome reason 88, error description 66, risk event type 30, block reason 80, cause! 70", "phrase"),
    _row("event.severity", "short", "severity! 100, event severity 98, alert severity 98, severity level 94, threat severity 90, severity name 90, risk level 60, severity 50, risk! 20, criticality! 40, level! +alert 30, threat level 80, risk score 20", "count"),
    _row("rule.name", "title",
         "rule name 100, rule! 60, signature name 92, signature! 80, detection name 80, threat name 74, attack name 76, alert name 74, policy name 50, alert title 50, malware name 60, virus name 60, detection! 40, detections! 40, attack! 50, alert signature 90, rule title 80, rule message 60, policy! 30, policy 36, model! +alert 30, rule 30, analytics rule 60, detection rule 70, use case name 40, ioc name 40, alert 20, correlation name 60, infection name 70, threat 24, model name +score 50, alert title 60, finding title 60, finding info title 62", "id type count status"),
    _row("file.name", "base", "file name 100, file! 60, target file name 90, attachment name 50, object name 10, file path 40, target file path 36, path! 14, dlp file 60, object file name 60, attachment file 50, subject name 10, labeled name 20", "process parent image log user domain url uri"),
    _row("file.path", "path", "file path 100, target file path 92, file full path 98, target file 50, file name 30, path! 40, object path 60, file! 30, full path 70", "process parent image url"),
    _row("file.hash.sha256", "sha256", "file sha256 100, file hash sha256 100, sha256! 90, sha256 60, file hash 70, hash! 60, hashes 30, process sha256 50", "parent certificate"),
    _row("file.hash.sha1", "sha1", "file sha1 100, file hash sha1 100, sha1! 90, sha1 60, file hash 70, hash! 60, hashes 30", "parent certificate"),
    _row("file.hash.md5", "md5", "file md5 100, file hash md5 100, md5! 90, md5 60, file hash 70, hash! 60, hashes 30", "parent certificate"),
    _row("dns.question.name", "domain", "dns question name 100, query name 96, dns query 92, dns query name 98, question name 94, query! 60, dns domain 50, dns request 60, request query 30, dns questions name 96, questions name 80", "type response answer class"),
    _row("log.level", "word", "log level 100, level! 90, severity! 70, level name 80, priority! 30, severity text 70, severity level 60", "risk"),
    _row("log.level", "level", "pri! 60", ""),
    _row("source.bytes", "whole",
         "source bytes 100, sent bytes 96, bytes sent 96, sentbyte! 96, sent byte 90, orig bytes 94, out bytes 80, bytes out 80, outgoing bytes 90, upload bytes 90, uploaded bytes 90, tx bytes 70, client bytes 60",
         "destination rate average request response header body"),
    _row("destination.bytes", "whole",
         "destination bytes 100, received bytes 96, bytes received 96, rcvdbyte! 96, response bytes +orig 94, in bytes 80, bytes in 80, incoming bytes 90, download bytes 90, downloaded bytes 90, rx bytes 70, server bytes 60",
         "source rate average request header body"),
    _row("source.geo.country_name", "short",
         "source country 100, client country 96, source geo country name 98, source country name 96, source geo 40, country or region 80, geographical context country 90, location country 86, country name 70, country code 64, country iso code 60, country! 60, geo country 74",
         "destination target server observer vendor phone billing count"),
    # what a value that is more than one thing also says
    _row("source.port", "port_of", "source ip 100, client ip 96, remote ip 84, peer ip 80, source! 88, client! 80", "destination server target translated"),
    _row("destination.port", "port_of", "destination ip 100, destination! 90, upstream ip 80, backend ip 70", "source client translated"),
    # who is acted on where nobody is said to act
    _row("user.name", "user", "destination user name 60, destination user 56, target user name 50, target user 48, target account name 46, new user name 44", "agent group domain type host sid id"),
    _row("host.name", "host", "destination host name 40, destination host 40, target host name 36, target host 36", "url request http id domain type server proxy"),
    _row("user.domain", "realm", "user name 100, user! 94, source user name 104, source user 96, account name 90, user principal name 92, login! 60, account! 60, user sam 60, entity account 30, initiator name 40", "target destination agent"),
    _row("url.domain", "domain_of", "url! 100, url 60, request uri 90, uri! 80, request url 96, url original 90", "referrer reference portal console help documentation"),
    # numbers that name a kind of event where nothing better does, and whether something is said to have failed
    _row("event.code", "number", "attack id 60, threat id 50, sid! 50, type id 40, external id 30, code! 30", "process parent unique correlation record user group object account session response status http result error return exit country reason"),
    _row("event.outcome", "failing", "failed! 60, failure! 50, is failed 60, denied! 50, rejected! 50", ""),
    _row("url.domain", "dotted", "site! 50, domain! 40, server name 30, domain name 20", "user account source dns nt host computer"),
    _row("event.outcome", "zero", "error code 60, result code 60, result type 56, return code 50, status error code 90, exit code 40, error! 40, failure code 50", "http"),
    _row("event.outcome", "connection", "conn state 90, connection state 90, connection status 60, tcp state 40", "http"),
    _row("network.transport", "transport", "network transport 100, transport protocol 96, transport! 80, protocol! 78, protocol name 70, ip protocol 80, protocol 40, network protocol 60, service! 10", "version application"),
    _row("event.kind", "ecs_kind", "event kind 100, kind! 60, event type 40", ""),
    _row("event.category", "ecs_category", "event category 100, category! 80, category 60, event type 40, log type 40", "url web geo"),
    _row("event.type", "ecs_type", "event type 100, type! 40", "file process"),
)  # fmt: skip

#: What the sender calls it in words of its own, which are no ECS field and stand in no export: verdicts are made of them.
SAID: tuple[Row, ...] = (
    _row("said.type", "short", "event type 100, alert type 90, detection type 88, log type 70, record type 66, finding type 80, event kind 60, type! 40, kind! 40, event class 50, sub type 30",
         "file process os host device user object resource content entity"),
    _row("said.category", "short", "event category 100, category! 90, category name 84, alert category 98, threat category 96, attack category 96, threat type 70, classification! 80, classification 50, category 50, tactic name 30",
         "url web geo host device user"),
    _row("said.disposition", "short", "disposition! 100, disposition 80, verdict 90, action taken 96, mitigation status 90, threat action 92, remediation status 80, resolution! 60, blocked! 60, block! 50, prevented! 60, quarantined! 60, mitigated! 60, detection action 80, action result 70, action! 40",
         "time user id"),
    _row("said.threat", "name", "threat name 100, malware name 98, virus name 98, attack name 90, detection name 90, threat! 60, malware! 60, virus! 60, attack! 50, technique name 60, signature name 70, indicator! 30",
         "id type count level score severity time url status"),
)  # fmt: skip

#: When it happened: the event's own time before the envelope's.
TIME = _row("@timestamp", "time",
    "event time 100, event timestamp 99, timestamp! 96, time! 92, event created 84, created at 84, create time 82, generated time 86, time generated 88, "
    "start time 80, start! 60, event date 90, date time 90, date! 60, datetime! 90, time created 92, creation time 86, isotimestamp! 95, activity date time 98, "
    "log time 80, occurred at 90, started at 70, detection time 80, detected at 80, event creation time 94, receipt time 60, rt! 94, start! +rt 95, published! 60, time 30, timestamp 40, "
    "edge start timestamp 90, utc timestamp 90, request timestamp 80, request received timestamp 96, stage timestamp 85, server timestamp 70, client timestamp 88, client time 88, first seen 30, created! 70, login time 60, event start 84, local time 50",
    "zone received end updated modified expire expires duration offset last elapsed taken ms ttl uptime processed persistence valid until birth ingest ingested delay response up",
)  # fmt: skip

#: When it was over, or came in, where nothing else is said.
_LATE = _row(
    "@timestamp",
    "time",
    "end time 60, end! 50, received! 40, request received timestamp 58, stage timestamp 44, updated 30, update time 30, modified 24",
    "zone",
)

#: Every row, by its number; the times are the last ones.
ROWS: tuple[Row, ...] = (*LEXICON, *SAID, TIME, _LATE)
