"""How a command ended, as its exit code says it. The table of docs/commands.md is written from this list."""

from __future__ import annotations

from enum import IntEnum

from soc.errors import (
    ConfigurationError,
    Conflict,
    DeliveryError,
    KeyFault,
    LocalFault,
    LogParseError,
    NotFound,
    SocError,
    StoreError,
)


class Ending(IntEnum):
    """Exit codes. They are a promise to scripts: a code is never given another meaning."""

    DONE = 0
    FAULT = 1
    USAGE = 2
    REFUSED = 3
    PARTLY_REFUSED = 4
    UNDELIVERED = 5
    PAUSED = 6
    NOT_AVAILABLE = 7
    CHECK_FAILED = 8
    NOT_FOUND = 9
    STORE = 10
    WRONG_KEY = 11
    PORT_TAKEN = 12
    INTERRUPTED = 130

    @property
    def word(self) -> str:
        """As `--json` and the docs call it."""
        return self.name.lower().replace("_", "-")

    @property
    def meaning(self) -> str:
        return _MEANINGS[self]


_MEANINGS: dict[Ending, str] = {
    Ending.DONE: "everything that was asked for was done",
    Ending.FAULT: "a fault of the product; its log says where",
    Ending.USAGE: "the command, an option, a path or a setting is wrong; nothing was begun",
    Ending.REFUSED: "what was given in was refused: no file could be read, or a document or a change is not valid",
    Ending.PARTLY_REFUSED: "some of the files were refused; the others were processed",
    Ending.UNDELIVERED: "messages were not delivered: given up, or still on their way when the wait ended",
    Ending.PAUSED: "an integration is paused; its messages wait until it is mended",
    Ending.NOT_AVAILABLE: "an integration that was asked for is not configured, or is switched off",
    Ending.CHECK_FAILED: "a connection test or a readiness check failed",
    Ending.NOT_FOUND: "there is nothing with this id",
    Ending.STORE: "the database, the files' root or a file to write cannot be used",
    Ending.WRONG_KEY: "the key of this process does not open what the store has sealed",
    Ending.PORT_TAKEN: "the port cannot be listened on",
    Ending.INTERRUPTED: "interrupted (Ctrl-C, SIGTERM); what was handed in goes on with the next process",
}


def ending_of(error: SocError) -> Ending:
    """The exit code of an expected error."""
    for kind, ending in (
        (NotFound, Ending.NOT_FOUND),
        (LogParseError, Ending.REFUSED),
        (ConfigurationError, Ending.USAGE),
        (DeliveryError, Ending.UNDELIVERED),
        (KeyFault, Ending.WRONG_KEY),
        (StoreError, Ending.STORE),
        (LocalFault, Ending.STORE),
        (Conflict, Ending.REFUSED),
    ):
        if isinstance(error, kind):
            return ending
    return Ending.FAULT


def ending_table() -> str:
    """Every exit code, as a Markdown table."""
    rows = ["| code | in `--json` | what it means |", "|---|---|---|"]
    return "\n".join([*rows, *(f"| {one.value} | `{one.word}` | {one.meaning} |" for one in Ending)])
