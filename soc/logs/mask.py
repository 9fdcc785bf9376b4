"""Templates: a message with its variable parts masked, and display text without what could deceive."""

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

#: Terminal escapes; then control characters (C0 without tab and newline, DEL, C1) and direction marks.
_ESCAPES = r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])"
_CONTROLS = r"[\x00-\x08\x0b-\x19\x1b-\x1f\x7f\u{80}-\u{9f}]"
_DIRECTION = r"[\u{200b}-\u{200f}\u{202a}-\u{202e}\u{2060}-\u{2069}\u{feff}\u{061c}]"
_SUSPECT = r"[\x00-\x08\x0b-\x1f\x7f\u{80}-\u{9f}\u{200b}-\u{200f}\u{202a}-\u{202e}\u{2060}-\u{2069}\u{feff}\u{061c}]"


def clean_text(text: pl.Series) -> pl.Series:
    """For display: escapes and controls removed, direction marks shown as `�`, lost bytes as `�`."""
    suspect = text.str.contains(_SUSPECT).fill_null(False)
    if not suspect.any():
        return text
    cleaned = (
        pl.col("text")
        .str.replace_all(_ESCAPES, "")
        .str.replace_all(_CONTROLS, "")
        .str.replace_all(_DIRECTION, "\ufffd")
        .str.replace_all("\x1a", "\ufffd", literal=True)
    )
    frame = pl.DataFrame({"text": text, "suspect": suspect})
    return frame.select(
        pl.when("suspect").then(cleaned).otherwise(pl.col("text")).alias(text.name)
    ).to_series()


def clean_name(name: str) -> str:
    """A hostile file name or label as one short printable line."""
    return str(clean_text(pl.Series([name]))[0]).replace("\n", " ").replace("\t", " ")[:200]


def mask_messages(body: pl.Series) -> pl.Series:
    """Each body with names after `user` and tokens with digits masked, cut to TEMPLATE_CAP characters."""
    return (
        body.str.head(TEMPLATE_CAP * 2)
        .str.replace_all(_NAMES, "${1}<name>")
        .str.replace_all(_WITH_DIGIT, "#")
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
