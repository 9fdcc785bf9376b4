"""The part of JQL that a ticketing client uses: comparisons, AND, OR, NOT, parentheses, ORDER BY.

Fields: project, key, id, summary, description, text, labels, component, status, statusCategory, priority,
issuetype, assignee, reporter, resolution, created, updated, resolved, due. Anything else is refused by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from soc.sandbox.jira.memory import Issue
from soc.sandbox.jira.query.jql_fields import (
    DATES,
    SORTABLE,
    TEXTS,
    JqlError,
    Test,
    compare_date,
    contains,
    is_empty,
    is_in,
    negate,
    read_date,
    sort_value,
)

TOKEN = re.compile(
    r"""\s*(?:("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|(!=|!~|>=|<=|[=<>~(),])|([^\s=!<>~(),"']+))"""
)
ALIASES = {
    "issue": "key",
    "issuekey": "key",
    "type": "issuetype",
    "components": "component",
    "duedate": "due",
    "createddate": "created",
    "updateddate": "updated",
    "resolutiondate": "resolved",
}


@dataclass(frozen=True)
class Query:
    """A parsed query. `test` is None when nothing restricts the search ("unbounded")."""

    test: Test | None
    order: tuple[tuple[str, bool], ...]

    def search(self, issues: Iterable[Issue]) -> list[Issue]:
        """The matching issues in the order asked for, else newest first."""
        found = [issue for issue in issues if self.test is None or self.test(issue)]
        found.sort(key=lambda issue: int(issue.id), reverse=True)
        for name, descending in reversed(self.order):
            found.sort(key=lambda issue: sort_value(issue, name), reverse=descending)
        return found


@dataclass(frozen=True)
class Word:
    """A token; a quoted one is never a keyword or an operator."""

    text: str
    quoted: bool = False

    def is_keyword(self, *words: str) -> bool:
        return not self.quoted and self.text.lower() in words


def parse(jql: str, now: datetime) -> Query:
    """Read a query; relative dates count from `now`. Raises JqlError."""
    return _Parser(_words(jql), now).query()


def _words(jql: str) -> list[Word]:
    words, at = [], 0
    text = jql.rstrip()
    while at < len(text):
        match = TOKEN.match(text, at)
        if not match:
            raise JqlError(
                f"Error in the JQL Query: The character '{text[at:].strip()[0]}' is not expected here."
            )
        quoted, operator, bare = match.groups()
        words.append(Word(re.sub(r"\\(.)", r"\1", quoted[1:-1]), True) if quoted else Word(operator or bare))
        at = match.end()
    return words


class _Parser:
    """Recursive descent over the words; each method reads one level of the grammar."""

    def __init__(self, words: list[Word], now: datetime) -> None:
        self._words = words
        self._at = 0
        self._now = now

    def query(self) -> Query:
        test = None if self._peek() is None or self._is_next("order") else self._either()
        order = self._order()
        if (rest := self._peek()) is not None:
            raise JqlError(f"Error in the JQL Query: Expecting either 'OR' or 'AND' but got '{rest.text}'.")
        return Query(test, order)

    def _either(self) -> Test:
        tests = [self._both()]
        while self._accept("or"):
            tests.append(self._both())
        return tests[0] if len(tests) == 1 else lambda issue: any(test(issue) for test in tests)

    def _both(self) -> Test:
        tests = [self._single()]
        while self._accept("and"):
            tests.append(self._single())
        return tests[0] if len(tests) == 1 else lambda issue: all(test(issue) for test in tests)

    def _single(self) -> Test:
        if self._accept("not"):
            test = self._single()
            return lambda issue: not test(issue)
        if self._accept("("):
            inner = self._either()
            self._expect(")")
            return inner
        return self._clause()

    def _clause(self) -> Test:
        word = self._take("a field name")
        name = ALIASES.get(word.text.lower(), word.text.lower())
        if self._accept("is"):
            negated, value = self._accept("not"), self._take("EMPTY")
            if not value.is_keyword("empty", "null"):
                raise JqlError(f"Error in the JQL Query: Expecting 'EMPTY' but got '{value.text}'.")
            return negate(is_empty(name, word.text), negated)
        negated = self._accept("not")
        if self._accept("in"):
            return negate(is_in(name, word.text, self._list()), negated)
        operator = self._take("an operator")
        if negated or operator.quoted or operator.text not in ("=", "!=", "~", "!~", ">", ">=", "<", "<="):
            raise JqlError(f"Error in the JQL Query: Expecting operator but got '{operator.text}'.")
        value = self._value()
        if value.is_keyword("empty", "null"):
            return negate(is_empty(name, word.text), operator.text == "!=")
        return self._comparison(name, word.text, operator.text, value.text)

    def _comparison(self, name: str, asked: str, operator: str, value: str) -> Test:
        if operator in ("~", "!~") and name in TEXTS:
            return negate(contains(name, value), operator == "!~")
        if name in DATES and operator not in ("~", "!~"):
            return compare_date(name, operator, read_date(value, asked, self._now))
        if operator in ("=", "!=") and name not in TEXTS:
            return negate(is_in(name, asked, [value]), operator == "!=")
        raise JqlError(f"The operator '{operator}' is not supported by the '{asked}' field.")

    def _list(self) -> list[str]:
        self._expect("(")
        values = [self._value().text]
        while self._accept(","):
            values.append(self._value().text)
        self._expect(")")
        return values

    def _value(self) -> Word:
        word = self._take("a value")
        if self._accept("("):
            self._expect(")")
            return Word(f"{word.text}()")
        return word

    def _order(self) -> tuple[tuple[str, bool], ...]:
        if not self._accept("order"):
            return ()
        self._expect("by")
        order = []
        while True:
            word = self._take("a field name")
            name = ALIASES.get(word.text.lower(), word.text.lower())
            if name not in SORTABLE:
                raise JqlError(f"Not able to sort using field '{word.text}'.")
            descending = self._accept("desc")
            if not descending:
                self._accept("asc")
            order.append((name, descending))
            if not self._accept(","):
                return tuple(order)

    def _peek(self) -> Word | None:
        return self._words[self._at] if self._at < len(self._words) else None

    def _is_next(self, text: str) -> bool:
        word = self._peek()
        return word is not None and word.is_keyword(text)

    def _accept(self, text: str) -> bool:
        if self._is_next(text):
            self._at += 1
            return True
        return False

    def _expect(self, text: str) -> None:
        if not self._accept(text):
            word = self._peek()
            got = f"'{word.text}'" if word else "the end of the query"
            raise JqlError(f"Error in the JQL Query: Expecting '{text}' but got {got}.")

    def _take(self, expected: str) -> Word:
        word = self._peek()
        if word is None or (not word.quoted and word.text in ("(", ")", ",")):
            raise JqlError(f"Error in the JQL Query: Expecting {expected}.")
        self._at += 1
        return word
