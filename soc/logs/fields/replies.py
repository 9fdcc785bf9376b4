"""What a server of files or mail answers to whoever logs in: a number of its own (RFC 959, RFC 4954), whatever program writes it."""

from __future__ import annotations

import polars as pl

from soc.logs.text.shapes import Shapes

#: A password or a way to log in, sent as a command, and the number of the reply behind it.
_REPLY = (
    r"\b(?:PASS[ +]{1,3}(?:\*+|x+|-|\.{3}|[(<\[]\w+[)>\]])|AUTH (?:LOGIN|PLAIN|NTLM|GSSAPI|XOAUTH2|CRAM-MD5|DIGEST-MD5|EXTERNAL))"
    r"(?:[^\w;|][^;|]{0,60}?)??[\s\">:](\d{3})(?:[ \"-]|$)"
)
_SUCCESS, _FAILURE = "success", "failure"
_SAYS = {"230": _SUCCESS, "232": _SUCCESS, "235": _SUCCESS} | dict.fromkeys(
    ("430", "454", "530", "532", "534", "535", "538"), _FAILURE
)


def find_replies(body: Shapes, rows: pl.Series) -> dict[str, pl.Series]:
    """`event.category` and `event.outcome` of a login that a number answers, in `rows` (a mask) only."""
    asked = rows & body.contains_any(["PASS", "AUTH "])
    reply = body.extract(asked, _REPLY)
    outcome = reply.replace_strict(_SAYS, default=None, return_dtype=pl.String)
    category = pl.select(pl.when(outcome.is_not_null()).then(pl.lit("authentication"))).to_series()
    return {"event.category": category, "event.outcome": outcome}
