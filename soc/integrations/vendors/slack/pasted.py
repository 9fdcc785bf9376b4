"""What people paste where Slack's token, channel and address belong: taken where it says the same, explained where not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from soc.integrations.kit.fields import pasted, pasted_url

#: An id is upper case and holds a digit; a name in upper case is a name.
_ID = re.compile(r"(?=[A-Z]*\d)[A-Z][A-Z0-9]{6,}")
_LINK = re.compile(
    r"(?i)^https?://[^/]*slack\.com/(?:[^?#]*/)?(?:archives|client/[A-Z0-9]+|team|messages)/@?([A-Z0-9]+)"
)
_MENTION = re.compile(r"<([#@!])([A-Z0-9^]+)(?:\|[^>]*)?>")
_CHANNEL_IDS = ("C", "G")
_OTHERS: Mapping[str, str] = {
    "U": "is the id of a member, who would get every alert alone",
    "W": "is the id of a member, who would get every alert alone",
    "D": "is the id of a direct message",
    "T": "is the id of the workspace",
    "E": "is the id of the organisation",
    "S": "is the id of a user group",
    "B": "is the id of a bot",
    "A": "is the id of an app",
}
_WANTED = "; give a channel: its name, such as #soc-alerts, or its id, such as C0123456789"
_BOT = "; the “Bot User OAuth Token” (OAuth & Permissions) begins with xoxb-"
_TOKENS: Mapping[str, str] = {
    "xoxp-": "is a user's token: alerts would be that person's",
    "xoxe.xoxp-": "is a user's token: alerts would be that person's",
    "xapp-": "is an app-level token (Socket Mode), which may not post",
    "xoxe-": "is a refresh token",
    "xoxc-": "is a browser session's token",
    "xoxd-": "is a browser session's cookie",
    "xoxs-": "is a browser session's token",
    "http://": "is an address; an incoming webhook cannot find its messages again",
    "https://": "is an address; an incoming webhook cannot find its messages again",
}


def read_channel(text: str) -> str:
    """`#name` or an id. Raises ValueError for what is no channel, saying what it is."""
    name = pasted(text)
    if found := _MENTION.fullmatch(name):
        name = found[2] if found[1] == "#" else f"@{found[2]}"
    elif found := _LINK.match(name):
        name = found[1].upper()
    elif re.match(r"(?i)https?://", name):
        incoming = "hooks.slack.com" in name
        raise ValueError(f"is the address of {'an incoming webhook' if incoming else 'no channel'}{_WANTED}")
    if name.startswith("@"):
        raise ValueError(f"names a person{_WANTED}")
    bare = name.lstrip("#")
    if _ID.fullmatch(bare):
        if bare[0] in _CHANNEL_IDS:
            return bare
        if bare[0] in _OTHERS:
            raise ValueError(_OTHERS[bare[0]] + _WANTED)
    bare = bare.lower()
    if "," in bare:
        raise ValueError(f"names several{_WANTED.replace('a channel', 'one channel')}")
    if re.search(r"\s", bare):
        raise ValueError("holds a blank, which no channel's name has; Slack writes “-” instead: #soc-alerts")
    if not bare or len(bare) > 80 or re.search(r"[#@<>&/:]", bare):
        raise ValueError("is a channel's name, such as #soc-alerts, or its id, such as C0123456789")
    return f"#{bare}"


def refuse_other_token(token: str) -> None:
    """Raises ValueError for a token of Slack that is no bot's."""
    for start, what in _TOKENS.items():
        if token.lower().startswith(start):
            raise ValueError(what + _BOT)
    if re.fullmatch(r"[0-9a-f]{32}", token):
        raise ValueError(f"is as long as the signing secret, which has a field of its own{_BOT}")


def api_address(url: str) -> str:
    """The Web API's address; what belongs to one method is cut off. Raises ValueError for another of Slack's hosts."""
    parts = urlsplit(pasted_url(url))
    host = (parts.hostname or "").lower()
    if host in ("slack.com", "www.slack.com"):
        return "https://slack.com/api"
    if host.endswith(".slack.com"):
        raise ValueError("is a workspace's or a webhook's address; the Web API is https://slack.com/api")
    return url
