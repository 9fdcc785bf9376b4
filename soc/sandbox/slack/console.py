"""The console's pages of the practice Slack: its channels' messages, whose buttons can be pressed, and its faults."""

from __future__ import annotations

from html import escape

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from soc.sandbox.kit.forms import form_of
from soc.sandbox.kit.html import table
from soc.sandbox.kit.vendor import Answer
from soc.sandbox.slack import catalogue as slack
from soc.sandbox.slack.acting import Acting
from soc.sandbox.slack.memory import SlackMemory, SlackMessage
from soc.sandbox.slack.show import blocks
from soc.sandbox.slack.showing import form_page, message_card, who_field

SHOWN = 100


def pages(memory: SlackMemory, answer: Answer) -> list[BaseRoute]:
    console = Console(memory, answer)
    return [
        Route("/channel/{name}", console.channel),
        Route("/slack/archives/{id}/{message}", console.message),
        Route("/slack/press", console.press, methods=["POST"]),
        Route("/slack/reply", console.reply, methods=["POST"]),
        Route("/slack/form/{id}", console.form, methods=["GET", "POST"]),
        Route("/slack/sent", console.sent),
        Route("/slack/refresh", console.refresh, methods=["POST"]),
        Route("/slack/", console.to_overview),
    ]


def overview(memory: SlackMemory, request: Request) -> str:
    """The newest messages of the alerts' channel, and ways to the others."""
    names = [f"<a href='/channel/{c.name}'>#{escape(c.name)}</a>" for c in slack.CHANNELS.values()]
    messages = [one for one in memory.in_channel(slack.ALERTS.id) if one.thread_ts in (None, one.ts)]
    cards = [_shown(message) for message in messages[::-1][:10]]
    return (
        f"<h1 id='slack'>Slack · #{slack.ALERTS.name}</h1><p>{' · '.join(names)} · <a href='/slack/sent'>what people did</a></p>"
        f"<p class='muted'>The last ten messages; in the channel their buttons can be pressed:</p>{''.join(cards)}"
    )


class Console:
    def __init__(self, memory: SlackMemory, answer: Answer) -> None:
        self._state = memory
        self._answer = answer
        self._acting = Acting(memory, memory.sockets)

    async def channel(self, request: Request) -> Response:
        channel = slack.find_channel(request.path_params["name"], by_name=True)
        if channel is None:
            return self._answer("Not found", "<h1>There is no such channel here.</h1>", status=404)
        me = _member_of(request)
        all_of_it = self._state.in_channel(channel.id)
        seen = [one for one in all_of_it if one.only_for in ("", me.id)]
        roots = [one for one in seen if one.thread_ts in (None, one.ts)][-SHOWN:]
        cards = [message_card(one, [r for r in seen if r.thread_ts == one.ts != r.ts], me) for one in roots]
        count = f"<p class='muted'>{len(all_of_it)} messages, the newest at the end</p>"
        here = f"/channel/{channel.name}"
        return self._answer(
            f"#{channel.name}",
            f"<h1>#{channel.name}</h1>{count}",
            who_field(here, me),
            _last(self._state),
            *cards,
        )

    async def message(self, request: Request) -> Response:
        """A permalink: to the channel's page, at the message."""
        channel = slack.find_channel(request.path_params["id"])
        target = f"/channel/{channel.name}#{request.path_params['message']}" if channel else "/"
        return RedirectResponse(target, 303)

    async def press(self, request: Request) -> Response:
        """A button: to the form that the app opened for it, else back to the channel."""
        fields = await form_of(request)
        message = self._state.messages.get((fields.get("channel", ""), fields.get("ts", "")))
        action = _action_of(message, fields.get("action", "")) if message is not None else None
        if message is None or action is None:
            return self._answer("Gone", "<h1>This button is no more.</h1>", status=404)
        me = _member(fields.get("who", ""))
        before = set(self._state.views)
        await self._acting.press(message, action, me)
        opened = await self._acting.form_opened(me, before) if action.get("action_id") in FORMS else None
        if opened is not None:
            return RedirectResponse(f"/slack/form/{opened.id}", 303)
        return _back(message, me)

    async def reply(self, request: Request) -> Response:
        fields = await form_of(request)
        message = self._state.messages.get((fields.get("channel", ""), fields.get("ts", "")))
        if message is None or not fields.get("text", "").strip():
            return self._answer("Gone", "<h1>There is nothing to answer.</h1>", status=404)
        me = _member(fields.get("who", ""))
        await self._acting.reply(message, fields["text"], me)
        return _back(message, me)

    async def form(self, request: Request) -> Response:
        view = self._state.views.get(request.path_params["id"])
        if view is None:
            return self._answer("Closed", "<h1>This form is closed.</h1>", _last(self._state), status=404)
        if request.method == "POST":
            fields = await form_of(request)
            await self._acting.submit(view, fields)
            if view.id not in self._state.views:
                return RedirectResponse(f"/channel/{slack.ALERTS.name}?who={view.user}", 303)
        return self._answer(str(view.view["title"]["text"]), form_page(view))

    async def sent(self, request: Request) -> Response:
        """What people did here, and how the app answered."""
        rows = [
            (
                escape(one.what),
                escape(one.way),
                f"{one.seconds:.3f} s" if one.seconds is not None else "–",
                escape(one.said),
            )
            for one in reversed(self._state.sent)
        ]
        links = f"<p>{len(self._state.sockets.links)} connections of Socket Mode (most at once: {self._state.sockets.most})</p>"
        heads = ("What", "How it was sent", "Answered after", "Outcome")
        again = "<form class='inline' method='post' action='/slack/refresh'><button>Ask all connections to come again</button></form>"
        return self._answer("What people did", "<h1>What people did</h1>", links, again, table(heads, rows))

    async def refresh(self, request: Request) -> Response:
        await self._state.sockets.refresh()
        return RedirectResponse("/slack/sent", 303)

    async def to_overview(self, request: Request) -> Response:
        return RedirectResponse("/#slack", 303)


def _shown(message: SlackMessage) -> str:
    return f"<div class='card'>{blocks(message.blocks, message.text)}</div>"


FAULTS = "<p>How Slack behaves (request URL, closed edit window …): <a href='/#settings'>settings</a>; slow answers: <a href='/#faults'>faults</a></p>"
#: Buttons that are answered with a form are waited for a moment.
FORMS = ("soc.ask_note", "soc.ask_close")


def _action_of(message: SlackMessage, action_id: str) -> dict[str, object] | None:
    for block in message.blocks:
        for element in block.get("elements") or () if block.get("type") == "actions" else ():
            if element.get("action_id") == action_id and not element.get("url"):
                return {**element, "block_id": block.get("block_id")}
    return None


def _member(member_id: str) -> slack.Member:
    member = slack.MEMBERS.get(member_id)
    return member if member is not None and not member.is_bot else slack.PEOPLE[0]


def _member_of(request: Request) -> slack.Member:
    return _member(request.query_params.get("who", ""))


def _back(message: SlackMessage, me: slack.Member) -> Response:
    name = slack.CHANNELS[message.channel].name
    return RedirectResponse(f"/channel/{name}?who={me.id}#p{message.ts.replace('.', '')}", 303)


def _last(memory: SlackMemory) -> str:
    """How the app answered what was done last; a person in Slack sees a warning where it did not in time."""
    if not memory.sent:
        return ""
    one = memory.sent[-1]
    took = f" after {one.seconds:.3f} s" if one.seconds is not None else ""
    bad = "" if one.seconds is not None else " danger"
    return f"<p class='tag{bad}'>{escape(one.what)} · {escape(one.way)}: {escape(one.said)}{took}</p>"
