"""A row of cells whose columns nobody names: each cell is what its text shows it to be, in the order in which rows are written.

Known are addresses (with the port behind), links, methods and the status behind, hashes, agents, questions to name servers, words
of an outcome, a level, and a name of an event with its number behind.
"""

from __future__ import annotations

import csv
import re

from soc.logs.general import typed
from soc.logs.general.pairs import Pairs
from soc.logs.text.requests import METHODS

#: Fewer cells are no row; more are not looked at.
_FEWEST, _MOST = 5, 120
#: Below it are the ports of services.
_FIRST_OF_CLIENTS = 1024
_EVENT = re.compile(r"\A[A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+\Z")
_CODE = re.compile(r"\A\d{3,7}\Z")
_LEVELS = frozenset(["TRACE", "DEBUG", "INFO", "NOTICE", "WARN", "WARNING", "ERROR", "CRITICAL", "FATAL"])
_ANSWERS = frozenset(["NOERROR", "NXDOMAIN", "SERVFAIL", "REFUSED", "FORMERR", "NOTIMP"])
#: These decide; they say nothing of how it went where they stand alone in a row of many cells.
_VAGUE = frozenset({"true", "false", "yes", "no", "ok", "error"})
_ACTIONS = frozenset(
    [
        "allow",
        "allowed",
        "permit",
        "permitted",
        "pass",
        "passed",
        "accept",
        "accepted",
        "block",
        "blocked",
        "deny",
        "denied",
        "drop",
        "dropped",
        "reject",
        "rejected",
    ]
)
_TRANSPORTS = frozenset({"tcp", "udp", "icmp"})
_METHODS = frozenset(METHODS)


def row_pairs(text: str, mark: str = ",") -> Pairs | None:
    """None where the cells (`mark` between them) are too few or none of them is an address, a link or a question."""
    try:
        cells = [cell.strip() for cell in next(csv.reader([text], delimiter=mark))[:_MOST]]
    except (csv.Error, StopIteration):
        return None
    if len(cells) < _FEWEST:
        return None
    found = _ends(cells) | _request(cells) | _question(cells)
    if not found:
        return None
    if "query name" in found:
        found.pop("destination ip", None)
    return list(found | _said(cells)), list((found | _said(cells)).values())


def _ends(cells: list[str]) -> dict[str, str]:
    """The first address is the source's, the last of those that follow it the destination's; a port stands behind its address."""
    places = [place for place, cell in enumerate(cells) if _is_address(cell)]
    if not places:
        return {}
    run = [place for place in places if place - places[0] <= 2]
    if len(run) > 1 and _serves(cells[run[0]]) and not _serves(cells[run[-1]]):
        return {"source ip": cells[run[-1]], "destination ip": cells[run[0]]}
    found = {"source ip": cells[places[0]]} | _port_behind(cells, places[0], "source port")
    if len(run) > 1 and cells[run[-1]] != cells[run[0]]:
        found |= {"destination ip": cells[run[-1]]} | _port_behind(cells, run[-1], "destination port")
    return found


def _is_address(cell: str) -> bool:
    return (
        2 < len(cell) < 46
        and (cell.count(".") == 3 or ":" in cell)
        and typed.address(cell) != ""
        and " " not in cell
    )


def _serves(cell: str) -> bool:
    """Whether an address has a port of a service: `192.0.2.1:25`."""
    port = typed.port_of(cell)
    return port != "" and int(port) < _FIRST_OF_CLIENTS


def _port_behind(cells: list[str], place: int, called: str) -> dict[str, str]:
    behind = cells[place + 1] if place + 1 < len(cells) else ""
    return {called: behind} if typed.port(behind) and not typed.address(behind) else {}


def _request(cells: list[str]) -> dict[str, str]:
    place = next((place for place, cell in enumerate(cells) if typed.link(cell)), -1)
    if place < 0:
        return {}
    found = {"url": cells[place]}
    for cell in cells:
        if cell in _METHODS:
            found.setdefault("request method", cell)
        elif cell.startswith("Mozilla/"):
            found.setdefault("user agent", cell)
    status = next((cell for cell in cells[place + 1 :] if typed.status(cell)), "")
    return found | ({"http status": status} if status else {})


def _question(cells: list[str]) -> dict[str, str]:
    """The name that stands behind a name server's answer, or else before it."""
    place = next((place for place, cell in enumerate(cells) if cell in _ANSWERS), -1)
    if place < 0:
        return {}
    named = [
        cell
        for cell in [*cells[place + 1 :], *reversed(cells[:place])]
        if typed.dotted(cell) and not _is_address(cell)
    ]
    return {"query name": named[0]} if named else {}


def _said(cells: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for place, cell in enumerate(cells):
        plain = cell.lower()
        if (
            plain not in _VAGUE
            and len(cell) < 24
            and " " not in cell
            and "outcome" not in found
            and typed.outcome(plain)
        ):
            found["outcome"] = plain
        if plain in _ACTIONS:
            found.setdefault("action", cell)
        elif plain in _TRANSPORTS:
            found.setdefault("transport", plain)
        elif cell in _LEVELS:
            found.setdefault("log level", cell)
        elif len(cell) == 64 and typed.CHECKS["sha256"](cell):
            found.setdefault("sha256", cell)
        elif len(cell) <= 60 and _EVENT.match(cell) and "event name" not in found:
            found["event name"] = cell
            if place + 1 < len(cells) and _CODE.match(cells[place + 1]):
                found["event code"] = cells[place + 1]
    return found
