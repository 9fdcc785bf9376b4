"""The console's pages of the practice Slack: its channels' messages."""

from __future__ import annotations

from html import escape

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from soc.sandbox.kit.vendor import Answer
from soc.sandbox.slack import catalogue as slack
from soc.sandbox.slack.memory import SlackMemory, SlackMessage
from soc.sandbox.slack.show import blocks

SHOWN = 100


def pages(memory: SlackMemory, answer: Answer) -> list[BaseRoute]:
    console = Console(memory, answer)
    return [
        Route("/channel/{name}", console.channel),
        Route("/slack/archives/{id}/{message}", console.message),
        Route("/slack/", console.to_overview),
    ]


def overview(memory: SlackMemory, request: Request) -> str:
    """The newest messages of the alerts' channel, and ways to the others."""
    names = [f"<a href='/channel/{c.name}'>#{escape(c.name)}</a>" for c in slack.CHANNELS.values()]
    messages = memory.in_channel(slack.ALERTS.id)
    return (
        f"<h1 id='slack'>Slack · #{slack.ALERTS.name}</h1><p>{' · '.join(names)}</p>"
        f"<p class='muted'>The last ten messages:</p>{''.join(map(_message, messages[::-1][:10]))}"
    )


class Console:
    def __init__(self, memory: SlackMemory, answer: Answer) -> None:
        self._state = memory
        self._answer = answer

    async def channel(self, request: Request) -> Response:
        channel = slack.find_channel(request.path_params["name"], by_name=True)
        if channel is None:
            return self._answer("Not found", "<h1>There is no such channel here.</h1>", status=404)
        messages = self._state.in_channel(channel.id)
        shown = [_message(message) for message in messages[-SHOWN:]]
        count = f"<p class='muted'>{len(messages)} messages, the newest at the end</p>"
        return self._answer(f"#{channel.name}", f"<h1>#{channel.name}</h1>{count}", *shown)

    async def message(self, request: Request) -> Response:
        """A permalink: to the channel's page, at the message."""
        channel = slack.find_channel(request.path_params["id"])
        target = f"/channel/{channel.name}#{request.path_params['message']}" if channel else "/"
        return RedirectResponse(target, 303)

    async def to_overview(self, request: Request) -> Response:
        return RedirectResponse("/#slack", 303)


def _message(message: SlackMessage) -> str:
    edited = " · edited" if message.edited else ""
    anchor = f"p{message.ts.replace('.', '')}"
    attached = "".join(
        f"<blockquote>{blocks(a.get('blocks') or [], str(a.get('text') or a.get('fallback') or ''))}</blockquote>"
        for a in message.attachments
    )
    body = blocks(message.blocks, message.text) if message.blocks or message.text else ""
    name = escape(slack.BOT.real_name)
    return f"<div class='card' id='{anchor}'><div class='muted'>{name} · ts {message.ts}{edited}</div>{body}{attached}</div>"
