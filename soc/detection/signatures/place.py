"""The places of a line in which a signature may match, and the words of `where:` that name them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType


class Place(IntEnum):
    """Where in a line a match stands. The number is a bit of a signature's `places`."""

    MESSAGE = 0
    FIELD = 1
    PATH_OF_URL = 2
    PARAMETER = 3
    SEARCH = 4
    USER_AGENT = 5
    REFERRER = 6
    COMMAND_LINE = 7
    FILE_PATH = 8
    NAME = 9
    KEY = 10
    #: From one value over into another: what stands there nobody has written so.
    CROSSING = 11


def _bits(*places: Place) -> int:
    return sum(1 << place for place in places)


#: Every place there is: such a signature is asked no question.
EVERYWHERE = _bits(*Place)
#: The words of `where:`, each with its places.
WHERE: Mapping[str, int] = MappingProxyType({
    "line": EVERYWHERE,
    "message": _bits(Place.MESSAGE),
    "field": _bits(Place.FIELD),
    "url": _bits(Place.PATH_OF_URL, Place.PARAMETER),
    "parameter": _bits(Place.PARAMETER),
    "search": _bits(Place.SEARCH),
    "user_agent": _bits(Place.USER_AGENT),
    "referrer": _bits(Place.REFERRER),
    "command_line": _bits(Place.COMMAND_LINE),
    "file_path": _bits(Place.FILE_PATH),
    "name": _bits(Place.NAME),
    "value": _bits(
        Place.MESSAGE, Place.FIELD, Place.PATH_OF_URL, Place.PARAMETER, Place.USER_AGENT, Place.COMMAND_LINE
    ),
})  # fmt: skip
