"""A control whose act a role does not cover is drawn disabled with the reason, or not at all: on every page, for every role."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from soc import clock
from soc.access.people import add_person
from soc.access.scopes import AccessRole, Scope, least_role
from soc.access.sessions import Seat
from soc.configuration.save import save_configuration
from soc.domain.actor import AT_THE_SHELL
from soc.store.db import write_session
from soc.ui import covered, sitting
from soc.ui.kit.places import PLACES
from tests.access.signed_in import switch_on
from tests.access.test_matrix import MAY
from tests.pages.conftest import Grid, OpenPage, grids, read
from tests.pages.night import BATCH, BREAK_IN, add_night

#: Every page, and what its deep links open.
OPENED: list[tuple[str, dict[str, str]]] = [
    *((place.name, {}) for place in PLACES),
    ("incidents", {"incident": BREAK_IN}),
    ("tickets", {"ticket": "1"}),
    ("process_logs", {"batch": BATCH}),
    ("handover", {"incident": BREAK_IN}),
    ("integrations", {"kind": "Webhook"}),
]
#: Buttons that lead elsewhere or look closer, by their keys' beginnings and their labels.
LOOKS = (
    "link-",
    "news-",
    "All batches",
    "All incidents",
    "All tickets",
    "All deliveries",
    "The whole hand-over",
)
#: What is typed or chosen to find something, never to change it.
FINDS = {
    "find", "text", "q", "batch-", "class", "status", "severity", "rules", "whose", "open", "sla", "priority", "span", "source",
    "team", "integration", "state", "preview-guide", "kind", "times-person",
}  # fmt: skip
ADMINS = [place.name for place in PLACES if place.needed is Scope.ADMIN]
INPUTS = (
    "text_input", "text_area", "selectbox", "multiselect", "toggle", "checkbox", "radio", "number_input", "slider", "date_input",
    "time_input", "button_group", "file_uploader",
)  # fmt: skip


@pytest.fixture
def night(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A night, somebody in the roster and saved settings, where people sign in."""
    add_night()
    with write_session() as session:
        add_person(session, {"name": "Anna Ito"}, actor=AT_THE_SHELL, now=clock.now())
        add_person(session, {"name": "Bo"}, actor=AT_THE_SHELL, now=clock.now())
    save_configuration("webhook", {"url": "https://hooks.example.com/soc"}, actor=AT_THE_SHELL)
    switch_on(monkeypatch)


def sit(role: AccessRole, monkeypatch: pytest.MonkeyPatch) -> None:
    at = clock.now()
    seat = Seat("ses-1", "acc-1", "per-1", "Anna", "local", "anna", role, at, at)
    monkeypatch.setattr(sitting, "find_seat", lambda _token: seat)


def _able(page: AppTest) -> list[str]:
    return [one.key or one.label for one in page.button if not one.disabled]


def _typed_into(page: AppTest) -> list[str]:
    found: list[Any] = [one for kind in INPUTS for one in page.get(kind)]
    return [
        getattr(one, "key", None) or one.proto.label
        for one in found
        if not getattr(one.proto, "disabled", False)
    ]


def _acts_in_rows(table: Grid) -> list[object]:
    cells = [cell for row in table.data["rows"] for cell in row["cells"]]
    return [cell for cell in cells if isinstance(cell, dict) and cell.get("acts")]


@pytest.mark.usefixtures("night")
@pytest.mark.timeout(180)
def test_no_page_draws_an_enabled_control_whose_act_the_role_does_not_cover(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs: dict[str, Scope] = {}
    drawn = covered.button

    def noted(label: str, *, needed: Scope, **more: Any) -> bool:
        needs[more.get("key") or label] = needed
        return drawn(label, needed=needed, **more)

    monkeypatch.setattr(covered, "button", noted)
    wrong: list[tuple[object, ...]] = []
    for name, params in OPENED:
        sit(AccessRole.ADMIN, monkeypatch)
        page = open_page(name, **params)
        for role in (AccessRole.ADMIN, *(one for one in AccessRole if one is not AccessRole.ADMIN)):
            if role is not AccessRole.ADMIN:
                if name in ADMINS:
                    break  # it is not in the others' menu
                sit(role, monkeypatch)
                page.run()
            assert not page.exception, (name, role)
            able = _able(page)
            wrong += [(name, role, key) for key in able if key in needs and needs[key].value not in MAY[role]]
            if MAY[role] <= {"read", "audit"}:
                unknown = [key for key in able if key not in needs and not key.startswith(LOOKS)]
                wrong += [(name, role, key) for key in [*unknown, *_typed_into(page)] if key not in FINDS]
                wrong += [(name, role, "a row's act") for one in grids(page) if _acts_in_rows(one)]
            if role is AccessRole.ADMIN:
                assert "may do this" not in read(page)
    assert wrong == []
    assert set(needs.values()) == {Scope.ACT, Scope.LEAD, Scope.ADMIN}
    assert len(needs) > 40


@pytest.mark.usefixtures("night")
def test_a_control_that_is_withheld_says_who_may(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    sit(AccessRole.ANALYST, monkeypatch)
    page = open_page("rules")
    (switch, *_) = [one for one in page.button if one.label == "Switch off"]
    assert (switch.disabled, switch.help) == (True, "A lead may do this; you are signed in as analyst.")
    assert "Hiding: a lead may do this; you are signed in as analyst." in read(page)
    sit(AccessRole.LEAD, monkeypatch)
    page.run()
    (switch, *_) = [one for one in page.button if one.label == "Switch off"]
    assert not switch.disabled
    assert "may do this" not in read(page)


@pytest.mark.usefixtures("night")
def test_whoever_may_only_look_reads_the_settings_with_their_secrets_masked(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    sit(AccessRole.VIEWER, monkeypatch)
    text = read(open_page("integrations", kind="Webhook"))
    assert "https://hooks.example.com/soc" in text
    assert "Settings: an administrator may do this; you are signed in as viewer." in text
    assert "Not tested yet." in text
    assert "Fill in the form" not in text


def test_the_least_role_is_named() -> None:
    assert {scope: least_role(scope) for scope in Scope} == {
        Scope.READ: AccessRole.VIEWER,
        Scope.ACT: AccessRole.ANALYST,
        Scope.LEAD: AccessRole.LEAD,
        Scope.AUDIT: AccessRole.AUDITOR,
        Scope.ADMIN: AccessRole.ADMIN,
    }
