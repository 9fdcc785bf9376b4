"""Connections that a firewall refused: by a signature, or by what it calls its action."""

from __future__ import annotations

import polars as pl

from soc.detection.block import JudgedBlock
from soc.detection.ruleset import Ruleset

#: Tag of the signatures that tell of one.
REFUSED = "connection-refused"
_DENIED = ["deny", "denied", "drop", "dropped", "block", "blocked", "reject", "rejected"]


def refused_rows(block: JudgedBlock, ruleset: Ruleset) -> pl.Series:
    """A mask over the block's lines; each of those has a source."""
    denied = block.events["event.action"].str.to_lowercase().is_in(_DENIED).fill_null(False)
    return (block.rule_among(ruleset.tagged(REFUSED)) | denied) & block.events["source.ip"].is_not_null()
