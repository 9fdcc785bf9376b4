"""Whether the audit is what was written: every byte of every entry, the chain, its end, and the heads that left.

It finds an edit, an entry that is gone or came between, a tail that was cut, and a chain that was computed anew from some
entry on: the hashes of such a one fit, but nobody without the store's key signs them, and earlier heads tell of other hashes.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from soc.domain.audit import (
    FORMAT,
    INSTALLATION_KEY,
    NOTHING,
    REDACTED,
    TAKE_KEY,
    Head,
    Subject,
    SubjectKind,
    canonical,
    commit,
    head_bytes,
    read_side,
    write_opened,
)
from soc.store.nouns.installation.audit import COLUMNS
from soc.store.trail.chain import public_key_id

_BODY = {"action", "at", "chain", "format", "group", "key", "prev", "seq", "subject", "values"}


@dataclass(frozen=True)
class Finding:
    """Something is not as it was written. `seq`: at which entry; 0 where it is about the whole."""

    seq: int
    what: str


@dataclass
class Verdict:
    """What was found, in the chain's order; and how much was looked at."""

    chain: str = ""
    first: int = 0
    last: int = 0
    entries: int = 0
    heads: int = 0
    redacted: int = 0
    #: By key id: entries whose signature nobody here can check, since the key is another.
    foreign: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        return not self.findings


class Verifier:
    """Give it the heads that had left (`head`), then every entry in order (`entry`), then the `end`.

    `keys`: raw public keys that are trusted. The verdict grows meanwhile.
    """

    def __init__(self, keys: Iterable[bytes]) -> None:
        self.verdict = Verdict()
        self._heads: dict[int, list[tuple[str, Head]]] = {}
        self._keys = {public_key_id(key): Ed25519PublicKey.from_public_bytes(key) for key in keys}
        self._missing: dict[int, set[str]] = {}
        self._named: dict[int, set[str]] = {}
        self._expired: dict[int, str] = {}
        self._start = (0, NOTHING)
        self._last = (0, NOTHING)
        self._last_key = ""

    def entry(self, raw: tuple[Any, ...]) -> None:
        """One row's COLUMNS, as bytes, text or whatever else the database has there."""
        row = dict(zip(COLUMNS, raw, strict=True))
        seq = row["seq"] if type(row["seq"]) is int else 0
        try:
            text = {name: _text(value) for name, value in row.items() if name != "seq"}
            body = json.loads(text["body"])
            opened = json.loads(text["opened"])
            if set(body) != _BODY or not isinstance(opened, dict) or not isinstance(body["values"], dict):
                raise ValueError
        except (ValueError, TypeError):
            self.find(seq, "it cannot be read as an entry")
            self._follow(row, seq, prev=None)
            return
        if type(row["seq"]) is not int or seq < 1:
            self.find(0, "there is an entry without a proper number")
            return
        self.verdict.chain = self.verdict.chain or str(body["chain"])
        self._follow(row, seq, prev=body["prev"])
        self._columns(seq, text, body, opened)
        self._values(seq, text, body, opened)
        self._signature(seq, text, body, opened)
        self._claims(seq, body, opened)
        self._compare(seq, text["hash"])

    def end(self, chain: str, seq: int, digest: str) -> None:
        """What the chain's own row says of its end."""
        verdict = self.verdict
        verdict.chain = verdict.chain or chain
        if (seq, digest) != self._last:
            self.find(
                0,
                f"the chain is said to end at {seq}, and its last entry is {self._last[0]}: the tail was changed",
            )
        if chain != verdict.chain:
            self.find(0, "the chain's row has another name than its entries")
        self._finish()

    def head(self, where: str, line: str) -> None:
        """One head that had left, as its line; `where` it was kept."""
        self.verdict.heads += 1
        try:
            head = Head.read(line)
            signed = self._signed(head.key, head.signature, head_bytes(head.chain, head.seq, head.hash))
        except (ValueError, TypeError):
            self.find(0, f"{where} is no head of an audit: the file was changed")
            return
        if signed is False:
            self.find(0, f"{where} is not signed by the key that it names: the file was changed")
        else:
            self._heads.setdefault(head.seq, []).append((where, head))

    def _compare(self, seq: int, digest: str) -> None:
        """The heads of this entry tell of its hash."""
        for where, head in self._heads.pop(seq, ()):
            if head.chain == self.verdict.chain and head.hash != digest:
                self.find(
                    seq,
                    f"{where} tells of another hash of this entry: it, or one before it, was written anew",
                )
            elif head.chain != self.verdict.chain:
                self.find(
                    0,
                    f"{where} is a head of another chain, {head.chain}: this database is not the one of then",
                )

    def _beyond(self) -> None:
        """Heads of entries that are not there: after the end, or from before what expired."""
        for seq, heads in sorted(self._heads.items()):
            where, head = heads[0]
            if head.chain != self.verdict.chain:
                self.find(
                    0,
                    f"{where} is a head of another chain, {head.chain}: this database is not the one of then",
                )
            elif seq > self._last[0]:
                self.find(
                    self._last[0],
                    f"the chain ends here, and {where} has a head of entry {seq} of {head.at}: the tail was cut, "
                    "or an older database was put in its place",
                )
                break

    def find(self, seq: int, what: str) -> None:
        """Something is not as it was written."""
        self.verdict.findings.append(Finding(seq, what))

    def _follow(self, row: Mapping[str, Any], seq: int, *, prev: Any) -> None:
        """Its place: the number after the one before, and that one's hash."""
        verdict, (last, digest) = self.verdict, self._last
        if not verdict.entries:
            verdict.first = seq
            if seq > 1 and prev is not None:
                self._start, last, digest = (seq - 1, str(prev)), seq - 1, str(prev)
                self._compare(seq - 1, str(prev))
        verdict.entries += 1
        if seq != last + 1:
            gone = f"{last + 1}" if seq == last + 2 else f"{last + 1} to {seq - 1}"
            self.find(
                seq,
                f"entries {gone} before it are missing" if seq > last + 1 else "its number is out of order",
            )
        elif prev is not None and prev != digest:
            self.find(seq, "it does not follow the entry before it")
        try:
            own = _text(row["hash"])
        except ValueError:
            own = ""
        verdict.last = seq
        self._last = (seq, own)

    def _columns(
        self, seq: int, text: Mapping[str, str], body: Mapping[str, Any], opened: Mapping[str, Any]
    ) -> None:
        """The other columns say what the body says, and the body's hash is its hash."""
        verdict = self.verdict
        if sha256(text["body"].encode()).hexdigest() != text["hash"]:
            self.find(seq, "its text is not what was hashed")
        said = {
            "at": body["at"],
            "action": body["action"],
            "subject_kind": _item(body["subject"], 0),
            "subject_id": _item(body["subject"], 1),
            "group_id": body["group"],
            "made_by": json.loads(opened["/actor"][1]) if _pair(opened.get("/actor")) else REDACTED,
        }
        for name, value in said.items():
            if text[name] != value:
                self.find(seq, f"its column {name} is not what was recorded")
        if body["seq"] != seq or body["format"] != FORMAT or body["chain"] != verdict.chain:
            self.find(seq, "it was written for another place")

    def _values(
        self, seq: int, text: Mapping[str, str], body: Mapping[str, Any], opened: Mapping[str, Any]
    ) -> None:
        commitments = body["values"]
        for path, pair in opened.items():
            if not _pair(pair) or commitments.get(path) != commit(*pair):
                self.find(seq, f"its value {path} is not what was recorded")
        if not all(_pair(pair) for pair in opened.values()) or write_opened(opened) != text["opened"]:
            self.find(seq, "its values are not written as they were")
        if missing := set(commitments) - set(opened):
            self._missing[seq] = missing
            self.verdict.redacted += len(missing)

    def _signature(
        self, seq: int, text: Mapping[str, str], body: Mapping[str, Any], opened: Mapping[str, Any]
    ) -> None:
        if (
            str(body["key"]) != self._last_key
            and self._last_key
            and not _takes_key(body, opened, self._last_key)
        ):
            self.find(seq, "it is signed with another key than the entry before it, and does not say why")
        self._last_key = str(body["key"])
        signed = self._signed(
            self._last_key, text["signature"], head_bytes(str(body["chain"]), seq, text["hash"])
        )
        if signed is None:
            self.verdict.foreign[self._last_key] = self.verdict.foreign.get(self._last_key, 0) + 1
        elif not signed:
            self.find(seq, "its signature is not the store's: it was written anew, or changed")

    def _signed(self, key: str, signature: str, content: bytes) -> bool | None:
        """None where the key is not at hand. The one way to write a signature is asked for, too."""
        public = self._keys.get(key)
        if public is None:
            return None
        try:
            raw = base64.b64decode(signature, validate=True)
            public.verify(raw, content)
        except (InvalidSignature, binascii.Error, ValueError):
            return False
        return base64.b64encode(raw).decode() == signature

    def _claims(self, seq: int, body: Mapping[str, Any], opened: Mapping[str, Any]) -> None:
        """What the audit says of itself: values that were redacted, entries that expired."""
        if _item(body["subject"], 0) != "audit" or not all(_pair(pair) for pair in opened.values()):
            return
        after = read_side(opened, body["values"], "after")
        try:
            if body["action"] == "redact":
                self._named.setdefault(int(after["entry"]), set()).update(map(str, after["paths"]))
            elif body["action"] == "expire":
                self._expired[int(after["through"])] = str(after["hash"])
        except (KeyError, TypeError, ValueError):
            self.find(seq, "it does not say what was redacted or expired")

    def _finish(self) -> None:
        """What can be said only when every entry was seen."""
        start, before = self._start
        if start and self._expired.get(start) != before:
            self.find(
                start + 1, f"entries 1 to {start} before it are missing, and no entry says that they expired"
            )
        for seq, paths in sorted(self._missing.items()):
            if gone := paths - self._named.get(seq, set()):
                self.find(
                    seq,
                    f"its value {', '.join(sorted(gone))} was taken away, and no entry says that it was redacted",
                )
        if self.verdict.entries and self._last_key not in self._keys:
            self.find(
                self._last[0],
                f"the last entry is signed with the key {self._last_key}, which is not the store's",
            )
        self._beyond()


def _text(value: Any) -> str:
    """Raises ValueError for what is no ASCII-safe text of ours."""
    if isinstance(value, bytes):
        return value.decode()
    if not isinstance(value, str):
        raise ValueError
    return value


def _pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(isinstance(one, str) for one in value)


def _takes_key(body: Mapping[str, Any], opened: Mapping[str, Any], before: str) -> bool:
    """Whether the entry says that the store's key was replaced, and which it was before."""
    subject = Subject(SubjectKind.INSTALLATION, INSTALLATION_KEY)
    pair: Any = opened.get("/before/key")
    named = _pair(pair) and pair[1] == canonical(before)
    return named and [body["action"], body["subject"]] == [TAKE_KEY, [subject.kind.value, subject.id]]


def _item(value: Any, place: int) -> str:
    return str(value[place]) if isinstance(value, list) and len(value) == 2 else ""
