"""What people paste where Jira's address, project and token belong: cut to what belongs there, explained where it cannot be."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit, urlunsplit

from soc.integrations.kit.fields import checked_url, pasted, pasted_url, split_user

#: First parts of the paths of Jira's pages and of its API: what comes before them is the context path.
_PAGES = frozenset(
    {
        "browse", "rest", "secure", "projects", "issues", "plugins", "login.jsp", "login", "logout", "servicedesk",
        "software", "core", "boards", "dashboards", "dashboard", "people", "your-work", "for-you", "filters", "helpcenter",
        "plans", "settings", "default.jsp", "index.jsp", "_edge", "gateway", "activity",
    }
)  # fmt: skip
_GATEWAY = "api.atlassian.com"
_GATEWAYS = (_GATEWAY, "api.atlassian-us-gov-mod.com")
_GATEWAY_PATH = re.compile(r"(?i)/ex/jira/[0-9a-f-]{36}")
_CLOUD = (".atlassian.net", ".jira.com", ".jira-dev.com", ".atlassian-us-gov-mod.net")
_ATLASSIAN = (".atlassian.com", ".atlassian.net")
_PROJECT = re.compile(r"/(?:projects?|browse)/([A-Za-z][A-Za-z0-9_]+)")


def site_address(text: str, *, cloud: bool) -> str:
    """A Jira's own address: its context path is kept, what belongs to one page is cut off.

    Raises ValueError for what is no address, and for pages of Atlassian that are no Jira.
    """
    whole = pasted_url(text)
    if split_user(whole)[1] is not None:
        checked_url(whole)  # says that credentials do not belong there
    parts = urlsplit(checked_url(re.split(r"[?#]", whole, maxsplit=1)[0]))
    host = (parts.hostname or "").lower()
    if host in _GATEWAYS:
        return _gateway(parts.netloc, parts.path)
    if is_cloud_host(host):
        return urlunsplit(("https", parts.netloc, "", "", ""))
    if host == "atlassian.com" or host.endswith(_ATLASSIAN):
        raise ValueError("is a page of Atlassian, not your Jira: https://your-company.atlassian.net")
    return urlunsplit((parts.scheme, parts.netloc, _context(parts.path, cloud=cloud), "", ""))


def is_cloud_host(host: str) -> bool:
    """Whether only Jira Cloud lives there; its API hangs off the root."""
    return host.lower().endswith(_CLOUD)


def is_gateway(url: str) -> bool:
    """Whether it is the address for tokens with scopes, which no person can open."""
    parts = urlsplit(url)
    return parts.hostname in _GATEWAYS or (is_local(url) and _GATEWAY_PATH.match(parts.path) is not None)


def is_local(url: str) -> bool:
    """Whether only the machine itself would find it."""
    host = (urlsplit(url).hostname or "").lower()
    return host == "localhost" or host.startswith("127.") or host in ("::1", "0.0.0.0")  # noqa: S104 - a name to compare with


def _gateway(netloc: str, path: str) -> str:
    found = _GATEWAY_PATH.match(path)
    if found is None:
        raise ValueError(
            f"needs the cloud id: https://{_GATEWAY}/ex/jira/<cloud id>, which your site shows at /_edge/tenant_info"
        )
    return f"https://{netloc}{found[0].lower()}"


def _context(path: str, *, cloud: bool) -> str:
    """`/jira` of `/jira/browse/SOC-12`. Cloud's own pages begin with /jira as well, where a domain of one's own is used."""
    parts = [part for part in path.split("/") if part]
    kept: list[str] = []
    for part in parts:
        if unquote(part).lower() in _PAGES or part.lower().endswith((".jspa", ".jsp")):
            break
        kept.append(part)
    if (
        cloud
        and kept == ["jira"]
        and len(parts) > 1
        and parts[1].lower() not in ("browse", "rest", "secure", "issues")
    ):
        kept = []
    return "".join(f"/{part}" for part in kept)


def project_key(text: str) -> str:
    """The key, also out of a ticket's key or a page's address. Raises ValueError."""
    key = pasted(text)
    if (found := _PROJECT.search(key)) is not None and "/" in key:
        key = found[1]
    key = key.upper()
    if found := re.fullmatch(r"([A-Z][A-Z0-9_]*)-\d+", key):
        key = found[1]
    if " " in key.strip():
        raise ValueError(
            "is the project's key (the letters before the number of its tickets, such as SOC), not its name"
        )
    if not re.fullmatch(r"[A-Z][A-Z0-9_]{0,79}", key):
        raise ValueError("is letters, digits and “_” only, such as SOC")
    return key
