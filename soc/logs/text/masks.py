"""What in a message varies: headers that are left, paths, URLs, hosts, names, dates, words with numbers in them.

Everything here runs over distinct shapes (messages whose numbers are masked already), as expressions.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from soc.logs.text.compiled import keeps_compiled

#: A masked part while shapes are made; no line holds this character, since controls are cleaned away.
MASK: Final = "\x01"
_SHOWN = "<*>"

#: Words that end in a number and are names: they stay. Kept apart while numbers are masked.
_NAMES_WITH_NUMBERS = (
    "ssh2", "http2", "sha1", "sha256", "sha512", "md5", "ipv4", "ipv6", "utf8", "utf-8", "base64", "oauth2",
    "ext2", "ext3", "ext4", "log4j2", "net8", "lanman2", "ntlmv2", "smb2", "tlsv1", "sslv3",
)  # fmt: skip
#: What `mute` looks for. Matched without regard to case.
SPEAKING: Final = list(_NAMES_WITH_NUMBERS)
#: One of them, or something that begins as it does, with a number of more than one digit.
LONG_NAMES: Final = (
    "(?i)(?:" + "|".join(sorted({name.rstrip("0123456789") for name in _NAMES_WITH_NUMBERS})) + r")\d\d"
)
_MUTED = str.maketrans({str(digit): chr(0x2460 + digit) for digit in range(10)})
_LOUD = {chr(0x2460 + digit): str(digit) for digit in range(10)}

#: So few texts are asked which words they hold before anything is compiled for them.
_FEW = 300

_LEVELS = (
    r"TRACE|DEBUG|FINE|FINER|FINEST|CONFIG|INFO|INFORMATION|NOTICE|WARN|WARNING|ERR|ERROR|SEVERE|FAILURE|CRIT|CRITICAL|ALERT"
    r"|EMERG|EMERGENCY|FATAL|PANIC"
)
_SAID_LEVELS = f"{_LEVELS}|{_LEVELS.title()}|{_LEVELS.lower()}"
_LEVEL_NAMES = tuple(_SAID_LEVELS.split("|"))
_DAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?:day|sday|nesday|rsday|urday)?"
_MONTHS = (
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)(?:uary|ruary|ch|il|e|y|ust|tember|ober|ember)?"
)
_M = MASK
#: One word of a header: with a number, a dash, in capitals, a month or a weekday.
_HEAD_WORD = rf"(?:[^\s=:\[]*{_M}[^\s=]*|-|\*|[A-Z][A-Z_]+|{_DAYS},?|{_MONTHS})"

#: What the first that fits matches at the very start goes. As in `_PARTS`, words come first.
_HEADERS = (
    # fields without blanks between bars: `20171223-22:15:29|Step|3000|said`
    (("|",), r"^(?:[^|\s]+\|)(?:[^|\s]+\|)+\s*"),
    # numbers and capitals up to a level: `- 1117 2005.06.03 R02-M1 RAS KERNEL INFO said`
    (
        (*_LEVEL_NAMES,),
        rf"^(?:{_HEAD_WORD}[\s,|]+)+?[-,\s]*[\[(<]?(?:{_LEVELS})[\])>]?(?:\s*[-:|,]\s+|\s+|[|:]\s*)",
    ),
    (
        (*_LEVEL_NAMES,),
        r"^[\[(<]?(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|SEVERE|CRITICAL|FATAL)[\])>]?(?:\s*[-:|,]\s+|\s+|[|:]\s*)",
    ),
    (
        (*_LEVEL_NAMES,),
        rf"^(?:{_HEAD_WORD}[\s,|]+)*?[-,\s]*(?:[\[(<](?:{_SAID_LEVELS})[\])>]:?\s*|(?:{_SAID_LEVELS})\s\s+[A-Z][A-Za-z]+\s\s+)",
    ),
    # `1702 2395 D WindowManager: said`
    ((*(f"{_M} {one} " for one in "VDIWEF"),), rf"^(?:{_HEAD_WORD}\s+)*?{_M}\s+[VDIWEF]\s+[^:\s]+\s*:\s"),
    # two words or more of numbers, names of nodes and components before the first word of prose
    (
        (_M,),
        rf"^(?:(?:[^\s=:]*{_M}[^\s=]*|-|{_MONTHS}|[a-z_]+\.[a-z_.]+)\s+){{2,}}[^\s=:]*{_M}[^\s=]*\s+(?:[0-9A-Za-z_.\-/]+(?:\([0-9A-Za-z_-]+\))?(?:\[{_M}\])?:\s+)?",
    ),
    ((_M,), rf"^\S*{_M}\S*\s+\S*{_M}\S*\s+[a-z_.]+\s+[0-9A-Za-z_.\-]+\s+{_M}\s+{_M}\s+"),
    # the class that speaks
    ((": ",), rf"^(?:[A-Za-z_][0-9A-Za-z_${_M}]*\.)+[A-Z][0-9A-Za-z_${_M}]*: "),
    # a time in brackets, and the program that speaks
    (("[",), rf"^\[[{_M}\s.:/,-]+\]\s+"),
    ((".exe",), rf"^[0-9A-Za-z_.-]+\.exe(?: \*{_M})? - "),
)
#: After a header: threads, classes, ids of requests. Only where a level or a time stood before them.
_COMPONENTS = (
    r"^[-:|]\s+",
    r"^\[(?:[^\[\]\s]*(?:\[[^\[\]]*\][^\[\]]*)?|[^\[\]:=,]+)\]\s*(?:[-:]\s+)?",
    rf"^(?:[A-Za-z_][0-9A-Za-z_${_M}]*\.)+[0-9A-Za-z_${_M}]+(?:\[{_M}\])?(?:\s*:\s+|\s+-\s+|\s*\(\S*\)\s*[:-]\s+)",
    rf"^(?:[A-Za-z_][0-9A-Za-z_${_M}]*\.)+[0-9A-Za-z_${_M}]+\s+\[[^\s\[\]]*{_M}?[^\s\[\]]*(?:\s+(?:-|\S*{_M}\S*))*\]\s+",
)

#: Names of people and machines after the words that announce them.
_NAMED = (
    r"(?i)(?-u:\b)((?:password|publickey|pam|none|failures|keyboard-interactive(?:/pam)?) for (?:(?:invalid|illegal) user )?"
    r"|(?:invalid|illegal|unknown|for|by|target) user(?: ?[=:] ?| )"
    r"|(?-u:\b)(?:user|username|usr|acct|account|rhost|ruser|host|hostname)=)[\"']?[^\s\"',;()\[\]]+"
)
_TLD = (
    r"(?:com|net|org|edu|gov|mil|int|info|biz|io|local|lan|internal|corp|arpa|example|test|invalid|localdomain"
    r"|de|fr|uk|jp|cn|ru|br|in|it|nl|es|au|ca|ch|se|no|kr|tw|hk|us|eu|at|be|dk|fi|gr|cz|pt|mx|ar|cl|il|tr|ua|za|nz|sg|my|th|vn|ro|hu|ie)"
)
_DELIMITERS = r"\s,!;:=|\"'\[\](){}<>"
#: In this order: words of which a text has one where the pattern may match, the pattern, what stands there instead.
_PARTS = (
    (("://",), r"(?-u:\b)[A-Za-z][A-Za-z0-9+.-]{1,15}://[^\s\"'<>)\]},;]+", MASK),
    (("\"",), r"\"(GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH|CONNECT|TRACE|PROPFIND) [^\"]*\"", f'"${{1}} {MASK}"'),
    ((*_MONTH_NAMES,), rf"(?:(?-u:\b){_DAYS},?\s+)?(?-u:\b){_MONTHS}\s+{_M}(?:,?\s+{_M}:{_M}(?::{_M})?(?:\.{_M})?(?:\s+[AP]M)?)?(?:\s+[A-Z]{{3,4}}(?-u:\b))?(?:,?\s+{_M})?", MASK),
    ((*_DAY_NAMES,), rf"(?-u:\b){_DAYS}(?-u:\b)", MASK),
    (("user",), r"(?i)(?-u:\b)user\s{2}from(?-u:\b)", f"user {MASK} from"),
    (("",), r"\s{2,}", " "),
    ((" for ", "user", "acct", "account", "host", "usr",), _NAMED, "${1}" + MASK),
    (("@",), rf"[0-9A-Za-z_.+\-{_M}]+@(?:[0-9A-Za-z_\-{_M}]+\.)+{_TLD}(?-u:\b)", MASK),
    ((".",), rf"(?:[0-9A-Za-z_\-{_M}]+\.)+{_TLD}(\.?(?:$|[{_DELIMITERS}]))", MASK + "${1}"),
    # bytes between colons: addresses of cards, IPv6
    ((":", "-",), rf"(^|[{_DELIMITERS}])(?:[0-9a-fA-F]{{2}}|[0-9a-fA-F]*{_M}[0-9a-fA-F]*)(?:[:-](?:[0-9a-fA-F]{{2}}|[0-9a-fA-F]*{_M}[0-9a-fA-F]*)){{5,}}", "${1}" + MASK),
    ((":",), rf"(^|[{_DELIMITERS}])(?:[0-9a-fA-F]{{1,4}}:{{1,2}}|[0-9a-fA-F]*{_M}[0-9a-fA-F]*:{{1,2}}|::){{3,}}(?:[0-9a-fA-F]{{1,4}}|{_M})?", "${1}" + MASK),
    (("::",), rf"(^|[{_DELIMITERS}])(?:(?:[0-9a-fA-F]{{1,4}}|[0-9a-fA-F]*{_M}[0-9a-fA-F]*):)+(?::(?:[0-9a-fA-F]{{1,4}}|[0-9a-fA-F]*{_M}[0-9a-fA-F]*))+", "${1}" + MASK),
    # paths: of Windows, of shares, of Unix
    ((":\\",), rf"(?-u:\b)[A-Za-z]:\\[^{_DELIMITERS}]*", MASK),
    (("\\\\",), rf"\\\\[^{_DELIMITERS}]+", MASK),
    (("/",), rf"(^|[{_DELIMITERS}])/+(?:[^{_DELIMITERS}/]+/*)+", "${1}" + MASK),
    (("/",), rf"(^|[{_DELIMITERS}])(?:\.{{1,2}}|~[0-9A-Za-z_]*|[0-9A-Za-z_.\-]+{_M}[0-9A-Za-z_.\-{_M}]*)(?:/+[0-9A-Za-z_.\-{_M}]+)+/?", "${1}" + MASK),
    (("true", "false", "True", "False", "null", "root", "admin",), rf"(^|[{_DELIMITERS}])(?:true|false|True|False|null|root|admin|administrator)($|[{_DELIMITERS}.])", "${1}" + MASK + "${2}"),
    # five numbers with dashes: GUIDs
    (("-",), rf"(?:[0-9a-fA-F]*{_M}[0-9a-fA-F]*|(?-u:\b)[a-fA-F]{{8}})(?:-(?:[0-9a-fA-F]*{_M}[0-9a-fA-F]*|[a-fA-F]{{4}})){{3}}-(?:[0-9a-fA-F]*{_M}[0-9a-fA-F]*|[a-fA-F]{{12}})", MASK),
    (("~",), rf"[0-9A-Za-z_.\-{_M}]+~[0-9A-Za-z_.\-~{_M}]*", MASK),
    ((".",), rf"[0-9A-Za-z_\-]*{_M}[0-9A-Za-z_\-{_M}]*(?:\.[0-9A-Za-z_\-{_M}]*[A-Za-z][0-9A-Za-z_\-{_M}]*)+", MASK),
    # a word with a number in it varies as a whole
    (("-",), rf"(?-u:\b)[A-Za-z][0-9A-Za-z_]*(?:-[0-9A-Za-z_]+)+-{_M}[0-9A-Za-z_\-{_M}]*|(?-u:\b)[A-Za-z][0-9A-Za-z_]*-{_M}(?:-[0-9A-Za-z_{_M}]+)+", MASK),
    (("_-",), rf"[0-9A-Za-z_]*_-{_M}", MASK),
    ((_M,), rf"[0-9A-Za-z_]*{_M}[0-9A-Za-z_{_M}]*", MASK),
    (("-", "+",), rf"(^|[{_DELIMITERS}])[-+]{_M}", "${1}" + MASK),
    ((_M,), rf"{_M}(?:[.%]+{_M}|{_M})+", MASK),
    (("%",), rf"{_M}%", MASK),
    # a list
    ((_M,), rf"{_M}(?:,? {_M}){{4,}}|{_M}(?:,{_M})+", MASK),
)  # fmt: skip

#: More expressions than stay compiled in one thread.
PARTS_BY_ROOM: Final = (_PARTS[:16], _PARTS[16:])


def mute(text: pl.Series) -> pl.Series:
    """Names that end in a number with other signs for the digits, so that they are not masked."""
    return text.str.replace_many(
        [*_NAMES_WITH_NUMBERS, *(name.upper() for name in _NAMES_WITH_NUMBERS)],
        [
            *(name.translate(_MUTED) for name in _NAMES_WITH_NUMBERS),
            *(name.upper().translate(_MUTED) for name in _NAMES_WITH_NUMBERS),
        ],
    )


def mask_shapes(shapes: pl.Series) -> pl.Series:
    """The template of each shape, as it is shown."""
    said = _Said(shapes)
    text = strip_headers(shapes, said)
    text = _mask_late(_mask_early(text, said), said)
    loud = text.str.replace_many(list(_LOUD), list(_LOUD.values()))
    return loud.str.replace_all(MASK, _SHOWN, literal=True).str.strip_chars()


@keeps_compiled
def strip_headers(shapes: pl.Series, said: _Said) -> pl.Series:
    """Without time, level, thread and class that stand before the message. A message that is nothing else stays."""
    text = bare = shapes.str.strip_chars()
    for words, header in _HEADERS:
        if said.one_of(words):
            fits = bare.str.replace(header, "")
            bare = bare.zip_with(bare != text, fits)
    if (bare == text).all():
        return text
    bare = text.zip_with(_names_error(text), bare)
    cut = bare != text
    for component in _COMPONENTS:
        bare = bare.str.replace(component, "").zip_with(cut, bare)
    return bare.zip_with(bare != "", text)


@keeps_compiled
def _mask_early(text: pl.Series, said: _Said) -> pl.Series:
    return _masked(text, said, PARTS_BY_ROOM[0])


@keeps_compiled
def _mask_late(text: pl.Series, said: _Said) -> pl.Series:
    return _masked(text, said, PARTS_BY_ROOM[1])


def _masked(text: pl.Series, said: _Said, parts: tuple[tuple[tuple[str, ...], str, str], ...]) -> pl.Series:
    for words, pattern, instead in parts:
        if said.one_of(words, caseless=pattern.startswith("(?i)")):
            text = text.str.replace_all(pattern, instead)
    return text


class _Said:
    """Which words stand in any of a few texts. Compiling an expression costs as much as masking a thousand texts
    with it: what cannot match is left out. Of many texts nothing is asked."""

    def __init__(self, texts: pl.Series) -> None:
        self._all = "\n".join(texts.to_list()) if len(texts) <= _FEW else None
        self._small = self._all.lower() if self._all is not None else ""

    def one_of(self, words: tuple[str, ...], *, caseless: bool = False) -> bool:
        return self._all is None or any(word in (self._small if caseless else self._all) for word in words)


def _names_error(text: pl.Series) -> pl.Series:
    """`java.io.IOException: said`: the class is what is said."""
    return text.str.contains(r"^(?:[A-Za-z_][0-9A-Za-z_$]*\.)+[0-9A-Za-z_]*(?:Exception|Error|Warning): ")
