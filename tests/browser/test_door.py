"""Every page as a browser sees it, through the door: without an error, nothing it needs is blocked, nothing frames it, the docs take a key."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from soc.access.scopes import Scope
from soc.ui.kit.places import PLACES

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]

WATCH = """window.blocked = [];
document.addEventListener('securitypolicyviolation', e => window.blocked.push(e.violatedDirective + ' ' + e.blockedURI))"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_opens_without_an_error_and_wants_nothing_that_its_policy_forbids(
    lasting_product: Any, open_page: Callable[..., Page], theme: str
) -> None:
    page = open_page(color_scheme=theme)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.add_init_script(WATCH)
    page.goto(lasting_product.url)
    if theme == "light":
        page.get_by_role("button", name="Practise with the sandbox").click()
    expect(page.get_by_text("Practice data").first).to_be_visible()
    for place in PLACES:
        page.goto(f"{lasting_product.url}/{place.name}" if place is not PLACES[0] else lasting_product.url)
        expect(page.get_by_role("heading", name=place.title).first).to_be_visible()
        page.wait_for_load_state("networkidle")
        expect(page.get_by_test_id("stException")).to_have_count(0)
        assert page.evaluate("window.blocked") == [], place.name
    assert errors == []


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """Another web site on this machine, whose one page asks `?` for something in a frame."""

    class Site(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(f"<iframe id=framed src='{self.path.partition('?')[2]}'></iframe>".encode())

        def log_message(self, *_args: Any) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()


def test_another_site_can_neither_frame_a_page_nor_open_its_websocket(
    lasting_product: Any, open_page: Callable[..., Page], elsewhere: str
) -> None:
    page = open_page()
    page.goto(f"{elsewhere}/?{lasting_product.url}/api_keys")
    page.wait_for_load_state("networkidle")
    assert all("SOC operations" not in frame.content() for frame in page.frames)
    opened = page.evaluate(
        """url => new Promise(done => { const one = new WebSocket(url, ['streamlit']);
        one.onopen = () => done('open'); one.onerror = () => done('refused'); })""",
        f"{lasting_product.url.replace('http', 'ws')}/_stcore/stream",
    )
    assert opened == "refused"
    asked = "url => fetch(url, {mode: 'no-cors'}).then(answer => answer.type, () => 'refused')"
    assert page.evaluate(asked, f"{lasting_product.url}/api/v1/incidents") == "refused"


def test_the_documentation_opens_once_a_key_exists_and_takes_it(
    lasting_product: Any, open_page: Callable[..., Page]
) -> None:
    page = open_page()
    made = page.request.post(
        f"{lasting_product.url}/api/v1/keys", data={"name": "reader", "scope": Scope.ADMIN}
    )
    key = made.json()["key"]
    page.add_init_script(WATCH)
    page.goto(f"{lasting_product.url}/api/v1/docs")
    # the browser resolves the whole description first: ten seconds of a core
    page.get_by_role("button", name="Authorize").first.click(timeout=180_000)
    page.locator("input[type=text], input[type=password]").first.fill(key)
    page.locator(".auth-container").first.get_by_role("button", name="Apply credentials").click()
    page.get_by_role("button", name="Close", exact=True).last.click()
    page.locator(".opblock-get .opblock-summary-path[data-path='/rules']").click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute", exact=True).click()
    expect(page.locator(".live-responses-table tbody .response-col_status").first).to_contain_text("200")
    assert page.evaluate("window.blocked") == []
