"""Two browsers and a provider: signed in by it, and out of an open tab as soon as an administrator says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.access.provider import Provider

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """The product that is started after it asks it who people are."""
    with Provider() as running:
        for name, value in {"SOC_SIGN_IN": "oidc", **running.settings()}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("SOC_ROLES", "soc-leads=admin,soc-viewers=viewer")
        yield running


def _sign_in(page: Page, address: str, name: str) -> None:
    page.goto(address)
    page.get_by_role("link", name="Sign in with Test provider").click()
    page.get_by_role("link", name=name).click()


def test_who_is_disabled_in_one_browser_is_led_out_of_the_open_page_of_the_other(
    provider: Provider, product: Any, open_page: Callable[..., Page]
) -> None:
    admin, viewer = open_page(), open_page()
    _sign_in(viewer, f"{product.url}/rules", "bo")
    expect(viewer.get_by_role("heading", name="Rules").first).to_be_visible()
    expect(viewer.get_by_text("Bo · viewer")).to_be_visible()
    expect(viewer.get_by_role("button", name="Switch off").first).to_be_disabled()
    expect(viewer.get_by_text("Hiding: a lead may do this; you are signed in as viewer.")).to_be_attached()
    _sign_in(admin, f"{product.url}/account", "anna")
    admin.goto(f"{product.url}/account")
    row = (
        admin.get_by_role("row")
        .filter(has_text="bo at")
        .filter(has=admin.get_by_role("button", name="Disable"))
    )
    row.get_by_role("button").click()
    viewer.wait_for_url("**/signin?next=%2Frules")
    assert viewer.context.request.get(f"{product.url}/api/v1/incidents").status == 401
