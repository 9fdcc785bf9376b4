"""What exists in the practice Slack before anybody touches it: a workspace, channels, people, three tokens."""

from __future__ import annotations

from dataclasses import dataclass

TEAM_ID = "T0PRACTICE"
TEAM = "SOC practice workspace"
BOT_ID = "B0PRACTICE1"
CREATED = 1_767_225_600  # 2026-01-01T00:00:00Z

TOKEN = "xoxb-practice-token"  # noqa: S105 - practice credentials are printed in the docs on purpose
SCOPES = ("chat:write", "channels:read", "channels:history", "groups:read", "groups:history", "users:read")
TOKENS = {
    TOKEN: SCOPES,
    "xoxb-practice-readonly": tuple(scope for scope in SCOPES if scope != "chat:write"),
    "xoxb-practice-nohistory": tuple(scope for scope in SCOPES if not scope.endswith(":history")),
}


@dataclass(frozen=True)
class Member:
    id: str
    name: str
    real_name: str
    is_bot: bool = False


BOT = Member("U0PRACBOT1", "soc-bot", "SOC Bot (practice)", is_bot=True)
MEMBERS = {
    member.id: member
    for member in (
        BOT,
        Member("U0PRACANA1", "ana.lyst", "Ana Lyst (practice)"),
        Member("U0PRACLEE1", "lee.ader", "Lee Ader (practice)"),
    )
}


@dataclass(frozen=True)
class Channel:
    """A channel; the bot can write only where it is a member."""

    id: str
    name: str
    topic: str = ""
    is_private: bool = False
    is_member: bool = True
    is_archived: bool = False


ALERTS = Channel("C0PRACALRT", "soc-alerts", "What the dashboard has to say (practice)")
CHANNELS = {
    channel.id: channel
    for channel in (
        ALERTS,
        Channel("C0PRACCRIT", "soc-critical", "Only what cannot wait (practice)"),
        Channel("C0PRACSECA", "security-alerts", "Security alerts (practice)"),
        Channel("C0PRACGENE", "general", "Company-wide (practice)"),
        Channel("C0PRACRAND", "random", "Anything (practice)", is_member=False),
        Channel("C0PRACOLD1", "soc-alerts-2024", "Archived (practice)", is_archived=True),
        Channel("G0PRACLEAD", "soc-leads", "Private, with the bot in it (practice)", is_private=True),
    )
}


def find_channel(name: str, *, by_name: bool = False) -> Channel | None:
    """By id; with `by_name` also by `name` or `#name`."""
    if name in CHANNELS:
        return CHANNELS[name]
    wanted = name.removeprefix("#")
    return next((c for c in CHANNELS.values() if by_name and c.name == wanted), None)
