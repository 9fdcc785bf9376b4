"""What an incident can be found by, and what each word of a query means."""

from __future__ import annotations

from typing import Any

import pytest

from soc.domain.search import LONGEST_TERM, MOST_TERMS, MOST_WORDS, Wanted, read_query, terms_of
from tests.integrations.examples import an_incident


def terms(**changes: Any) -> list[str]:
    return terms_of(an_incident(**changes).model_dump())


def meets(query: str, **changes: Any) -> bool:
    """Whether every word is found in the incident's terms, whole or as a beginning."""
    known = terms(**changes)

    def found(wanted: Wanted) -> bool:
        return any(span.low <= term <= span.high for span in (*wanted.whole, *wanted.begun) for term in known)

    return all(found(wanted) for wanted in read_query(query))


@pytest.mark.parametrize(
    "query",
    [
        "inc-7k2m9q4x1c", "INC-7K2M", "7k2m9", "multiple", "ROOT failed", "attempts", "203.0.113.9", "203.0.113", "113.9",
        "203.0.113.0/24", "203.0.0.0/8", "203.0.113.9:443", "securitysystem", "“multiple”", "multiple,", "(root)", "severity-9",
    ],
)  # fmt: skip
def test_an_incident_is_found_by(query: str) -> None:
    assert meets(query)


@pytest.mark.parametrize(
    "query",
    ["203.0.114.0/24", "multiple absent", "%", "_", "mult%", "mult*", "m_ltiple", "'", "\\", "fail?d"],
)
def test_it_is_not_found_by_what_is_not_there_and_nothing_is_a_wildcard(query: str) -> None:
    assert not meets(query)


@pytest.mark.parametrize(
    "query",
    [
        "2001:db8::1", "2001:0DB8:0:0:0:0:0:1", "2001:db8::/32", "2001:db8::", "2001:db8:", "2001:d", "[2001:db8::1]:443",
        "2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8:0:0",
    ],
)  # fmt: skip
def test_an_ipv6_address_is_found_by_any_spelling_and_beginning(query: str) -> None:
    assert meets(query, entity="2001:db8:0:0::1")
    assert not meets(query, entity="2001:4860::8888", message="m", samples=())


def test_an_ipv4_address_in_ipv6_s_clothes_is_found_as_both() -> None:
    assert meets("10.0.0.7", entity="::ffff:10.0.0.7")
    assert meets("::ffff:10.0.0.7", entity="::ffff:10.0.0.7")


def test_a_technique_is_found_with_what_belongs_to_it() -> None:
    reason = an_incident().reasons[0].model_copy(update={"attack": "T1110.001"})
    assert meets("t1110", reasons=(reason,))
    assert meets("T1110.001", reasons=(reason,))
    assert not meets("T1110.002", reasons=(reason,))


@pytest.mark.parametrize("query", ["amira", "CORP\\amira", "web-17", "corp.example", "svc_backup"])
def test_users_and_hosts_of_the_lines_are_found(query: str) -> None:
    text = "Failed password for CORP\\amira and svc_backup on web-17.corp.example"
    assert meets(query, message=text)


def test_a_word_may_begin_within_another() -> None:
    assert meets("backup", title="svc_backup locked")
    assert meets("100%", title="CPU at 100% (critical)")
    assert meets("critical", title="CPU at 100% (critical)")


def test_letters_are_compared_without_case_and_in_one_spelling() -> None:
    assert meets("STRASSE", title="Straße gesperrt")
    assert meets("ｆｕｌｌ", title="full width")


def test_terms_are_few_and_short_and_hold_nothing_that_a_database_refuses() -> None:
    made = terms(title="a\x00b \ud800 " + "x" * 500, message=" ".join(f"word{n}" for n in range(500)))
    assert len(made) == MOST_TERMS
    assert max(map(len, made)) == LONGEST_TERM
    assert "\x00" not in "".join(made).encode().decode()


def test_a_query_has_few_words_each_once() -> None:
    assert [one.word for one in read_query("a a b")] == ["a", "b"]
    assert len(read_query(" ".join(map(str, range(50))))) == MOST_WORDS
    assert read_query(" \t ") == ()


@pytest.mark.parametrize(
    "query", ["\x00", "\ud800", "::::::", "1.2.3.4/99", "[", "]:1", "::/0", "0.0.0.0/0", "a" * 2000, "ip4!"]
)
def test_any_text_is_a_query(query: str) -> None:
    read_query(query)
