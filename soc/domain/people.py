"""People of the roster: who works here, in which role and team, and by which accounts others know them."""

from __future__ import annotations

import re
from enum import StrEnum
from zoneinfo import ZoneInfo, available_timezones

from soc.errors import ConfigurationError


class Role(StrEnum):
    """What a person does here. Nothing is refused on account of it: what somebody may do is the account's role."""

    ANALYST = "analyst"
    LEAD = "lead"
    MANAGER = "manager"
    EXECUTIVE = "executive"
    ADMINISTRATOR = "administrator"


_EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\".]+")
#: No name, account or id is longer.
LONGEST = 200


def one_line(text: str, what: str, *, needed: bool = False) -> str:
    """The text without the space around and between its words. Raises ConfigurationError where it cannot be used."""
    clean = " ".join(text.split())
    if needed and not clean:
        raise ConfigurationError(f"The {what} is missing.", hint=f"Write the {what}.")
    if len(clean) > LONGEST or any(ord(character) < 32 or ord(character) == 127 for character in clean):
        raise ConfigurationError(
            f"The {what} is not usable.", hint=f"At most {LONGEST} characters, one line."
        )
    return clean


def clean_email(text: str) -> str:
    """In small letters; "" for none. Raises ConfigurationError for what is no address."""
    clean = one_line(text, "e-mail address").lower()
    if clean and not _EMAIL.fullmatch(clean):
        raise ConfigurationError(
            "That is no e-mail address.", hint="Write it as name@example.com, or leave it empty."
        )
    return clean


def clean_zone(text: str) -> str:
    """A zone of the IANA list ("" is UTC). Raises ConfigurationError for another one."""
    clean = one_line(text, "time zone") or "UTC"
    if clean not in available_timezones():
        raise ConfigurationError(
            f"There is no time zone {clean}.", hint="Write it as Europe/Berlin, America/New_York or UTC."
        )
    return ZoneInfo(clean).key


def clean_role(text: str) -> Role:
    """Raises ConfigurationError, naming those there are."""
    try:
        return Role(text.strip().lower())
    except ValueError:
        raise ConfigurationError(
            "There is no such role.", hint=f"One of: {', '.join(role.value for role in Role)}."
        ) from None
