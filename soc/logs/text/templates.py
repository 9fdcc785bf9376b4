"""Templates: a message with its variable parts as `<*>`, without what a header left before it.

Numbers are masked in every row; all else is decided once a distinct shape, so it costs next to nothing.
"""

from __future__ import annotations

import hashlib

import polars as pl

from soc.logs.text.compiled import keeps_compiled
from soc.logs.text.eager import take
from soc.logs.text.masks import LONG_NAMES, MASK, SPEAKING, mask_shapes, mute
from soc.logs.text.shapes import Shapes, number_distinct
from soc.logs.text.views import Ints

#: A template is cut here (characters): what follows does not tell messages apart.
TEMPLATE_CAP = 400

#: A run of digits with the hexadecimal ones that follow it, and a few that stand before it in the same word.
_NUMBER = r"\b[a-fA-F]{0,8}\d[0-9a-fA-F]*|\d[0-9a-fA-F]*"


@keeps_compiled
def mask_messages(bodies: Shapes) -> tuple[pl.Series, pl.Series]:
    """`(template, id)` of each body: at most TEMPLATE_CAP characters, and `template_ids` of it."""
    text, numbers = _apart(bodies)
    text = text.str.head(TEMPLATE_CAP * 2)
    speaking = text.str.contains_any(SPEAKING, ascii_case_insensitive=True).arg_true()
    if len(speaking):
        text = text.scatter(speaking, mute(take(text, speaking)))
    shape = text.str.replace_all(_NUMBER, MASK)
    distinct, code = number_distinct(shape)
    template = _masked(distinct)
    places = code[numbers]
    return take(template, places), take(template_ids(template), places)


#: The templates of shapes of earlier blocks, and at most how many; then all are forgotten.
_known: dict[str, str] = {}
_MOST_KNOWN = 20_000


def _masked(shapes: pl.Series) -> pl.Series:
    """`mask_shapes`, asked once a shape for all blocks."""
    known = _known  # another thread may put an empty one in its place
    listed = shapes.to_list()
    new = [shape for shape in listed if shape not in known]
    if len(known) + len(new) > _MOST_KNOWN:
        known, new = _forget(), listed
    if new:
        made = mask_shapes(pl.Series(new, dtype=pl.String)).str.head(TEMPLATE_CAP)
        known.update(zip(new, made.to_list(), strict=True))
    return pl.Series([known[shape] for shape in listed], dtype=pl.String)


def _forget() -> dict[str, str]:
    global _known
    _known = {}
    return _known


def _apart(bodies: Shapes) -> tuple[pl.Series, Ints]:
    """Texts of which the templates are made, and of each row the number of its text: its shape, or where a name may end in a
    longer number (`sha256`, of which a shape keeps too little) the body itself."""
    named = bodies.text.str.contains(LONG_NAMES)
    rows = bodies.spread(named).arg_true()
    if not len(rows):
        return bodies.text, bodies.code
    own, code = number_distinct(take(bodies.rows, rows))
    numbers = bodies.code.copy()
    numbers[rows.to_numpy()] = len(bodies.text) + code
    return pl.concat([bodies.text, own.alias(bodies.text.name)]), numbers


def template_ids(templates: pl.Series) -> pl.Series:
    """`tpl-` and 64 bits of BLAKE2 of each template, the same everywhere. Templates are few: a hash a row."""
    ids = ["tpl-" + hashlib.blake2b(text.encode(), digest_size=8).hexdigest() for text in templates.to_list()]
    return pl.Series(ids, dtype=pl.String)
