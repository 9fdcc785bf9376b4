"""On the pages: what takes two administrators is asked for where it was wanted, and approved by another on its page."""

from __future__ import annotations

import pytest

from soc import clock
from soc.access.scopes import AccessRole
from soc.access.sessions import Seat
from soc.configuration.save import save_configuration
from soc.domain.actor import AT_THE_SHELL
from soc.store.db import read_session
from soc.store.nouns.people.accounts import get_account
from soc.ui import sitting
from tests.access.signed_in import add, switch_on
from tests.pages.conftest import OpenPage, read

PASSPHRASE = "correct horse battery"


def _sit(account_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with read_session() as session:
        row = get_account(session, account_id)
    at = clock.now()
    seat = Seat(
        "ses-1", row.id, row.person_id, row.subject.title(), row.issuer, row.subject, AccessRole.ADMIN, at, at
    )
    monkeypatch.setattr(sitting, "find_seat", lambda _token: seat)


def test_it_is_asked_for_above_the_page_approved_by_another_and_fetched(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "is done at once" in read(open_page("approvals"))
    save_configuration("webhook", {"url": "https://hooks.example.com/soc"}, actor=AT_THE_SHELL)
    switch_on(monkeypatch, SOC_ALLOW_INSECURE_TLS="true")
    anna, bo = add("anna", AccessRole.ADMIN), add("bo", AccessRole.ADMIN)
    _sit(anna, monkeypatch)
    page = open_page("integrations", kind="Webhook")
    page.session_state["transfer"] = True
    page.run()
    page.text_input(key="export-passphrase").set_value(PASSPHRASE).run()
    page.button(key="button-export-configurations").click().run()
    assert "Another administrator has to approve this." in read(page)
    (asking,) = [one for one in page.button if one.label == "Ask for approval"]
    assert asking.disabled
    page.text_input(key="approval-why").set_value("We move.").run()
    next(one for one in page.button if one.label == "Ask for approval").click().run()
    assert "Asked for; it waits until" in read(page)
    assert "Ask for approval" not in read(page)
    page.toggle(key="field-webhook-0-verify_ssl").set_value(False)
    page.button(key="test-save-webhook").click().run()
    assert "Certificates of Webhook are not checked any more" in read(page)

    mine = open_page("approvals")
    assert "Your own: another administrator decides." in read(mine)
    assert "Approve it" not in read(mine)
    _sit(bo, monkeypatch)
    page = open_page("approvals")
    assert "We move." in read(page)
    next(one for one in page.button if one.label == "Approve it").click().run()
    assert "Approved, and done." in read(page)
    assert "whoever asked fetches it" in read(page)
    _sit(anna, monkeypatch)
    page = open_page("approvals")
    next(one for one in page.button if one.label == "Fetch it").click().run()
    assert [one.proto.label for one in page.get("download_button")] == ["Download the export"]
