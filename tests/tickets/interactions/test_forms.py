"""A form is opened at once by the process that heard it, for whoever may act; an old alert that cannot be changed is answered below."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlmodel import select

from soc import clock
from soc.access.people import add_person
from soc.domain.actor import AT_THE_SHELL
from soc.domain.acts import Heard, Wish
from soc.domain.message import SendAlert, Standing, UpdateAlert
from soc.integrations.kit.addresses import allow, disallow
from soc.integrations.kit.inbound.hooks import Incoming
from soc.integrations.registry import config_from_env, connect
from soc.sandbox.server import SLACK_TOKEN, SandboxServer
from soc.sandbox.slack.memory import SlackMemory
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.incidents.incidents import to_incident
from soc.store.nouns.people.people import find_by_slack_id
from soc.store.nouns.vendors.interactions import InteractionRow
from soc.tickets.interactions.intake import take_call, take_in
from tests.rows import NIGHT, add_incident, add_ticket


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlackMemory]:
    migrate()
    with SandboxServer() as running:
        allow(entry := f"127.0.0.1:{running.port}")
        monkeypatch.setenv("SLACK_BOT_TOKEN", SLACK_TOKEN)
        monkeypatch.setenv("SLACK_API_URL", running.slack_url)
        yield running.state.of(SlackMemory)
        disallow(entry)


def ask(slack: SlackMemory, who: str, key: str, *, late: float = 0.0) -> InteractionRow:
    slack.triggers[key] = (who, clock.steady() - late)
    place = {"channel": "C0PRACALRT", "ts": "1.0", "thread": ""}
    take_in("slack", [Heard(key, Wish.ASK_CLOSE, who, "inc-1", {}, place, opens=key)], practice=False)()
    with read_session() as session:
        return session.exec(select(InteractionRow).where(InteractionRow.key == key)).one()


def test_a_form_opens_for_a_person_of_the_roster_and_for_nobody_else_and_not_too_late(
    slack: SlackMemory,
) -> None:
    with write_session() as session:
        add_incident(session, "inc-1", title="Failed <logins>")
        given = {"name": "Ana", "email": "ana.lyst@practice.example"}
        ana = add_person(session, given, actor=AT_THE_SHELL, now=NIGHT)
    assert ask(slack, "U0PRACANA1", "first").state == "done"
    (view,) = slack.views.values()
    assert (view.user, "Failed &lt;logins&gt;" in str(view.view)) == ("U0PRACANA1", True)
    with read_session() as session:
        found = find_by_slack_id(session, "U0PRACANA1")  # from now on by the id
    assert found is not None
    assert found.id == ana.id
    for who in (
        "U0PRACNOB1",
        "U0PRACSTR1",
        "U0NOWHERE",
    ):  # one of them has Ana's address, in another workspace
        assert ask(slack, who, f"by {who}").state == "refused"
    late = ask(slack, "U0PRACANA1", "late", late=60)
    assert (late.state, "again" in late.outcome) == ("moot", True)
    assert len(slack.views) == 1


def test_an_alert_that_can_be_changed_no_more_is_answered_in_its_thread_with_a_link_to_it(
    slack: SlackMemory,
) -> None:
    with write_session() as session:
        incident = to_incident(add_incident(session, "inc-1"))
    config = config_from_env("slack")
    assert config is not None
    connector = connect("slack", config)
    sent = connector.deliver(SendAlert(incident=incident), delivery_id="dlv-1")
    slack.slack_edit_window_closed = True
    change = UpdateAlert(
        incident=incident, standing=Standing(status="closed"), channel=sent.key, ts=sent.remote_id
    )
    receipt = connector.deliver(change, delivery_id="dlv-2")
    reply = slack.messages[receipt.key, receipt.remote_id]
    assert reply.thread_ts == sent.remote_id
    assert f"/archives/{sent.key}/p{sent.remote_id.replace('.', '')}" in str(reply.blocks)
    assert "closed" in str(reply.blocks)
    assert slack.messages[sent.key, sent.remote_id].edited is None


def test_a_form_that_names_no_incident_stays_open_and_one_that_names_a_tickets_key_is_kept(
    slack: SlackMemory,
) -> None:
    with write_session() as session:
        add_incident(session, "inc-1")
        add_incident(session, "inc-2")
        add_ticket(session, "SOC-2", incident_id="inc-2")

    def send(other: str) -> tuple[Any, int]:
        said = {"verdict": "duplicate", "duplicate_of": other, "note": "A long story."}
        heard = Heard(f"view:{other}", Wish.CLOSE, "U0PRACANA1", "inc-1", said)
        answer, _ = take_call("slack", Incoming(heard=(heard,), refusal=dict), practice=False)
        with read_session() as session:
            return answer, len(session.exec(select(InteractionRow)).all())

    for other, why in (("", "of which"), ("SOC-77", "no incident"), ("inc-1", "of itself")):
        answer, kept = send(other)
        assert (why in answer["duplicate_of"], kept) == (True, 0)
    assert send("SOC-2") == (None, 1)
