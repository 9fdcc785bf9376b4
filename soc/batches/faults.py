"""Why a try of a batch broke off, and what follows: bad input ends the batch, everything else is tried again."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from soc.analysis import ProcessDied
from soc.errors import SocError, StoreError
from soc.store.faults import is_store_fault, what_no_room

#: Waits after the first, second … try that broke off; the last one again and again.
WAITS = tuple(timedelta(seconds=seconds) for seconds in (5, 15, 30, 60, 120, 300))
#: A fault that a quiet machine does not mend by itself (a crash, a mistake of ours) is not tried more often.
MOST_TRIES = 5
#: Whole processes that died while they read it: machines are restarted too, so rather more of them.
MOST_DEATHS = 6
#: For another worker to take it: soon, then less and less often, for about an hour.
WAITS_ELSEWHERE = tuple(timedelta(seconds=seconds) for seconds in (2, 3, 5, 10, 20, 40))
MOST_ELSEWHERE = 90


class NotVisibleHere(SocError):
    """This process cannot see a file that another one may see: never the batch's fault."""


class ProcessEnds(SocError):
    """This process is told to end; another one goes on."""


class RunDied(SocError):
    """The run before this one ended without a word: its process was killed, or ran out of memory."""


class Fault(NamedTuple):
    """`reason` is for people. `wait` until the next try; None: there is none, the batch has failed."""

    reason: str
    wait: timedelta | None


def judge(error: BaseException, failures: int) -> Fault:
    """What becomes of a try that broke off; `failures` counts this one too (from 1)."""
    if isinstance(error, ProcessEnds):
        return Fault(str(error), timedelta(0))
    if isinstance(error, RunDied):
        if failures < MOST_DEATHS:  # once is an accident, and goes on at once
            return Fault(str(error), _wait(WAITS, failures - 1) if failures > 1 else timedelta(0))
        return _ended(str(error), failures)
    if isinstance(error, NotVisibleHere):
        return Fault(str(error), _wait(WAITS_ELSEWHERE, failures) if failures < MOST_ELSEWHERE else None)
    if is_store_fault(error):
        return Fault("The database does not answer, is locked or is full.", _wait(WAITS, failures))
    if isinstance(error, StoreError):
        return Fault(str(error), _wait(WAITS, failures))
    if isinstance(error, ProcessDied):
        return _limited(str(error), failures)
    if isinstance(error, SocError):
        return Fault(str(error), None)
    if isinstance(error, OSError):
        return Fault(_about_machine(error), _wait(WAITS, failures))
    if isinstance(error, MemoryError):
        return _limited("The machine has not enough memory for it.", failures)
    return _limited(
        f"The run broke off by a mistake of the product ({type(error).__name__}); the log has the details.",
        failures,
    )


def _wait(waits: tuple[timedelta, ...], failures: int) -> timedelta:
    return waits[min(failures, len(waits)) - 1]


def _limited(reason: str, failures: int) -> Fault:
    if failures < MOST_TRIES:
        return Fault(reason, _wait(WAITS, failures))
    return _ended(reason, failures)


def _ended(reason: str, failures: int) -> Fault:
    return Fault(f"{reason} It was tried {failures} times; run it again when the cause is mended.", None)


def _about_machine(error: OSError) -> str:
    """The system's own words, without the path: it is this machine's, and may hold a name."""
    if found := what_no_room(error):
        return f"{found[0]} {found[1]}; it goes on by itself."
    what = error.strerror or type(error).__name__
    return f"This machine could not read or write a file ({what})."
