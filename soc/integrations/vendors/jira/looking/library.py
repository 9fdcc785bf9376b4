"""The official `jira` library reads tickets, over our own transport (docs/adr/0005).

The library knows Jira's searches of both kinds and their paging. What it must not do is open connections, follow
redirects, read `.netrc` and proxies, or send anything twice: its session has no transport but ours, which hands each
request to the `VendorSession` of the integration. So the address guard, the time limits, the size limit, the error tree
and the masks are those of every other exchange, and the credentials never enter the library.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from jira import JIRA, Issue
from jira.client import ResultList
from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter

from soc.errors import FailureReason, PermanentDeliveryError
from soc.integrations.kit.http import VendorSession
from soc.integrations.vendors.jira.config import JiraConfig
from soc.integrations.vendors.jira.vendor import bad_answer

_PAGE = 100
#: The library's whole vocabulary here: method and path below the API's root.
READS = frozenset({("GET", "/search"), ("POST", "/search/jql")})


class _OurTransport(BaseAdapter):
    """Sends what the library prepared by our session; returns a 2xx that holds a search's answer, or raises."""

    def __init__(self, session: VendorSession, root: str) -> None:
        super().__init__()
        self._session = session
        self._root = root

    def send(self, request: PreparedRequest, *_: Any, **__: Any) -> Response:
        """Raises DeliveryError, also (before a byte leaves) for anything but a search."""
        address = urlsplit(request.url or "")
        path = address.path.partition(self._root)[2]
        if (request.method, path) not in READS:
            raise PermanentDeliveryError(
                f"The Jira library may only search here, not {request.method} {path}.",
                reason=FailureReason.CLIENT,
            )
        asked = parse_qs(address.query)
        params = {name: ",".join(values) for name, values in asked.items()}
        if "validateQuery" in params:
            params["validateQuery"] = params["validateQuery"].lower()  # the library writes Python's True
        body = json.loads(request.body) if isinstance(request.body, (str, bytes)) else None
        if isinstance(body, dict):  # Cloud's specification rejects the nulls that the library sends
            body = {name: value for name, value in body.items() if value not in (None, [])}
        answer = self._session.read(request.method or "GET", path, params=params or None, body=body)
        return _response(request, answer.status, _checked(answer.data))

    def close(self) -> None:
        """The connections are the session's."""


def _checked(data: Any) -> dict[str, Any]:
    """A search's answer. What is no issue is left out; an answer without a list of issues is none of Jira's."""
    issues = data.get("issues") if isinstance(data, dict) else None
    if not isinstance(issues, list):
        raise bad_answer("a search")
    return {**data, "issues": [issue for issue in issues if isinstance(issue, dict)]}


def _response(request: PreparedRequest, status: int, data: dict[str, Any]) -> Response:
    response = Response()
    response.status_code, response.url, response.request = status, request.url or "", request
    response.headers["content-type"] = "application/json"
    response.encoding = "utf-8"
    response._content = json.dumps(data).encode()
    return response


class _Client(JIRA):
    """The library without the questions that it asks by itself."""

    _fields_cache: dict[str, str] = {}  # noqa: RUF012 - else every search begins with GET /field


class TicketSearch:
    """Searches one Jira with the library, a page at a time."""

    def __init__(self, session: VendorSession, config: JiraConfig) -> None:
        version = "3" if config.cloud else "2"
        self._cloud = config.cloud
        self._client = _Client(
            server=config.base_url,
            options={"rest_api_version": version},
            get_server_info=False,
            max_retries=0,
            logging=False,
        )
        self._client.deploymentType = "Cloud" if config.cloud else "Server"
        library = self._client._session
        library.trust_env = False
        library.adapters.clear()
        library.mount(
            config.base_url.partition(":")[0] + "://", _OurTransport(session, f"/rest/api/{version}")
        )

    def search(self, jql: str, fields: Sequence[str], *, most: int) -> list[Issue]:
        """At most `most` issues in the search's order. Raises DeliveryError."""
        found: list[Issue] = []
        token: str | None = None
        while True:
            page = self._page(jql, fields, size=min(most, _PAGE), token=token, start=len(found))
            found += page
            token = page.nextPageToken
            more = bool(token) if self._cloud else page.total is not None and len(found) < page.total
            if len(found) >= most or not page or not more:
                return found[:most]

    def _page(
        self, jql: str, fields: Sequence[str], *, size: int, token: str | None, start: int
    ) -> ResultList[Issue]:
        try:
            if self._cloud:
                found = self._client.enhanced_search_issues(
                    jql, nextPageToken=token, maxResults=size, fields=list(fields), use_post=True
                )
            else:
                found = self._client.search_issues(jql, startAt=start, maxResults=size, fields=list(fields))
            return cast("ResultList[Issue]", found)
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
            broken = bad_answer("a search")
        raise broken  # outside of the except block: the library's error quotes the answer
