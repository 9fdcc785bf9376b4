"""Whether a request came through a proxy: then it may be anybody's, wherever this server listens."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.types import Scope

Headers = Iterable[tuple[bytes, bytes]]

#: What proxies, load balancers and delivery networks add; no browser and no client of ours sends one.
_NAMES = frozenset(
    (
        b"forwarded", b"forwarded-for", b"forwarded-proto", b"forwarded-host", b"via", b"client-ip", b"true-client-ip",
        b"x-real-ip", b"x-client-ip", b"x-cluster-client-ip", b"x-proxyuser-ip", b"x-remote-ip", b"x-remote-addr",
        b"x-remote-user", b"remote-user", b"x-original-for", b"x-original-host", b"x-original-proto", b"x-original-url",
        b"x-original-forwarded-for", b"x-originating-ip", b"x-rewrite-url", b"x-host", b"x-scheme", b"x-url-scheme",
        b"x-script-name", b"front-end-https", b"cdn-loop", b"fastly-client-ip", b"fly-client-ip", b"x-arr-ssl",
        b"x-coming-from", b"x-proxy-id", b"proxy-client-ip", b"wl-proxy-client-ip", b"x-amzn-trace-id",
        b"x-cloud-trace-context", b"x-varnish", b"x-authenticated-user",
    )
)  # fmt: skip
_BEGINNINGS = (
    b"x-forwarded", b"x-envoy-", b"cf-", b"x-azure-", b"x-auth-request-", b"x-goog-iap-", b"x-goog-authenticated-",
    b"x-amzn-oidc-", b"x-appengine-", b"x-arr-", b"x-ms-client-principal", b"tailscale-", b"x-tailscale-",
)  # fmt: skip


def came_through_a_proxy(headers: Headers) -> bool:
    """Whether any header says so, in any spelling (`X_Forwarded_For` too: some servers take it for the same)."""
    return any(
        name in _NAMES or name.startswith(_BEGINNINGS)
        for name in (raw.lower().replace(b"_", b"-") for raw, _ in headers)
    )


def scheme_of(scope: Scope) -> str:
    """`http` or `https`, as the browser sees it: what the nearest proxy to it says, else what this server sees.

    No page can make a browser send `X-Forwarded-Proto` to another site, so it may be believed here.
    """
    for name, value in scope["headers"]:
        if name.lower() == b"x-forwarded-proto":
            said: str = value.decode("latin-1").partition(",")[0].strip().lower()
            if said in ("http", "https", "ws", "wss"):
                return said.replace("ws", "http")
    return str(scope.get("scheme", "http")).lower().replace("ws", "http")
