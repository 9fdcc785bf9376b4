"""Who somebody is, and whose: one person is one name, however a line writes him."""

from __future__ import annotations

import polars as pl
import pytest

from soc.logs.fields.realms import part_realms
from tests.logs.reading import read


@pytest.mark.parametrize(
    ("line", "name", "realm"),
    [
        (r"Login failed for user CORP\bob from 203.0.113.9", "bob", "CORP"),
        (r'{"process": {"name": "x.exe", "username": "CORP\\bob"}}', "bob", "CORP"),
        (r'{"process": {"user": {"name": "NT AUTHORITY\\SYSTEM"}}}', "SYSTEM", "NT AUTHORITY"),
        ("Login failed for user bob from 203.0.113.9", "bob", None),
        # characters that a log does not write out are no names
        (r"sshd[1]: Invalid user root\\r from 203.0.113.9 port 4000", r"root\\r", None),
        (r"sshd[1]: Invalid user caf\303 from 203.0.113.9 port 4000", r"caf\303", None),
        (r"sshd[1]: Invalid user bob\x00 from 203.0.113.9 port 4000", r"bob\x00", None),
    ],
)
def test_a_name_in_a_realm_is_the_name_and_the_realm(line: str, name: str, realm: str | None) -> None:
    assert read(line + "\n").cells("user.name", "user.domain") == [(name, realm)]


def test_what_is_a_path_or_has_its_realm_already_stays() -> None:
    names = [r"C:\bob", r"a\b\c", r"CORP\bob", r"CORP\\eve", None]
    fields = pl.DataFrame(
        {"user.name": names, "user.domain": [None, None, "corp.example", None, None], "user.target.name": [None] * 4 + [r"CORP\al"]},
        schema=dict.fromkeys(("user.name", "user.domain", "user.target.name"), pl.String),
    )  # fmt: skip
    assert part_realms(fields).rows() == [
        (r"C:\bob", None, None),
        (r"a\b\c", None, None),
        ("bob", "corp.example", None),
        ("eve", "CORP", None),
        (None, None, "al"),
    ]
