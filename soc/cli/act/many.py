"""The same act on many incidents from the shell, and its undoing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from soc.batches.reading.lines import read_cut, read_values
from soc.cli.act.acting import one_of
from soc.cli.endings import Ending as Code
from soc.cli.say import end, give, note, open_store, result
from soc.domain.actor import AT_THE_SHELL
from soc.domain.acts import ActKind, Ending, Verdict
from soc.domain.event import Selection
from soc.domain.incident import IncidentStatus
from soc.domain.severity import Priority
from soc.errors import ConfigurationError
from soc.ids import new_id
from soc.store.db import read_session
from soc.store.nouns.tickets.tickets import find_ticket
from soc.tickets import acts
from soc.tickets.acts import Asked, Outcome, bulk
from soc.tickets.acts.bulk import Wish
from soc.tickets.acts.splitting import do_split, preview_split
from soc.tickets.acts.undoing import UNDO_AT_A_SHELL


def act_on_many(
    act: str,
    which: Sequence[str],
    *,
    owner: str,
    status: str,
    priority: str,
    verdict: str,
    note: str,
    duplicate_of: str,
    preview: bool,
    key: str,
) -> None:
    """Raises NotFound for what there is not: then nothing is done."""
    wish = Wish(
        one_of(ActKind, act),
        owner=owner,
        status=one_of(IncidentStatus, status) if status else None,
        priority=one_of(Priority, priority) if priority else None,
        verdict=one_of(Verdict, verdict) if verdict else None,
        note=note,
        duplicate_of=duplicate_of,
    )
    open_store()
    with read_session() as session:
        ids = [acts.find_incident(session, one) for one in which]
    if preview:
        _tell(bulk.preview(ids, wish, actor=AT_THE_SHELL))
        return
    done = bulk.do_many(ids, wish, Asked(AT_THE_SHELL, f"shell:{key or new_id('ask')}"))
    _tell(done.outcomes, done.group, back="a minute")


def merge(which: str, others: Sequence[str], *, preview: bool, key: str) -> None:
    """Raises NotFound for what there is not: then nothing is done."""
    open_store()
    with read_session() as session:
        into, ids = acts.find_incident(session, which), [acts.find_incident(session, one) for one in others]
    if preview:
        _tell(bulk.preview_merge(into, ids, actor=AT_THE_SHELL))
        return
    done = bulk.do_merge(into, ids, Asked(AT_THE_SHELL, f"shell:{key or new_id('ask')}"))
    _tell(done.outcomes, done.group, back="a minute")


def split(
    which: str, where: Sequence[str], *, since: str, until: str, title: str, preview: bool, key: str
) -> None:
    """Raises NotFound, ConfigurationError for what chooses no lines: then nothing is done."""
    selection = Selection(_fields(where), _moment("--since", since), _moment("--until", until))
    open_store()
    with read_session() as session:
        incident_id = acts.find_incident(session, which)
    cut = read_cut(incident_id, selection)
    if preview:
        _tell(preview_split(cut, actor=AT_THE_SHELL, title=title))
        return
    done = do_split(cut, Asked(AT_THE_SHELL, f"shell:{key or new_id('ask')}"), title=title)
    _tell(done.outcomes, done.group, back="ten seconds")


def print_values(which: str, field: str) -> None:
    """A line a value: how many of its lines have it. Raises NotFound, ConfigurationError."""
    open_store()
    with read_session() as session:
        incident_id = acts.find_incident(session, which)
    found = read_values(incident_id, field)
    for value, lines in found:
        result(f"{lines:9,}  {value}")
    if not found:
        note(f"None of its lines has a value in {field}.")
    give({"field": field, "items": [{"value": value, "lines": lines} for value, lines in found]})


def _fields(where: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """By field: each value that was named. Raises ConfigurationError."""
    fields: dict[str, tuple[str, ...]] = {}
    for one in where:
        name, sign, value = one.partition("=")
        if not sign:
            raise ConfigurationError(f"{one!r} names no value.", hint="--where FIELD=VALUE")
        fields[name.strip()] = (*fields.get(name.strip(), ()), value)
    return fields


def _moment(option: str, text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(f"{option} is no time.", hint="Such as 2026-01-14T22:00:00Z.") from None
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)


def undo(group: str) -> None:
    open_store()
    _tell(bulk.undo(group, actor=AT_THE_SHELL, within=UNDO_AT_A_SHELL), group)


def _tell(outcomes: Sequence[Outcome], group: str = "", *, back: str = "") -> None:
    """Each outcome as what it is; `back`: how long there is a way back. Ends with REFUSED where nothing was done to any."""
    done = sum(one.ending is Ending.DONE for one in outcomes)
    with read_session() as session:
        tickets = [find_ticket(session, one.incident_id) for one in outcomes]
    for one, ticket in zip(outcomes, tickets, strict=True):
        key = f"  {ticket.key}" if ticket is not None else ""
        result(f"{one.ending.value:8} {one.incident_id}{key}  {one.said}")
    if back:
        note(f"{done:,} done as {group}; `soc incident undo {group}` takes it back within {back}.")
    give(
        {
            "group": group,
            "done": done,
            "items": [
                {"incident_id": one.incident_id, "outcome": one.ending.value, "said": one.said, "by": one.by}
                for one in outcomes
            ],
        }
    )
    if not done:
        end(Code.REFUSED, "Nothing was done.")
