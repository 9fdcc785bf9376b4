"""`/docs`: the API's description to look at and try out. It opens without a key; each call asks for one as ever.

Swagger UI comes from this server (`fastapi-offline` brings its files), so the page works where there is no internet.
The description says what every installation of this version has in common; nothing of this one.
"""

from __future__ import annotations

from fastapi import FastAPI, Request
from starlette.responses import HTMLResponse, Response

_FILES = "/static-offline-docs"
#: What of the API opens without a key.
OPEN = frozenset({"/docs", "/docs.js", "/openapi.json"})

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="{files}/favicon.png">
<link rel="stylesheet" href="{files}/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<noscript>This page needs JavaScript; the description itself is at {root}/openapi.json.</noscript>
<script src="{files}/swagger-ui-bundle.js"></script>
<script src="{root}/docs.js"></script>
</body>
</html>
"""
#: No validator: it would tell an outside site where this server is. A key is forgotten with the page.
_SCRIPT = """window.ui = SwaggerUIBundle({
  url: new URL('openapi.json', document.currentScript.src).href,
  dom_id: '#swagger-ui',
  layout: 'BaseLayout',
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  persistAuthorization: false,
  validatorUrl: null,
});
"""


def is_open(method: str, path: str) -> bool:
    """Whether it is the description or what its page loads."""
    return method in ("GET", "HEAD") and (path in OPEN or path.startswith(f"{_FILES}/"))


def add_docs_page(api: FastAPI) -> None:
    """Serve the page at `/docs` of the API, wherever that is mounted."""
    api.add_route("/docs", _page, include_in_schema=False)
    api.add_route("/docs.js", _script, include_in_schema=False)


async def _page(request: Request) -> Response:
    root = str(request.scope.get("root_path", ""))
    page = _PAGE.format(title="SOC operations API", root=root, files=f"{root}{_FILES}")
    return HTMLResponse(page, headers={"content-security-policy": _POLICY})


async def _script(_request: Request) -> Response:
    return Response(_SCRIPT, media_type="text/javascript")
