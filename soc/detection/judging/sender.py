"""What the sender itself says of its line: that it detected something, how grave it is, by which number it calls the event."""

from __future__ import annotations

import numpy as np
import polars as pl

from soc.detection.judging.facts import PLACES, Facts, spans_of
from soc.detection.judging.stage import NOBODY, Move, Stage, numbers_of
from soc.detection.judging.tables.windows_events import name_windows_events
from soc.detection.ruleset import Ruleset

#: What the sender's severity adds to its detection; and the least that a detection is worth which its sender calls critical.
_BY_GRAVITY = {"informational": -2, "low": -1, "medium": 0, "high": 1, "critical": 1}
#: What a sender did against what it detected: it is not over, but it is less grave.
_STOPPED = r"(?i)block|quarantin|prevent|denied|deny|drop|clean|kill|remov|delet|reject"
#: A level by name, and by syslog's number within a priority.
_LEVELS = {
    "level.critical-said": "critical fatal emergency emerg alert crit severe panic",
    "level.error-said": "error err failure",
    "level.warning-said": "warning warn",
    "level.info-said": "info informational information notice debug trace verbose",
}
_NAMED = {word: rule for rule, words in _LEVELS.items() for word in words.split()}
_NUMBERED = dict(
    enumerate(
        ("level.critical-said",) * 3 + ("level.error-said", "level.warning-said") + ("level.info-said",) * 3
    )
)
_SEVERITIES = 8


def hear_sender(ruleset: Ruleset, facts: Facts) -> Stage:
    """A detection, or one of Windows' events that say by their number what they are."""
    fields = facts.fields
    alert = (fields["event.kind"] == "alert").fill_null(False)
    named = fields["event.detection"].is_not_null().to_numpy()
    told = name_windows_events(fields)
    told = told.set(~told.str.starts_with("sender.").fill_null(True), None)
    rule = numbers_of(
        ruleset, pl.select(pl.when(alert).then(pl.lit("sender.alert")).otherwise(told)).to_series()
    )
    by_alert = np.where(named, PLACES["event.detection"], PLACES["event.kind"])
    field = np.where(alert.to_numpy(), by_alert, np.where(rule >= 0, PLACES["event.code"], NOBODY)).astype(
        np.int64
    )
    start, end = spans_of(facts, field)
    gravity = fields["event.gravity"].replace_strict(_BY_GRAVITY, default=0, return_dtype=pl.Int64).to_numpy()
    stopped = fields["event.action"].str.contains(_STOPPED).fill_null(False).to_numpy() & (gravity < 1)
    only = alert.to_numpy()
    return Stage(
        rule,
        field,
        start,
        end,
        moves=(
            Move("sender.severity", "how grave the sender calls it", np.where(only, gravity, 0)),
            Move("outcome.stopped", "the sender stopped it", -(only & stopped).astype(np.int64)),
        ),
    )


def hear_levels(ruleset: Ruleset, facts: Facts) -> Stage:
    """The level that the sender gives its line: asked where nothing else says what the line is."""
    level = facts.fields["log.level"].replace_strict(_NAMED, default=None, return_dtype=pl.String)
    severity = facts.fields["log.syslog.priority"] % _SEVERITIES
    by_number = severity.replace_strict(_NUMBERED, default=None, return_dtype=pl.String)
    rule = numbers_of(ruleset, pl.select(pl.coalesce(level, by_number)).to_series())
    field = np.where(
        level.is_not_null().to_numpy(),
        PLACES["log.level"],
        np.where(rule >= 0, PLACES["log.syslog.priority"], NOBODY),
    ).astype(np.int64)
    start, end = spans_of(facts, field)
    # a header's level is the sender's; in a line without one a word stands somewhere
    headed = ~facts.format.is_in(["", "plain"]).to_numpy() & level.is_not_null().to_numpy()
    return Stage(rule, field, start, end, outranks=headed)
