"""What an incident can be found by, and what a query looks for: pure.

An incident has terms: the words of its title, source and message, its id, its rule, the ATT&CK techniques of its
reasons, and the addresses, users and hosts of its lines; and of a word also what begins within it (`corp.example` of
`web-1.corp.example`). A query is words; each must be the beginning of a term. Nothing in a query is a wildcard.

An address is also a term by its number, so that any spelling of it and any network finds it.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

LONGEST_TERM = 64
MOST_TERMS = 64
#: A query's further words are ignored.
MOST_WORDS = 8
#: How much of a message and of each sample is read.
_MOST_TEXT = 400
#: How many beginnings within one word are terms.
_MOST_STARTS = 6
#: Sorts after every text that begins with what stands before it.
LAST = "\U0010ffff"

_V4 = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")
_V6 = re.compile(r"(?<![\w:.])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,8}(?::?(?:\d{1,3}\.){3}\d{1,3})?(?![\w:])")
_START = re.compile(r"(?<![^\W_])[^\W_]")
_TECHNIQUE = re.compile(r"t\d{4}(?:\.\d{3})?")
_NAMED = re.compile(
    r"(?:user(?:name|id)?|account|acct|login|logon|for|uid|as|host(?:name)?|from)[\s:=\"'\[]+([^\s\"'\],;()]{2,64})"
)
_QUOTES = {'"': '"', "'": "'", "(": ")", "[": "]", "<": ">", "{": "}", "“": "”"}
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Span:
    """Terms from `low` to `high`, both included; one term where they are the same."""

    low: str
    high: str


@dataclass(frozen=True)
class Wanted:
    """One word of a query. Any of `whole` is what was meant, if there is such a term; otherwise any of `begun`."""

    word: str
    whole: tuple[Span, ...]
    begun: tuple[Span, ...]


def fold(text: str) -> str:
    """As terms are compared: without case, in one spelling of each letter, without what a database refuses."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("\x00", "")
    return folded.encode("utf-8", "ignore").decode()


def terms_of(incident: Mapping[str, Any]) -> list[str]:
    """The terms of an incident (its stored values by their names), at most MOST_TERMS, the best known first."""
    found: dict[str, None] = {}
    lines = [
        str(sample.get("text", "")) for sample in incident.get("samples") or () if isinstance(sample, Mapping)
    ]
    message = fold(str(incident.get("message", ""))[:_MOST_TEXT])
    texts = [text for text in dict.fromkeys(fold(line[:_MOST_TEXT]) for line in lines) if text not in message]
    entity = fold(str(incident.get("entity", "")))
    for more in (
        _ids(incident),
        _techniques(incident),
        _addresses(entity),
        _words(entity),
        _words(fold(str(incident.get("title", ""))[:_MOST_TEXT])),
        _words(fold(str(incident.get("source", ""))[:_MOST_TEXT])),
        (term for text in (message, *texts) for term in _addresses(text)),
        (term for text in (message, *texts) for name in _NAMED.findall(text) for term in _words(name)),
        _words(message),
    ):
        for term in more:
            found.setdefault(term[:LONGEST_TERM])
            if len(found) >= MOST_TERMS:
                return list(found)
    return list(found)


def _ids(incident: Mapping[str, Any]) -> Iterator[str]:
    for name in ("id", "batch_id", "rule_id"):
        yield from _words(fold(str(incident.get(name, ""))))


def _techniques(incident: Mapping[str, Any]) -> Iterator[str]:
    """`t1110.001`, and `t1110`, which it is a part of."""
    for reason in incident.get("reasons") or ():
        said = fold(str(reason.get("attack", ""))) if isinstance(reason, Mapping) else ""
        for technique in _TECHNIQUE.findall(said):
            yield technique
            yield technique.partition(".")[0]


def _words(text: str) -> Iterator[str]:
    for word in text.split():
        if word.isalnum():
            if len(word) > 1:
                yield word
            continue
        if len(word) < 2 or not _START.search(word):
            continue
        yield word
        starts = (found.start() for found in _START.finditer(word) if found.start())
        for start, _ in zip(starts, range(_MOST_STARTS), strict=False):
            if len(word) - start > 2:
                yield word[start:]


def _addresses(text: str) -> Iterator[str]:
    """Each address by its number, in its short form, and by its last parts."""
    for pattern, mark in ((_V4, "."), (_V6, ":")):
        for written in pattern.findall(text) if text.count(mark) > 1 else ():
            address = _address(written)
            if address is not None:
                yield from (one.low for one in _numbers(address))
                yield from _words(str(address))


def _address(text: str) -> _Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _number(address: _Address) -> str:
    return f"ip{address.version}!{int(address):0{8 if address.version == 4 else 32}x}"


def _numbers(address: _Address) -> tuple[Span, ...]:
    """One, and for an IPv4 address in IPv6's clothes also its own."""
    mapped = getattr(address, "ipv4_mapped", None)
    return tuple(Span(_number(one), _number(one)) for one in (address, mapped) if one is not None)


def read_query(text: str) -> tuple[Wanted, ...]:
    """The words of a query, all of which must be found; () where there is none."""
    words = dict.fromkeys(_bare(word) for word in fold(text[:1000]).split())
    return tuple(_wanted(word) for word in list(words)[:MOST_WORDS])


def _bare(word: str) -> str:
    """Without quotes or brackets around it, and without a comma behind it: so words are copied out of sentences."""
    while len(word) > 2 and word[-1] in ",;":
        word = word[:-1]
    while len(word) > 2 and _QUOTES.get(word[0]) == word[-1]:
        word = word[1:-1]
    return word


def _wanted(word: str) -> Wanted:
    cut = word[:LONGEST_TERM]
    begun = [Span(cut, cut + LAST)]
    whole: list[Span] = []
    plain = _without_port(word)
    address = _address(plain)
    if address is not None:
        whole += _numbers(address)
    network = _network(plain)
    if network is not None:
        whole.append(network)
        return Wanted(word, tuple(whole), tuple(begun))
    begun += _v6_beginnings(plain)
    if plain.endswith("::"):  # an address, and the way to write what it begins with
        whole = []
    elif address is None and any(map(str.isdigit, word)):
        whole.append(Span(cut, cut))
    return Wanted(word, tuple(whole), tuple(begun))


def _without_port(word: str) -> str:
    """`10.0.0.1` of `10.0.0.1:443`, `fe80::1` of `[fe80::1]:443` and `fe80::1%eth0`; other words as they are."""
    bracketed = re.fullmatch(r"\[([0-9a-f:.]+)(?:%[^\]]*)?\](?::\d+)?", word)
    if bracketed:
        return bracketed.group(1)
    plain = re.fullmatch(r"((?:\d{1,3}\.){3}\d{1,3}):\d+", word)
    zoned = re.fullmatch(r"([0-9a-f:]+:[0-9a-f:.]*)%\w+", word)
    found = plain or zoned
    return found.group(1) if found else word


def _network(word: str) -> Span | None:
    """`10.0.0.0/8`: every address of it."""
    if "/" not in word:
        return None
    try:
        network = ipaddress.ip_network(word, strict=False)
    except ValueError:
        return None
    return Span(_number(network.network_address), _number(network.broadcast_address))


def _v6_beginnings(word: str) -> Iterable[Span]:
    """`2001:db8:a`: the addresses whose first groups these are; the last group may be whole or only begun."""
    if not re.fullmatch(
        r"[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){0,7}:{1,2}|[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){1,7}", word
    ):
        return
    groups = word.rstrip(":").split(":")
    first = "".join(group.zfill(4) for group in groups)
    yield Span(f"ip6!{first}", f"ip6!{first}{LAST}")
    if not word.endswith(":") and len(groups[-1]) < 4:
        begun = "".join(group.zfill(4) for group in groups[:-1]) + groups[-1]
        yield Span(f"ip6!{begun}", f"ip6!{begun}{LAST}")
