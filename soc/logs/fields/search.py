"""Fields that a message tells in its words: one search a field, each only where cheap signs say that it may be there."""

from __future__ import annotations

import numpy as np
import polars as pl

from soc.logs.fields.replies import find_replies
from soc.logs.general.typed import NOTHING
from soc.logs.text.addresses import IPV4, IPV6
from soc.logs.text.compiled import keeps_compiled
from soc.logs.text.eager import is_there, take
from soc.logs.text.requests import METHODS
from soc.logs.text.shapes import Shapes, shapes_of
from soc.logs.text.spoken_times import ZONES

_LEVEL = r"\b(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|SEVERE|CRITICAL|FATAL|ALERT|EMERGENCY)\b"
#: `Hostd: info hostd[2099571] [Originator@6876 …`, `[vim.event.UserLogin] [info]`.
_LEVEL_SMALL = r"(?:: |\] \[)(trivia|verbose|info|warning|error|panic)(?:\] \[| [\w-]{1,40}\[\d{1,9}\] )"
_LEVEL_KEY = r"(?i)\b(?:level|lvl|severity|log\.level)\"?\s?[=:]\s?\"?([a-z]{3,11})\b"
_BETWEEN = r"[\s:=\"'`\[(/<]{1,4}(?:f{4}:)?"
_ENDED = r"(?:[^\w.]|\.\D|\.?$)"
#: Who asks, by a word before the address; words that a server's own address may follow too come second.
_PEER = (
    r"(?i)\b(?:from|rhosts?|client(?:[ _-]?(?:ip|addr(?:ess)?))?|src(?:_?(?:ip|addr))?|source[ _-]?ip|remote(?:[ _-]?(?:addr(?:ess)?|ip|host))?|peer(?:[ _-]?(?:ip|addr(?:ess)?))?|rip"
    rf"|calling[ -]station(?:[ -]id)?|failed for|forwarded[ -]for){_BETWEEN}({IPV4}|{IPV6}){_ENDED}"
)
_WHERE = rf"(?i)\b(?:ip(?: address)?|addr(?:ess)?){_BETWEEN}({IPV4}|{IPV6}){_ENDED}"
_HOST = rf"(?i)\bhost{_BETWEEN}({IPV4}|{IPV6}){_ENDED}"
#: `name (192.0.2.1[192.0.2.1])`: who connects, by name and address; `([192.0.2.1]) [203.0.113.9]`: what it calls itself comes first.
_TWICE = rf"\((?:[\w.:-]{{1,100}})\[({IPV4}|{IPV6})\]\)"
_GREETED = rf"\(\[?[\w.:-]{{1,100}}\]?\) \[({IPV4}|{IPV6})\]"
#: An address that is nobody's who asks: our own, by the word before it; and the one that stands behind it.
_OURS = r"(?i)(?:\b(?:local(?:[ _-]?(?:addr(?:ess)?|ip))?|server|nas(?:[ _-]ip(?:[ _-]address)?)?|dst|dest(?:ination)?|to|on|at|listen(?:er|ing)?(?: on)?|proxy|gateway|host)[\s:=\"'`\[(/<]{1,4}|://)"
#: What a name is answered with asks nothing: `answered A 192.0.2.53`, `www.example.org resolves to 192.0.2.53`.
_ANSWER = rf"(?i)\b(?:(?:answer(?:s|ed)?|resolve[sd]?|repl(?:y|ied)|cached)\b[^;|=]{{0,120}}? (?:A|is|as|with)|resolve[sd]? to) ({IPV4}){_ENDED}"
_ANSWERS = ["nswer", "esolve", "epl", "ached"]
_BEFORE = r"(?:^|[^\w.@%+/-]/?|[\s]-|\b(?:UDP|TCP|TLS)/)"
_BEHIND = r"(?:[^\w.%+-]|\.(?:\D|$)|-(?:\W|$)|$)"
_ACTOR = r"[1-9]\d{0,2}(?:\.\d{1,3}){3}"
_AFTER_OURS = rf"{_OURS}{IPV4}[^\d.](?:.{{0,200}}?[^\w.@%+/-]/?)?({_ACTOR}){_BEHIND}"
#: `192.0.2.1:25,203.0.113.9:4000`: the end with the small port is the server's, unless an arrow says who began.
_SECOND_END = rf"\b{IPV4}:\d{{2,3}}(?:[\s,;|]|<-){{1,4}}({IPV4}):\d{{4,5}}\b"
_ANY_V4 = rf"{_BEFORE}({_ACTOR}){_BEHIND}"
#: What stands behind an `@` or in an address of the web is more often where an account is than who asks.
_AT_V4 = rf"(?:@|://)({_ACTOR}){_BEHIND}"
_ANY_V6 = rf"(?:^|[\s\"'=(\[,/@<])({IPV6})(?:[\s\"',;)\]/%>]|$)"
#: An address and its port (`:`, or `#` as name servers write it); two addresses and then their ports.
_WITH_PORT = rf"(?:^|[^\d.])({IPV4})[:#]\d{{1,5}}\b"
_BESIDE = rf"(?:^|[^\d.]){IPV4}[:#](\d{{1,5}})\b"
_TWO_IP = rf"(?:^|\s){IPV4} ({IPV4}) \d{{1,5}} \d{{1,5}}(?:\s|$)"
_TWO_SOURCE = rf"(?:^|\s){IPV4} {IPV4} (\d{{1,5}}) \d{{1,5}}(?:\s|$)"
_TWO_DESTINATION = rf"(?:^|\s){IPV4} {IPV4} \d{{1,5}} (\d{{1,5}})(?:\s|$)"
#: Both ends of a connection beside each other: `192.0.2.1.4000 > 192.0.2.7.25` as tcpdump writes it, `192.0.2.1:4000 192.0.2.7:25`.
_PAIR_SIGN = r"\d\.\d{1,3}(?:[.:]\d{1,5} >|:\d{4,5}) \d{1,3}\.\d{1,3}\."
_PAIR_END = r"[.:]\d{1,5}(?:[^\d.]|\.\D|\.?$)"
_PAIR_SOURCE = rf"(?:^|[^\d.])({IPV4})(?:[.:]\d{{1,5}} >|:\d{{4,5}}) {IPV4}{_PAIR_END}"
_PAIR_SOURCE_PORT = rf"(?:^|[^\d.]){IPV4}[.:](\d{{1,5}})(?: >)? {IPV4}{_PAIR_END}"
_PAIR_TO = rf"\d\.\d{{1,3}}(?:[.:]\d{{1,5}} >|:\d{{4,5}}) ({IPV4}){_PAIR_END}"
_PAIR_TO_PORT = rf"\d\.\d{{1,3}}(?:[.:]\d{{1,5}} >|:\d{{4,5}}) {IPV4}[.:](\d{{1,5}})(?:[^\d.]|\.\D|\.?$)"
_PORT = r"\bport[ =](\d{1,5})\b"
_SOURCE_PORT = r"(?i)\b(?:spt|sport|src_?port|source_port)=\"?(\d{1,5})\b"
_DESTINATION = rf"(?i)\b(?:dst(?:_?ip)?|dest(?:ination)?(?:_?ip)?|daddr|lip)=\"?({IPV4})\b"
_USER = (
    r"(?i)(?:\b(?:password|publickey|pam|none|hostbased|failures|gssapi-with-mic) for (?:(?:invalid|illegal) user )?|\b(?:invalid|illegal|unknown|for|by|authenticating|local) user[ =:]+"
    r"|\b(?:user|username|user_name|usrname|suser|acct|account|set_id|authentication_id)(?:\"?[=:] ?)|^su: |user name: )[\"'<`]*([^\s\"'>`,;:()\[\]={}]{1,64})(?:[\s\"'>`,;:()\[\]]|$)"
)
#: The user between quotes or brackets; or in a sentence about a login that says for whom, or as whom; what follows ends the name.
_USER_QUOTED = r"(?i)\b(?:users?|username|account|log[io]n)(?: name)?[ :=]{1,3}[\"'`\[<]([^\s\"'`<>\[\]();,=]{1,64})[\"'`\]>]"
_USER_FOR = (
    r"(?i)\b(?:log[io]n|logon|auth\w{0,14}|password|credentials?|sign-?in)\b[^;|=]{0,60}? (?:for|as|of|by)(?: user| account| email| peer| client| subject| principal| identity| member)? "
    r"[\"'`\[<]{0,2}([\w@][^\s\"'`<>\[\]();:,=|/]{0,63}[^\s\"'`<>\[\]();:,=|/.]|[A-Za-z0-9])(?:[\"'`\]>.,;)/]|:(?:\s|$)|\s?$|,? (?:from|on|at|against|via|in|with|using|has|was|is|rejected|failed|denied)\b)"
)
_USER_PLAIN = r"(?i)\buser(?:name)?[ :=]{1,3}([A-Za-z_][^\s\"'`<>\[\]();:,=|/]{0,63}) (?:from|on|at|has|was|failed|tried|-)(?: |$)"
#: `[REALM]\\[user]`, as servers for Windows' files write it.
_USER_OF_REALM = r"\[[\w.-]{0,60}\]\\\[([^\s\[\]]{1,64})\]"
#: `[192.0.2.4] CORP\\kim(Users)[Staff]`: who, by whom he is known, and what he may, as gateways write it.
_USER_OF_GATEWAY = r"\] ([^\s()\[\]]{1,64})\([^()\[\]]{0,60}\)\[[^\[\]]{0,60}\]"
#: The user in a sentence: words that may stand where the name does are none (`NOT_A_NAME`).
_USER_SAID = (
    r"(?i)(?:\b(?:user|username|account)\b(?: ?name)?(?: input)?[ :=]{1,3}|\battempt for |\bAccepted [\w/-]{1,40} for |\bfailed by |\bfailed for (?:peer|client|principal|subject|identity|member) |\b as user |\blogin[:=|])"
    r"[\"'<`]?([A-Za-z_][^\s\"'>`,;:()\[\]=|]{0,63})(?:[\s\"'>`,;:()\[\]|]|$)"
)
#: The same behind the word that a sentence about a login begins with more often than not.
_USER_LOGIN = r"(?i)\blogin\b(?: ?name)?[ :=]{1,3}[\"'<`]?([A-Za-z_][^\s\"'>`,;:()\[\]=]{0,63})(?:[\s\"'>`,;:()\[\]|]|$)"
#: `[user] FAIL LOGIN`: who it is about stands in brackets before what came of it.
_USER_BEFORE = r"^\[([^\]\s]{1,64})\] [A-Z]{2,10} LOGIN\b"
_WORDS = """
a access account accounts added agent an and and/or as at attempt attempted attempting attempts authenticated authentication
by class connected connection could created credentials data database deleted denied details did disabled does
error event existing fail failed failure for from group has id in incorrect input interface invalid is list locked login logged
logout name named names not of on or or/and page password peer principal refused report reports subject summary rejected request requested service session settings space
nonexistent non-existent nonexisting succeeded successful successfully that the to token tried type unknown used user using was were which who
will with without found such obtained bypassed been being be can could may must should would this their its
"""
_NOT_A_NAME = [*_WORDS.split(), *NOTHING]
_NAME = pl.col("n").str.strip_chars_end(".").str.replace(rf"@{IPV4}$", "")
_IS_A_NAME = pl.when(~pl.col("n").str.to_lowercase().is_in(_NOT_A_NAME)).then("n")
_REQUEST = rf"\b(?:{'|'.join(METHODS)})"
_METHOD = rf"\b({'|'.join(METHODS)}) {{1,8}}\"?(?:https?:/)?/"
_ROUTE = _REQUEST + r" {1,8}\"?(?:https?://[^/\s\"]{1,200})?(/[^\s\"?]{0,2000})"
_STATUS_SAID = r"\bHTTP/[\d.]{1,3}\\?\" ([1-5]\d\d)\b"
_STATUS_NEAR = _REQUEST + r" /\S{0,400}(?: HTTP/[\d.]{1,3})?\"? \(?([1-5]\d\d)\b"
_STATUS_BEFORE = rf"[\s\"]([1-5]\d\d)\"? (?:\"|\|[^\"]{{1,80}}\| ?)(?:{'|'.join(METHODS)}) "
_TO = rf"(?:->|=>|-->) ?({IPV4})\b"
_TO_PORT = rf"(?:->|=>|-->) ?{IPV4}[/:(](\d{{1,5}})\b"
_ON = rf"\bfrom \S{{1,60}}(?: port \d{{1,5}})? (?:to|on) ({IPV4})\b"
_SUDO_USER = r"^\s*(\S{1,64}) : (?:TTY=|user NOT|command not|\d incorrect)"
_ACTION = r"(?i)\b(?:action|act|event_?action)=\"?([\w-]+)"
_STATUS = r"(?i)\bstatus(?:_?code)?\"?[=:] ?\"?([1-5]\d\d)\b"

_MONTHS = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}"
_ZONES = "|".join(sorted((name.upper() for name in ZONES if len(name) > 1), key=len, reverse=True)) + "|IST"
_DATE = (
    rf"(?:\d{{4}}[-/]\d\d[-/]\d\d|\d{{4}}[-/ ]{_MONTHS}[-/ ]{{1,2}}\d{{1,2}}|\d{{1,2}}[-/ ]?{_MONTHS}[-/ ]?(?:\d{{4}}|\d\d\b)|{_MONTHS} {{1,2}}\d{{1,2}}(?:,? \d{{4}})?"
    rf"|{_MONTHS}-\d{{1,2}}-\d{{4}}|\d{{1,2}}/\d{{1,2}}/\d{{4}}|\d{{1,2}}[.-]\d{{1,2}}[.-]\d{{4}}|\d{{8}})"
)
#: A date, a clock, and what of a zone or a year may follow; where a header has them: at the beginning, after one word or after
#: such as end with a mark or begin with a digit, after a bracket, a quote or a key. A time in a sentence is what it speaks of.
_TIME_SAID = (
    r"(?i)(?:^(?:\S{1,100}\s{1,3})??(?:\S{0,100}[:|\]>)]\s{1,3}|[\d|]\S{0,60}\s{1,3}){0,4}?[^\w\s]{0,2}|[\[\"]|\b(?:ts|date|\w{0,20}time\w{0,20})[=:] ?[\"']?)("
    rf"(?:{_DATE}(?:[T ,:@-]{{1,3}}| at )\d{{1,2}}:\d\d:\d\d(?:[.,]\d{{1,9}})?(?: ?[AP]M\b)?|\d\d:\d\d:\d\d(?:[.,]\d{{1,9}})? {_DATE})"
    rf"(?:Z| ?[+-]\d\d:?\d\d\b| \(?(?:UTC|GMT)[+-]\d{{1,2}}(?::?\d\d)?\)?| (?:{_ZONES})\b)?(?: (?:19|20)\d\d\b)?)"
)
_TIME_WITHIN = 120
#: A level is looked for so near to the beginning (characters).
_LEVEL_WITHIN = 200
_VERBS = [f"{method} " for method in METHODS]
#: The program whose lines begin with the user.
_SUDO = "sudo"


@keeps_compiled
def search_fields(head: pl.DataFrame, searched: pl.Series, shapes: Shapes | None = None) -> pl.DataFrame:
    """What is found in `body`, as strings, by ECS name; in the rows of the mask `searched` only.

    `head` has `body` and the fields of headers; `shapes` are the body's. An address is looked for where the header has none.
    """
    body = shapes if shapes is not None else shapes_of(head["body"])
    given = head["source.ip"].is_not_null()
    has_v4 = searched & ~given & body.contains(r"\d\.\d{1,3}\.\d{1,3}\.\d")
    has_v6 = searched & body.contains(r"::|(?:[0-9A-Fa-f]{1,4}:){7}") & ~has_v4
    has_key = searched & body.contains("=", literal=True)
    names = [
        "user",
        "User",
        "USER",
        " for ",
        " by ",
        "acct",
        "account",
        "Account",
        "su: ",
        "login",
        "Login",
        "set_id",
        "uthenti",
        " as ",
    ]
    named = searched & body.contains_any(names)
    sudo = searched & (head["process.name"] == _SUDO).fill_null(False)
    twice = (has_v4 | has_v6) & body.contains("])", literal=True)
    named_twice = (has_v4 | has_v6) & body.contains(") [", literal=True)
    peer = _first(
        body.extract(twice, _TWICE),
        body.extract(named_twice, _GREETED),
        body.extract(has_v4 | has_v6, _PEER),
    )
    requested = searched & body.contains_any(_VERBS)
    flows = has_v4 & body.contains_any(["->", "=>", "-->"])
    ported = has_v4 & body.contains(r"\d\.\d{1,3}[:#]\d")
    two = has_v4 & body.contains(r"\d\.\d{1,3} \d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3} \d{1,5} \d")
    pair = has_v4 & body.contains(_PAIR_SIGN)
    source = _first(
        peer,
        body.extract(pair, _PAIR_SOURCE),
        body.extract(has_v4 & peer.is_null(), _AFTER_OURS, _SECOND_END, _WHERE, _HOST, _ANY_V4, _AT_V4),
        body.extract(has_v6 & peer.is_null(), _WHERE, _HOST, _ANY_V6),
    )
    victim = body.extract(has_v4 & has_key, _DESTINATION)
    answer = body.extract(has_v4 & peer.is_null() & body.contains_any(_ANSWERS), _ANSWER)
    nobody = (source == victim).fill_null(False) | (source == answer).fill_null(False)
    source = pl.select(pl.when(~nobody | peer.is_not_null()).then(source)).to_series()
    found = {
        "user.name": _first(
            body.extract(sudo, _SUDO_USER),
            body.extract(named & body.contains("]\\[", literal=True), _USER_OF_REALM),
            body.extract(searched & body.contains(")[", literal=True), _USER_OF_GATEWAY),
            body.extract(
                searched & body.contains("] ", literal=True) & body.contains(" LOGIN", literal=True),
                _USER_BEFORE,
            ),
            _but_words(body.extract(named, _USER)),
            *(
                _but_words(body.extract(named, one))
                for one in (_USER_QUOTED, _USER_FOR, _USER_PLAIN, _USER_SAID, _USER_LOGIN)
            ),
        ),
        "source.ip": source,
        "source.port": _first(
            body.extract(has_v4 | has_v6 | given & searched, _SOURCE_PORT, _PORT),
            _port_of(source, body.extract(ported, _WITH_PORT), body.extract(ported, _BESIDE)),
            body.extract(two, _TWO_SOURCE),
            body.extract(pair, _PAIR_SOURCE_PORT),
        ),
        "destination.ip": _first(
            victim,
            body.extract(flows, _TO),
            body.extract(has_v4, _ON),
            body.extract(two, _TWO_IP),
            body.extract(pair, _PAIR_TO),
        ),
        "destination.port": _first(
            body.extract(flows, _TO_PORT),
            body.extract(two, _TWO_DESTINATION),
            body.extract(pair, _PAIR_TO_PORT),
        ),
        "http.request.method": body.extract(requested, _METHOD),
        "url.path": body.extract(requested, _ROUTE),
        "event.action": body.extract(has_key, _ACTION).str.head(40),
        "log.level": body.head(_LEVEL_WITHIN).extract(searched, _LEVEL, _LEVEL_KEY, _LEVEL_SMALL),
        "http.response.status_code": _first(
            body.extract(searched & body.contains("tatus", literal=True), _STATUS),
            body.extract(requested, _STATUS_SAID, _STATUS_NEAR, _STATUS_BEFORE),
        ),
        **find_replies(body, searched),
    }
    return pl.DataFrame(found)


def find_times(body: Shapes, rows: pl.Series) -> pl.Series:
    """The first date with a clock within the beginning of a line, as text, in `rows` (a mask) only."""
    head = body.head(_TIME_WITHIN)
    return head.extract(rows & head.contains(r"\d:\d\d:\d\d"), _TIME_SAID)


def _but_words(names: pl.Series) -> pl.Series:
    """Without words of a sentence that stand where a name could, the dot that ends one, and the address behind (`eve@192.0.2.7`)."""
    rows = np.flatnonzero(is_there(names))
    if not len(rows):
        return names
    few = take(names, rows).to_frame("n").select(_NAME).select(_IS_A_NAME).to_series()
    return names.clone().scatter(rows, few)


def _port_of(source: pl.Series, address: pl.Series, port: pl.Series) -> pl.Series:
    """The port that stands beside an address, where that is the source."""
    return pl.select(pl.when((source == address).fill_null(False)).then(port)).to_series()


def _first(*columns: pl.Series) -> pl.Series:
    return pl.select(pl.coalesce(columns)).to_series()
