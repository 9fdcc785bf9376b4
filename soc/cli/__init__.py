"""The commands of `soc`."""

from __future__ import annotations

import gc
import os
import sys

__all__ = ["main", "start_is_over"]

#: So many new objects are looked through at once. What is imported stays, a few hundred thousand of them: to look
#: through them again and again is a tenth of a start.
_NEW_OBJECTS = 400_000
#: Once it runs for days: what refers to itself would be found too late otherwise.
_NEW_OBJECTS_LATER = 50_000


def main() -> None:
    """Entry point of the `soc` command."""
    gc.set_threshold(_NEW_OBJECTS)
    # each process that reads logs imports this file again, and runs no command
    from soc.cli.commands import app  # start-up cost
    from soc.cli.process.asked import only_asked  # start-up cost

    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    sys.exit(only_asked(app, sys.argv[1:])())


def start_is_over() -> None:
    """For what runs until it is ended: what was imported is looked through no more, what comes is as often as ever."""
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS_LATER)
