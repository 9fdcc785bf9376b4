"""Which changes an event's name tells of: what somebody switched off or took away, and rights that somebody gave or got.

By words of the name (`CreateAccessKey`, `user.mfa.factor.suspend`), whoever the sender is; the words are data (`change_words`).
"""

from __future__ import annotations

from functools import lru_cache

import polars as pl

from soc.detection.judging.tables import change_words as w

#: What a name tells of, as the ids of field rules.
PROTECTION_OFF, RIGHTS_CHANGED, DATA_OUT, MADE_PUBLIC, DESTROYED, WARNED, SECRET_READ, RAN_INSIDE, CODE_CHANGED, LOCKED_OUT, WEAK_LOGIN, FAILED_LOGIN = (
    "behaviour.protection-off", "behaviour.rights-changed", "behaviour.data-out", "behaviour.made-public", "behaviour.destroyed", "sender.service-alert", "behaviour.secret-read",
    "behaviour.ran-inside", "behaviour.code-changed", "behaviour.locked-out", "behaviour.weak-login", "behaviour.failed-login",
)  # fmt: skip
#: What is no alert: somebody else may now do a little.
ACCOUNT_CHANGED = "behaviour.account-changed"


def name_changes(actions: pl.Series) -> pl.Series:
    """Of each event's name the id of the field rule that it asks for, null where it asks for none."""
    named = {action: told for action in actions.unique().drop_nulls().to_list() if (told := _told(action))}
    if not named:
        return pl.Series([None], dtype=pl.String).new_from_index(0, len(actions))
    return actions.replace_strict(named, default=None, return_dtype=pl.String)


@lru_cache(maxsize=20_000)
def _parts(word: str) -> tuple[str, ...]:
    """A word, the one of which there are many, and the verb and the object of two that are written as one: `GETSECRET`."""
    one = word.removesuffix("s") if len(word) > 4 and not word.endswith("ss") else word
    found: tuple[str, ...] = (word, one)
    if len(word) < w.GLUED:
        return found
    verb = max(
        (verb for verb in w.CHANGES | w.READS if len(verb) > 2 and word.startswith(verb)), key=len, default=""
    )
    thing = max((thing for thing in w.THINGS if len(thing) > 3 and one.endswith(thing)), key=len, default="")
    if one.endswith("rule"):  # a rule of what: `alertsuppressionrules`, `inboxrule`
        found = (
            *found,
            "rule",
            one.removesuffix("rule"),
            *(part for part in ("suppression",) if part in one),
        )
    return (
        *found,
        *((verb,) if verb and thing else ()),
        *((thing,) if thing and len(thing) < len(one) else ()),
    )


def _told(action: str) -> str:
    spoken = [_same(word.lower()) for word in w.CUT.findall(action[:200])]
    words = {part for word in spoken for part in _parts(word)}
    if (
        w.MILDER.search(action) or action == "access_granted"
    ):  # a guard's answer to each call; whom access was granted is said otherwise
        return ""
    if w.TO_LITTLE.search(action):
        return ACCOUNT_CHANGED
    if words & w.LOCKED and words & w.LOCKS_OUT and not words & w.OTHER_LOCKS:
        return LOCKED_OUT
    if words & w.FAILS and (words & w.TRIED or {"sign", "in"} <= words or {"log", "in"} <= words):
        return FAILED_LOGIN
    if words & w.SPARE and words & w.CODES and words & w.USED:
        return WEAK_LOGIN
    if "unauthorized" in words and words & {"access", "login", "attempt"}:
        return WARNED
    if words & w.FINDS and (not words & w.SETTINGS or words & w.VIOLATIONS):
        return WARNED
    if words & w.SECRETS and words & w.SEES and not words & w.SETUP:
        return SECRET_READ
    if words & w.KEPT and words & w.FETCHES and not words & w.CHANGES:
        return SECRET_READ
    if words & w.REMOTE and words & w.RUNS:
        return RAN_INSIDE
    if w.TO_PUBLIC.search(action):
        return MADE_PUBLIC
    if (words & w.WARNS and words & w.ALARMS and not words & w.SETTINGS) or {"high", "risk"} <= words:
        return WARNED
    if (
        words & w.AS_ANOTHER
        or ("as" in words and words & w.ENTERS)
        or ("bypass" in words and words & w.WHOSE)
    ):
        return RIGHTS_CHANGED
    if "consent" in words and words & {"app", "application", "grant"}:
        return RIGHTS_CHANGED
    if {"support", "access"} <= words and words & (w.GIVES | w.TURNED_ON | {"started"}):
        return RIGHTS_CHANGED
    if {"break", "glass"} <= words or (
        {"privilege", "privileges"} & words and words & {"escalation", "escalated"}
    ):
        return RIGHTS_CHANGED
    if words & w.MANY and words & (w.ENDS | w.OUT):
        return DESTROYED if words & w.ENDS else DATA_OUT
    if words & w.COPIES and words & w.COPIED:
        return DATA_OUT
    # a list that is changed is read by nobody
    if words & (w.READS - {"list"}) or "list" in spoken[:1] + spoken[-1:]:
        return ""
    if (words & w.OUT and words & w.WHOLE) or (words & {"forward", "forwarding"} and words & w.GIVES):
        return DATA_OUT
    if {"force", "push"} <= words or (words & w.CODE and words & (w.CHANGES - w.TAKES)):
        return CODE_CHANGED
    if words & w.HANDS and words & w.HANDED:
        return DATA_OUT
    if words & {"finding", "findings"} and words & w.ASIDE:
        return PROTECTION_OFF
    if words & w.SHARES and words & w.OUTER and not words & (w.TAKES | w.SHUTS):
        return MADE_PUBLIC
    if {"not", "required"} <= words or (words & w.OFF and words & w.STRICT):
        return PROTECTION_OFF
    if _is_safer(words):
        return ACCOUNT_CHANGED if is_of_factor(words) else ""
    if is_of_factor(words) and words & (w.TAKES | {"reset"}):
        return PROTECTION_OFF
    if not words & w.CHANGES:
        return ""
    if words & w.KEY_GONE and words & w.KEYS and not words & w.GUARDS:
        return ACCOUNT_CHANGED if "key" not in words or words & w.KEYED else ""
    # who may no longer come in; a policy that is taken back protected
    if words & {"revoke", "revoked"} and words & (w.RIGHTS | w.PASSES) and not words & {"policy"}:
        return ACCOUNT_CHANGED if words & w.RIGHTS else ""
    if words & w.TAKES and words & (w.OUTER | {"guest", "guests"}):
        return MADE_PUBLIC if words & w.SHUTS else ""
    if (words & w.TAKES and words & w.GUARDS) or (words & w.STOPS and words & {"rule", "rules"}):
        return PROTECTION_OFF
    if words & w.EXCEPTIONS and words & w.GIVES:
        return PROTECTION_OFF
    # a policy that is given out to those whom it was made for
    if words & {"policy", "policies"} and words & {"install", "installed", "publish", "published"}:
        return ""
    if _joins(words):
        return ACCOUNT_CHANGED
    if _opens(words) or (words & w.SET_UP and words & w.SETUP):
        return RIGHTS_CHANGED
    if words & w.ENDS and words & w.MUCH:
        return DESTROYED
    return ""


def is_of_factor(words: set[str]) -> bool:
    """Whether it concerns a second factor."""
    return bool(words & w.FACTORS) or all(words & some for some in w.SECOND)


def _is_safer(words: set[str]) -> bool:
    """Whether what protects is on now, or somebody has one factor more."""
    if words & (w.TAKES | w.LOOSER | {"not"}):
        return False
    on = bool(words & w.TURNED_ON)
    if is_of_factor(words):
        return on or bool(words & w.ENROLLED)
    return on and bool(words & w.SAFER)


def _same(word: str) -> str:
    return "2fa" if word in ("2step", "2sv") else word


def _joins(words: set[str]) -> bool:
    """Whether somebody joins, or leaves, a group of people whose name tells of no rights."""
    return bool(words & w.PEOPLE and words & w.JOINED) and not words & (w.MIGHT | w.DOORS - {"owner"})


def _opens(words: set[str]) -> bool:
    """Whether a change of this changes rights, or a way in."""
    if words & (w.DOORS - ({"public"} if words & w.SHUTS else set())):
        return True
    if ({"key", "keys"} & words and words & w.KEYED) or ("api" in words and words & {"client", "clients"}):
        return True
    if words & (w.GIVES | {"expanded"}) and (
        words & w.RIGHTS or (words & w.AGENTS and not words & w.SET_HOW)
    ):
        return True
    if words & w.MIGHT and not words & w.TAKES:
        return True
    if {"inbox", "rule"} <= words or ("sharing" in words and words & w.SETUP):
        return True
    if "member" in words and words & {"update", "updated", "change", "changed", "modify", "modified"}:
        return True
    if "access" in words and words & {"grant", "granted", "level"}:
        return True
    if "password" in words and words & w.STRICTNESS:
        return True
    if (words & w.ENTRY and words & w.SETUP) or ({"two", "multi"} & words and "factor" in words):
        return True
    return words >= {"service", "account"} or bool({"ip", "network"} & words and words & w.IP_LISTS)
