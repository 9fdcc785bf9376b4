"""Traces: lines too weak to be an incident, which are steps of a story when the same actor did worse.

Each is held as a weak session of its kind; what no story takes is forgotten.
"""

from __future__ import annotations

import polars as pl

from soc.detection.block import JudgedBlock
from soc.detection.signatures.declaration import AUTH_FAILURE, AUTH_SUCCESS
from soc.detection.stories.tactics import reaches_further
from soc.domain.classification import Classification

#: Kinds of traces, weakest first: of a line that has two kinds the later one names it.
ACT, REFUSED, SECURITY, PRIVILEGE, SUCCESS, FAILURE = (
    "trace.act", "trace.refused", "trace.security", "trace.privilege", "trace.success", "trace.failure",
)  # fmt: skip
TRACES = {
    ACT: "Acts of a known user",
    REFUSED: "Requests that were refused",
    SECURITY: "Weak signs",
    PRIVILEGE: "Acts with privilege",
    SUCCESS: "Logins accepted",
    FAILURE: "Failed logins",
}
#: What a web server answers to a login that it refuses.
_UNAUTHORISED = 401
#: What a proxy answers, to whom gave no name too: that one it only asks for it.
_PROXY_UNAUTHORISED = 407
#: Accounts under which a machine does its own work.
_MACHINES = ("system", "local service", "network service", "localsystem", "root", "-", "nobody")


def trace_rows(block: JudgedBlock) -> pl.DataFrame:
    """`row, kind, value`: the lines that may be steps, each once. `value` is what a detector counts of them: the user."""
    events, ruleset = block.events, block.ruleset
    known, address = events["rule_id"].is_not_null(), events["source.ip"].is_not_null()
    user, status = events["user.name"].is_not_null(), events["http.response.status_code"]
    login = _is_login(events)
    outcome = events["event.outcome"]
    failure = block.rule_among(ruleset.tagged(AUTH_FAILURE)) | (login & (outcome == "failure"))
    success = block.rule_among(ruleset.tagged(AUTH_SUCCESS)) | (login & (outcome == "success"))
    security = known & (events["classification"] == Classification.SECURITY_ALERT.value)
    kinds = {
        ACT: user & (address | _on_a_host(events)) & status.is_null(),
        REFUSED: address & (status >= 400),
        SECURITY: security & (address | user),
        PRIVILEGE: block.rule_among(reaches_further(ruleset)),
        SUCCESS: success,
        FAILURE: failure | (address & ((status == _UNAUTHORISED) | ((status == _PROXY_UNAUTHORISED) & user))),
    }
    kind = pl.lit(None, pl.String)
    for name, some in kinds.items():
        kind = pl.when(some.fill_null(False)).then(pl.lit(name)).otherwise(kind)
    rows = events.select(
        pl.int_range(pl.len(), dtype=pl.UInt32).alias("row"),
        kind.alias("kind"),
        pl.coalesce("user.name", pl.lit("")).alias("value"),
    )
    return rows.filter(pl.col("kind").is_not_null())


def _on_a_host(events: pl.DataFrame) -> pl.Series:
    """What somebody's account did on a machine, as its audit tells: programs, files, settings. Not what the machine does itself."""
    name = pl.col("user.name").str.to_lowercase()
    own = name.str.ends_with("$") | name.is_in(_MACHINES)
    deed = pl.col("event.category").str.contains("process|file|registry|configuration|iam")
    return events.select((deed & ~own & pl.col("host.name").is_not_null()).fill_null(False)).to_series()


def _is_login(events: pl.DataFrame) -> pl.Series:
    """By the sender's or the verdict's category; false where nobody gives one."""
    if "event.category" not in events.columns:
        return pl.repeat(False, len(events), eager=True)
    return events["event.category"].str.contains("authentication", literal=True).fill_null(False)
