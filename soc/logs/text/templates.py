"""Templates: a message with its variable parts masked."""

from __future__ import annotations

import hashlib

import polars as pl

#: A template is cut here (characters): what follows does not tell messages apart.
TEMPLATE_CAP = 400

#: A token (up to blanks and punctuation that separates) with a digit in it.
_WITH_DIGIT = r"[^\s\"'=,;()\[\]{}<>|/:]*\d[^\s\"'=,;()\[\]{}<>|/:]*"
_RUNS = r"#(?:[:/.,\-]#)+"
_NAMES = (
    r"(?i)\b((?:password|publickey|pam|none|failures) for (?:(?:invalid|illegal) user )?|(?:invalid|illegal|unknown|for|by) user[ =:]+"
    r"|(?:user|username|acct|account|rhost|ruser)=)[\"']?[^\s\"',;()\[\]]+"
)

#: Every match of `_NAMES` holds one of these.
_NAMED = [" for ", "user", "acct", "account", "rhost"]


def mask_messages(body: pl.Series) -> pl.Series:
    """Each body with names after `user` and tokens with digits masked, cut to TEMPLATE_CAP characters."""
    text = body.str.head(TEMPLATE_CAP * 2)
    named = text.str.contains_any(_NAMED, ascii_case_insensitive=True).arg_true()
    if len(named):
        text = text.scatter(named, text.gather(named).str.replace_all(_NAMES, "${1}<name>"))
    return (
        text.str.replace_all(_WITH_DIGIT, "#")
        .str.replace_all(_RUNS, "#")
        .str.strip_chars()
        .str.head(TEMPLATE_CAP)
    )


def template_ids(templates: pl.Series) -> pl.Series:
    """`tpl-` and 64 bits of BLAKE2 of each template; computed once a distinct template, the same everywhere."""
    distinct = templates.unique().drop_nulls()
    ids = ["tpl-" + hashlib.blake2b(text.encode(), digest_size=8).hexdigest() for text in distinct.to_list()]
    return templates.replace_strict(
        distinct, pl.Series(ids, dtype=pl.String), default=None, return_dtype=pl.String
    )
