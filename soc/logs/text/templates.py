"""Templates: a message with its variable parts as `<*>`, without what a header left before it.

Numbers are masked in every row; all else is decided once a distinct shape, so it costs next to nothing.
"""

from __future__ import annotations

import hashlib

import polars as pl

from soc.logs.text.compiled import keeps_compiled
from soc.logs.text.masks import MASK, SPEAKING, mask_shapes, mute

#: A template is cut here (characters): what follows does not tell messages apart.
TEMPLATE_CAP = 400

#: A run of digits with the hexadecimal ones that follow it, and a few that stand before it in the same word.
_NUMBER = r"\b[a-fA-F]{0,8}\d[0-9a-fA-F]*|\d[0-9a-fA-F]*"


@keeps_compiled
def mask_messages(body: pl.Series) -> tuple[pl.Series, pl.Series]:
    """`(template, id)` of each body: at most TEMPLATE_CAP characters, and `template_ids` of it."""
    text = body.str.head(TEMPLATE_CAP * 2)
    speaking = text.str.contains_any(SPEAKING, ascii_case_insensitive=True).arg_true()
    if len(speaking):
        text = text.scatter(speaking, mute(text.gather(speaking)))
    shape = text.str.replace_all(_NUMBER, MASK)
    distinct = shape.unique().drop_nulls()
    template = mask_shapes(distinct).str.head(TEMPLATE_CAP)
    code = shape.cast(pl.Enum(distinct)).to_physical()
    return template.gather(code), template_ids(template).gather(code)


def template_ids(templates: pl.Series) -> pl.Series:
    """`tpl-` and 64 bits of BLAKE2 of each template, the same everywhere. Templates are few: a hash a row."""
    ids = ["tpl-" + hashlib.blake2b(text.encode(), digest_size=8).hexdigest() for text in templates.to_list()]
    return pl.Series(ids, dtype=pl.String)
