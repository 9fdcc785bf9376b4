"""The practice Slack: the Web API methods that an alerting client calls. Errors are HTTP 200 with `ok: false`."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from soc.sandbox.slack import catalogue
from soc.sandbox.slack.forms import Forms
from soc.sandbox.slack.memory import SlackMemory
from soc.sandbox.slack.messages import Messages
from soc.sandbox.slack.wire import Arguments, Json, SlackError, next_cursor, read_arguments, read_cursor

PREFIX = "/slack/api"
Method = Callable[[Arguments], Json]


def routes(state: SlackMemory) -> list[Route]:
    """`/slack/api/<method>` by GET and POST."""
    messages, forms = Messages(state), Forms(state)
    methods: dict[str, Method] = {
        "api.test": lambda arguments: {"args": {}},
        "auth.test": auth_test,
        "conversations.list": list_channels,
        "conversations.info": show_channel,
        "conversations.history": messages.history,
        "conversations.replies": messages.replies,
        "chat.postMessage": messages.post,
        "chat.update": messages.update,
        "chat.postEphemeral": messages.whisper,
        "chat.getPermalink": messages.permalink,
        "users.list": list_members,
        "users.info": show_member,
        "users.lookupByEmail": find_member,
        "views.open": forms.open,
        "apps.connections.open": state.sockets.open,
    }

    async def answer(request: Request) -> Response:
        headers = {"x-slack-req-id": uuid.uuid4().hex}
        method = methods.get(request.path_params["method"])
        try:
            if method is None:
                raise SlackError("unknown_method", req_method=request.path_params["method"])
            arguments = await read_arguments(request, state.archived_channels)
            headers["x-oauth-scopes"] = ",".join(arguments.scopes)
            body = {"ok": True, **method(arguments)}
            if arguments.warnings:
                body["warning"] = ",".join(arguments.warnings)
                known = body.get("response_metadata", {})
                body["response_metadata"] = {**known, "warnings": arguments.warnings}
            return JSONResponse(body, headers=headers)
        except SlackError as error:
            return JSONResponse(error.body, headers=headers)
        except RecursionError:
            return JSONResponse(SlackError("invalid_arguments").body, headers=headers)

    return [Route(f"{PREFIX}/{{method}}", answer, methods=["GET", "POST"])]


def auth_test(arguments: Arguments) -> Json:
    return {
        "url": f"{arguments.site}/",
        "team": catalogue.TEAM,
        "user": catalogue.BOT.name,
        "team_id": catalogue.TEAM_ID,
        "user_id": catalogue.BOT.id,
        "bot_id": catalogue.BOT_ID,
        "is_enterprise_install": False,
    }


def list_channels(arguments: Arguments) -> Json:
    """Paged; `types` (default public_channel) and `exclude_archived` filter."""
    types = [kind.strip() for kind in (arguments.text("types") or "public_channel").split(",")]
    if set(types) - {"public_channel", "private_channel", "mpim", "im"}:
        raise SlackError("invalid_types")
    arguments.need("groups:read" if types == ["private_channel"] else "channels:read")
    channels = [
        channel
        for channel in map(arguments.as_it_is, catalogue.CHANNELS.values())
        if ("private_channel" if channel.is_private else "public_channel") in types
        and not (channel.is_archived and arguments.flag("exclude_archived"))
    ]
    return _page(arguments, "channels", [_channel(channel) for channel in channels], default=100)


def show_channel(arguments: Arguments) -> Json:
    """By id only: names are not resolved here."""
    arguments.need("channels:read")
    channel = arguments.channel()
    return {"channel": _channel(channel) | {"last_read": "0000000000.000000"}}


def list_members(arguments: Arguments) -> Json:
    arguments.need("users:read")
    members = [_member(member, arguments) for member in catalogue.MEMBERS.values()]
    return _page(arguments, "members", members, default=1000) | {"cache_ts": catalogue.CREATED}


def show_member(arguments: Arguments) -> Json:
    arguments.need("users:read")
    member = catalogue.MEMBERS.get(arguments.text("user"))
    if member is None:
        raise SlackError("user_not_found")
    return {"user": _member(member, arguments)}


def find_member(arguments: Arguments) -> Json:
    """`users.lookupByEmail`: members of this workspace alone."""
    arguments.need("users:read.email")
    asked = arguments.text("email").casefold()
    for member in catalogue.MEMBERS.values():
        if asked and member.email.casefold() == asked and not member.is_stranger:
            return {"user": _member(member, arguments)}
    raise SlackError("users_not_found")


def _member(member: catalogue.Member, arguments: Arguments) -> Json:
    """A member; the e-mail address only for who may see it."""
    email = {"email": member.email} if member.email and "users:read.email" in arguments.scopes else {}
    return {
        "id": member.id,
        "team_id": "T0ELSEWHER" if member.is_stranger else catalogue.TEAM_ID,
        "name": member.name,
        "real_name": member.real_name,
        "deleted": False,
        "is_bot": member.is_bot,
        "is_stranger": member.is_stranger,
        "is_admin": False,
        "is_owner": False,
        "is_app_user": False,
        "updated": catalogue.CREATED,
        "tz": "Etc/UTC",
        "tz_label": "Coordinated Universal Time",
        "tz_offset": 0,
        "profile": _profile(member) | email,
    }


def _profile(member: catalogue.Member) -> Json:
    return {
        "real_name": member.real_name,
        "real_name_normalized": member.real_name,
        "display_name": member.name,
        "display_name_normalized": member.name,
        "avatar_hash": "practice0000",
        "team": catalogue.TEAM_ID,
    }


def _channel(channel: catalogue.Channel) -> Json:
    nobody = {"value": "", "creator": "", "last_set": 0}
    return {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": not channel.is_private,
        "is_group": channel.is_private,
        "is_im": False,
        "is_mpim": False,
        "is_private": channel.is_private,
        "is_archived": channel.is_archived,
        "is_member": channel.is_member,
        "is_general": channel.name == "general",
        "is_shared": False,
        "is_ext_shared": False,
        "is_org_shared": False,
        "created": catalogue.CREATED,
        "creator": "U0PRACLEE1",
        "unlinked": 0,
        "topic": {"value": channel.topic, "creator": "U0PRACLEE1", "last_set": catalogue.CREATED},
        "purpose": nobody,
        "num_members": len(catalogue.MEMBERS),
        "previous_names": [],
    }


def _page(arguments: Arguments, name: str, values: list[Json], *, default: int) -> Json:
    limit = arguments.number("limit", default, 1000)
    position = read_cursor(name, arguments.text("cursor"))
    start = int(position) if position.isdigit() else 0
    more = start + limit < len(values)
    cursor = next_cursor(name, str(start + limit)) if more else ""
    return {name: values[start : start + limit], "response_metadata": {"next_cursor": cursor}}
