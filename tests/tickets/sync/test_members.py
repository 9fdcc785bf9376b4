"""Labels, components and watchers from both sides: what one side added or took out is so on the other, and nobody's are lost."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlmodel import select

from soc.domain.acts import Ending
from soc.errors import ConfigurationError
from soc.sandbox.jira import catalogue
from soc.store.db import read_session, write_session
from soc.store.nouns.installation.audit import AuditRow
from soc.store.nouns.tickets.ticket_conflicts import TicketConflictRow
from soc.tickets.acts import Asked, Outcome, change_members
from soc.tickets.acts.members import Field, Members, members_of_ticket
from soc.tickets.sync import poll
from tests.rows import add_person
from tests.tickets.both_sides import ANA, BothSides


def _change(field: Field, add: Sequence[str] = (), remove: Sequence[str] = (), *, key: str = "k") -> Outcome:
    with write_session() as session:
        return change_members(session, "inc-1", field, add, remove, Asked(ANA, key))


def _here(both: BothSides) -> Members:
    with read_session() as session:
        return members_of_ticket(session, both.ticket().id or 0, "jira")


def _read_again(both: BothSides) -> None:
    """Jira calls a watcher no change of the issue: one is seen when everything is read anew."""
    both.step(poll.READ_AGAIN.total_seconds())
    both.minute()
    both.settle()


def _watch(both: BothSides, user: catalogue.User, *, leave: bool = False) -> None:
    """Somebody there adds a person, or takes one out."""
    cloud = both.config.cloud
    name = user.account_id if cloud else user.name
    query = f"?{'accountId' if cloud else 'username'}={name}" if leave else ""
    both.ask("DELETE" if leave else "POST", f"issue/SOC-1/watchers{query}", "lead", None if leave else name)


def _roster(both: BothSides) -> None:
    with write_session() as session:
        for person, user in (("per-lee", catalogue.LEAD), ("per-kim", catalogue.ANALYST)):
            account = user.account_id if both.config.cloud else user.name
            add_person(session, person, jira_account=account, email=f"{person}@example.com")


def _there(both: BothSides) -> set[str]:
    return {catalogue.USERS[one].name for one in both.issue("SOC-1").watchers}


def test_who_watches_is_the_same_on_both_sides_whoever_added_or_took_out(both: BothSides) -> None:
    _roster(both)
    both.minute()
    _watch(both, catalogue.LEAD)
    _watch(both, catalogue.BOT)  # whom the roster does not know
    assert _change("watchers", ["per-kim@example.com"]).said == "Its watchers now: Kim."
    both.settle()
    assert _there(both) == {"lead", "analyst", "soc-bot"}
    _read_again(both)
    assert _here(both) == Members(_here(both).labels, (), tuple(sorted(_here(both).watchers)), others=1)
    assert set(_here(both).watchers) == {"per-kim", "per-lee"}
    _watch(both, catalogue.LEAD, leave=True)
    assert _change("watchers", remove=["per-kim"], key="k2").ending is Ending.DONE
    both.settle()
    _read_again(both)
    assert (_there(both), _here(both).watchers, _here(both).others) == ({"soc-bot"}, (), 1)
    with read_session() as session:
        assert not session.exec(select(TicketConflictRow)).all()
        told = [
            one.made_by for one in session.exec(select(AuditRow).where(AuditRow.action == "set watchers"))
        ]
    assert sorted(told) == [str(ANA), str(ANA), "vendor:jira@report", "vendor:jira@report"]


def test_labels_and_components_of_both_sides_meet_and_a_change_there_is_in_the_audit(
    cloud: BothSides,
) -> None:
    cloud.minute()
    _change("labels", ["phishing"])
    _change("components", ["Network"])
    cloud.ask("PUT", "issue/SOC-1", "lead", {"update": {"labels": [{"add": "vip"}], "components": [{"add": {"name": "Security"}}]}})  # fmt: skip
    cloud.settle()
    cloud.minute(2)
    cloud.settle()
    assert (
        {"phishing", "vip", "soc-automated"} <= set(_here(cloud).labels) == set(cloud.issue("SOC-1").labels)
    )
    assert _here(cloud).components == ("Network", "Security")
    assert _change("labels", ["phishing"], key="k2").ending is Ending.ALREADY
    with read_session() as session:
        asked = select(AuditRow).where(AuditRow.action == "set labels").order_by(AuditRow.seq)
        rows = session.exec(asked).all()
    assert [one.made_by.partition("@")[0] for one in rows] == [str(ANA).partition("@")[0], f"person:jira {catalogue.LEAD.account_id}"]  # fmt: skip


@pytest.mark.parametrize("status", [401, 403])
def test_a_jira_that_lets_nobody_change_who_watches_asks_a_person_and_stops_nothing(
    cloud: BothSides, status: int
) -> None:
    _roster(cloud)
    cloud.minute()
    _change("watchers", ["per-kim"])
    cloud.counted.refuse("POST", status, {})
    cloud.settle()
    with read_session() as session:
        (conflict,) = session.exec(select(TicketConflictRow)).all()
    assert conflict.field == "watchers"
    assert "Manage watcher list" in conflict.reason
    assert [one.reason for one in cloud.deliveries()] != ["auth"]


@pytest.mark.parametrize(
    ("field", "add", "remove"),
    [("labels", ["two words"], []), ("labels", ["soc-incident-x"], []), ("labels", [], ["soc-automated"]), ("labels", [], []),
     ("labels", ["a"], ["a"]), ("components", ["x" * 256], []), ("labels", [f"l{n}" for n in range(51)], [])],
)  # fmt: skip
def test_what_can_be_no_member_is_refused_in_words(
    cloud: BothSides, field: Field, add: list[str], remove: list[str]
) -> None:
    with pytest.raises(ConfigurationError) as refused:
        _change(field, add, remove)
    assert refused.value.hint


def test_a_person_without_an_account_there_cannot_watch_there(cloud: BothSides) -> None:
    with write_session() as session:
        add_person(session, "per-new")
    outcome = _change("watchers", ["per-new"])
    assert (outcome.ending, "no Jira account of New" in outcome.said) == (Ending.REFUSED, True)
