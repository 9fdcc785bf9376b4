"""What is done, in whatever words: category, type and outcome of the event, and who is there to do it."""

from __future__ import annotations

import numpy as np
import polars as pl

from soc.detection.judging.deeds import is_signed, is_undone
from soc.detection.judging.facts import PLACES, Facts, spans_of, spans_of_words
from soc.detection.judging.scanning.scan import Ints
from soc.detection.judging.score import Flags
from soc.detection.judging.shaped import find_failed_logins, find_nonsense, find_probes, find_refusals
from soc.detection.judging.stage import NOBODY, Move, Stage, numbers_of, rule_numbers
from soc.detection.judging.tables.changes import ACCOUNT_CHANGED, RIGHTS_CHANGED, name_changes
from soc.detection.judging.tables.login_words import (
    BESIDE,
    LOGIN_PATH,
    PROGRAMS,
    RECORD_MESSAGE,
    RECORD_VALUE,
    SWITCH_FAILED,
    SWITCHES,
    find_failed_login,
    is_asked_for_name,
)
from soc.detection.judging.tables.windows_events import name_windows_events
from soc.detection.ruleset import Ruleset
from soc.logs.text.eager import is_there, take
from soc.logs.text.placed import find_each
from soc.logs.text.shapes import number_distinct

#: Accounts that may do everything, as systems call them.
_MIGHTY = ("root", "administrator", "admin", "sa", "postgres", "sysadmin", "superuser", "toor", "system")
#: What an event is about, by words of the sender's name for it.
_LOGIN = r"(?i)log(?:ged)?[-_ ]?[io]n|sign(?:ed)?[-_ ]?in|authenticat|\bauth\b|\bmfa\b"
#: What begins for somebody who is known and came from somewhere.
_SESSION = r"(?i)\bsession[-_. ]?(?:start|begin|open|creat)|\btunnel[-_. ]?(?:up|establish|open|start)"

#: What an event is called, and why it came.
_NAMES = ("event.action", "event.outcome", "event.reason")
#: What names of changed roles are made of.
_OF_ROLES = r"(?i)role|permission|privilege|member"
#: What a server answers to whom it does not know.
_UNAUTHORIZED = 401
#: Words that sum failures up.
_SUMMED = r"(?i)attempts? exceeded|exceeded \S{0,20} ?attempts"


def hear_behaviour(ruleset: Ruleset, facts: Facts) -> Stage:
    """A failed login by category and outcome, else by words of the message; a connection given up before a login; else what
    the event's number or name tells of."""
    numbers, fields = rule_numbers(ruleset), facts.fields
    told = _told_by_fields(facts)
    numbered, changed = _numbered(ruleset, fields), _changes(ruleset, facts)
    peer = is_there(fields["source.ip"])
    actor = peer | is_there(fields["user.name"])
    program = fields["process.name"].str.contains(PROGRAMS).fill_null(False).to_numpy()
    refused = _refused(facts) & ~told & (numbered < 0)
    open_ = ~told & (numbered < 0) & ~refused
    meant = told & ~_is_written(facts, "event.outcome", told)
    asked = meant | open_ & (actor | program | _in_pam(facts))
    words, denied = _failed_logins(facts, pl.Series(asked))
    words = pl.select(pl.coalesce(words, _failed_switches(facts, open_))).to_series()
    probe = find_probes(facts.shapes, pl.Series(open_ & (peer | _before_login(facts)) & ~is_there(words)))
    nonsense = find_nonsense(facts.shapes, pl.Series(open_ & peer & ~is_there(words) & ~is_there(probe)))
    turned = open_ & peer & ~is_there(fields["destination.ip"]) & ~is_there(words) & ~is_there(probe)
    refusal = find_refusals(facts.shapes, pl.Series(turned & ~is_there(nonsense)))
    failed_login, exceeded = numbers["behaviour.failed-login"], numbers["behaviour.attempts-exceeded"]
    # failures that are told of already, each in its own line
    summed = words.str.contains(_SUMMED).fill_null(False).to_numpy()
    summing = np.where(summed, exceeded, failed_login)
    choices: tuple[tuple[Flags, Ints | int, str], ...] = (
        (meant & (is_there(words) | _is_sentence(facts)), summing, "message"),
        (told, failed_login, "event.outcome"),
        (numbered >= 0, numbered, "event.code"),
        (refused, failed_login, "http.response.status_code"),
        (is_there(words), summing, "message"),
        (is_there(probe), numbers["behaviour.login-probe"], "message"),
        (is_there(nonsense), numbers["behaviour.protocol-abused"], "message"),
        (is_there(refusal), numbers["behaviour.peer-refused"], "message"),
        (changed >= 0, changed, "event.action"),
        (
            open_ & peer & facts.shapes.spread(is_asked_for_name(facts.shapes.text)).to_numpy(),
            numbers["behaviour.name-asked"],
            "message",
        ),
    )
    when = [which for which, _, _ in choices]
    rule = np.select(when, [number for _, number, _ in choices], NOBODY).astype(np.int64)
    beside = (rule == failed_login) & _is_beside(facts, words)
    rule = np.where(beside, numbers["behaviour.failed-beside"], rule)
    field = np.select(when, [PLACES[name] for _, _, name in choices], NOBODY).astype(np.int64)
    told_by = pl.select(pl.coalesce(words, probe, nonsense, refusal)).to_series()
    said = (field == PLACES["message"]) & is_there(told_by)
    start, end = spans_of(facts, np.where(said, NOBODY, field))
    said_start, said_end = spans_of_words(facts, told_by)
    return Stage(
        rule,
        field,
        np.where(said, said_start, start),
        np.where(said, said_end, end),
        moves=_moves(facts, (rule == failed_login) | (rule == exceeded), actor | program),
        mutes=denied.to_numpy() & ~told,
    )


def hear_accepted(ruleset: Ruleset, facts: Facts) -> Stage:
    """A login that succeeded, as the fields have it: asked where no signature says more of the line than a word."""
    category, action = pl.col("event.category"), pl.col("event.action")
    begins = (category == "authentication") & (pl.col("event.type") == "start")
    somebody = pl.col("user.name").is_not_null() & pl.col("source.ip").is_not_null()
    opened = somebody & action.str.contains(_SESSION)
    login = begins | action.str.contains(_LOGIN) | opened
    outcome = pl.col("event.outcome")
    succeeded = (login & (outcome == "success")).fill_null(False) | (opened & outcome.is_null()).fill_null(
        False
    )
    told = facts.fields.select(succeeded).to_series()
    accepted = told.to_numpy() & ~is_undone(facts.deed)
    rule = np.where(accepted, rule_numbers(ruleset)["behaviour.login"], NOBODY).astype(np.int64)
    told_by = np.where(
        is_there(facts.fields["event.outcome"]), PLACES["event.outcome"], PLACES["event.action"]
    )
    field = np.where(accepted, told_by, NOBODY).astype(np.int64)
    start, end = spans_of(facts, field)
    return Stage(rule, field, start, end, outranks=accepted, overrules=True)


def _moves(facts: Facts, failed: Flags, actor: Flags) -> tuple[Move, ...]:
    mighty = failed & _mighty(facts)
    return (
        Move("actor.known", "it is known who tried", (failed & actor).astype(np.int64)),
        Move("target.mighty", "it concerns root or an administrator", mighty.astype(np.int64)),
    )


def _is_beside(facts: Facts, words: pl.Series) -> Flags:
    """Failed logins that another line of the same attempt tells, as the format or the kind of record has it."""
    told = (pl.col("event.category") == "authentication") & (pl.col("event.type") == "info")
    return facts.fields.select((told | words.str.contains(BESIDE)).fill_null(False)).to_series().to_numpy()


def _is_written(facts: Facts, name: str, rows: Flags) -> Flags:
    """Whether the field's value stands in the line, asked of `rows`; where it does not, a statement of a format meant it."""
    places = np.flatnonzero(rows)
    found = np.zeros(len(facts), np.bool_)
    written = find_each(take(facts.raw, places), take(facts.fields[name], places))
    found[places] = written.is_not_null().to_numpy()
    return found


def _is_sentence(facts: Facts) -> Flags:
    """Whether the message is no record of keys: then all of it is what was meant."""
    return ~facts.shapes.contains(r"^\s*[\[{<]").to_numpy()


def _told_by_fields(facts: Facts) -> Flags:
    """Authentication with the outcome failure, as the fields have it, or a service's record does."""
    failed = pl.Series(is_signed(facts.deed, "failed"))
    category, action = pl.col("event.category"), pl.col("event.action")
    login = (category == "authentication") | action.str.contains(_LOGIN)
    told = (login & ((pl.col("event.outcome") == "failure") | failed)).fill_null(False)
    return facts.fields.select(told).to_series().to_numpy()


def _refused(facts: Facts) -> Flags:
    """Requests that a server answers with 401 though somebody gave a name, or sent something to where one logs in; without
    either it only asks for it."""
    sent = (pl.col("http.request.method") == "POST") & pl.col("url.path").str.contains(LOGIN_PATH)
    asked = pl.col("http.request.method").is_not_null() & pl.col("user.name").is_not_null() | sent
    refused = (pl.col("http.response.status_code") == _UNAUTHORIZED) & asked
    plain = ~facts.raw.str.starts_with("{")
    return facts.fields.select(refused.fill_null(False) & plain).to_series().to_numpy()


def _failed_switches(facts: Facts, rows: Flags) -> pl.Series:
    """What a program says first that did not let somebody become somebody else."""
    switches = facts.fields["process.name"].str.contains(SWITCHES).fill_null(False).to_numpy()
    return facts.shapes.extract(pl.Series(rows & switches), f"({SWITCH_FAILED})")


def _numbered(ruleset: Ruleset, fields: pl.DataFrame) -> Ints:
    """What Windows' numbers say that somebody did."""
    told = name_windows_events(fields)
    return numbers_of(ruleset, told.set(~told.str.starts_with("behaviour.").fill_null(True), None))


def _changes(ruleset: Ruleset, facts: Facts) -> Ints:
    """What was changed, by the sender's name for the event; an attempt that failed changed nothing."""
    undone = (pl.col("event.outcome") == "failure").fill_null(False) | pl.Series(is_undone(facts.deed))
    # an event of Windows is what its number says: the name for it is the format's own
    undone |= pl.col("winlog.channel").is_not_null() & pl.col("event.code").is_not_null()
    # where a service that nobody knows names it, and what it concerns, under other keys
    told = facts.deed.str.extract(r"^any\t([^\t]+)\t", 1).alias("told")
    names = facts.fields.select(
        pl.when(~undone).then("event.action"), pl.when(~undone).then(told).alias("told")
    )
    changed = pl.select(
        pl.coalesce(name_changes(names["told"]), name_changes(names["event.action"]))
    ).to_series()
    # whoever got a role that may not do much got no rights that anybody need know of
    mighty = is_signed(facts.deed, "(?:admin|off|public)")
    meek = pl.Series(is_signed(facts.deed, "(?:meek|lowered)") & ~mighty)
    of_roles = pl.concat_str(names["event.action"], names["told"], separator=" ", ignore_nulls=True)
    meek &= pl.select(of_roles.str.contains(_OF_ROLES)).to_series()
    # what protects more now than before is no alert, whichever way its name would be read
    changed = changed.set(pl.Series(is_signed(facts.deed, "stricter") & ~mighty), None)
    return numbers_of(
        ruleset, changed.set((changed == RIGHTS_CHANGED).fill_null(False) & meek, ACCOUNT_CHANGED)
    )


def _before_login(facts: Facts) -> Flags:
    """Lines in which a daemon says that nobody has logged in yet: whoever it was stands in the lines beside."""
    return facts.shapes.contains("[preauth]", literal=True).to_numpy()


def _in_pam(facts: Facts) -> Flags:
    return facts.shapes.contains("pam_", literal=True).to_numpy()


def _mighty(facts: Facts) -> Flags:
    user = facts.fields["user.name"].str.to_lowercase()
    return user.is_in(_MIGHTY).fill_null(False).to_numpy()


def _failed_logins(facts: Facts, asked: pl.Series) -> tuple[pl.Series, pl.Series]:
    """`find_failed_logins` of what is left as the message. Of a record of pairs its keys are none of it: what it calls the
    event is, and why; of a request nothing is: its address is not what the server says."""
    text = facts.shapes.text
    audited = text.str.starts_with("type=USER_")  # who failed stands in pairs there, whatever they are called
    pairs = ~audited & (
        text.str.starts_with("{")
        | (text.str.count_matches("=", literal=True) >= 8)
        | text.str.contains("CEF:", literal=True)
    )
    requests = facts.fields["http.request.method"].is_not_null() & ~_tells_of_itself(facts)
    is_pairs = facts.shapes.spread(pairs)
    words, denied = find_failed_logins(facts.shapes, asked & ~is_pairs & ~requests)
    named = pl.any_horizontal(pl.col(name).is_not_null() for name in _NAMES)
    told = facts.fields.select(named).to_series()
    rows = (asked & ~requests & (is_pairs | told) & words.is_null() & ~denied).arg_true()
    if not len(rows):
        return words, denied
    names, code = number_distinct(take(_record_statements(facts, asked & is_pairs), rows))
    its_words, its_denied = find_failed_login(names, pl.Series([True]).new_from_index(0, len(names)))
    return words.scatter(rows, take(its_words, code)), denied.scatter(rows, take(its_denied, code))


def _tells_of_itself(facts: Facts) -> pl.Series:
    """Records that have a message of their own, which is not the request that they tell of."""
    body, text = facts.shapes.text, facts.shapes
    own = text.spread(~body.str.starts_with("{") & ~body.str.contains(r"HTTP/\d"))
    return own & facts.raw.str.starts_with("{")


def _record_statements(facts: Facts, pairs: pl.Series) -> pl.Series:
    """What records say in words: what they call the event and why; of records of pairs (a mask) what they call their message, and
    values that are names of a failed login."""
    message, value = (facts.shapes.extract(pairs, *some) for some in (RECORD_MESSAGE, (RECORD_VALUE,)))
    told = pl.concat_str(*_NAMES, separator=" ", ignore_nulls=True)
    statements = facts.fields.with_columns(message.alias("told.message"), value.alias("told.value"))
    return statements.select(
        pl.concat_str(told, "told.message", "told.value", separator=" ; ", ignore_nulls=True)
    ).to_series()
