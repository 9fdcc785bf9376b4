"""Deliveries that come back: all of an integration, once for a keyed request, the forgotten ones, and what awaited release."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlmodel import Session, select

from soc import clock
from soc.access.once import KeyTaken, Once
from soc.configuration.save import save_configuration
from soc.delivery import queues, replay
from soc.delivery.ledger import Try
from soc.delivery.replay import preview_replay_all, release_forgotten, release_waiting, replay_all
from soc.domain.actor import AT_A_PAGE, Actor, Known
from soc.errors import NotFound
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.deliveries.attempts import AttemptRow
from soc.store.nouns.deliveries.deliveries import DeliveryRow, get_delivery
from soc.store.nouns.incidents.incidents import IncidentRow
from soc.store.nouns.installation.audit import AuditRow
from soc.store.nouns.vendors.health import pause
from tests.rows import NIGHT, add_delivery, add_incident, add_ticket

MIA = Actor.person("p-mia", Known.SHELL)
JIRA = {"base_url": "https://jira.example.com", "username": "a@b.c", "api_token": "a-token"}


@pytest.fixture
def jobs() -> Iterator[list[queues.Job]]:
    migrate()
    found: list[queues.Job] = []
    queues.open_queues(found.extend)
    yield found
    queues.close_queues()


def _states() -> dict[str, str]:
    with read_session() as session:
        return {row.id: row.state for row in session.exec(select(DeliveryRow))}


def _deeds(session: Session) -> list[tuple[str, str, str]]:
    return [
        (row.action, row.subject_id, row.made_by)
        for row in session.exec(select(AuditRow).order_by(AuditRow.seq))
    ]


def test_all_dead_ones_of_one_integration_are_tried_again_once_for_a_keyed_request(jobs: Any) -> None:
    with write_session() as session:
        for number, state in enumerate(("dead", "dead", "cancelled", "suppressed", "pending")):
            add_delivery(session, f"dlv-{number}", state=state, incident_id=None)
        add_delivery(session, "dlv-other", state="dead", integration="slack")
    once = Once("mine", MIA, ("replay", "jira"))
    assert replay_all("jira", actor=MIA, once=once) == 2
    assert [job.workflow_id for job in jobs] == ["deliver-dlv-0-2", "deliver-dlv-1-2"]
    with write_session() as session:
        get_delivery(session, "dlv-0").state = "dead"
    assert replay_all("jira", actor=MIA, once=once) == 2  # the first one's answer, and nothing done
    assert _states() == {
        "dlv-0": "dead", "dlv-1": "pending", "dlv-2": "cancelled", "dlv-3": "suppressed", "dlv-4": "pending",
        "dlv-other": "dead",
    }  # fmt: skip
    assert len(jobs) == 2
    with pytest.raises(KeyTaken):
        replay.replay(["dlv-other"], actor=MIA, once=Once("mine", MIA, ("replay", "slack")))
    with pytest.raises(NotFound):
        replay_all("dance", actor=MIA)
    with read_session() as session:
        assert _deeds(session) == [("replay", f"dlv-{number}", str(MIA)) for number in (0, 1)]


def test_what_trying_all_again_would_send_is_told_before_and_changes_nothing(jobs: Any) -> None:
    with write_session() as session:
        for number, (incident, status) in enumerate((("inc-over", "closed"), ("inc-open", "open"))):
            add_incident(session, incident, status=status)
            add_delivery(session, f"dlv-{number}", state="dead", incident_id=incident)
        add_delivery(session, "dlv-2", state="dead", action="comment_ticket")
        add_delivery(session, "dlv-3", state="delivered")
        add_delivery(session, "dlv-other", state="dead", integration="slack")
        for number, outcome in enumerate(("failed", "unknown")):
            session.add(
                AttemptRow(
                    delivery_id=f"dlv-{number}", number=1, kind="send", started_at=NIGHT, outcome=outcome
                )
            )
        pause(session, "jira", reason="The key is refused.", actor=MIA, now=NIGHT, probed=False)
    before, would = _states(), preview_replay_all("jira")
    assert ([row.id for row in would.rows], would.dead) == (["dlv-0", "dlv-1", "dlv-2"], 3)
    assert (would.messages(), would.looked_up, would.over) == (
        {"open_ticket": 2, "comment_ticket": 1},
        {"dlv-1"},
        1,
    )
    assert " ".join(would.words()) == (
        "Jira: 2 × open ticket, 1 × comment ticket. 1 may have arrived: looked up at the vendor before anything is sent. "
        "1 of incidents that are over by now. It is paused, so they will wait: The key is refused."
    )
    assert (_states(), jobs) == (before, [])
    assert replay_all("jira", actor=MIA) == 3
    assert _states()["dlv-1"] == "unknown"
    assert preview_replay_all("jira").words()[0] == "Jira: nothing was given up."


def test_a_thousand_at_most_are_tried_again_at_once_the_oldest_first(
    jobs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert replay.MOST_AT_ONCE == 1_000
    monkeypatch.setattr(replay, "MOST_AT_ONCE", 2)
    with write_session() as session:
        for number, age in enumerate((0, 2, 1)):
            add_delivery(session, f"dlv-{number}", state="dead", created_at=NIGHT.replace(hour=9 - age))
    assert replay_all("jira", actor=MIA) == 2
    assert _states() == {"dlv-0": "dead", "dlv-1": "pending", "dlv-2": "pending"}


def test_what_is_held_though_nothing_holds_it_any_more_goes_on_and_says_so(jobs: Any) -> None:
    save_configuration("jira", JIRA, actor=AT_A_PAGE)
    with write_session() as session:
        add_delivery(session, "dlv-1", state="retry", hint="Held.", try_number=4)
        add_delivery(session, "dlv-2", state="pending", integration="slack")  # it has no configuration
        add_delivery(session, "dlv-3", state="pending", next_try_at=NIGHT)
        pause(session, "jira", reason="401", actor=MIA, now=NIGHT, probed=False)
    assert release_forgotten() == []
    with write_session() as session:
        session.connection().exec_driver_sql("UPDATE integration_health SET paused = false")
    [one] = release_forgotten()
    assert one[:3] == ("deliver-jira", "dlv-1", 5)
    with read_session() as session:
        row, told = get_delivery(session, "dlv-1"), _deeds(session)[-1]
        assert (row.hint, row.next_try_at, row.armed_at) == ("", one.at, one.at)
        assert row.revived_by == told[2] == str(Actor.system("sweep", Known.SCHEDULE))
        assert told[:2] == ("release messages", "jira")
        changes = [one.after for one in session.exec(select(AuditRow)) if one.action == "release messages"]
    assert changes == [{"messages": 1}]
    assert release_forgotten() == []
    save_configuration("jira", {**JIRA, "enabled": False}, actor=AT_A_PAGE)
    with write_session() as session:
        get_delivery(session, "dlv-1").next_try_at = None
    assert release_forgotten() == []


def test_what_awaited_release_goes_unless_nobody_needs_it_any_more(jobs: Any) -> None:
    now = clock.now()
    with write_session() as session:
        for name, values in (("inc-1", {}), ("inc-2", {"status": "closed"}), ("inc-3", {}), ("inc-4", {})):
            add_incident(session, name, awaiting_release=True, **values)
        add_ticket(session, incident_id="inc-3")
        for name, number in (("inc-1", 1), ("inc-2", 2), ("inc-3", 3), ("inc-4", 4)):
            for action in ("open_ticket", "send_alert"):
                kind = "jira" if action == "open_ticket" else "slack"
                add_delivery(
                    session, f"{action}-{number}", integration=kind, action=action, state="awaiting", incident_id=name,
                    reason="too many", try_number=number,
                )  # fmt: skip
        tries = release_waiting(session, ["inc-1", "inc-2", "inc-3"], by=str(MIA), now=now)
    assert sorted(tries) == [
        Try("deliver-jira", "open_ticket-1", 1, now), Try("deliver-slack", "send_alert-1", 1, now),
        Try("deliver-slack", "send_alert-3", 3, now),
    ]  # fmt: skip
    assert _states() == {
        "open_ticket-1": "pending", "send_alert-1": "pending", "open_ticket-2": "cancelled", "send_alert-2": "cancelled",
        "open_ticket-3": "joined", "send_alert-3": "pending", "open_ticket-4": "awaiting", "send_alert-4": "awaiting",
    }  # fmt: skip
    with read_session() as session:
        row, over = get_delivery(session, "send_alert-1"), get_delivery(session, "send_alert-2")
        assert (row.reason, row.revived_by, row.next_try_at, row.armed_at, row.updated_at) == (
            "", str(MIA), now, now, now,
        )  # fmt: skip
        assert (over.reason, over.next_try_at) == ("Its incident was over before it was released.", None)
        waits = [one.awaiting_release for one in session.exec(select(IncidentRow))]
    assert sorted(waits) == [False, False, False, True]
