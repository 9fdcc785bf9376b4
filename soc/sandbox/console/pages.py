"""The console: what the practice vendors received, and the fault switches, as pages for a person."""

from __future__ import annotations

from html import escape

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from soc.sandbox.admin import EVERY, apply, settings_of
from soc.sandbox.console.settings import read_settings, settings_form
from soc.sandbox.faults import LIMITS, NAMES, Fault, Faults
from soc.sandbox.found import VENDORS
from soc.sandbox.kit import html
from soc.sandbox.kit.forms import form_of
from soc.sandbox.state import SandboxState

POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
HEADERS = {"content-security-policy": POLICY, "x-content-type-options": "nosniff"}
LINKS = (("/", "Practice vendors"), *((one.link, one.title) for one in VENDORS), ("/#faults", "Faults"))


def routes(state: SandboxState, faults: Faults) -> list[BaseRoute]:
    """The first page, the switches, and each vendor's own pages."""
    console = Console(state, faults)
    own = [page for one in VENDORS for page in one.pages(state.memories[one.name], answer)]
    return [
        Route("/", console.overview),
        Route("/console/faults", console.switch, methods=["POST"]),
        Route("/console/settings", console.settings, methods=["POST"]),
        Route("/console/reset", console.reset, methods=["POST"]),
        *own,
    ]


def answer(title: str, *parts: str, status: int = 200) -> Response:
    """A page of the console; `parts` are HTML already."""
    return HTMLResponse(html.page(title, LINKS, *parts), status, HEADERS)


class Console:
    def __init__(self, state: SandboxState, faults: Faults) -> None:
        self._state = state
        self._faults = faults

    async def overview(self, request: Request) -> Response:
        """The newest of everything, and the fault switches."""
        return answer(
            "Overview",
            *(one.overview(self._state.memories[one.name], request) for one in VENDORS),
            "<h1 id='faults'>Faults</h1>",
            _fault_table(self._faults),
            FAULT_FORM,
            "<h1 id='settings'>What the vendors are like</h1>",
            settings_form(settings_of(self._state)),
            RESET_FORM,
        )

    async def switch(self, request: Request) -> Response:
        """Switch a fault on, or one (`off=<id>`) or all (`off=all`) off."""
        form = await form_of(request)
        if off := form.pop("off", ""):
            self._faults.switch_off(int(off) if off.isdigit() else None)
        else:
            given = {name: value for name, value in form.items() if value}
            given["retry_after"] = given.get("seconds", "1")
            try:
                self._faults.switch_on(Fault.model_validate(given))
            except ValidationError as error:
                return PlainTextResponse(str(error), 400)
        return RedirectResponse("/#faults", 303)

    async def settings(self, request: Request) -> Response:
        """Make the vendors as the form says."""
        try:
            wanted = EVERY.model_validate(read_settings(await form_of(request)))
        except ValidationError as error:
            return PlainTextResponse(str(error), 400)
        apply(wanted, self._state, EVERY.model_fields)
        return RedirectResponse("/#settings", 303)

    async def reset(self, request: Request) -> Response:
        self._state.reset()
        return RedirectResponse("/", 303)


def _fault_table(faults: Faults) -> str:
    active = faults.active()
    if not active:
        return "<p>None is switched on: every vendor is well.</p>"
    rows = (
        (
            escape(f"{a.fault.kind} {a.fault.limit}".strip()),
            escape(a.fault.vendor),
            f"every {a.fault.every} ({escape(a.fault.method or a.fault.on)})",
            f"{a.struck} of {a.seen}",
            f"<form method='post' action='/console/faults'><button name='off' value='{a.id}'>Off</button></form>",
        )
        for a in active
    )
    return html.table(("Fault", "Vendor", "Strikes", "Struck", ""), rows)


def _options(*names: str) -> str:
    return "".join(f"<option>{name}</option>" for name in names)


FAULT_FORM = (
    "<form class='card' method='post' action='/console/faults'><label>Fault <select name='kind'>"
    + _options("lost_answer", "rate_limit", "server_error", "slow", "lost_request", "login_page")
    + "</select></label><label>Vendor <select name='vendor'>"
    + _options("all", *NAMES)
    + "</select></label><label>On <select name='on'>"
    + _options("writes", "reads", "all")
    + "</select></label><label>Every <input name='every' type='number' min='1' value='4' size='4'></label>"
    "<label>Which limit (429) <select name='limit'><option value=''>the usual one</option>"
    + _options(*LIMITS)
    + "</select></label>"
    "<label>Retry-After or slow (seconds) <input name='seconds' type='number' min='0' value='5' size='4'></label>"
    "<button>Switch on</button></form>"
)
RESET_FORM = (
    "<form class='inline' method='post' action='/console/faults'><button name='off' value='all'>All faults off</button>"
    "</form><form class='inline' method='post' action='/console/reset'>"
    "<button class='danger'>Forget everything that was received</button></form>"
)
