"""How it went, where nothing but words says it: the name of the action, the server's status, the message.

Failure before success within one text: `success` may be what was asked for, a failure is what came of it. A denied failure
(`no failures`, `0 failed`) says nothing.
"""

from __future__ import annotations

import re

import polars as pl

from soc.logs.general.deeds.deeds import DEED
from soc.logs.text.eager import take
from soc.logs.text.requests import METHODS
from soc.logs.text.shapes import Shapes

_BAD = """
fail denied refused rejected deny unsuccessful incorrect unauthorized forbidden exceeded mismatch
"""
_BAD_PHRASES = (
    "invalid user", "illegal user", "unknown user", "invalid password", "bad password", "wrong password", "invalid credential", "not allowed",
    "not permitted", "unable to", "could not", "cannot ", "locked out", "timeout before", "timed out", "no such user", "invalid login",
)  # fmt: skip
_GOOD = ["accepted", "success", "succeeded", "granted", "permitted", "allowed", "authenticated", "approved"]
_GOOD_PHRASES = ("session opened", "session closed", "logged in", "logged on", "logged out", "logged off", "signed in", "signed out")  # fmt: skip
_FAILURES = [*_BAD.split(), *_BAD_PHRASES]
_SUCCESSES = [*_GOOD, *_GOOD_PHRASES]
#: What a message must also be about: who asks to be let in, or to do something.
_ABOUT = [
    "auth", "login", "logon", "log on", "logged", "log in", "sign-in", "signed", "password", "publickey", "session", "account", "user ",
    "user=", "access ", "credential", "permission", "privilege",
]  # fmt: skip
#: `no failures`, `0 failed`, `without success`, `not authenticated`.
_DENIED = (
    r"(?i)\b(?:no|0|zero|without|not|never)\b[\s:=]{1,3}(?:\w{1,20}\s){0,2}\w{0,12}(?:fail|success|deni|refus|reject|accept|grant|authenticated|allow|permit|approv)\w*"
    r"|\b(?:fail(?:ed|ures?)?|denied|rejected|refused)(?:\s\w{1,20}){0,2}\s?[:=]\s?0\b"
)
#: Words of an action's name, cut at humps and marks; the nouns of it are no outcome (`error log`, `access denied rule`).
_NAMED = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_BAD_NAMES = frozenset(
    [
        "failed",
        "failure",
        "fail",
        "denied",
        "deny",
        "rejected",
        "refused",
        "unsuccessful",
        "error",
        "invalid",
        "fails",
    ]
)
_GOOD_NAMES = frozenset(
    [
        "success",
        "succeeded",
        "successful",
        "successfully",
        "accepted",
        "passed",
        "granted",
        "allowed",
        "permitted",
    ]
)
#: A name of one word says what was done (`deny`), not how it went.
_FEWEST = 2
#: From this status on a server says no.
_FIRST_NO = 400
_SUCCESS, _FAILURE = "success", "failure"


def outcome_of_name(name: str) -> str | None:
    """Of `LogonFailed`, `user.login.success`."""
    words = {word.lower() for word in _NAMED.findall(name)}
    if len(words) < _FEWEST:
        return None
    if words & _BAD_NAMES:
        return _FAILURE
    return _SUCCESS if words & _GOOD_NAMES else None


def outcome_of_deed(deed: str) -> str | None:
    """Of what `read_deed` says of a record: the service, the deed's name and the signs, between tabs."""
    _, name, signs = deed.split("\t")
    return _FAILURE if "failed" in signs.split() else outcome_of_name(name)


def told_outcomes(fields: pl.DataFrame, body: Shapes, searched: pl.Series) -> pl.Series:
    """`event.outcome` of each row: the sender's, else as its action, status or (in the rows of the mask) message says."""
    status = pl.col("http.response.status_code")
    by_status = pl.when(pl.col("http.request.method").is_in(METHODS)).then(
        pl.when(status < _FIRST_NO).then(pl.lit(_SUCCESS)).when(status.is_not_null()).then(pl.lit(_FAILURE))
    )
    told = fields.select(pl.coalesce("event.outcome", by_status).alias("outcome"), "event.action")
    actions = [name for name in told["event.action"].unique().to_list() if name]
    named = {name: said for name in actions if (said := outcome_of_name(name)) is not None}
    if DEED in fields.columns:  # what a record calls its deed, where its action is another word
        deeds = {
            one: said
            for one in fields[DEED].unique().drop_nulls().to_list()
            if (said := outcome_of_deed(one))
        }
        if deeds:
            by_deed = fields[DEED].replace_strict(deeds, default=None, return_dtype=pl.String)
            told = told.with_columns(pl.coalesce("outcome", by_deed).alias("outcome"))
    if named:
        by_name = pl.col("event.action").replace_strict(named, default=None, return_dtype=pl.String)
        told = told.with_columns(pl.coalesce("outcome", by_name).alias("outcome"))
    known = told["outcome"]
    # a record written as JSON or XML has keys in it, which are no words of anybody
    rows = searched & known.is_null() & ~body.contains(r"^\s*[\[{<]")
    asked = body.asked(rows)
    in_words = _outcomes_said(take(body.text, asked)) if len(asked) else None
    if in_words is None:
        return known
    by_shape = pl.Series([None], dtype=pl.String).new_from_index(0, len(body.text)).scatter(asked, in_words)
    return pl.select(pl.coalesce(known, pl.when(rows).then(body.spread(by_shape)))).to_series()


def _outcomes_said(body: pl.Series) -> pl.Series | None:
    """Of messages; None where none says any."""
    hit = body.str.contains_any([*_FAILURES, *_SUCCESSES], ascii_case_insensitive=True).fill_null(False)
    rows = hit.arg_true()
    if not len(rows):
        return None
    texts = take(body, rows)
    rows = rows.filter(texts.str.contains_any(_ABOUT, ascii_case_insensitive=True))
    if not len(rows):
        return None
    plain = take(body, rows).str.replace_all(_DENIED, " ")
    bad = plain.str.contains_any(_FAILURES, ascii_case_insensitive=True)
    good = plain.str.contains_any(_SUCCESSES, ascii_case_insensitive=True)
    said = pl.select(
        pl.when(bad).then(pl.lit(_FAILURE)).when(good).then(pl.lit(_SUCCESS)).otherwise(None)
    ).to_series()
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, len(body))
    return nothing.scatter(rows, said)
