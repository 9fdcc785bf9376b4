"""How often names, passwords and codes may be guessed: by name, by address, and by all together."""

from __future__ import annotations

from soc.api.limits import Buckets, KeyTries

#: Of a name five at once, then one in twelve seconds; of an address and of all as keys are.
_OF_A_NAME, _OF_AN_ADDRESS = Buckets(burst=5, per_second=1 / 12), KeyTries()


def wait_for(name: str, address: str) -> float:
    """0 when it may be tried, else the seconds after which it may. A name counts whether or not somebody has it."""
    by_name = _OF_A_NAME.take(name.casefold()[:200]) if name else 0.0
    return by_name or _OF_AN_ADDRESS.wait(address)
