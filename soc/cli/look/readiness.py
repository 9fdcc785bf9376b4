"""`soc readiness`: whether the vendor's side is ready for what will be sent there, by the same look as the page's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from soc.batches.report import not_available_line
from soc.cli.endings import Ending
from soc.cli.look.looking import identities
from soc.cli.say import end, give, open_store, result
from soc.configuration.practice import practising
from soc.configuration.readiness import Finding, Readiness, check_readiness
from soc.configuration.state import shown_state
from soc.integrations.registry import KINDS, kind_of

_SIGNS = {Readiness.FAILS: "❌", Readiness.WARNING: "⚠️ ", Readiness.OK: "✅"}


def print_readiness(given: Sequence[str]) -> None:
    """Check these kinds, or all that can be checked and are on. Nothing is changed at the vendor.

    Ends with CHECK_FAILED where something would fail, with NOT_AVAILABLE where a kind that was named, or every kind, is
    not configured or is off. Raises NotFound.
    """
    kinds = [kind_of(one).name for one in identities(given)]
    open_store()
    with practising():
        found = {
            kind: check_readiness(kind)
            for kind in kinds or KINDS
            if KINDS[kind].readiness is not None and _is_on(kind)
        }
    for kind, findings in found.items():
        _tell(kind, findings)
    ending, reason = _judge(kinds, found)
    checked = {kind: [asdict(one) for one in findings] for kind, findings in found.items()}
    give({"exit_code": ending.value, "ending": ending.word, "reason": reason, "findings": checked})
    if ending is not Ending.DONE:
        end(ending, reason)


def _is_on(kind: str) -> bool:
    state = shown_state(kind)
    return (state.configured or bool(state.wrong)) and state.enabled


def _tell(kind: str, findings: Sequence[Finding]) -> None:
    for sign in _SIGNS:  # the worst first
        for one in findings:
            if one.state is sign:
                result(
                    f"{_SIGNS[sign]} {KINDS[kind].title}: {one.subject}: {one.consequence} {one.remedy}".rstrip()
                )


def _judge(kinds: Sequence[str], found: dict[str, list[Finding]]) -> tuple[Ending, str]:
    failing = {
        kind: count
        for kind, findings in found.items()
        if (count := sum(one.state is Readiness.FAILS for one in findings))
    }
    if failing:
        told = ", ".join(f"{KINDS[kind].title}: {count} would fail" for kind, count in failing.items())
        return Ending.CHECK_FAILED, f"Not ready. {told}."
    unchecked = [kind for kind in kinds if kind not in found]
    if unchecked:
        return Ending.NOT_AVAILABLE, " ".join(map(_why_unchecked, unchecked))
    if not found:
        can = ", ".join(kind.title for kind in KINDS.values() if kind.readiness is not None)
        return (
            Ending.NOT_AVAILABLE,
            f"Nothing was checked: of what can be ({can}), none is configured and on.",
        )
    return Ending.DONE, ""


def _why_unchecked(kind: str) -> str:
    if KINDS[kind].readiness is None:
        return f"{KINDS[kind].title} has no readiness check; use `soc config test {kind}`."
    why = "it is switched off" if shown_state(kind).configured else "it is not configured"
    return f"{not_available_line(KINDS[kind])}: {why}."
