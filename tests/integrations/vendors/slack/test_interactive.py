"""What Slack sends when people act: proved by its signature before anything of it is read, and read as one wish each."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from soc.domain.acts import Verdict, Wish
from soc.domain.message import Standing
from soc.integrations.kit.inbound.hooks import Forged, Incoming, Unreadable
from soc.integrations.kit.inbound.interactive import Form
from soc.integrations.registry import validate
from soc.integrations.vendors.slack.config import SlackConfig
from soc.integrations.vendors.slack.interactive.buttons import buttons_of
from soc.integrations.vendors.slack.interactive.forms import view_of
from soc.integrations.vendors.slack.interactive.hook import read_call
from soc.integrations.vendors.slack.interactive.payloads import read_payload
from soc.integrations.vendors.slack.interactive.signature import sign
from soc.integrations.vendors.slack.manifest import manifest
from soc.integrations.vendors.slack.reading import email_of_member
from soc.integrations.vendors.slack.scopes import NEEDS, compare_scopes
from soc.sandbox.slack.block_kit import check_blocks, check_view
from tests.integrations.vendors.slack.example import SLACK

#: Slack's own example (docs: Verifying requests from Slack).
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
NOW = datetime(2026, 1, 15, 10, 0, tzinfo=UTC)
AT = str(int(NOW.timestamp()))
PRESS: dict[str, Any] = {
    "type": "block_actions",
    "user": {"id": "U1"},
    "trigger_id": "13.37.abc",
    "container": {"channel_id": "C1", "message_ts": "17.000100"},
    "actions": [{"action_id": "soc.assign", "value": "inc-1 per-9", "action_ts": "18.1"}],
}
CALL = urlencode({"payload": json.dumps(PRESS)}).encode()
FORM = "application/x-www-form-urlencoded"


def config(**changes: Any) -> SlackConfig:
    found = validate("slack", {**SLACK, "signing_secret": SECRET, **changes})
    assert isinstance(found, SlackConfig)
    return found


def headers(body: bytes = CALL, *, at: str = AT, secret: str = SECRET) -> dict[str, str]:
    return {
        "x-slack-request-timestamp": at,
        "x-slack-signature": sign(secret, at, body),
        "content-type": FORM,
    }


def test_the_signature_is_slacks_own_of_its_documentation() -> None:
    body = b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    assert (
        sign(SECRET, "1531420618", body)
        == "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    )


FORGERIES: dict[str, dict[str, str]] = {
    "nothing": {},
    "no timestamp": {"x-slack-signature": headers()["x-slack-signature"]},
    "no signature": {"x-slack-request-timestamp": AT},
    "another secret": headers(secret="0" * 32),
    "another body": headers(CALL + b" "),
    "another time": {**headers(), "x-slack-request-timestamp": str(int(AT) + 1)},
    "too old": headers(at=str(int(AT) - 301)),
    "too far ahead": headers(at=str(int(AT) + 301)),
    "no number": headers(at="now"),
    "other digits": {**headers(), "x-slack-request-timestamp": "١٧٦٨٤٧٥٦٠٠"},
    "a negative time": headers(at="-" + AT),
    "a fraction": headers(at=AT + ".5"),
    "a huge time": headers(at="9" * 40),
    "spaces": headers(at=f" {AT}"),
    "version 1": {**headers(), "x-slack-signature": "v1" + headers()["x-slack-signature"][2:]},
    "no version": {**headers(), "x-slack-signature": headers()["x-slack-signature"][3:]},
    "cut": {**headers(), "x-slack-signature": headers()["x-slack-signature"][:-1]},
    "longer": {**headers(), "x-slack-signature": headers()["x-slack-signature"] + "0"},
    "upper case": {**headers(), "x-slack-signature": headers()["x-slack-signature"].upper()},
    "no ASCII": {**headers(), "x-slack-signature": "v0=é" + "0" * 63},
}


def test_twenty_forgeries_prove_nothing_and_the_real_one_does() -> None:
    for name, forged in FORGERIES.items():
        with pytest.raises(Forged):
            pytest.fail(f"{name}: {read_call(config(), {'content-type': FORM, **forged}, CALL, NOW)}")
    with pytest.raises(Forged):  # without a secret, an empty one proves nothing
        read_call(config(signing_secret=""), headers(secret=""), CALL, NOW)
    (heard,) = read_call(config(), headers(), CALL, NOW).heard
    assert (heard.wish, heard.who, heard.incident_id) == (Wish.ASSIGN, "U1", "inc-1")
    assert (heard.said, heard.opens) == ({"owner": "per-9"}, "13.37.abc")
    assert (heard.place["channel"], heard.place["ts"]) == ("C1", "17.000100")
    assert "13.37.abc" not in repr(heard)


def test_what_is_signed_and_no_payload_is_refused_and_what_is_not_ours_is_taken_silently() -> None:
    for body in (b"", b"payload=", b"payload=[]", b"payload=%7B", b"\xff\xfe", b"payload=" + b"[" * 5000):
        with pytest.raises(Unreadable):
            read_call(config(), headers(body), body, NOW)
    for payload in (
        {},
        {"type": "shortcut"},
        {"type": "block_actions", "actions": 5},
        {"type": "view_submission"},
    ):
        assert read_payload(payload, thread_notes=True) == Incoming()
    link = {**PRESS, "actions": [{"action_id": "view_ticket"}, None, {"action_id": 5}]}
    assert read_payload(link, thread_notes=True).heard == ()
    hello = read_payload({"type": "url_verification", "challenge": "abc"}, thread_notes=False)
    assert hello.answer == {"challenge": "abc"}


def test_the_same_press_has_the_same_name_however_it_comes_and_another_press_has_another() -> None:
    first, second = (
        read_payload({**PRESS, "trigger_id": one}, thread_notes=False).heard[0].key
        for one in ("1.1.a", "1.1.b")
    )
    again = read_payload({**PRESS, "trigger_id": "1.1.a", "token": "other"}, thread_notes=False).heard[0].key
    assert first == again != second


def sent_form(form: str, **values: str) -> dict[str, Any]:
    state = {name: {"x": {"value": text}} for name, text in values.items() if name != "verdict"}
    if "verdict" in values:
        state["verdict"] = {"x": {"selected_option": {"value": values["verdict"]}}}
    about = json.dumps({"incident": "inc-1", "channel": "C1", "ts": "17.000100"})
    view = {"id": "V1", "callback_id": form, "private_metadata": about, "state": {"values": state}}
    return {"type": "view_submission", "user": {"id": "U1"}, "view": view}


def test_a_form_says_what_was_entered_and_an_empty_one_is_answered_at_once() -> None:
    (heard,) = read_payload(
        sent_form("soc.close", verdict=Verdict.BENIGN, note="a <b> & c"), thread_notes=False
    ).heard
    assert (heard.wish, heard.incident_id, heard.key) == (Wish.CLOSE, "inc-1", "view:V1")
    assert heard.said == {"verdict": Verdict.BENIGN, "note": "a <b> & c"}
    for empty, block in (
        (sent_form("soc.add_note", note=" \n"), "note"),
        (sent_form("soc.close", note="x"), "verdict"),
    ):
        incoming = read_payload(empty, thread_notes=False)
        assert incoming.heard == ()
        assert incoming.answer is not None
        assert list(incoming.answer["errors"]) == [block]


def test_only_a_persons_reply_in_a_thread_is_a_note_and_only_where_that_was_chosen() -> None:
    event: dict[str, Any] = {
        "type": "message",
        "channel": "C1",
        "user": "U1",
        "text": "a &lt;b&gt;",
        "ts": "2.0",
        "thread_ts": "1.0",
    }
    call = {"type": "event_callback", "event_id": "Ev1", "event": event}
    (heard,) = read_payload(call, thread_notes=True).heard
    assert (heard.wish, heard.key, heard.said) == (Wish.THREAD_NOTE, "event:Ev1", {"note": "a <b>"})
    assert read_payload(call, thread_notes=False).heard == ()
    for change in (
        {"bot_id": "B1"}, {"thread_ts": "2.0"}, {"thread_ts": None}, {"subtype": "message_changed"}, {"text": ""}, {"user": None},
    ):  # fmt: skip
        assert read_payload({**call, "event": {**event, **change}}, thread_notes=True).heard == ()


def test_buttons_and_forms_are_within_slacks_limits_and_fit_how_it_stands() -> None:
    fresh = buttons_of("inc-1", Standing(), False)
    assert not check_blocks(fresh)
    names = [one["action_id"] for one in fresh[0]["elements"]]
    assert names == ["soc.acknowledge", "soc.assign", "soc.ask_note", "soc.ask_close", "soc.create_ticket"]
    taken = buttons_of("inc-1", Standing(acknowledged="Ana, 10:00", owner_id="per-9"), True)
    assert [one["action_id"] for one in taken[0]["elements"]] == [
        "soc.assign",
        "soc.ask_note",
        "soc.ask_close",
    ]
    assert {one["value"] for one in taken[0]["elements"]} == {"inc-1 per-9"}
    assert buttons_of("inc-1", Standing(over=True), True) == []
    for wish in (Wish.ASK_NOTE, Wish.ASK_CLOSE):
        view = view_of(Form(wish, "inc-1", "t" * 5000, "pass", {"channel": "C1"}), practice=True)
        assert not check_view(view)
        assert json.loads(view["private_metadata"]) == {"incident": "inc-1", "channel": "C1"}


def test_only_a_full_member_of_the_own_workspace_is_known_by_an_address() -> None:
    user = {"team_id": "T1", "profile": {"email": "ana@soc.example"}}
    assert email_of_member(user, "T1") == "ana@soc.example"
    for change in (
        {"team_id": "T2"}, {"team_id": None}, {"deleted": True}, {"is_bot": True}, {"is_stranger": True},
        {"is_restricted": True}, {"is_ultra_restricted": True}, {"profile": None}, {"profile": {"email": 5}},
    ):  # fmt: skip
        assert email_of_member({**user, **change}, "T1") == ""
    assert email_of_member(user, "") == email_of_member(None, "T1") == ""


def test_the_manifest_asks_for_the_scopes_that_the_test_compares_and_for_one_way_in() -> None:
    calls = manifest("https://soc.example/hooks/slack/interactions", False, True, "")
    lines = manifest("", True, False, "SOC night")
    needed = {scope for need in NEEDS for scope in need.scopes}
    for made in (calls, lines):
        assert needed <= set(made["oauth_config"]["scopes"]["bot"])
        assert compare_scopes(made["oauth_config"]["scopes"]["bot"], config()) == []
    assert (
        calls["settings"]["interactivity"]["request_url"]
        == calls["settings"]["event_subscriptions"]["request_url"]
    )
    assert (
        lines["settings"]["socket_mode_enabled"],
        "request_url" in lines["settings"]["interactivity"],
    ) == (True, False)
    assert "users:read.email" in " ".join(
        compare_scopes(["chat:write", "channels:history", "users:read"], config())
    )
    for url, socket, name in (("http://soc.example", False, ""), ("", False, ""), ("", True, "n" * 36)):
        with pytest.raises(ValueError):
            manifest(url, socket, False, name)
