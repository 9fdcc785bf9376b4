"""What was heard is worked on: whose words it was, in which thread, under which form; and what each one is answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlmodel import select

from soc.delivery.ledger import Try
from soc.domain.actor import Actor
from soc.domain.acts import Heard, Wish
from soc.errors import FailureReason, PermanentDeliveryError, TransientDeliveryError
from soc.integrations.kit.inbound.interactive import Form
from soc.integrations.vendors.jira import JiraConfig, JiraConnector
from soc.integrations.vendors.slack import SlackConfig, SlackConnector
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.incidents.incidents import get_incident
from soc.store.nouns.incidents.investigation_notes import list_notes
from soc.store.nouns.installation.audit import AuditRow
from soc.store.nouns.people.people import get_person
from soc.store.nouns.vendors.interactions import InteractionRow, read_interaction
from soc.tickets.interactions import arming, forms, intake, persons, working
from soc.tickets.interactions.arming import arm_lost_interactions
from soc.tickets.interactions.forms import open_form
from soc.tickets.interactions.intake import take_in
from soc.tickets.interactions.persons import Nobody, Person, find_person
from soc.tickets.interactions.receiving import keep_heard
from soc.tickets.interactions.working import MOST_TRIES, work_interaction
from tests.rows import NIGHT, add_incident, add_person

PLACE = {"channel": "C1", "ts": "1.0", "thread": "1.0"}
AWAY = TransientDeliveryError("away", reason=FailureReason.NETWORK)


class Slack(SlackConnector):
    """Tells what a test put in its mouth, and keeps the forms it was asked to show."""

    def __init__(self) -> None:
        super().__init__(SlackConfig(bot_token="xoxb-1", signing_secret="s"))
        self.emails: dict[str, str] = {}
        self.threads: dict[str, str] = {}
        self.shown: list[Form] = []
        self.fails: Exception | None = None

    def _fail(self) -> None:
        if self.fails is not None:
            raise self.fails

    def email_of(self, who: str) -> str:
        self._fail()
        return self.emails.get(who, "")

    def incident_of_thread(self, place: Mapping[str, str]) -> str:
        self._fail()
        return self.threads.get(place["thread"], "")

    def open_form(self, form: Form) -> None:
        self._fail()
        self.shown.append(form)

    @contextmanager
    def borrow(self, _kind: str) -> Iterator[Slack]:
        yield self


@pytest.fixture(autouse=True)
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Slack]:
    """An incident, and Kim, whom the roster knows by her id at Slack."""
    migrate()
    vendor = Slack()
    for module in (working, forms, persons):
        monkeypatch.setattr(module, "borrow", vendor.borrow)
    with time_machine.travel(NIGHT, tick=False):
        with write_session() as session:
            add_incident(session, "inc-1", title="Failed logins")
            add_person(session, "per-kim", slack_id="UKIM", role="lead")
            add_person(session, "per-lee", email="lee@example.com")
        yield vendor


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the engine was given."""
    kept: list[Any] = []
    for module in (intake, arming):
        monkeypatch.setattr(module, "enqueue_interactions", kept.extend)
    for module in (arming, forms):
        monkeypatch.setattr(module, "enqueue_tries", kept.extend)
    return kept


def keep(
    wish: Wish, who: str = "UKIM", incident_id: str = "inc-1", key: str = "", **said: str
) -> tuple[str, Heard]:
    heard = Heard(key or f"{wish}-{who}", wish, who, incident_id, said, PLACE, opens="pass")
    with write_session() as session:
        return keep_heard(session, "slack", [heard], practice=True, now=NIGHT)[0]


def row(interaction_id: str) -> InteractionRow:
    with read_session() as session:
        return read_interaction(session, interaction_id)


def work(
    wish: Wish, who: str = "UKIM", incident_id: str = "inc-1", **said: str
) -> tuple[InteractionRow, list[Try]]:
    which, _ = keep(wish, who, incident_id, **said)
    tries = work_interaction(which, 1)
    return row(which), tries


def words() -> list[str]:
    """What people were told alone."""
    with read_session() as session:
        rows = session.exec(select(DeliveryRow).where(DeliveryRow.action == "tell_person")).all()
        assert all(one.practice for one in rows)
        return [one.payload["text"] for one in rows]


def test_a_reply_in_an_alert_s_thread_is_a_note_of_its_incident_and_any_other_talk_is_nothing(
    slack: Slack,
) -> None:
    slack.threads["1.0"] = "inc-1"
    kept, _ = work(Wish.THREAD_NOTE, incident_id="", note="Seen it.")
    assert (kept.state, kept.incident_id, kept.person_id, kept.ended_at) == (
        "done",
        "inc-1",
        "per-kim",
        NIGHT,
    )
    assert kept.changed_by == str(Actor.proved("per-kim", by="slack"))
    with read_session() as session:
        assert [note.text for note in list_notes(session, "inc-1")] == ["Seen it."]
    slack.threads.clear()
    other, tries = work(Wish.THREAD_NOTE, "ULEE", incident_id="", note="Lunch?")
    assert (other.state, other.incident_id, other.outcome, other.person_id, tries) == ("moot", "", "", "", [])
    slack.fails = AWAY  # which thread it is cannot be known now
    assert work(Wish.THREAD_NOTE, "UANY", incident_id="", note="x")[0].state == "moot"
    assert words() == []


def test_a_stranger_s_words_in_a_thread_are_refused_silently_and_a_stranger_s_button_in_words() -> None:
    quiet, _ = work(Wish.THREAD_NOTE, "UNOBODY", note="x")
    assert (quiet.state, quiet.outcome) == ("refused", "")
    assert words() == []
    told, tries = work(Wish.ACKNOWLEDGE, "UNOBODY")
    assert (told.state, words(), len(tries)) == ("refused", [told.outcome], 1)
    with read_session() as session:
        entries = session.exec(
            select(AuditRow).where(AuditRow.action == "refuse").order_by(AuditRow.seq)
        ).all()
    assert [entry.after["asked"] for entry in entries] == ["thread_note", "acknowledge"]
    assert (entries[1].after["account"], entries[1].after["incident"], entries[1].after["why"]) == (
        "UNOBODY",
        "inc-1",
        told.outcome,
    )


def test_where_it_cannot_be_known_who_it_was_nothing_is_done_and_they_may_press_again(slack: Slack) -> None:
    slack.fails = AWAY
    kept, _ = work(Wish.ACKNOWLEDGE, "ULEE")
    assert (kept.state, words()) == ("failed", [kept.outcome])
    assert "Press again" in kept.outcome
    with read_session() as session:
        assert get_incident(session, "inc-1").acknowledged_at is None
    assert work(Wish.ACKNOWLEDGE)[0].state == "done"  # whom the roster knows, nobody asks for


def test_what_cannot_be_done_is_refused_in_its_own_words_and_leaves_nothing_behind() -> None:
    for wish, said, part in (
        (Wish.ADD_NOTE, {"note": " "}, "empty"),
        (Wish.CLOSE, {"verdict": "duplicate", "duplicate_of": "inc-1"}, "no duplicate of itself"),
        (Wish.CREATE_TICKET, {}, "No integration that opens tickets"),
    ):
        kept, _ = work(wish, **said)
        assert (kept.state, part in kept.outcome, kept.person_id) == ("refused", True, "per-kim")
    gone, _ = work(Wish.ACKNOWLEDGE, incident_id="inc-9")
    assert (gone.state, "inc-9" in gone.outcome) == ("refused", True)
    assert len(words()) == 4
    with read_session() as session:
        assert (list_notes(session, "inc-1"), get_incident(session, "inc-1").status) == ([], "open")


def test_what_has_ended_or_is_another_try_s_is_left_alone() -> None:
    which, _ = keep(Wish.ACKNOWLEDGE)
    assert work_interaction(which, 2) == []
    assert row(which).state == "received"
    work_interaction(which, 1)
    ended = row(which)
    with time_machine.travel(NIGHT + timedelta(hours=1), tick=False):
        assert work_interaction(which, 1) == []
    assert row(which).ended_at == ended.ended_at


def test_a_person_is_found_by_the_id_there_else_by_the_address_and_by_the_id_from_then_on(
    slack: Slack,
) -> None:
    slack.emails = {"ULEE": "lee@example.com", "UTWO": "LEE@example.com", "UNONE": "nobody@example.com"}

    def find(who: str, integration: str = "slack") -> Person | Nobody:
        return find_person(InteractionRow(who=who, integration=integration))

    assert find("UKIM") == Person("per-kim", "Kim", Actor.proved("per-kim", by="slack"))
    assert find("ULEE") == Person("per-lee", "Lee", Actor.proved("per-lee", by="slack"))
    with read_session() as session:
        assert get_person(session, "per-lee").slack_id == "ULEE"
    assert find("UTWO") == Person("per-lee", "Lee", Actor.proved("per-lee", by="slack"))
    with read_session() as session:  # a second account of hers changes nothing
        assert get_person(session, "per-lee").slack_id == "ULEE"
    for who in ("UNONE", "USILENT"):
        stranger = find(who)
        assert isinstance(stranger, Nobody)
        assert ("the roster here has nobody" in stranger.why, stranger.person_id) == (True, "")
    for silent in ("pagerduty", "gone"):
        assert find("UKIM", silent) == Nobody("Nobody's buttons are heard from there.")


def test_only_roles_that_work_on_incidents_act_and_only_while_they_are_here() -> None:
    may = {}
    with write_session() as session:
        for number, role in enumerate(("analyst", "lead", "manager", "administrator", "executive")):
            add_person(session, f"per-{number}", slack_id=f"U{number}", role=role)
        add_person(session, "per-old", slack_id="UOLD", active=False)
    for number, role in enumerate(("analyst", "lead", "manager", "administrator", "executive")):
        may[role] = find_person(InteractionRow(who=f"U{number}", integration="slack"))
    assert [role for role, found in may.items() if isinstance(found, Nobody)] == ["executive"]
    assert may["executive"] == Nobody(
        "Your role in the roster (executive) does not work on incidents: nothing was done.", "per-4"
    )
    old = find_person(InteractionRow(who="UOLD", integration="slack"))
    assert old == Nobody("The roster says that you have left: nothing was done.", "per-old")


def test_a_form_is_shown_with_the_title_of_its_incident_and_the_pass_and_is_done(
    slack: Slack, given: list[Any]
) -> None:
    which, heard = keep(Wish.ASK_NOTE)
    open_form(which, heard)
    assert slack.shown == [Form(Wish.ASK_NOTE, "inc-1", "Failed logins", "pass", PLACE)]
    kept = row(which)
    assert (kept.state, kept.outcome, kept.person_id, given) == ("done", "", "per-kim", [])
    open_form(which, heard)  # heard twice: shown, and not ended a second time
    assert row(which) == kept


def test_no_form_is_shown_for_what_is_closed_or_gone_or_to_whoever_may_not_and_each_is_told(
    slack: Slack, given: list[Any]
) -> None:
    with write_session() as session:
        add_incident(session, "inc-2", status="closed")
    for wish, who, incident_id, state, part in (
        (Wish.ASK_CLOSE, "UKIM", "inc-2", "moot", "This incident is closed already."),
        (Wish.ASK_NOTE, "UKIM", "inc-9", "moot", "There is no incident inc-9."),
        (Wish.ASK_NOTE, "UNOBODY", "inc-1", "refused", "nothing was done"),
    ):
        which, heard = keep(wish, who, incident_id)
        open_form(which, heard)
        kept = row(which)
        assert (kept.state, part in kept.outcome) == (state, True)
    assert (slack.shown, len(given), len(words())) == ([], 3, 3)
    which, heard = keep(Wish.ASK_NOTE, incident_id="inc-2", key="note")
    open_form(which, heard)  # a note may be written about what is closed
    assert [one.incident_id for one in slack.shown] == ["inc-2"]


def test_a_form_that_the_vendor_refuses_asks_to_press_again_and_one_that_breaks_off_is_left_to_the_sweep(
    slack: Slack, given: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    slack.fails = PermanentDeliveryError("over", reason=FailureReason.CLIENT)
    which, heard = keep(Wish.ASK_NOTE)
    open_form(which, heard)
    assert (row(which).state, row(which).outcome, len(given)) == ("moot", forms.TOO_LATE, 1)
    slack.fails = ZeroDivisionError()
    which, heard = keep(Wish.ASK_CLOSE)
    open_form(which, heard)
    assert row(which).state == "received"
    other = JiraConnector(JiraConfig(base_url="https://jira.example.com", username="a@b.c", api_token="t"))
    monkeypatch.setattr(forms, "borrow", lambda _kind: _lent(other))
    open_form(which, heard)  # which shows no forms
    assert row(which).state == "moot"


@contextmanager
def _lent(connector: JiraConnector) -> Iterator[JiraConnector]:
    yield connector


def test_what_is_taken_in_is_given_to_the_engine_once_but_for_forms_which_are_shown_at_once(
    slack: Slack, given: list[Any]
) -> None:
    heard = [
        Heard(str(one), one, "UKIM", "inc-1", {}, PLACE, opens="p")
        for one in (Wish.ACKNOWLEDGE, Wish.ASK_NOTE)
    ]
    go_on = take_in("slack", heard, practice=False)
    with read_session() as session:
        kept = {one.wish: one for one in session.exec(select(InteractionRow)).all()}
    assert {one.state for one in kept.values()} == {"received"}
    assert (given, slack.shown) == ([], [])  # not before the vendor was answered
    go_on()
    assert given == [(kept["acknowledge"].id, 1)]
    assert [one.wish for one in slack.shown] == [Wish.ASK_NOTE]
    take_in("slack", heard, practice=False)()
    take_in("slack", [], practice=False)()
    assert (len(given), len(slack.shown)) == (1, 1)
    assert (kept["acknowledge"].practice, kept["acknowledge"].made_by) == (False, str(Actor.vendor("slack")))


def test_the_sweep_gives_each_that_is_silent_its_next_try_and_gives_up_after_the_last(
    given: list[Any],
) -> None:
    which, _ = keep(Wish.ACKNOWLEDGE)
    later = NIGHT + timedelta(minutes=5)

    def sweep(states: dict[str, str], silent: timedelta = timedelta(minutes=4)) -> int:
        given.clear()
        with time_machine.travel(later, tick=False):
            return arm_lost_interactions(lambda _ids: states, alive={"PENDING"}, silent=silent)

    assert sweep({}, timedelta(minutes=5)) == 0  # not silent for longer than that
    assert (sweep({}), given) == (1, [(which, 1)])
    assert (row(which).number, row(which).next_try_at) == (1, later)
    with write_session() as session:
        kept = session.get_one(InteractionRow, which)
        kept.number, kept.next_try_at = MOST_TRIES - 1, NIGHT
    gone = {f"interaction-{which}-{number}": "ERROR" for number in range(MOST_TRIES + 1)}
    assert (sweep(gone), given) == (1, [(which, MOST_TRIES)])
    with write_session() as session:
        session.get_one(InteractionRow, which).next_try_at = NIGHT
    assert sweep(dict.fromkeys(gone, "PENDING")) == 0
    assert sweep(gone) == 0
    assert ([type(one) for one in given], row(which).state, words()) == (
        [Try],
        "failed",
        [row(which).outcome],
    )
