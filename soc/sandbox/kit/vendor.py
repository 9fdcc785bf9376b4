"""What a practice vendor declares of itself, once; the sandbox finds it by its folder.

`soc/sandbox/<vendor>/vendor.py` holds one `VENDOR = PracticeVendor(…)`. Server, faults, `/admin` and console ask it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from soc.sandbox.kit.memory import Memory

#: Makes a page of the console of a title and parts, which are HTML; `status=` is its status.
Answer = Callable[..., Response]
#: Body and headers of the vendor's 429, of the request's path and the wait (`{"retry-after": "1"}`, or empty).
Throttled = Callable[[str, Mapping[str, str]], tuple[Any, dict[str, str]]]


@dataclass(frozen=True)
class Door:
    """Where to point a client: what it is, the path after the sandbox's address, and the credentials in words."""

    title: str
    path: str
    credentials: str


@dataclass(frozen=True)
class PracticeVendor:
    """One vendor. `order` is its place in lists; `prefixes` are the paths where faults strike.

    `routes(memory)` plays its API; `pages(memory, answer)` are its pages of the console, `overview(memory, request)`
    its part of the first page. `link` is where the console's head leads to. `reads` is a regular expression of paths
    whose POSTs change nothing (a search).
    """

    name: str
    title: str
    order: int
    link: str
    prefixes: tuple[str, ...]
    doors: tuple[Door, ...]
    memory: type[Memory]
    routes: Callable[[Any], list[BaseRoute]]
    pages: Callable[[Any, Answer], list[BaseRoute]]
    overview: Callable[[Any, Request], str]
    throttled: Throttled
    reads: str = ""
    #: The limits that its 429 tells apart, by a short name: the headers that say which it was. The first is the usual one.
    limits: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
