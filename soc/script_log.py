"""The log of a command or a script that sets up none of its own."""

from __future__ import annotations

import logging
import sys

import structlog


def log_beside_the_output(level: str = "WARNING") -> None:
    """From now on the log goes to standard error, from this level on, unless somebody has set up a log already.

    By itself structlog prints everything to standard output, between the lines that somebody asked for.
    """
    if structlog.is_configured():
        return
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
