"""Incidents as lists choose them, as they grow from batch to batch, and as they are known again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlmodel import Session

from soc.domain.actor import AT_A_PAGE, Actor
from soc.domain.classification import Classification
from soc.domain.incident import Entity, Incident, Origin, Sample, Step
from soc.store.nouns.batches.batches import API_BATCHES, BatchFileRow, get_batch
from soc.store.nouns.combined.repeats import (
    list_batches_of_content,
    list_joined_to,
    list_of_fingerprints,
    list_places,
    tickets_of,
    told_of,
)
from soc.store.nouns.combined.waiting import await_release, count_awaiting, list_awaiting, lock_awaiting
from soc.store.nouns.incidents.incident_counts import count_by_severity
from soc.store.nouns.incidents.incident_writing import grow_incident, join_incidents, keep_asked
from soc.store.nouns.incidents.incidents import (
    IncidentFilter,
    IncidentRow,
    count_incidents,
    get_incident,
    list_incidents,
    page_incidents,
    to_incident,
    walk_incidents,
)
from soc.store.nouns.rules.rules import ScoreCount, count_newest, list_newest
from tests.rows import NIGHT, add_batch, add_delivery, add_incident, add_ticket

MINUTE, TICK = timedelta(minutes=1), timedelta(microseconds=1)
KEY = Actor.key("key-1")


def _incident(incident_id: str = "inc-1", **values: Any) -> Incident:
    known = {
        "batch_id": "b", "title": "Failed logins", "source": "s", "classification": Classification.SECURITY_ALERT, "score": 5,
        "confidence": 0.5, "rule_id": "r", "template_id": "t", "template": "t", "entity": "", "count": 1, "first_seen": NIGHT,
        "last_seen": NIGHT + MINUTE, "message": "m", "reasons": (), "samples": (), **values,
    }  # fmt: skip
    return Incident(id=incident_id, **known)


def _step(title: str) -> Step:
    return Step(
        title=title, classification=Classification.ERROR, score=3, count=1, first=None, last=None, rule="r"
    )


def test_a_list_of_incidents_shows_what_is_asked_for_and_nothing_else(session: Session) -> None:
    add_batch(session, "other")
    for name, values in {
        "A": {},
        "B": {"batch_id": "other", "score": 5},
        "C": {"classification": "Warning", "status": "closed", "verdict": "duplicate"},
        "D": {"eligible": True, "created_at": NIGHT + MINUTE},
        "E": {"awaiting_release": True, "owner": "per-kim"},
        "F": {"entity": "10.0.0.1", "owner": "per-lea", "message": "100% of C:\\x_y"},
        "G": {"status": "resolved", "source": "fire_wall"},
    }.items():
        add_incident(session, name, **values)
    for expected, chosen in (
        ("ABCDEFG", {}),
        ("B", {"batch_id": "other"}),
        ("B", {"severities": ("medium", "low")}),
        ("C", {"classifications": ("Warning",)}),
        ("CG", {"statuses": ("closed", "resolved")}),
        ("D", {"eligible": True}),
        ("ABCEFG", {"eligible": False}),
        ("E", {"awaiting_release": True}),
        ("ABCDFG", {"awaiting_release": False}),
        ("D", {"since": NIGHT + MINUTE}),
        ("ABCEFG", {"until": NIGHT + MINUTE}),
        ("EF", {"owners": ("per-kim", "per-lea")}),
        ("ABCDG", {"owners": ("",)}),
        ("G", {"unjudged": True}),
        ("F", {"entity": "10.0.0.1"}),
        ("F", {"text": "c:\\X_"}),
        ("F", {"text": "100%"}),
        ("G", {"text": "e_w"}),
        ("", {"text": "x%y"}),
    ):
        wanted = IncidentFilter(**chosen)
        rows = list_incidents(session, wanted)
        assert {row.id for row in rows} == set(expected), chosen
        assert [row.id for row in walk_incidents(session, wanted)] == [row.id for row in rows]
        assert page_incidents(session, wanted).total == count_incidents(session, wanted) == len(expected)
    assert [row.id for row in walk_incidents(session, IncidentFilter())] == list("DGFECAB")
    assert count_by_severity(session, batch_id="b") == {"critical": 6}
    assert count_by_severity(session, batch_id="none") == {}


def test_a_story_that_goes_on_has_more_lines_steps_and_people_and_a_longer_time(session: Session) -> None:
    who = Entity(type="user", value="mia")
    add_incident(
        session, count=3, first_seen=NIGHT, last_seen=NIGHT, title="Old", score=5, reasons=[{"old": 1}]
    )
    row = get_incident(session, "inc-1")
    more = _incident(first_seen=NIGHT - MINUTE, entities=(who,), steps=(_step("one"),), title="New")
    grow_incident(session, "inc-1", more, lines=4, whole=False)
    assert (row.count, row.first_seen, row.last_seen) == (7, NIGHT - MINUTE, NIGHT + MINUTE)
    assert (row.title, row.score, row.reasons, row.message) == ("Old", 5, [{"old": 1}], "m")
    again = _incident(first_seen=NIGHT, last_seen=NIGHT, entities=(who,), steps=(_step("one"), _step("two")))
    grow_incident(session, "inc-1", again, lines=0, whole=False)
    assert (row.first_seen, row.last_seen) == (NIGHT - MINUTE, NIGHT + MINUTE)
    assert [step["title"] for step in row.steps] == ["one", "two"]
    assert row.entities == [who.model_dump()]
    timeless = _incident(first_seen=None, last_seen=None, title="All of it", steps=(_step("whole"),))
    grow_incident(session, "inc-1", timeless, lines=1, whole=True)
    assert (row.first_seen, row.last_seen) == (NIGHT - MINUTE, NIGHT + MINUTE)
    assert (row.title, [step["title"] for step in row.steps], row.count) == ("All of it", ["whole"], 8)


def test_a_story_that_becomes_graver_is_judged_and_named_as_what_made_it_so(session: Session) -> None:
    add_incident(session, score=5, rule_id="old", first_seen=None, last_seen=None)
    sample = Sample(file="f", line_no=1, offset=0, text="line")
    grave = _incident(
        score=9, confidence=0.8, rule_id="new", title="Broken in", message="root", samples=(sample,)
    )
    row = get_incident(session, "inc-1")
    grow_incident(session, "inc-1", grave, lines=1, whole=False)
    assert (row.score, row.severity, row.confidence, row.rule_id) == (9, "critical", 0.8, "new")
    assert (row.classification, row.title, row.message) == (grave.classification.value, "Broken in", "root")
    assert (row.samples, row.reasons) == ([sample.model_dump()], [])
    assert (row.first_seen, row.last_seen) == (NIGHT, NIGHT + MINUTE)
    many = tuple(_step(str(number)) for number in range(80))
    people = tuple(Entity(type="user", value=str(number)) for number in range(1_100))
    grow_incident(session, "inc-1", _incident(steps=many, entities=people), lines=1, whole=False)
    assert (len(row.steps), len(row.entities), row.score) == (60, 1_000, 9)


def test_what_a_call_tells_anew_of_its_own_incident_is_taken_and_of_a_log_s_is_not(session: Session) -> None:
    told = _incident("inc-api", origin=Origin.API, batch_id="")
    row = keep_asked(session, told, practice=False, actor=KEY, now=NIGHT)
    assert (row.batch_id, row.created_at, row.changed_by, row.eligible) == (
        API_BATCHES[False],
        NIGHT,
        "",
        False,
    )
    batch = get_batch(session, API_BATCHES[False])
    assert (batch.state, batch.practice, batch.made_by, batch.finished_at) == (
        "finished",
        False,
        str(KEY),
        NIGHT,
    )
    again = keep_asked(session, told, practice=False, actor=AT_A_PAGE, now=NIGHT)
    assert (again is row, row.changed_by) == (True, "")
    for field, value in {"title": "T", "source": "S", "message": "M", "score": 9}.items():
        row.changed_by = ""
        told = told.model_copy(update={field: value})
        keep_asked(session, told, practice=False, actor=AT_A_PAGE, now=NIGHT)
        assert (getattr(row, field), row.changed_by) == (value, str(AT_A_PAGE))
    assert row.severity == "critical"
    practice = keep_asked(session, _incident("inc-p", origin=Origin.API), practice=True, actor=KEY, now=NIGHT)
    assert (practice.batch_id, get_batch(session, practice.batch_id).practice) == (API_BATCHES[True], True)
    add_incident(session, "inc-log", title="As found")
    kept = keep_asked(session, _incident("inc-log", title="Told"), practice=False, actor=KEY, now=NIGHT)
    assert (kept.title, kept.changed_by) == ("As found", "")


def test_what_is_another_again_is_over_and_its_duplicate(session: Session) -> None:
    for name in ("old", "new", "other"):
        add_incident(session, name)
    join_incidents(session, {"new": "old"}, now=NIGHT)
    session.expire_all()
    row = get_incident(session, "new")
    assert (row.joined_to, row.status, row.verdict, row.duplicate_of) == ("old", "closed", "duplicate", "old")
    assert (row.closed_at, row.changed_by) == (NIGHT, str(Actor.system("joining")))
    assert {get_incident(session, name).joined_to for name in ("old", "other")} == {""}
    assert to_incident(row).id == "new"


def test_what_was_found_before_is_known_by_its_content_place_and_fingerprint(session: Session) -> None:
    for number, name in enumerate(("b3", "b1", "b2")):
        add_batch(session, name)
        session.add(
            BatchFileRow(batch_id=name, position=0, name="f", path=name, size=1, sha256=f"hash-{number % 2}")
        )
        session.add(BatchFileRow(batch_id=name, position=1, name="g", path=name, size=1, sha256="hash-9"))
        session.flush()
    assert list_batches_of_content(session, {"hash-0"}, beside="b1") == ["b3", "b2"]
    assert list_batches_of_content(session, {"hash-0", "hash-1", "hash-9"}, beside="b3") == ["b1", "b2"]
    mark: dict[str, Any] = {"fingerprint": "fp", "batch_id": "b1"}
    add_incident(session, "A", **mark, samples=[{"file": "f"}])
    add_incident(session, "B", **{**mark, "batch_id": "b2"}, created_at=NIGHT + MINUTE, joined_to="A")
    add_incident(session, "C", **{**mark, "batch_id": "b3"}, created_at=NIGHT + 2 * MINUTE)
    add_incident(session, "D", fingerprint="", batch_id="b3", joined_to="A", created_at=NIGHT + 3 * MINUTE)
    assert list(list_places(session, "b1")) == [("A", [{"file": "f"}])]
    assert list(list_places(session, "b2")) == []
    assert [row.id for row in list_of_fingerprints(session, {"fp", ""}, beside="b2")] == ["C", "A"]
    assert [row.id for row in list_of_fingerprints(session, {"fp"}, beside="b3")] == ["A"]
    assert list_joined_to(session, {"A", "C", "none"}) == {
        "A": [("A", "b1"), ("D", "b3"), ("B", "b2")], "C": [("C", "b3")],
    }  # fmt: skip


def test_of_each_incident_one_ticket_and_every_channel_that_tells_of_it(session: Session) -> None:
    add_ticket(session, "A1", incident_id="A", resolved_at=NIGHT)
    add_ticket(session, "A2", incident_id="A", integration="servicenow")
    add_ticket(session, "B1", incident_id="B", resolved_at=NIGHT)
    add_ticket(session, "B2", incident_id="B", resolved_at=NIGHT, integration="servicenow")
    assert {one: row.key for one, row in tickets_of(session, ["A", "B", "none"]).items()} == {
        "A": "A2",
        "B": "B1",
    }
    for number, (incident, kind, state) in enumerate(
        (
            ("A", "jira", "dead"),
            ("A", "slack", "pending"),
            ("A", "teams", "suppressed"),
            ("B", "jira", "cancelled"),
        )
    ):
        add_delivery(session, f"d{number}", incident_id=incident, integration=kind, state=state)
    assert told_of(session, ["A", "B"]) == {"A": {"jira", "slack"}}


def test_the_newest_incidents_are_counted_by_score_and_class_and_listed_by_them(session: Session) -> None:
    for number, (name, score, kind) in enumerate(
        (("A", 9, "Error"), ("B", 5, "Error"), ("C", 5, "Warning"), ("D", 9, "Error"))
    ):
        add_incident(
            session,
            name,
            score=score,
            classification=kind,
            title=f"t{name}",
            created_at=NIGHT + number * MINUTE,
        )
    assert set(count_newest(session, last=9)) == {
        ScoreCount(9, "Error", 2), ScoreCount(5, "Error", 1), ScoreCount(5, "Warning", 1),
    }  # fmt: skip
    assert set(count_newest(session, last=2)) == {ScoreCount(9, "Error", 1), ScoreCount(5, "Warning", 1)}
    kinds = [(9, "Error"), (5, "Warning")]
    assert list_newest(session, kinds, last=9, limit=9) == [("D", "tD"), ("C", "tC"), ("A", "tA")]
    assert list_newest(session, kinds, last=9, limit=1) == [("D", "tD")]
    assert list_newest(session, [(9, "Error")], last=3, limit=9) == [("D", "tD")]
    assert list_newest(session, [(9, "Warning")], last=9, limit=9) == []


def test_what_awaits_release_is_a_batch_s_own_and_listed_as_it_would_be_told(session: Session) -> None:
    add_batch(session, "other")
    for name, score, count in (("A", 5, 1), ("B", 9, 1), ("C", 9, 7), ("D", 9, 7)):
        add_incident(session, name, score=score, count=count)
    add_incident(session, "X", batch_id="other")
    await_release(session, {"A", "B", "C", "X"})
    assert (count_awaiting(session, "b"), count_awaiting(session, "other")) == (3, 1)
    assert [row.id for row in list_awaiting(session, "b")] == ["C", "B", "A"]
    assert [row.id for row in list_awaiting(session, "b", limit=1)] == ["C"]
    assert lock_awaiting(session, "b", None) == ["A", "B", "C"]
    assert lock_awaiting(session, "b", ["C", "D", "X", "A"]) == ["A", "C"]
    assert lock_awaiting(session, "b", []) == []
    assert not session.get_one(IncidentRow, "D").awaiting_release
