"""What exists in the practice Slack before anybody touches it: a workspace, channels, people, three tokens."""

from __future__ import annotations

from dataclasses import dataclass

TEAM_ID = "T0PRACTICE"
TEAM = "SOC practice workspace"
BOT_ID = "B0PRACTICE1"
CREATED = 1_767_225_600  # 2026-01-01T00:00:00Z

TOKEN = "xoxb-practice-token"  # noqa: S105 - practice credentials are printed in the docs on purpose
SIGNING_SECRET = "8f742231b10e8888abcd99yyyzzz85a5"  # noqa: S105 - the one of Slack's own documentation
APP_TOKEN = "xapp-1-A0PRACTICE-1-practice"  # noqa: S105 - printed in the docs on purpose
APP_ID = "A0PRACTICE"
SCOPES = (
    "chat:write", "channels:read", "channels:history", "groups:read", "groups:history", "users:read", "users:read.email",
)  # fmt: skip
TOKENS = {
    TOKEN: SCOPES,
    "xoxb-practice-readonly": tuple(scope for scope in SCOPES if scope != "chat:write"),
    "xoxb-practice-nohistory": tuple(scope for scope in SCOPES if not scope.endswith(":history")),
    "xoxb-practice-noemail": tuple(scope for scope in SCOPES if scope != "users:read.email"),
}


@dataclass(frozen=True)
class Member:
    id: str
    name: str
    real_name: str
    is_bot: bool = False
    email: str = ""
    #: Of another workspace, in a shared channel.
    is_stranger: bool = False
    #: What the person does in a SOC, "" where nobody of a roster is meant.
    role: str = ""


BOT = Member("U0PRACBOT1", "soc-bot", "SOC Bot (practice)", is_bot=True)
MEMBERS = {
    member.id: member
    for member in (
        BOT,
        Member(
            "U0PRACANA1", "ana.lyst", "Ana Lyst (practice)", email="ana.lyst@practice.example", role="analyst"
        ),
        Member(
            "U0PRACLEE1", "lee.ader", "Lee Ader (practice)", email="lee.ader@practice.example", role="lead"
        ),
        Member(
            "U0PRACMAN1", "man.ager", "Man Ager (practice)", email="man.ager@practice.example", role="manager"
        ),
        Member(
            "U0PRACEXE1",
            "exe.cutive",
            "Exe Cutive (practice)",
            email="exe.cutive@practice.example",
            role="executive",
        ),
        Member("U0PRACNOB1", "no.body", "No Body (practice, in no roster)", email="no.body@practice.example"),
        Member(
            "U0PRACSTR1",
            "ana.elsewhere",
            "Ana of another workspace (practice)",
            email="ana.lyst@practice.example",
            is_stranger=True,
        ),
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


#: Who can press the console's buttons.
PEOPLE = tuple(member for member in MEMBERS.values() if not member.is_bot)
