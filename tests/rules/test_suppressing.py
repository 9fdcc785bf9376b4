"""What nobody is told of for a while: by which conditions and until when, previewed on what is stored, kept in the account."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from soc import clock
from soc.batches.intake import keep_paste, submit_batch
from soc.batches.run import run_batch
from soc.configuration.save import save_configuration
from soc.domain.actor import AT_THE_SHELL
from soc.domain.audit import Subject, SubjectKind
from soc.domain.incident import Incident
from soc.domain.rule import HidingKind, Rule, Suppression
from soc.errors import ConfigurationError, NotFound
from soc.logs.layout import ReadOptions
from soc.rules.suppressing import add_suppression, end_suppression, find_hiding, preview_suppression
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.deliveries.deliveries import list_deliveries
from soc.store.nouns.incidents.incidents import IncidentFilter, get_incident, list_incidents, to_incident
from soc.store.nouns.installation.audit import list_of_subject
from soc.store.nouns.rules.rules import save_rule
from tests.rows import NIGHT, add_incident, add_person

NOW = clock.now()
LINE = "Jan 14 22:01:07 bastion sshd[811]: Failed password for root from 203.0.113.9 port 4711 ssh2\n"


def hide(**values: Any) -> Suppression:
    known = {"id": "new", "kind": HidingKind.SUPPRESSION, "reason": "Known.", "owner": "per-kim",
             "starts_at": NOW - timedelta(hours=1), "ends_at": NOW + timedelta(hours=1)}  # fmt: skip
    return Suppression(**{**known, **values})


@pytest.fixture(autouse=True)
def _store() -> None:
    migrate()
    with write_session() as session:
        add_person(session, "per-kim")
        add_person(session, "per-old", active=False)
        add_incident(session, "inc-1", entity="DB-7", source="postgres", rule_id="slow-query", eligible=True,
                     first_seen=NIGHT, last_seen=NIGHT)  # fmt: skip


def incident() -> Incident:
    with read_session() as session:
        return to_incident(get_incident(session, "inc-1"))


def test_every_condition_that_is_set_must_hold_and_only_a_star_is_more_than_itself() -> None:
    for conditions, hidden in (
        ({"entity": "db-*"}, True), ({"entity": "db-7", "source": "POSTGRES"}, True), ({"entity": "db-?"}, False),
        ({"entity": "[Dd]b-7"}, False), ({"entity": "db-*", "source": "mysql"}, False), ({"signature": "slow-query"}, True),
        ({"class_contains": "err"}, True), ({"class_contains": "security"}, False), ({}, False),
    ):  # fmt: skip
        assert hide(**conditions).hides(incident(), now=NOW) is hidden, conditions


def test_a_suppression_counts_by_now_and_a_maintenance_by_what_the_log_says() -> None:
    night = {"entity": "db-7", "starts_at": NIGHT, "ends_at": NIGHT + timedelta(hours=1)}
    assert not hide(**night).hides(incident(), now=NOW)
    assert hide(**night, kind=HidingKind.MAINTENANCE).hides(incident(), now=NOW)
    assert not hide(entity="db-7", kind=HidingKind.MAINTENANCE).hides(incident(), now=NOW)
    assert not hide(entity="db-7").hides(incident(), now=NOW + timedelta(hours=1))


def test_what_has_no_end_no_reason_no_owner_or_hides_everything_is_refused() -> None:
    for wrong, error in (
        ({"entity": "*"}, ConfigurationError), ({}, ConfigurationError), ({"entity": "x", "reason": " "}, ConfigurationError),
        ({"entity": "x", "owner": "per-none"}, NotFound), ({"entity": "x", "owner": "per-old"}, ConfigurationError),
        ({"entity": "x", "ends_at": NOW - timedelta(hours=2)}, ConfigurationError),
        ({"entity": "x", "ends_at": NOW + timedelta(days=91)}, ConfigurationError),
    ):  # fmt: skip
        with pytest.raises(error), write_session() as session:
            add_suppression(session, hide(**wrong), actor=AT_THE_SHELL)


def test_a_preview_counts_what_is_stored_and_an_end_is_an_end_and_each_is_in_the_audit() -> None:
    with read_session() as session:
        seen = preview_suppression(session, hide(entity="db-*"))
    assert seen.sentence == "Of the last 1 incidents it would have hidden 1, of which 1 met a rule."
    with write_session() as session:
        made = add_suppression(session, hide(entity="db-*"), actor=AT_THE_SHELL).id
    with read_session() as session:
        assert find_hiding(session, [incident()], now=NOW)["inc-1"].id == made
    for _ in range(2):
        with write_session() as session:
            end_suppression(session, made, actor=AT_THE_SHELL)
    with read_session() as session:
        assert find_hiding(session, [incident()], now=clock.now()) == {}
        entries = list_of_subject(session, Subject(SubjectKind.SUPPRESSION, made))
    assert sorted(one.action for one in entries) == ["add suppression", "end suppression"]


def test_a_batch_tells_nobody_of_what_is_hidden_and_says_why_in_its_account() -> None:
    save_configuration("webhook", {"url": "https://soc.example.com/hook"}, actor=AT_THE_SHELL)
    with write_session() as session:
        save_rule(session, Rule(id="all", name="All", min_score=1), actor=AT_THE_SHELL)
        add_suppression(session, hide(entity="203.0.113.9", reason="Our own scanner."), actor=AT_THE_SHELL)
    batch = submit_batch([(keep_paste(LINE * 3), ReadOptions())], idempotency_key="n", actor=AT_THE_SHELL)
    run_batch(batch)
    with read_session() as session:
        (found,) = list_incidents(session, IncidentFilter(batch_id=batch))
        told = list_deliveries(session, incident_id=found.id)
    assert found.eligible
    assert {one.state for one in told} == {"suppressed"}
    assert all("Our own scanner." in one.reason for one in told)
