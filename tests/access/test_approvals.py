"""What takes two administrators: asked for by one, approved by another, done by the product; and no way around it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from typer.testing import CliRunner

from soc import clock
from soc.access import approvals, keys
from soc.access.accounts import disable_person, enable_person
from soc.access.approvals import ApprovalState, Granted, NeedsApproval, ask, asks_two, collect, state_of
from soc.access.scopes import AccessRole, Scope
from soc.cli.commands import app
from soc.cli.endings import Ending
from soc.configuration.approving import approve
from soc.configuration.save import save_configuration
from soc.configuration.test import test_configuration as check_configuration
from soc.configuration.transfer import export_configurations, import_configurations
from soc.configuration.versions import restore_configuration
from soc.domain.actor import AT_THE_SHELL, Actor, Known
from soc.domain.audit import Subject, SubjectKind
from soc.engine.tidy import tidy
from soc.errors import ConfigurationError, Conflict
from soc.integrations.in_force import load_config
from soc.integrations.kit.base import ConnectionReport
from soc.serving import front_door, guarded_routes
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.installation.audit import list_of_subject
from soc.store.nouns.people.accounts import get_account
from soc.store.nouns.rules.approvals import ApprovalRow, get_approval
from tests.access.signed_in import add, sign_in, switch_on

CHECKED = {"base_url": "https://stackstorm.example.com", "api_key": "st2-key-4711", "timeout": 9}
UNCHECKED = {**CHECKED, "ignore_ssl": True}
PASSPHRASE = "correct horse battery"


@pytest.fixture(autouse=True)
def _saved(monkeypatch: pytest.MonkeyPatch) -> None:
    """StackStorm with its certificates checked; Anna and Bo are administrators, Cleo leads."""
    migrate()
    switch_on(monkeypatch, SOC_ALLOW_INSECURE_TLS="true")
    save_configuration("stackstorm", CHECKED, actor=AT_THE_SHELL)


def _person(name: str, role: AccessRole = AccessRole.ADMIN) -> Actor:
    account_id = add(name, role)
    with read_session() as session:
        return Actor.person(get_account(session, account_id).person_id, Known.SIGNED_IN)


def _asked(actor: Actor, data: dict[str, Any] = UNCHECKED) -> str:
    with pytest.raises(NeedsApproval) as refused:
        save_configuration("stackstorm", data, actor=actor)
    with write_session() as session:
        return ask(session, refused.value.wanted, "Its certificate ran out.", actor=actor, now=clock.now()).id


def _is_unchecked() -> bool:
    config = load_config("stackstorm")
    return bool(config is not None and config.model_dump()["ignore_ssl"])


def _row(approval_id: str) -> ApprovalRow:
    with read_session() as session:
        return get_approval(session, approval_id)


def _entries(subject: Subject) -> list[tuple[str, str, str]]:
    with read_session() as session:
        return [(one.action, one.made_by, one.note) for one in reversed(list_of_subject(session, subject))]


def test_it_takes_two_persons_and_a_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not asks_two()
    anna = _person("anna")
    _person("cleo", AccessRole.LEAD)
    assert not asks_two()
    save_configuration("stackstorm", UNCHECKED, actor=anna)
    save_configuration("stackstorm", CHECKED, actor=anna)
    bo = _person("bo")
    assert asks_two()
    with pytest.raises(NeedsApproval):
        save_configuration("stackstorm", UNCHECKED, actor=anna)
    with write_session() as session:
        disable_person(session, bo.id, actor=anna, now=clock.now())
    assert not asks_two()
    with write_session() as session:
        enable_person(session, bo.id, actor=anna)
    switch_on(monkeypatch, "")
    assert not asks_two()


def test_what_another_administrator_approves_is_done_in_the_name_of_both() -> None:
    anna, bo = _person("anna"), _person("bo")
    approval_id = _asked(anna)
    assert not _is_unchecked()
    kept = _row(approval_id)
    assert "st2-key" not in kept.model_dump_json()
    assert (kept.what[:27], kept.reason) == ("Certificates of StackStorm ", "Its certificate ran out.")
    assert kept.expires_at - kept.created_at == timedelta(hours=24)
    row = approve(approval_id, actor=bo)
    assert (row.state, row.sealed, row.changed_by) == ("done", "", str(bo))
    assert _is_unchecked()
    told = _entries(Subject(SubjectKind.CONFIGURATION, "stackstorm"))[1:]
    assert [(action, by) for action, by, _ in told] == [
        ("ask for approval", str(anna)), ("approve", str(bo)), ("save", "system:approval@itself"),
        ("end approval", "system:approval@itself"),
    ]  # fmt: skip
    assert told[-2][2] == f"asked for by {anna}, approved by {bo} ({approval_id})"
    with pytest.raises(Conflict, match="does not wait any more"):
        approve(approval_id, actor=bo)


def test_one_request_is_open_for_an_act_and_its_subject() -> None:
    anna, bo = _person("anna"), _person("bo")
    first = _asked(anna)
    assert _asked(anna) == first, "asked twice"
    with pytest.raises(Conflict, match=f"Somebody else asked for it already: {first} waits"):
        _asked(bo)
    other = _asked(anna, {**UNCHECKED, "timeout": 8})
    assert (_row(first).state, _row(first).said) == ("withdrawn", "It was asked for anew.")
    with pytest.raises(Conflict, match="does not wait any more: it is withdrawn"):
        approve(first, actor=bo)
    approve(other, actor=bo)
    assert load_config("stackstorm").model_dump()["timeout"] == 8  # type: ignore[union-attr]


def test_asked_at_the_same_moment_it_is_one_request() -> None:
    anna = _person("anna")
    _person("bo")
    with pytest.raises(NeedsApproval) as refused:
        save_configuration("stackstorm", UNCHECKED, actor=anna)
    ready = Barrier(2)

    def ask_it(_: int) -> str:
        with write_session() as session:
            if session.get_bind().dialect.name == "postgresql":  # SQLite has one writer at a time
                session.connection()
                ready.wait(timeout=30)
            return ask(session, refused.value.wanted, "why", actor=anna, now=clock.now()).id

    with ThreadPoolExecutor(2) as both:
        assert len(set(both.map(ask_it, range(2)))) == 1


def test_what_is_over_or_decided_stands_in_nobodys_way() -> None:
    anna, bo = _person("anna"), _person("bo")
    first = _asked(anna)
    with time_machine.travel(clock.now() + timedelta(hours=25)):
        second = _asked(bo)
        assert second != first
        approvals.refuse(second, reason="not now", actor=anna)
        assert _asked(anna) not in (first, second)


def test_nobody_approves_what_they_asked_for_by_any_way_in() -> None:
    anna, bo, cleo = _person("anna"), _person("bo"), _person("cleo", AccessRole.LEAD)
    with write_session() as session:
        own, _ = keys.make_key(session, "script", Scope.ADMIN, actor=anna, now=clock.now())
        program, _ = keys.make_key(session, "bot", Scope.ADMIN, actor=anna, now=clock.now())
        program.owner = ""
        session.add(program)
    for asker in (anna, Actor.key(own.id), Actor.key(program.id)):
        approval_id = _asked(asker)
        with pytest.raises(Conflict, match="Nobody approves what they asked for"):
            approve(approval_id, actor=anna)
        with pytest.raises(Conflict, match="your own request"):
            approvals.refuse(approval_id, reason="", actor=anna)
        for other in (Actor.key(own.id), AT_THE_SHELL, Actor.said(bo.id)):
            with pytest.raises(Conflict, match="Only a person who signed in"):
                approve(approval_id, actor=other)
        with pytest.raises(Conflict, match="Only an administrator"):
            approve(approval_id, actor=cleo)
    assert not _is_unchecked()


def test_a_key_asks_for_all_who_may_hold_it_and_nobody_s_key_does_not_ask() -> None:
    anna, bo, cleo = _person("anna"), _person("bo"), _person("cleo")
    with write_session() as session:
        for_bo, _ = keys.make_key(
            session, "handed over", Scope.ADMIN, actor=anna, owner=bo.id, now=clock.now()
        )
        by_key, _ = keys.make_key(
            session, "made by it", Scope.ADMIN, actor=Actor.key(for_bo.id), now=clock.now()
        )
        nobody_s, _ = keys.make_key(session, "old", Scope.ADMIN, actor=AT_THE_SHELL, now=clock.now())
    for key in (for_bo, by_key):
        approval_id = _asked(Actor.key(key.id))
        for asker in (anna, bo):
            with pytest.raises(Conflict, match="Nobody approves what they asked for"):
                approve(approval_id, actor=asker)
    with pytest.raises(Conflict, match="Nobody knows whose this key is"):
        _asked(Actor.key(nobody_s.id))
    assert approve(approval_id, actor=cleo).state == "done"


def test_a_request_is_refused_withdrawn_or_over_and_then_done_by_nobody() -> None:
    anna, bo = _person("anna"), _person("bo")
    one = _asked(anna)
    approvals.refuse(one, reason="Name the authority instead.", actor=bo)
    two = _asked(anna)
    with pytest.raises(Conflict, match="Somebody else asked for it"):
        approvals.withdraw(two, actor=bo)
    approvals.withdraw(two, actor=anna)
    three = _asked(anna)
    with time_machine.travel(_row(three).expires_at, tick=False):
        assert state_of(_row(three), clock.now()) is ApprovalState.OVER
        for ended, state in ((one, "refused"), (two, "withdrawn"), (three, "over")):
            with pytest.raises(Conflict, match=f"it is {state}"):
                approve(ended, actor=bo)
        _asked(anna)
        assert _row(three).sealed == ""
    assert [(_row(ended).state, _row(ended).sealed) for ended in (one, two)] == [
        ("refused", ""),
        ("withdrawn", ""),
    ]
    assert _row(one).said == "Name the authority instead."
    assert not _is_unchecked()


def test_what_changed_meanwhile_is_not_done() -> None:
    anna, bo = _person("anna"), _person("bo")
    approval_id = _asked(anna)
    save_configuration("stackstorm", {**CHECKED, "timeout": 20}, actor=bo)
    row = approve(approval_id, actor=bo)
    assert row.state == "failed"
    assert "changed by somebody else" in row.said
    assert _entries(Subject(SubjectKind.CONFIGURATION, "stackstorm"))[-1] == (
        "end approval", "system:approval@itself", row.said,
    )  # fmt: skip
    assert not _is_unchecked()


def test_what_was_saved_since_is_not_undone_by_a_restore_or_an_import_that_was_approved_later() -> None:
    anna = _person("anna")
    save_configuration("stackstorm", UNCHECKED, actor=anna)
    document = export_configurations(actor=anna)
    save_configuration("stackstorm", CHECKED, actor=anna)
    bo = _person("bo")
    for timeout, way in (
        (19, lambda: restore_configuration("stackstorm", 2, actor=anna)),
        (20, lambda: import_configurations(document, actor=anna)),
    ):
        save_configuration("stackstorm", CHECKED, actor=bo)
        with pytest.raises(NeedsApproval) as refused:
            way()
        assert refused.value.wanted.what.endswith("What changes: StackStorm (Ignore SSL).")
        with write_session() as session:
            waiting = ask(session, refused.value.wanted, "needed", actor=anna, now=clock.now()).id
        save_configuration("stackstorm", {**CHECKED, "timeout": timeout}, actor=bo)
        row = approve(waiting, actor=bo)
        assert (row.state, row.said[:66]) == (
            "failed", "The settings of StackStorm were changed by somebody else meanwhile",
        )  # fmt: skip
    kept = load_config("stackstorm")
    assert kept is not None
    assert (kept.timeout, _is_unchecked()) == (20, False)
    with pytest.raises(Conflict, match="more certificates unchecked than was approved"):
        import_configurations(document, actor=anna, granted=Granted("apr-1", "", ""), approved=["webhook"])


def test_unchecked_at_one_address_is_not_approved_for_another() -> None:
    anna = _person("anna")
    save_configuration("stackstorm", UNCHECKED, actor=anna)
    _person("bo")
    save_configuration("stackstorm", {**UNCHECKED, "timeout": 20}, actor=anna)
    elsewhere = {**UNCHECKED, "base_url": "https://elsewhere.example.com"}
    with pytest.raises(NeedsApproval):
        save_configuration("stackstorm", elsewhere, actor=anna)
    save_configuration("stackstorm", {**elsewhere, "ignore_ssl": False}, actor=anna)


def test_no_vendor_is_asked_unchecked_before_another_approved(monkeypatch: pytest.MonkeyPatch) -> None:
    anna = _person("anna")
    save_configuration("stackstorm", UNCHECKED, actor=anna)
    document = export_configurations(actor=anna)
    save_configuration("stackstorm", CHECKED, actor=anna)
    _person("bo")
    asked = _asked_vendors(monkeypatch)
    for way in (
        lambda: save_configuration("stackstorm", UNCHECKED, actor=anna),
        lambda: restore_configuration("stackstorm", 2, actor=anna),
        lambda: import_configurations(document, actor=anna),
    ):
        with pytest.raises(NeedsApproval):
            way()
    assert asked == []


def test_typed_values_are_not_tried_unchecked_before_another_approved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    anna, stackstorm = _person("anna"), Subject(SubjectKind.CONFIGURATION, "stackstorm")
    asked = _asked_vendors(monkeypatch)
    assert check_configuration("stackstorm", UNCHECKED, actor=anna).ok  # alone: at once, as ever
    _person("bo")
    analyst = _person("dan", AccessRole.ANALYST)
    with pytest.raises(Conflict, match="not tried before another administrator approved"):
        check_configuration("stackstorm", UNCHECKED, actor=analyst)
    assert check_configuration("stackstorm", CHECKED, actor=analyst).ok
    assert asked == [("stackstorm", True), ("stackstorm", False)]
    with read_session() as session:
        told = [one for one in list_of_subject(session, stackstorm) if one.action == "test"]
    assert [(one.made_by, one.after) for one in reversed(told)] == [
        (str(who), {"works": True, "case": None, "saved": False}) for who in (anna, analyst)
    ]


def _asked_vendors(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bool]]:
    """The integrations that are connected to from now on, and whether unchecked; each answers that it works."""
    asked = []

    def connect(kind: str, config: Any) -> Any:
        asked.append((kind, bool(config.ignore_ssl)))
        works = ConnectionReport(ok=True, kind=kind, summary="Connected.")
        return SimpleNamespace(check=lambda: works, untaken=dict, close=lambda: None)

    for module in ("soc.configuration.taken", "soc.configuration.test"):
        monkeypatch.setattr(f"{module}.connect", connect)
    return asked


def test_no_other_way_switches_the_checks_off_alone() -> None:
    anna = _person("anna")
    save_configuration("stackstorm", UNCHECKED, actor=anna)
    document = export_configurations(actor=anna)
    save_configuration("stackstorm", CHECKED, actor=anna)
    bo = _person("bo")
    for way in (
        lambda: restore_configuration("stackstorm", 2, actor=anna),
        lambda: import_configurations(document, actor=anna),
    ):
        with pytest.raises(NeedsApproval) as refused:
            way()
        assert not _is_unchecked()
        with write_session() as session:
            approval_id = ask(session, refused.value.wanted, "needed", actor=anna, now=clock.now()).id
        assert approve(approval_id, actor=bo).state == "done"
        assert _is_unchecked()
        save_configuration("stackstorm", CHECKED, actor=anna)
    with pytest.raises(ConfigurationError, match="no reason"), write_session() as session:
        ask(session, refused.value.wanted, "  ", actor=anna, now=clock.now())


def test_secrets_leave_when_two_want_it_and_once_to_whoever_asked() -> None:
    anna, bo = _person("anna"), _person("bo")
    export_configurations(actor=anna)  # without secrets nobody is asked
    with pytest.raises(NeedsApproval) as refused:
        export_configurations(passphrase=PASSPHRASE, actor=anna)
    with write_session() as session:
        approval_id = ask(session, refused.value.wanted, "We move.", actor=anna, now=clock.now()).id
    assert PASSPHRASE not in _row(approval_id).model_dump_json()
    assert approve(approval_id, actor=bo).state == "done"
    with pytest.raises(Conflict, match="Somebody else asked for it"):
        collect(approval_id, actor=bo)
    document = json.loads(collect(approval_id, actor=anna))
    assert import_configurations(document, passphrase=PASSPHRASE, actor=anna).kinds == ["stackstorm"]
    with pytest.raises(Conflict, match="nothing to fetch"):
        collect(approval_id, actor=anna)
    assert [action for action, _, _ in _entries(Subject(SubjectKind.INSTALLATION, "secrets"))] == [
        "ask for approval", "approve", "export secrets", "end approval", "fetch",
    ]  # fmt: skip


def test_an_export_that_was_approved_late_is_kept_as_long_as_any_and_written_for_its_owner_alone(
    tmp_path: Path,
) -> None:
    _person("anna")
    bo = _person("bo")
    with pytest.raises(NeedsApproval) as refused:
        export_configurations(passphrase=PASSPHRASE, actor=AT_THE_SHELL)
    with write_session() as session:
        row = ask(session, refused.value.wanted, "We move.", actor=AT_THE_SHELL, now=clock.now())
    with time_machine.travel(row.expires_at - timedelta(minutes=1), tick=False):
        assert approve(row.id, actor=bo).state == "done"
    target = tmp_path / "export.json"
    with time_machine.travel(row.expires_at + timedelta(hours=23), tick=False):
        _soc("approvals", "fetch", row.id, str(target))
        _soc("approvals", "fetch", row.id, str(tmp_path / "again.json"), ending=Ending.REFUSED)
    assert list(json.loads(target.read_text())["integrations"]) == ["stackstorm"]
    assert [(one.name, one.stat().st_mode & 0o777) for one in tmp_path.glob("*") if one.is_file()] == [
        ("export.json", 0o600)
    ]


def test_what_a_process_did_not_end_has_failed_after_an_hour_and_stays_so() -> None:
    anna, bo = _person("anna"), _person("bo")
    approval_id = _asked(anna)
    approvals.begin(approval_id, actor=bo)
    decided = _row(approval_id).decided_at
    assert decided is not None
    for minutes, state in ((60, "approved"), (61, "failed")):
        with time_machine.travel(decided + timedelta(minutes=minutes), tick=False):
            tidy()
        assert _row(approval_id).state == state
    approvals.finish(approval_id, result="late")
    row = _row(approval_id)
    assert (row.state, row.result, row.said[:34]) == ("failed", "", "The process ended while it was don")
    assert _entries(Subject(SubjectKind.CONFIGURATION, "stackstorm"))[-1][::2] == ("end approval", row.said)


@pytest.fixture
def client() -> Iterator[TestClient]:
    served = Starlette(
        routes=guarded_routes(listens_beyond_loopback=False),
        middleware=[front_door(listens_beyond_loopback=False)],
    )
    with TestClient(served, base_url="http://127.0.0.1:8501/api/v1/") as running:
        yield running


def test_the_api_asks_by_a_header_and_approves_by_another_s_session(client: TestClient) -> None:
    anna, bo = ({"Cookie": f"soc_session={sign_in(add(name, AccessRole.ADMIN))}"} for name in ("anna", "bo"))
    alone = client.post("integrations/stackstorm/config", json=UNCHECKED, headers=anna)
    assert alone.status_code == 409
    assert "Approval-Reason" in alone.json()["hint"]
    asked = client.post(
        "integrations/stackstorm/config", json=UNCHECKED, headers={**anna, "Approval-Reason": "It ran out."}
    )
    assert asked.status_code == 202
    where = f"approvals/{asked.json()['approval']}"
    assert asked.headers["Location"].endswith(where)
    shown = client.get("approvals", headers=bo).json()["items"]
    assert [(one["state"], one["reason"], one["fetchable"]) for one in shown] == [
        ("waiting", "It ran out.", False)
    ]
    assert "st2-key" not in json.dumps(shown)
    assert client.post(f"{where}/approve", headers=anna).status_code == 409
    assert client.post(f"{where}/approve", headers=bo).json()["state"] == "done"
    assert _is_unchecked()


def test_the_shell_asks_with_a_why_lists_and_withdraws() -> None:
    _person("anna")
    _person("bo")
    words = ["config", "set", "stackstorm", "ignore_ssl=true"]
    assert "Another administrator has to approve this" in _soc(*words, ending=Ending.REFUSED)
    said = _soc(*words, "--why", "It ran out.")
    approval_id = said.split("Asked for as ")[1].split(":")[0]
    assert "saved" not in said
    assert f"{approval_id}  waiting" in _soc("approvals", "list")
    _soc("approvals", "withdraw", approval_id)
    assert json.loads(_soc("approvals", "list", "--json"))["items"][0]["state"] == "withdrawn"
    assert not _is_unchecked()


def _soc(*words: str, ending: Ending = Ending.DONE) -> str:
    done = CliRunner().invoke(app, words)
    assert done.exit_code == ending, done.output
    return done.stdout + done.stderr
