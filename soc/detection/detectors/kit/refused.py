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
    events = block.events
    denied = events["event.action"].str.to_lowercase().is_in(_DENIED).fill_null(False)
    # a connection that did not come about: of a login or a request the sender says more
    bare = events["user.name"].is_null() & events["http.response.status_code"].is_null()
    in_vain = (events["event.outcome"] == "failure").fill_null(False) & events[
        "destination.port"
    ].is_not_null()
    refused = block.rule_among(ruleset.tagged(REFUSED)) | denied | (in_vain & bare)
    return refused & events["source.ip"].is_not_null()
