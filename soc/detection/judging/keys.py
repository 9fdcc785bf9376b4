"""What a value is, by the words of the key that it stands under: a message, an address, a name, a path …

A key is cut into words (`cs(User-Agent)`, `userAgent`, `http.user_agent` are all *user agent*); the last words tell most.
"""

from __future__ import annotations

import re
from functools import lru_cache

from soc.detection.signatures.place import Place

#: A word that a key ends with, and what it makes of the value.
_LAST: dict[str, Place] = {
    **dict.fromkeys(
        ("message", "msg", "log", "text", "description", "detail", "details", "summary", "original", "event", "body",
         "line", "reason", "info", "raw", "note", "error", "exception", "output", "status"), Place.MESSAGE
    ),
    **dict.fromkeys(("referer", "referrer"), Place.REFERRER),
    **dict.fromkeys(("useragent", "ua"), Place.USER_AGENT),
    **dict.fromkeys(
        ("url", "uri", "request", "href", "stem", "link", "endpoint"), Place.PATH_OF_URL
    ),
    **dict.fromkeys(
        ("querystring", "param", "params", "parameter", "parameters", "payload", "postdata", "formdata", "cookie", "cookies"),
        Place.PARAMETER,
    ),
    **dict.fromkeys(("search", "keyword", "keywords", "term", "terms", "searchterm", "q"), Place.SEARCH),
    **dict.fromkeys(
        ("command", "cmd", "cmdline", "commandline", "arguments", "args", "argv", "script", "scriptblock", "execve",
         "proctitle"), Place.COMMAND_LINE
    ),
    **dict.fromkeys(
        ("file", "filename", "filepath", "path", "folder", "directory", "dir", "cwd", "pwd", "image", "exe",
         "executable", "module", "library", "dll", "document", "attachment"), Place.FILE_PATH
    ),
    **dict.fromkeys(
        ("product", "vendor", "version", "manufacturer", "model", "sourcetype", "host", "hostname", "server", "domain",
         "user", "username", "account", "logger", "logname", "service", "program", "application", "app", "appname", "device",
         "provider", "channel", "namespace", "pod", "container", "cluster", "tenant", "organization", "tag", "tags",
         "class", "component", "sender", "index", "facility", "subject", "issuer", "email", "group", "role", "ssid",
         "technique", "techniques", "tactic", "tactics", "labels", "policy", "policies", "profile", "ruleset", "feed", "watchlist"),
        Place.NAME,
    ),
}  # fmt: skip
#: What the word before the last makes of it: `url.path`, `user_agent`, `command_line`, `query_string`, `user.name`.
_PAIRS: dict[tuple[str, str], Place] = {
    ("user", "agent"): Place.USER_AGENT,
    ("agent", "original"): Place.USER_AGENT,
    ("command", "line"): Place.COMMAND_LINE,
    ("block", "text"): Place.COMMAND_LINE,
    ("script", "text"): Place.COMMAND_LINE,
    **dict.fromkeys(
        ((before, last) for before in ("url", "uri", "request", "http") for last in ("path", "original", "full", "file")),
        Place.PATH_OF_URL,
    ),
    **dict.fromkeys(
        ((before, last) for before in ("url", "uri", "request", "query", "post", "form", "http") for last in ("query", "string", "data", "body")),
        Place.PARAMETER,
    ),
    **dict.fromkeys(
        ((before, "name") for before in ("user", "host", "product", "vendor", "service", "account", "app", "application",
         "device", "computer", "domain", "group", "role", "logger", "container", "pod", "sensor", "observer", "agent",
         "organization", "policy")), Place.NAME,
    ),
    ("file", "name"): Place.FILE_PATH,
    ("event", "name"): Place.FIELD,
}  # fmt: skip
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[A-Z]+")


@lru_cache(maxsize=4096)
def place_under(key: str) -> Place:
    """FIELD where the key's words tell nothing."""
    words = [word.lower() for word in _WORDS.findall(key)]
    if not words:
        return Place.FIELD
    if len(words) > 1 and (found := _PAIRS.get((words[-2], words[-1]))) is not None:
        return found
    return _LAST.get(words[-1], Place.FIELD)
