"""What the bot's token has to be allowed, what for, and what is lost without it: for the test and for the app's manifest."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from soc.errors import FailureReason, PermanentDeliveryError
from soc.integrations.vendors.slack.config import SlackConfig


@dataclass(frozen=True)
class Need:
    """One of `scopes` is enough. `lost` is what is not done without it; "" where nothing works without."""

    scopes: tuple[str, ...]
    what_for: str
    lost: str
    interactive: bool = False


NEEDS: tuple[Need, ...] = (
    Need(("chat:write",), "posting and updating alerts", ""),
    Need(
        ("channels:history", "groups:history"),
        "looking for an alert after a lost answer; replies in threads as notes",
        "after a lost answer an alert cannot be looked for and may be posted twice",
    ),
    Need(("channels:read", "groups:read"), "finding the channel by its name", ""),
    Need(
        ("users:read",),
        "knowing who pressed a button",
        "people whose Slack id is not in the roster cannot be found, and their buttons do nothing",
        interactive=True,
    ),
    Need(
        ("users:read.email",),
        "finding that person in the roster by e-mail address",
        "people are found by their Slack id in the roster alone, not by e-mail address",
        interactive=True,
    ),
)
#: Whoever may post to channels that the bot is not in; not needed.
BOT_SCOPES: tuple[str, ...] = (
    "chat:write", "channels:read", "channels:history", "groups:read", "groups:history", "users:read", "users:read.email",
)  # fmt: skip


def compare_scopes(scopes: Collection[str], config: SlackConfig) -> list[str]:
    """What is lost with these scopes, in words. Slack names a token's scopes in a header; a test server may not.

    Raises PermanentDeliveryError where nothing can be posted.
    """
    if not scopes:
        return []
    if "chat:write" not in scopes:
        raise PermanentDeliveryError(
            "the bot may not post messages (scope chat:write).",
            reason=FailureReason.AUTH,
            hint="Add the scope chat:write to the Slack app (OAuth & Permissions) and install it again.",
            detail="missing_scope",
        )
    found = []
    for need in NEEDS:
        wanted = need.lost and (config.answers_back or not need.interactive)
        if wanted and not any(scope in scopes for scope in need.scopes):
            first, *others = need.scopes
            other = f" ({', '.join(others)} for a private channel)" if others else ""
            found.append(f"The scope {first}{other} is missing: {need.lost}.")
    return found
