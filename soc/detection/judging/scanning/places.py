"""Where the matches of a block stand: in a message, an address, an agent, a key … told by the bytes around them.

Every format that people or programs write marks its values with quotes, `key=` or `"key":`, or writes a request the way HTTP
does; so a span's place is known without reading the line. All of it is columnar, and done for matches only, never for lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from soc.detection.judging.keys import place_under
from soc.detection.judging.scanning.decoded import gather_lines
from soc.detection.signatures.place import Place
from soc.logs.text.views import Bytes, Ints, text_views

Flags = npt.NDArray[np.bool_]

_QUOTE, _SPACE, _EQUALS, _COLON, _BACKSLASH, _ASK, _AND = 34, 32, 61, 58, 92, 63, 38
_COMMA, _BRACKET, _BRACE, _PIPE, _SLASH, _PARENTHESIS = 44, 91, 123, 124, 47, 40
#: A key longer than this is none; blanks between a key and its value.
_KEY_CAP, _BLANKS = 80, 3


def _table(text: str, *ranges: tuple[int, int]) -> Flags:
    table = np.zeros(256, np.bool_)
    table[[ord(one) for one in text]] = True
    for low, high in ranges:
        table[low:high] = True
    return table


_IN_KEY = _table("_.-()@$", (48, 58), (65, 91), (97, 123))
_UPPER, _DIGIT = _table("", (65, 91)), _table("", (48, 58))
#: What pairs of keys and values tell together, as in `action="login" status="failed"`.
_TOLD = (int(Place.MESSAGE), int(Place.FIELD))
#: Without one of these before it there is nothing but prose.
_MARKS = _table('"=/|?')
_BEFORE_KEY = _table(" \t,;|{[(\"'\n", (0, 9))


def places_of(data: bytes, starts: Ints, ends: Ints, spans: tuple[Ints, Ints, Ints]) -> Ints:
    """The place (a number of Place) of each span: its line (one of [starts, ends)), and [start, end) counted from there.

    Only the lines with spans are looked at, and of them those that could have a value before their span ends: the rest is prose.
    """
    line, start, end = spans
    found = np.full(len(line), int(Place.MESSAGE))
    marks = np.flatnonzero(_MARKS[np.frombuffer(data, np.uint8)])
    marked = np.searchsorted(marks, starts[line]) < np.searchsorted(marks, starts[line] + end)
    if not marked.any():
        return found
    line, start, end = line[marked], start[marked], end[marked]
    rows, place = np.unique(line, return_inverse=True)
    text, _ = gather_lines(np.frombuffer(data, np.uint8), starts[rows], ends[rows])
    sizes = ends[rows] - starts[rows] + 1
    begins = np.cumsum(sizes) - sizes
    around = Surroundings(text, begins, begins + sizes - 1)
    found[marked] = around.places(place, start + begins[place], end + begins[place])
    return found


@dataclass(frozen=True)
class _Box:
    """Row for row: the string, token or line that a position is in, [start, end), and the place of what it holds.

    `key` tells boxes of different keys apart (where the key begins, -1 without one).
    """

    start: Ints
    end: Ints
    place: Ints
    key: Ints
    quoted: Flags


class Surroundings:
    """The marks of some lines' bytes. `starts`/`ends` are the lines; `text` ends with PADDING bytes of none."""

    def __init__(self, text: Bytes, starts: Ints, ends: Ints) -> None:
        self._padded = text.tobytes()
        self.array = text
        self.starts, self.ends = starts, ends

    def places(self, line: Ints, start: Ints, end: Ints) -> Ints:
        """The place (a number of Place) of each span [start, end) of the text, within its line."""
        quotes = self._quotes
        first = start + (self.array[start] == _QUOTE)
        last = end - 1 - (self.array[end - 1] == _QUOTE)
        first, last = np.where(first <= last, first, start), np.where(first <= last, last, start)
        begun, ended = self._box(line, first), self._box(line, last)
        crossed = np.searchsorted(quotes, last) - np.searchsorted(quotes, first)
        place = np.where(crossed == 0, begun.place, Place.CROSSING)
        # `action="deny"`, `"status": 500`: it begins with the key of the value that it ends in
        own_key = (crossed > 0) & (ended.key >= 0) & (first >= ended.key) & (first <= ended.start)
        # prose that quotes something
        told = np.isin(begun.place, _TOLD) & np.isin(ended.place, _TOLD)
        prose = (crossed > 0) & ~self._is_json(line) & ((begun.place == ended.place) | told)
        own_key |= (crossed == 1) & (begun.place == Place.KEY) & ~ended.quoted
        takes_end = own_key | prose | ((crossed == 1) & ~begun.quoted)
        place = np.where(takes_end, ended.place, place)
        return self._within_url(
            place, np.where(own_key, ended.start, begun.start), np.where(own_key, last, first)
        )

    def _is_json(self, line: Ints) -> Flags:
        begins = self.starts[line]
        first, second = self.array[begins], self.array[begins + 1]
        listed = (first == _BRACKET) & ((second == _BRACE) | (second == _QUOTE) | (second == _BRACKET))
        return np.asarray((first == _BRACE) | listed, np.bool_)

    @cached_property
    def _quotes(self) -> Ints:
        """Quotes that no backslash takes for text."""
        at: Ints = np.flatnonzero(self.array == _QUOTE).astype(np.int64)
        before, second = self.array[at - 1], self.array[at - 2]
        escaped = (at > 0) & (before == _BACKSLASH) & ~((at > 1) & (second == _BACKSLASH))
        return np.asarray(at[~escaped], np.int64)

    @cached_property
    def _equals(self) -> Ints:
        """Every `=` that follows a word which follows a blank: `key=`, but no parameter of an address."""
        at: Ints = np.flatnonzero(self.array == _EQUALS).astype(np.int64)
        at = at[(at > 0) & _IN_KEY[self.array[at - 1]]]
        begin = self._key_start(at)
        return np.asarray(at[_BEFORE_KEY[self.array[begin - 1]] | (begin == 0)], np.int64)

    def _key_start(self, stop: Ints) -> Ints:
        """Where the key that ends before `stop` begins; a longer one than keys are is cut."""
        begin = stop.copy()
        going = np.arange(len(stop))
        for _ in range(_KEY_CAP + 1):
            going = going[_IN_KEY[self.array[begin[going] - 1]] & (begin[going] > 0)]
            if not len(going):
                break
            begin[going] -= 1
        return begin

    @cached_property
    def _pipes(self) -> Ints:
        return np.flatnonzero(self.array == _PIPE).astype(np.int64)

    @cached_property
    def _blanks(self) -> Ints:
        return np.asarray(np.flatnonzero(self.array <= _SPACE), np.int64)

    @staticmethod
    def _before(marks: Ints, at: Ints) -> Ints:
        """The last of `marks` before each of `at`; -1 where there is none."""
        place = np.searchsorted(marks, at) - 1
        return np.where(place >= 0, marks[np.maximum(place, 0)] if len(marks) else -1, -1)

    @staticmethod
    def _from(marks: Ints, at: Ints, else_: Ints) -> Ints:
        """The first of `marks` at or after each of `at`, at most `else_`."""
        place = np.searchsorted(marks, at)
        if not len(marks):
            return else_
        return np.minimum(
            np.where(place < len(marks), marks[np.minimum(place, len(marks) - 1)], else_), else_
        )

    def _box(self, line: Ints, at: Ints) -> _Box:
        """The string that a position stands in, else its token or the message."""
        begins, ends = self.starts[line], self.ends[line]
        first = np.searchsorted(self._quotes, begins)
        nth = np.searchsorted(self._quotes, at, "right") - first
        inside = nth % 2 == 1
        quotes = self._quotes if len(self._quotes) else np.zeros(1, np.int64)
        opening = quotes[np.clip(first + nth - 1, 0, len(quotes) - 1)]
        closing = self._from(self._quotes, at + 1, ends)
        # on the closing quote itself the string has not ended
        on_quote = (nth > 0) & (nth % 2 == 0) & (opening == at)
        inside |= on_quote
        opening = np.where(on_quote, quotes[np.clip(first + nth - 2, 0, len(quotes) - 1)], opening)
        closing = np.where(on_quote, at, closing)
        quoted = self._quoted(line, opening, closing, (nth - 1 - on_quote) // 2)
        bare = self._bare(line, at)
        return _Box(
            np.where(inside, quoted.start, bare.start), np.where(inside, quoted.end, bare.end),
            np.where(inside, quoted.place, bare.place), np.where(inside, quoted.key, bare.key), inside,
        )  # fmt: skip

    def _quoted(self, line: Ints, opening: Ints, closing: Ints, number: Ints) -> _Box:
        """What a string holds: by its key before it, else by its number among an access log's strings."""
        array = self.array
        at = opening - 1
        for _ in range(_BLANKS):
            at = at - ((array[at] == _SPACE) & (at > self.starts[line]))
        mark = array[at]
        after = closing + 1
        for _ in range(_BLANKS):
            after = after + ((array[after] == _SPACE) & (after < self.ends[line]))
        is_key = (array[after] == _COLON) & np.isin(mark, (_COMMA, _BRACE)) & (after < self.ends[line])
        json = (mark == _COLON) & (array[at - 1] == _QUOTE)
        spaced = (mark == _COLON) & ~json & (array[at - 1] == _SPACE)
        json |= spaced & (array[at - 2] == _QUOTE)
        stop = np.where(json, at - 1 - spaced, np.where((mark == _COLON) | (mark == _EQUALS), at, at + 1))
        key = np.where(json, self._before(self._quotes, stop) + 1, self._key_start(stop))
        keyed = (json | (mark == _COLON) | (mark == _EQUALS) | (array[key - 1] == _BRACKET)) & (stop > key)
        keyed &= (stop - key <= _KEY_CAP) & (key >= self.starts[line])
        place = self._by_key(key, np.where(keyed & ~is_key, stop, key))
        place = np.where(keyed, place, self._in_access(line, opening, number))
        place = np.where(is_key, Place.KEY, place)
        return _Box(
            opening + 1, closing, place, np.where(keyed, key, np.where(is_key, opening + 1, -1)), keyed
        )

    def _in_access(self, line: Ints, opening: Ints, number: Ints) -> Ints:
        """A string without a key: the request of an access log, and what follows it; else part of the message."""
        first = self._from(self._quotes, self.starts[line], self.ends[line])
        second = self._from(self._quotes, first + 1, self.ends[line])
        array = self.array
        access = (array[second + 1] == _SPACE) & _DIGIT[array[second + 2]] & _DIGIT[array[second + 3]]
        access &= _DIGIT[array[second + 4]] & (array[first - 1] <= _SPACE)
        request = self._is_request(opening + 1)
        by_number = np.select(
            [number == 0, number == 1, number == 2],
            [Place.PATH_OF_URL, Place.REFERRER, Place.USER_AGENT],
            Place.FIELD,
        )
        other = np.where(self._is_json(line), Place.FIELD, Place.MESSAGE)
        other = np.where(array[opening + 1] == _SLASH, Place.FILE_PATH, other)
        return np.where(access, by_number, np.where(request, Place.PATH_OF_URL, other))

    def _is_request(self, at: Ints) -> Flags:
        """A method in capitals, a blank, and an address."""
        array = self.array
        stop = self._from(self._blanks, at, at + 12)
        good: Flags = (stop - at >= 3) & (stop - at <= 9) & (array[stop] == _SPACE)
        good &= (array[stop + 1] == _SLASH) | ((array[stop + 1] == 104) & (array[stop + 4] == 112))
        return good & _UPPER[array[at]] & _UPPER[array[at + 1]] & _UPPER[array[stop - 1]]

    def _bare(self, line: Ints, at: Ints) -> _Box:
        """Outside of strings: an address, the value of the `key=` before it, or the message."""
        array, begins, ends = self.array, self.starts[line], self.ends[line]
        token = np.maximum(self._before(self._blanks, at + 1) + 1, begins)
        stop = self._from(self._blanks, at, ends)
        equals = self._before(self._equals, at + 1)
        key = self._key_start(equals)
        cef = (array[begins] == 67) & (array[begins + 3] == _COLON)  # CEF's values hold blanks
        by_key = self._by_key(key, np.where((equals >= begins) & (equals >= 0), equals, key))
        # a command ends with its line, an address that IIS writes apart from its path has no key
        keyed = (equals >= begins) & ((equals >= token) | cef | (by_key == Place.COMMAND_LINE))
        json = self._is_json(line)
        place = np.where(keyed, by_key, Place.FIELD)
        place = np.where((place == Place.FIELD) & ~json, Place.MESSAGE, place)
        pipes = np.searchsorted(self._pipes, at) - np.searchsorted(self._pipes, begins)
        place = np.where(cef & ~keyed & (pipes >= 1) & (pipes <= 3), Place.NAME, place)
        shaped = self._by_shape(begins, token, place)
        place = np.where(~keyed | (shaped == Place.PARAMETER), shaped, place)
        return _Box(np.where(keyed, equals + 1, token), stop, place, np.where(keyed, key, -1), keyed)

    def _by_shape(self, begins: Ints, token: Ints, else_: Ints) -> Ints:
        """The place of a token without a key: an address behind a method, one with a scheme, a path; or `else_`."""
        array = self.array
        before = np.maximum(self._before(self._blanks, token - 1) + 1, begins)
        second = np.maximum(self._before(self._blanks, before - 1) + 1, begins)
        requested = (token > begins) & self._is_request(before)
        # IIS writes the query apart: `GET /path id=1 443`
        query = (
            (before > begins) & self._is_request(second) & (array[before] == _SLASH) & (array[token] != 72)
        )
        scheme = (array[token] == 104) & (array[token + 3] == 112)
        scheme &= (array[token + 4] == _COLON) | (array[token + 5] == _COLON)
        path = array[token + (array[token] == _PARENTHESIS)] == _SLASH
        requested |= path & (self._names_url(token - 1) | self._names_url(before - 1))
        place = np.where(array[token] == _SLASH, Place.FILE_PATH, else_)
        place = np.where(requested | self._is_request(token) | scheme, Place.PATH_OF_URL, place)
        return np.where(query, Place.PARAMETER, place)

    def _names_url(self, stop: Ints) -> Flags:
        """Whether the word that ends there is `URI` or `URL`, in capitals or not."""
        at = np.maximum(stop - 3, 0)
        one, two, three = (self.array[at + step] & 0xDF for step in range(3))
        return np.asarray((one == 85) & (two == 82) & ((three == 73) | (three == 76)), np.bool_)

    def _by_key(self, start: Ints, stop: Ints) -> Ints:
        """The place that each key [start, stop) of the block makes; FIELD where it is empty."""
        names = text_views(self._padded, start, np.minimum(stop - start, _KEY_CAP))
        known = names.unique()
        places = pl.Series([int(place_under(name)) for name in known], dtype=pl.Int64)
        return names.replace_strict(known, places, return_dtype=pl.Int64).to_numpy()

    def _within_url(self, place: Ints, box: Ints, at: Ints) -> Ints:
        """Of what stands in an address: its path, a parameter, or what somebody searched for. A path with a `?` is one."""
        rows = np.flatnonzero((place == Place.PATH_OF_URL) | (place == Place.FILE_PATH))
        if not len(rows):
            return place
        asks = np.flatnonzero(self.array == _ASK).astype(np.int64)
        ask = self._from(asks, box[rows], at[rows] + 1)
        rows, asked = rows[ask <= at[rows]], ask[ask <= at[rows]]
        if not len(rows):
            return place
        splits = np.flatnonzero((self.array == _AND) | (self.array == _ASK)).astype(np.int64)
        name = np.maximum(self._before(splits, at[rows] + 1), asked) + 1
        equals = np.flatnonzero(self.array == _EQUALS).astype(np.int64)
        stop = self._from(equals, name, at[rows])
        found = self._by_key(name, np.where(stop > name, np.minimum(stop, name + _KEY_CAP), name))
        place = place.copy()
        place[rows] = np.where(found == Place.SEARCH, Place.SEARCH, Place.PARAMETER)
        return place
