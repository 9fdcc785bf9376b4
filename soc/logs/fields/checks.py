"""What a value of an ECS field must be. What it cannot be becomes null: none is better than a wrong one."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from soc.domain.event import ECS_FIELDS, Check
from soc.logs.text.addresses import valid_addresses

#: More digits than this are no number that anybody counts with (and not all fit 64 bits).
_DIGITS = 18
_LAST_PORT = 65_535
#: What headers write where they know no name.
_NO_NAME = ["-", "- -", "--", "---", "***", "*****", "********", ""]
#: What audits call a level is how much of a request they write down.
_HOW_MUCH = ["metadata", "request", "requestresponse"]
#: A syslog tag that says what the rest is written in is no program either.
_NO_PROGRAM = [*_NO_NAME, "CEF", "LEEF"]


def whole_numbers(text: pl.Series) -> pl.Series:
    """The texts that are nothing but (at most 18) digits as numbers, others null."""
    value = pl.col("v")
    signed = value.str.starts_with("-") | value.str.starts_with("+")
    digits = pl.when(~signed & (value.str.len_bytes() <= _DIGITS)).then(value)
    return text.alias("v").to_frame().select(digits.cast(pl.Int64, strict=False)).to_series()


def ports(text: pl.Series) -> pl.Series:
    """Whole numbers up to 65535."""
    number = whole_numbers(text).alias("v")
    return number.to_frame().select(pl.when(pl.col("v") <= _LAST_PORT).then("v")).to_series()


def statuses(text: pl.Series) -> pl.Series:
    """Whole numbers that a server may answer with: 100 to 999, as some servers count on behind 599."""
    number = whole_numbers(text).alias("v")
    return number.to_frame().select(pl.when(pl.col("v").is_between(100, 999)).then("v")).to_series()


def _as_it_is(text: pl.Series) -> pl.Series:
    return text


def _lower(text: pl.Series) -> pl.Series:
    return text.str.to_lowercase()


def _level(text: pl.Series) -> pl.Series:
    small = text.str.to_lowercase()
    return small.set(small.is_in(_HOW_MUCH).fill_null(False), None)


CHECKS: Mapping[Check, Callable[[pl.Series], pl.Series]] = {
    "text": _as_it_is, "name": _as_it_is, "path": _as_it_is, "lower": _lower, "level": _level,
    "address": valid_addresses, "port": ports, "status": statuses, "whole": whole_numbers,
}  # fmt: skip

_NUMBERS: frozenset[Check] = frozenset({"port", "status", "whole"})


def check_values(name: str, text: pl.Series) -> pl.Series:
    """The values of the ECS field `name`, of the field's type; a value that cannot be is null. `text` is strings."""
    check = ECS_FIELDS[name]
    if text.null_count() == len(text):
        kind = pl.Int64 if check in _NUMBERS else pl.String
        return pl.Series([None], dtype=kind).new_from_index(0, len(text)).alias(name)
    return CHECKS[check](text).alias(name)


def tidy_header(name: str, text: pl.Series) -> pl.Series:
    """What a line's header gives for the field `name`: a name of `-` is none, a path ends before its query."""
    value = pl.col("v")
    column = text.alias("v").to_frame()
    match ECS_FIELDS[name]:
        case "name":
            no_name = _NO_PROGRAM if name == "process.name" else _NO_NAME
            return column.select(pl.when(~value.is_in(no_name)).then(value)).to_series()
        case "path":
            return column.select(value.str.extract(r"^([^?#]*)", 1)).to_series()
        case _:
            return text


def tidy_name(name: str, text: pl.Series) -> pl.Series:
    """A question to a name server without the dot that ends it and without the lengths of its parts: `(3)www(7)example(3)com(0)`."""
    if name != "dns.question.name" or text.null_count() == len(text):
        return text
    parted = text.str.contains("(", literal=True).fill_null(False).any()
    plain = text.str.replace_all(r"\(\d{1,2}\)", ".") if parted else text
    return (
        plain.str.strip_chars_start(".").str.strip_chars_end(".")
        if parted
        else plain.str.strip_chars_end(".")
    )
