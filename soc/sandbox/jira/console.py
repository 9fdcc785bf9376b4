"""The console's pages of the practice Jira: tickets, with buttons for the workflow and a comment box."""

from __future__ import annotations

from html import escape
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from soc.sandbox.jira import catalogue as jira
from soc.sandbox.jira.issues import move, offered
from soc.sandbox.jira.life.acts import BY_ADMINISTRATORS, change_by_hand
from soc.sandbox.jira.memory import Comment, Issue, JiraMemory
from soc.sandbox.jira.show import rich_text
from soc.sandbox.kit import html
from soc.sandbox.kit.forms import form_of
from soc.sandbox.kit.vendor import Answer

SHOWN = 100


def pages(memory: JiraMemory, answer: Answer) -> list[BaseRoute]:
    console = Console(memory, answer)
    browse = [Route(f"{prefix}/browse/{{key}}", console.ticket) for prefix in ("", "/jira", "/jira-dc")]
    return [
        *browse,
        Route("/browse/{key}/transition", console.transition, methods=["POST"]),
        Route("/browse/{key}/comment", console.comment, methods=["POST"]),
        Route("/browse/{key}/administer", console.administer, methods=["POST"]),
    ]


def overview(memory: JiraMemory, request: Request) -> str:
    """The newest tickets. `?q=` searches key, summary and labels, `?page=` turns pages."""
    wanted = request.query_params.get("q", "")
    issues = [issue for issue in reversed(list(memory.issues.values())) if _mentions(issue, wanted)]
    page = request.query_params.get("page", "1")
    first = (max(int(page), 1) - 1) * SHOWN if page.isdigit() else 0
    count = f"{len(issues)} of {len(memory.issues)} issues, newest first"
    search = (
        f"<form><input name='q' value='{escape(wanted)}' placeholder='key, summary or label'"
        " aria-label='Search tickets'> <button>Search</button></form>"
    )
    return (
        f"<h1 id='jira'>Jira · {escape(jira.PROJECT_NAME)}</h1><p class='muted'>{count}</p>{search}"
        f"{_issue_table(issues[first : first + SHOWN])}{_pages(len(issues), wanted)}"
    )


class Console:
    def __init__(self, memory: JiraMemory, answer: Answer) -> None:
        self._state = memory
        self._answer = answer

    async def ticket(self, request: Request) -> Response:
        issue = self._state.find_issue(request.path_params["key"])
        if issue is None:
            return self._answer("Not found", "<h1>There is no such ticket here.</h1>", status=404)
        buttons = "".join(
            f"<form class='inline' method='post' action='/browse/{issue.key}/transition'>"
            f"<input type='hidden' name='id' value='{step.id}'><button>{escape(step.name)} → {escape(jira.STATUSES[step.to].name)}</button></form>"
            for step in offered(issue)
        )
        comments = "".join(
            f"<div class='card'><div class='muted'>{escape(_name(c.author))} · {html.moment(c.created)}</div>"
            f"{rich_text(c.body)}</div>"
            for c in issue.comments
        )
        return self._answer(
            f"{issue.key} {issue.summary}",
            f"<h1>{issue.key} · {escape(issue.summary)}</h1>{buttons}{_administration(issue)}",
            html.table(("Field", "Value"), _details(issue)),
            f"<h2>Description</h2><div class='card'>{rich_text(issue.description)}</div>",
            f"<h2>Comments ({len(issue.comments)})</h2>{comments}",
            f"<form method='post' action='/browse/{issue.key}/comment'><textarea name='text' rows='3' required"
            f" aria-label='Comment'></textarea><button>Comment as {escape(jira.ANALYST.display_name)}</button></form>",
        )

    async def transition(self, request: Request) -> Response:
        """Take a transition as the analyst (a person, not the product's account)."""
        key, form = request.path_params["key"].upper(), await form_of(request)

        def change(issue: Issue) -> None:
            for step in offered(issue):
                if step.id == form.get("id"):
                    move(issue, step, self._state.now())
                    return

        change_by_hand(self._state, key, change)
        return RedirectResponse(f"/browse/{key}", 303)

    async def administer(self, request: Request) -> Response:
        """As an administrator: a file, to another project, into the archive, out of sight and back, or away for good."""
        issue, form = self._state.find_issue(request.path_params["key"]), await form_of(request)
        act = BY_ADMINISTRATORS.get(form.get("act", ""))
        if issue is None or act is None:
            return self._answer("Not found", "<h1>There is nothing like that here.</h1>", status=404)
        act(self._state, issue.key)
        after = self._state.find_issue(issue.id)
        return RedirectResponse(f"/browse/{after.key}" if after is not None else "/#jira", 303)

    async def comment(self, request: Request) -> Response:
        """Comment as the analyst."""
        key, text = request.path_params["key"].upper(), (await form_of(request)).get("text", "").strip()

        def change(issue: Issue) -> None:
            new = Comment(self._state.next_comment_id(), jira.ANALYST.account_id, text, self._state.now())
            issue.comments.append(new)

        if text:
            change_by_hand(self._state, key, change)
        return RedirectResponse(f"/browse/{key}", 303)


def _administration(issue: Issue) -> str:
    """A button for each, and how the ticket stands for the product."""
    stands = "archived" if issue.archived else "out of sight of the product's account" if issue.hidden else ""
    note = f"<p class='muted'>It is {stands}.</p>" if stands else ""
    buttons = "".join(
        f"<form class='inline' method='post' action='/browse/{issue.key}/administer'>"
        f"<input type='hidden' name='act' value='{escape(name, quote=True)}'><button>{escape(name)}</button></form>"
        for name in BY_ADMINISTRATORS
    )
    return f"<p>{buttons}</p>{note}"


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
            jira.EVERY_TYPE[i.issue_type],
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
        ("Type", jira.EVERY_TYPE[issue.issue_type]),
        ("Labels", html.tags(issue.labels)),
        ("Components", html.tags(jira.COMPONENTS[key] for key in issue.components)),
        ("Due", escape(issue.duedate or "—")),
        ("Assignee", escape(_name(issue.assignee)) if issue.assignee else "Unassigned"),
        ("Reporter", escape(_name(issue.reporter))),
        ("Watchers", html.tags(map(_name, issue.watchers)) if issue.watchers else "Nobody"),
        ("Created", html.moment(issue.created)),
        ("Updated", html.moment(issue.updated)),
        ("Entity properties", f"<code>{escape(str(issue.properties))}</code>" if issue.properties else "—"),
    ]


def _name(account: str) -> str:
    return jira.USERS[account].display_name
