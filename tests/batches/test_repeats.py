"""What is known already: the same place of the same content, the same story of an actor, and how far apart in time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from soc.batches.again.joined import find_joinings, keep_joined
from soc.batches.again.repeats import find_repeats
from soc.batches.again.stories import GAP, Fresh, count_fresh, find_stories
from soc.domain.classification import Classification
from soc.domain.incident import Incident, Sample
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.batches.batches import BatchFileRow, get_batch
from soc.store.nouns.incidents.incidents import get_incident
from soc.tickets.joining import Joining, Way
from tests.lines import write_lines
from tests.rows import NIGHT, add_batch, add_incident, add_ticket

MOMENT = timedelta(microseconds=1)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _store() -> None:
    migrate()


def batch(batch_id: str, *files: tuple[str, str], **values: Any) -> None:
    """A batch with these files: name and hash."""
    with write_session() as session:
        add_batch(session, batch_id, **values)
        for position, (name, sha256) in enumerate(files):
            session.add(
                BatchFileRow(
                    batch_id=batch_id, position=position, name=name, path=name, size=1, sha256=sha256
                )
            )


def known(incident_id: str, batch_id: str, **values: Any) -> None:
    with write_session() as session:
        add_incident(session, incident_id, batch_id=batch_id, **values)


def at(file: str, offset: int) -> list[dict[str, Any]]:
    return [{"file": file, "offset": offset, "line_no": 1, "text": "x"}]


def found(incident_id: str = "new", *places: tuple[str, int], score: int = 9, **values: Any) -> Incident:
    samples = tuple(Sample(file=file, offset=offset, line_no=1, text="x") for file, offset in places)
    known = {"count": 1, "first_seen": None, "last_seen": None, "fingerprint": "", **values}
    return Incident(
        id=incident_id, batch_id="new", title="Odd", source="s", classification=Classification.SECURITY_ALERT, score=score,
        confidence=0.9, rule_id="r", template_id="t", template="odd", entity="", message="odd", reasons=(),
        samples=samples, **known,
    )  # fmt: skip


def repeats(*incidents: Incident) -> dict[str, str]:
    with read_session() as session:
        return find_repeats(session, "new", incidents)


def test_an_incident_repeats_the_one_whose_first_line_lies_at_the_same_place_of_the_same_content() -> None:
    batch("old", ("yesterday.log", "aa"), ("other.log", "bb"))
    known("inc-a", "old", samples=at("yesterday.log", 0) + at("other.log", 70))
    known("inc-b", "old", samples=at("other.log", 70))
    known("inc-c", "old", samples=[])
    batch("new", ("today.log", "aa"), ("more.log", "bb"), ("fresh.log", "cc"))
    same = found("a", ("today.log", 0), ("fresh.log", 0))
    assert repeats(
        same, found("b", ("more.log", 70)), found("c", ("today.log", 70)), found("d", ("more.log", 0)),
        found("e", ("fresh.log", 0)), found("f"), found("g", ("unknown.log", 0)),
    ) == {"a": "inc-a", "b": "inc-b"}  # fmt: skip


def test_of_several_the_newest_that_was_not_joined_itself_counts_and_its_own_batch_never_does() -> None:
    for number, joined in (("1", ""), ("2", ""), ("3", "inc-1")):
        batch(f"old-{number}", ("a.log", "aa"))
        known(f"inc-{number}", f"old-{number}", samples=at("a.log", 5), joined_to=joined)
    batch("new", ("a.log", "aa"))
    known("inc-new", "new", samples=at("a.log", 9))
    assert repeats(found("a", ("a.log", 5)), found("b", ("a.log", 9))) == {"a": "inc-2"}


def test_a_name_that_stands_for_two_contents_or_for_none_tells_nothing() -> None:
    batch("old", ("a.log", "aa"), ("b.log", ""))
    known("inc-a", "old", samples=at("a.log", 0))
    known("inc-b", "old", samples=at("b.log", 0))
    batch(
        "new",
        ("a.log", "aa"),
        ("a.log", "bb"),
        ("a.log", "aa"),
        ("b.log", ""),
        ("c.log", "aa"),
        ("c.log", "aa"),
    )
    assert repeats(found("a", ("a.log", 0)), found("b", ("b.log", 0))) == {}
    assert repeats(found("c", ("c.log", 0))) == {"c": "inc-a"}  # the same twice is one content


def stories(now: datetime, *incidents: Incident) -> dict[str, str]:
    with read_session() as session:
        return find_stories(session, "new", incidents, now=now)


def test_a_story_goes_on_while_no_more_than_a_day_lies_between_on_either_side() -> None:
    batch("old")
    known("inc-1", "old", fingerprint="f", first_seen=NIGHT, last_seen=NIGHT + HOUR)
    end = NIGHT + HOUR
    for first, last, goes_on in (
        (end + GAP, end + GAP + HOUR, True),
        (end + GAP + MOMENT, end + GAP + HOUR, False),
        (NIGHT - 2 * GAP, NIGHT - GAP, True),  # an older file that comes later
        (NIGHT - 2 * GAP, NIGHT - GAP - MOMENT, False),
        (NIGHT - 9 * GAP, NIGHT + 9 * GAP, True),
    ):
        one = found(fingerprint="f", first_seen=first, last_seen=last)
        assert stories(NIGHT, one) == ({"new": "inc-1"} if goes_on else {}), first
    assert stories(NIGHT, found(fingerprint="g", first_seen=NIGHT, last_seen=NIGHT)) == {}
    assert stories(NIGHT, found(first_seen=NIGHT, last_seen=NIGHT)) == {}


def test_of_logs_without_times_the_moment_at_which_each_was_found_counts_and_times_never_meet_none() -> None:
    batch("old")
    known("inc-1", "old", fingerprint="f")
    timeless = found(fingerprint="f")
    for later in (timedelta(0), HOUR, GAP):
        assert stories(NIGHT + later, timeless) == {"new": "inc-1"}
    assert stories(NIGHT + GAP + MOMENT, timeless) == {}
    assert stories(NIGHT, found(fingerprint="f", first_seen=NIGHT, last_seen=NIGHT)) == {}
    known("inc-2", "old", fingerprint="g", first_seen=NIGHT, last_seen=NIGHT)
    assert stories(NIGHT, found(fingerprint="g")) == {}


def test_of_several_stories_the_latest_that_goes_on_counts() -> None:
    batch("old")
    for number, hours in ((1, 0), (2, 2), (3, 50)):
        seen = NIGHT + hours * HOUR
        known(f"inc-{number}", "old", fingerprint="f", first_seen=seen, last_seen=seen, created_at=seen)
    assert stories(NIGHT, found(fingerprint="f", first_seen=NIGHT, last_seen=NIGHT)) == {"new": "inc-2"}


def test_only_lines_that_no_earlier_batch_had_are_fresh_and_all_are_where_the_earlier_ones_are_gone() -> None:
    for batch_id, lines in (("old", ["203.0.113.1"] * 3), ("new", ["203.0.113.1"] * 5)):
        batch(batch_id)
        write_lines("inc-old" if batch_id == "old" else "new", lines, batch_id)
    known("inc-old", "old", fingerprint="f", first_seen=NIGHT, last_seen=NIGHT)
    batch("gone")
    known("inc-gone", "gone", fingerprint="g", first_seen=NIGHT, last_seen=NIGHT)
    one = found(fingerprint="f", first_seen=NIGHT, last_seen=NIGHT)
    assert count_fresh("new", [one], now=NIGHT) == {"new": Fresh("inc-old", 2, whole=True)}
    other = found(fingerprint="g", first_seen=NIGHT, last_seen=NIGHT)
    assert count_fresh("new", [other], now=NIGHT) == {"new": Fresh("inc-gone", 5)}
    assert count_fresh("new", [found()], now=NIGHT) == {}


def test_what_nobody_has_to_be_told_of_stands_at_what_it_repeats_and_a_batch_read_as_new_repeats_nothing() -> (
    None
):
    batch("old", ("a.log", "aa"))
    known("inc-1", "old", samples=at("a.log", 0))
    batch("new", ("a.log", "aa"))
    batch("anew", ("a.log", "aa"), as_new=True)
    with write_session() as session:
        add_ticket(session, incident_id="inc-1")
        once = [found("a", ("a.log", 0))]
        assert find_joinings(session, get_batch(session, "anew"), once, now=NIGHT) == {}
        joinings = find_joinings(session, get_batch(session, "new"), once, now=NIGHT)
        assert (joinings["a"].known, joinings["a"].way, joinings["a"].ticket) == (
            "inc-1",
            Way.JOINED,
            "SOC-1",
        )
        for one in "abcde":
            add_incident(session, one, batch_id="new")

        def way(told: bool, joins: bool = True) -> Joining:
            channels = frozenset({"jira"}) if told else frozenset[str]()
            return Joining(Way.JOINED if joins else Way.FOLLOWS, "inc-1", "SOC-1", channels, "said")

        some = {"a": way(True), "b": way(False), "c": way(False), "d": way(True, joins=False)}
        kept = keep_joined(session, some, eligible={"a", "b", "d"}, telling=True, now=NIGHT)
        assert dict(kept) == {"a": "inc-1", "c": "inc-1"}
        assert dict(keep_joined(session, {"b": way(False)}, eligible={"b"}, telling=False, now=NIGHT)) == {
            "b": "inc-1"
        }
        assert [get_incident(session, one).joined_to for one in "abcde"] == [
            "inc-1",
            "inc-1",
            "inc-1",
            "",
            "",
        ]


def test_the_same_content_again_joins_the_story_that_somebody_split_and_not_the_part_that_took_its_first_line() -> (
    None
):
    batch("old", ("a.log", "aa"))
    known("inc-1", "old", samples=at("a.log", 99), fingerprint="f", first_seen=NIGHT, last_seen=NIGHT)
    known("inc-part", "old", samples=at("a.log", 0), first_seen=NIGHT, last_seen=NIGHT)
    batch("new", ("a.log", "aa"))
    again = found("new", ("a.log", 0), fingerprint="f", first_seen=NIGHT, last_seen=NIGHT)
    with write_session() as session:
        joinings = find_joinings(session, get_batch(session, "new"), [again], now=NIGHT)
    assert joinings["new"].known == "inc-1"
