"""The console: what the practice vendors received, and the fault switches, as pages for a person."""

from __future__ import annotations

from html import escape
from urllib.parse import parse_qs, quote

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from soc.sandbox.console import html, received
from soc.sandbox.faults import VENDORS, Fault, Faults
from soc.sandbox.jira import catalogue as jira
from soc.sandbox.jira.issues import change_as_analyst, move, offered
from soc.sandbox.slack import catalogue as slack
from soc.sandbox.state import Comment, Issue, SandboxState, SlackMessage

SHOWN = 100
POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
HEADERS = {"content-security-policy": POLICY, "x-content-type-options": "nosniff"}


def routes(state: SandboxState, faults: Faults) -> list[BaseRoute]:
    console = Console(state, faults)
    browse = [Route(f"{prefix}/browse/{{key}}", console.ticket) for prefix in ("", "/jira", "/jira-dc")]
    return [
        Route("/", console.overview),
        *browse,
        Route("/browse/{key}/transition", console.transition, methods=["POST"]),
        Route("/browse/{key}/comment", console.comment, methods=["POST"]),
        Route("/channel/{name}", console.channel),
        Route("/slack/archives/{id}/{message}", console.message),
        Route("/slack/", console.to_overview),
        Route("/console/faults", console.switch, methods=["POST"]),
        Route("/console/reset", console.reset, methods=["POST"]),
        *received.routes(state, _answer),
    ]


class Console:
    def __init__(self, state: SandboxState, faults: Faults) -> None:
        self._state = state
        self._faults = faults

    async def overview(self, request: Request) -> Response:
        """The newest of everything, and the fault switches. `?q=` searches key, summary and labels, `?page=` turns pages."""
        wanted = request.query_params.get("q", "")
        issues = [issue for issue in reversed(list(self._state.issues.values())) if _mentions(issue, wanted)]
        page = request.query_params.get("page", "1")
        first = (max(int(page), 1) - 1) * SHOWN if page.isdigit() else 0
        messages = self._state.in_channel(slack.ALERTS.id)
        count = f"{len(issues)} of {len(self._state.issues)} issues, newest first"
        search = (
            f"<form><input name='q' value='{escape(wanted)}' placeholder='key, summary or label'"
            " aria-label='Search tickets'> <button>Search</button></form>"
        )
        return _answer(
            "Overview",
            f"<h1 id='jira'>Jira · {escape(jira.PROJECT_NAME)}</h1><p class='muted'>{count}</p>{search}",
            _issue_table(issues[first : first + SHOWN]),
            _pages(len(issues), wanted),
            f"<h1 id='slack'>Slack · #{slack.ALERTS.name}</h1>{self._channel_links()}",
            *[_message(message) for message in messages[::-1][:10]],
            received.overview(self._state),
            "<h1 id='faults'>Faults</h1>",
            _fault_table(self._faults),
            FAULT_FORM,
            RESET_FORM,
        )

    async def ticket(self, request: Request) -> Response:
        issue = self._state.find_issue(request.path_params["key"])
        if issue is None:
            return _answer("Not found", "<h1>There is no such ticket here.</h1>", status=404)
        buttons = "".join(
            f"<form class='inline' method='post' action='/browse/{issue.key}/transition'>"
            f"<input type='hidden' name='id' value='{step.id}'><button>{escape(step.name)} → {escape(jira.STATUSES[step.to].name)}</button></form>"
            for step in offered(issue)
        )
        comments = "".join(
            f"<div class='card'><div class='muted'>{escape(_name(c.author))} · {html.moment(c.created)}</div>"
            f"{html.rich_text(c.body)}</div>"
            for c in issue.comments
        )
        return _answer(
            f"{issue.key} {issue.summary}",
            f"<h1>{issue.key} · {escape(issue.summary)}</h1>{buttons}",
            html.table(("Field", "Value"), _details(issue)),
            f"<h2>Description</h2><div class='card'>{html.rich_text(issue.description)}</div>",
            f"<h2>Comments ({len(issue.comments)})</h2>{comments}",
            f"<form method='post' action='/browse/{issue.key}/comment'><textarea name='text' rows='3' required"
            f" aria-label='Comment'></textarea><button>Comment as {escape(jira.ANALYST.display_name)}</button></form>",
        )

    async def transition(self, request: Request) -> Response:
        """Take a transition as the analyst (a person, not the product's account)."""
        key, form = request.path_params["key"].upper(), await _form(request)

        def change(issue: Issue) -> None:
            for step in offered(issue):
                if step.id == form.get("id"):
                    move(issue, step)
                    return

        change_as_analyst(self._state, key, change)
        return RedirectResponse(f"/browse/{key}", 303)

    async def comment(self, request: Request) -> Response:
        """Comment as the analyst."""
        key, text = request.path_params["key"].upper(), (await _form(request)).get("text", "").strip()

        def change(issue: Issue) -> None:
            new = Comment(self._state.next_comment_id(), jira.ANALYST.account_id, text, self._state.now())
            issue.comments.append(new)

        if text:
            change_as_analyst(self._state, key, change)
        return RedirectResponse(f"/browse/{key}", 303)

    async def channel(self, request: Request) -> Response:
        channel = slack.find_channel(request.path_params["name"], by_name=True)
        if channel is None:
            return _answer("Not found", "<h1>There is no such channel here.</h1>", status=404)
        messages = self._state.in_channel(channel.id)
        shown = [_message(message) for message in messages[-SHOWN:]]
        count = f"<p class='muted'>{len(messages)} messages, the newest at the end</p>"
        return _answer(f"#{channel.name}", f"<h1>#{channel.name}</h1>{count}", *shown)

    async def message(self, request: Request) -> Response:
        """A permalink: to the channel's page, at the message."""
        channel = slack.find_channel(request.path_params["id"])
        target = f"/channel/{channel.name}#{request.path_params['message']}" if channel else "/"
        return RedirectResponse(target, 303)

    async def to_overview(self, request: Request) -> Response:
        return RedirectResponse("/#slack", 303)

    async def switch(self, request: Request) -> Response:
        """Switch a fault on, or one (`off=<id>`) or all (`off=all`) off."""
        form = await _form(request)
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

    async def reset(self, request: Request) -> Response:
        self._state.reset()
        return RedirectResponse("/", 303)

    def _channel_links(self) -> str:
        names = [f"<a href='/channel/{c.name}'>#{escape(c.name)}</a>" for c in slack.CHANNELS.values()]
        return f"<p>{' · '.join(names)}</p><p class='muted'>The last ten messages:</p>"


async def _form(request: Request) -> dict[str, str]:
    body = (await request.body()).decode(errors="replace")
    return {name: values[-1] for name, values in parse_qs(body).items()}


def _answer(title: str, *parts: str, status: int = 200) -> Response:
    return HTMLResponse(html.page(title, *parts), status, HEADERS)


def _mentions(issue: Issue, wanted: str) -> bool:
    return wanted.casefold() in f"{issue.key} {issue.summary} {' '.join(issue.labels)}".casefold()


def _issue_table(issues: list[Issue]) -> str:
    if not issues:
        return "<p>No tickets yet. Process a log with Jira switched on and they appear here.</p>"
    rows = (
        (
            f"<a href='/browse/{i.key}'>{i.key}</a>",
            escape(i.summary),
            jira.STATUSES[i.status].name,
            jira.PRIORITIES[i.priority],
            jira.ISSUE_TYPES[i.issue_type],
            escape(i.duedate or ""),
            html.moment(i.created),
        )
        for i in issues
    )
    return html.table(("Key", "Summary", "Status", "Priority", "Type", "Due", "Created (UTC)"), rows)


def _pages(total: int, wanted: str) -> str:
    """Links to the pages of tickets, where there is more than one."""
    last = (total + SHOWN - 1) // SHOWN
    query = quote(wanted)
    links = [f"<a href='/?q={query}&amp;page={number}'>{number}</a>" for number in range(1, last + 1)]
    return f"<p>Page {' '.join(links)}</p>" if last > 1 else ""


def _details(issue: Issue) -> list[tuple[str, str]]:
    return [
        ("Status", jira.STATUSES[issue.status].name),
        ("Resolution", jira.RESOLUTIONS[issue.resolution] if issue.resolution else "Unresolved"),
        ("Priority", jira.PRIORITIES[issue.priority]),
        ("Type", jira.ISSUE_TYPES[issue.issue_type]),
        ("Labels", html.tags(issue.labels)),
        ("Components", html.tags(jira.COMPONENTS[key] for key in issue.components)),
        ("Due", escape(issue.duedate or "—")),
        ("Assignee", escape(_name(issue.assignee)) if issue.assignee else "Unassigned"),
        ("Reporter", escape(_name(issue.reporter))),
        ("Created", html.moment(issue.created)),
        ("Updated", html.moment(issue.updated)),
        ("Entity properties", f"<code>{escape(str(issue.properties))}</code>" if issue.properties else "—"),
    ]


def _name(account: str) -> str:
    return jira.USERS[account].display_name


def _message(message: SlackMessage) -> str:
    edited = " · edited" if message.edited else ""
    anchor = f"p{message.ts.replace('.', '')}"
    attached = "".join(
        f"<blockquote>{html.blocks(a.get('blocks') or [], str(a.get('text') or a.get('fallback') or ''))}</blockquote>"
        for a in message.attachments
    )
    body = html.blocks(message.blocks, message.text) if message.blocks or message.text else ""
    name = escape(slack.BOT.real_name)
    return f"<div class='card' id='{anchor}'><div class='muted'>{name} · ts {message.ts}{edited}</div>{body}{attached}</div>"


def _fault_table(faults: Faults) -> str:
    active = faults.active()
    if not active:
        return "<p>None is switched on: every vendor is well.</p>"
    rows = (
        (
            escape(a.fault.kind),
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
    + _options("all", *dict.fromkeys(VENDORS.values()))
    + "</select></label><label>On <select name='on'>"
    + _options("writes", "reads", "all")
    + "</select></label><label>Every <input name='every' type='number' min='1' value='4' size='4'></label>"
    "<label>Retry-After or slow (seconds) <input name='seconds' type='number' min='0' value='5' size='4'></label>"
    "<button>Switch on</button></form>"
)
RESET_FORM = (
    "<form class='inline' method='post' action='/console/faults'><button name='off' value='all'>All faults off</button>"
    "</form><form class='inline' method='post' action='/console/reset'>"
    "<button class='danger'>Forget everything that was received</button></form>"
)
