"""What commands say and how they end: results on standard output, all else on standard error, the reason at the end."""

from __future__ import annotations

import getpass
import io
import json
import os
import re
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from typer.core import TyperGroup

from soc.cli.endings import Ending, ending_of
from soc.errors import ConfigurationError, SocError, where_it_broke

err = Console(stderr=True, highlight=False)

#: What a terminal obeys or hides. Names of files and words of vendors may hold it.
_TRICKS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


@dataclass
class _Manner:
    """How the command that runs was asked to speak; `said`: its document has been written."""

    json: bool = False
    quiet: bool = False
    said: bool = False


_manner = _Manner()


def _set_json(wanted: bool) -> None:
    _manner.json = wanted


def _set_quiet(wanted: bool) -> None:
    _manner.quiet = wanted


Json = Annotated[
    bool,
    typer.Option(
        "--json",
        callback=_set_json,
        help="One JSON document on standard output; all talk goes to standard error.",
    ),
]
Quiet = Annotated[
    bool,
    typer.Option("--quiet", "-q", callback=_set_quiet, help="Say only what went wrong, and no progress."),
]


def harmless(text: str) -> str:
    """The text without anything that a terminal would obey: such characters are spelled out."""
    return _TRICKS.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def note(text: str) -> None:
    """Talk beside the result."""
    if not _manner.quiet:
        _tell(text)


def warn(text: str) -> None:
    """Something that went wrong and does not end the command."""
    _tell(f"⚠️  {text}", style="yellow")


def complain(text: str) -> None:
    """Something that went wrong."""
    _tell(f"❌ {text}", style="red")


def _tell(text: str, style: str = "") -> None:
    err.print(harmless(text), style=style, markup=False, soft_wrap=True)


def result(text: str = "") -> None:
    """A line of the result. With --json it is left out: the document says it."""
    if not (_manner.json or _manner.quiet):
        print(harmless(text))


class _BetweenLines(io.StringIO):
    """Writes the log's lines whole, above a progress that is being drawn."""

    def __init__(self) -> None:
        super().__init__()
        self._begun = ""

    def write(self, text: str) -> int:
        *lines, self._begun = (self._begun + text).split("\n")
        for line in lines:
            err.print(harmless(line), markup=False, soft_wrap=True)
        return len(text)


def log_between_lines() -> None:
    """Set up the log of a command that draws a progress. Only warnings, unless SOC_LOG_LEVEL asks for more."""
    from soc.json_log import set_up_logging  # start-up cost
    from soc.settings import get_settings  # start-up cost

    asked = "log_level" in get_settings().model_fields_set
    set_up_logging(stream=_BetweenLines(), level=None if asked else "WARNING")


def open_store() -> None:
    """The store with this version's tables, for a command that looks at it or changes it. Raises StoreError and others."""
    from soc.audit.whereabouts import set_whereabouts  # start-up cost
    from soc.script_log import log_beside_the_output  # start-up cost
    from soc.settings import get_settings  # start-up cost
    from soc.store.migrate import migrate  # start-up cost

    set_whereabouts(f"shell {getpass.getuser()}@{socket.gethostname()}")
    settings = get_settings()
    log_beside_the_output(settings.log_level if "log_level" in settings.model_fields_set else "WARNING")
    migrate()


def speaks_json() -> bool:
    return _manner.json


def is_quiet() -> bool:
    return _manner.quiet


def give(document: Mapping[str, Any]) -> None:
    """The document of --json; without it nothing."""
    if _manner.json and not _manner.said:
        _manner.said = True
        print(json.dumps(document, indent=2, ensure_ascii=False, default=str))


def end(ending: Ending, reason: str = "", *, told: bool = False) -> NoReturn:
    """End the command with this code, its reason in the closing line (unless it was told). Raises typer.Exit."""
    if reason and not told:
        complain(reason)
    give({"exit_code": ending.value, "ending": ending.word, "reason": reason})
    raise typer.Exit(ending.value)


@contextmanager
def explained() -> Iterator[None]:
    """Whatever goes wrong is one line that says what to do, and the exit code of its kind; never a traceback."""
    try:
        yield
    except typer.Abort:
        end(Ending.INTERRUPTED, "Interrupted.")
    except (typer.Exit, typer.TyperException):
        raise
    except SocError as error:
        end(ending_of(error), str(error))
    except KeyboardInterrupt:
        end(Ending.INTERRUPTED, "Interrupted.")
    except BrokenPipeError:
        # whoever reads has seen enough (`soc list … | head`); nothing may be written there at the end either
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(Ending.DONE.value) from None
    except Exception as error:  # noqa: BLE001 - the person at the shell gets a reason, not a traceback
        _end_unexpected(error)


def _end_unexpected(error: Exception) -> NoReturn:
    from pydantic import ValidationError  # start-up cost: only when something broke
    from sqlalchemy.exc import SQLAlchemyError  # start-up cost

    from soc.store.faults import what_ails  # start-up cost
    from soc.wrong_values import said_of  # start-up cost

    if isinstance(error, ValidationError) and error.title == "Settings":
        wrong = "; ".join(
            f"SOC_{str(one['loc'][0]).upper()}: {said_of(one)}"
            for one in error.errors(include_url=False, include_input=False)
        )
        end(Ending.USAGE, f"The settings are wrong. {wrong}. See .env.example.")
    if found := what_ails(error):
        end(Ending.STORE, f"{found[0]} {found[1]}, then do it again.")
    if isinstance(error, SQLAlchemyError):
        end(
            Ending.STORE,
            f"The database cannot be used ({_database_word(error)}). Check SOC_DATABASE_URL, and that it runs.",
        )
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        end(
            Ending.STORE,
            f"{where}{error.strerror or type(error).__name__}. Check the place, its rights and its room.",
        )
    place = where_it_broke(error)["lines"]
    last = place[-1] if isinstance(place, list) and place else "?"
    end(Ending.FAULT, f"A fault of the product: {type(error).__name__} at {last}. Please report it.")


def _database_word(error: Exception) -> str:
    """The driver's own first line without the address and the account, which may hold a password."""
    driver = getattr(error, "orig", None)
    text = str(driver or type(error).__name__).strip().partition("\n")[0]
    known = (
        "refused",
        "timeout",
        "timed out",
        "locked",
        "readonly",
        "unable to open",
        "not a database",
        "disk",
    )
    words = (*known, "password", "does not exist", "resolve", "closed the connection", "starting up")
    return next((word for word in words if word in text.lower()), type(driver or error).__name__)


class Commands(TyperGroup):
    """The group that every command of `soc` runs in: what goes wrong is explained, whichever command it was."""

    def invoke(self, ctx: Any) -> Any:
        with explained():
            return super().invoke(ctx)

    def make_context(self, *args: Any, **kwargs: Any) -> Any:
        _manner.json = _manner.quiet = _manner.said = False
        return super().make_context(*args, **kwargs)


def refuse(message: str, *, hint: str = "") -> NoReturn:
    """The command, a path or an option is wrong: nothing was begun. Raises ConfigurationError."""
    raise ConfigurationError(message, hint=hint)
