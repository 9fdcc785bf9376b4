"""Spraying: one address that tries many accounts a few times each, too few times in all to be told by their number."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import ClassVar

from pydantic import Field

from soc.detection.detectors.kit.declaration import (
    Detector,
    DetectorSettings,
    Example,
    Finding,
    History,
    State,
)
from soc.detection.detectors.kit.runs import finding_of, main_reason, runs_by_entity
from soc.detection.sessions.window import Session
from soc.detection.signatures.declaration import AUTH_FAILURE
from soc.detection.stories.joining import is_everybody
from soc.detection.stories.pieces import GUESS, is_address
from soc.detection.stories.traces import FAILURE, SUCCESS

#: Who is not known here was picked from a list: that is guessing, and there is much of it.
_STRANGER = re.compile(
    r"(?i)\b(?:invalid|illegal|unknown|no such|nonexistent) (?:user|account)|user (?:unknown|not found)|not found"
)


def _tries(accounts: int, each: int = 1, said: str = "") -> str:
    line = "Mar  1 02:{m:02d}:{s:02d} web1 sshd[7]: Failed password for {said}user{n} from 203.0.113.9 port 40 ssh2\n"
    return "".join(
        line.format(m=n // 2, s=n % 2 * 20 + again, n=chr(97 + n), said=said)
        for n in range(accounts)
        for again in range(each)
    )


class SprayingSettings(DetectorSettings):
    score: int = Field(default=8, ge=1, le=10, description="Score of spraying.")
    confidence: float = Field(default=0.8, gt=0, lt=1, description="How sure it is.")
    needed: int = Field(
        default=8, ge=2, description="So many accounts of an address that never got in from there."
    )
    each: int = Field(default=2, ge=1, description="So many failures an account at most, on average.")
    many: int = Field(default=20, ge=2, description="From so many failures on their number tells of it.")


class Spraying(Detector[SprayingSettings, None]):
    id = "auth.spraying"
    title = "Password spraying"
    about = "One address whose logins fail at many known accounts, a few times at each."
    order = 15
    attack = ("T1110.003",)
    asks: ClassVar = {AUTH_FAILURE: "a login that failed: its account counts for spraying"}
    Settings = SprayingSettings
    examples = (
        Example("ten accounts, one failure each", _tries(10), fires=True),
        Example("seven accounts", _tries(7), fires=False),
        Example("ten accounts that nobody has", _tries(10, said="invalid user "), fires=False),
        Example("ten accounts that get in from there", _tries(10) + _tries(10).replace("Failed", "Accepted"), fires=False),
    )  # fmt: skip

    def find(self, state: State[None], history: History) -> Iterable[Finding]:
        inside = _who_got_in(state.sessions)
        failing = (FAILURE, *self.ruleset.tagged(AUTH_FAILURE))
        for address, seen in runs_by_entity(state.sessions, failing, self.window_us):
            run = [one.session for one in seen if not _STRANGER.search(one.session.message)]
            tried = {user.casefold() for one in run for user in one.users if not is_everybody(user)}
            tried -= inside.get(address, set())
            if is_address(address) and self._is_spraying(run, len(tried)):
                yield self._finding(address, run, len(tried))

    def _is_spraying(self, run: Sequence[Session], accounts: int) -> bool:
        failures = sum(one.n for one in run)
        settings = self.settings
        return (
            settings.needed <= accounts and failures < settings.many and failures <= accounts * settings.each
        )

    def _finding(self, address: str, run: Sequence[Session], accounts: int) -> Finding:
        count, own = sum(one.n for one in run), max(run, key=lambda one: (one.n, -one.session))
        reason = main_reason(self, f"{count:,} failed logins of {address} at {accounts:,} accounts")
        return finding_of(self, run, own=own, reasons=(reason,), meaning=GUESS)


def _who_got_in(sessions: Sequence[Session]) -> dict[str, set[str]]:
    """By address the accounts whose logins were accepted from there."""
    found: dict[str, set[str]] = {}
    for session in sessions:
        if session.rule_id == SUCCESS:
            found.setdefault(session.entity, set()).update(user.casefold() for user in session.users)
    return found
