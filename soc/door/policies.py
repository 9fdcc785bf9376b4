"""What every answer tells the browser: who may frame it, what it may load, what it may know."""

from __future__ import annotations

from collections.abc import Callable

from starlette.types import Message, Send

_NOBODY_FRAMES = "frame-ancestors 'none'; base-uri 'self'; form-action 'self'; object-src 'none'"

#: The dashboard. Streamlit writes its styles into the page while it runs (emotion) and shows tables, charts and
#: downloads from `data:` and `blob:`. It runs no script but its own files, one line in its page, and our components
#: (the tables), which it puts into `blob:` addresses that only a running script can make; its protobuf reader compiles
#: a little WebAssembly.
PAGES_POLICY = (
    "default-src 'self'; script-src 'self' blob: 'wasm-unsafe-eval'{scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; connect-src 'self'; media-src 'self' data: blob:; worker-src 'self' blob:; "
    f"frame-src 'self' blob:; manifest-src 'self'; {_NOBODY_FRAMES}"
)
#: What is no page: nothing is loaded, whatever a browser takes it for.
API_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

#: A path within the application → the Content-Security-Policy of its answers.
Policy = Callable[[str], str]

_ALWAYS = (
    (b"x-frame-options", b"DENY"),
    (b"x-content-type-options", b"nosniff"),
    # not no-referrer: with it browsers send `Origin: null` with a page's own forms
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (
        b"permissions-policy",
        b"accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), magnetometer=(), "
        b"microphone=(), midi=(), payment=(), publickey-credentials-get=(), serial=(), usb=(), xr-spatial-tracking=()",
    ),
)


def guarding(send: Send, policy: str) -> Send:
    """The same channel, whose answers carry all of this and do not say which server they come from.

    A stricter Content-Security-Policy of the application's own stays.
    """

    async def send_guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            ours = {name for name, _ in _ALWAYS} | {b"server"}
            headers = [
                (name, value) for name, value in message.get("headers", ()) if name.lower() not in ours
            ]
            if not any(name.lower() == b"content-security-policy" for name, _ in headers):
                headers.append((b"content-security-policy", policy.encode("latin-1")))
            message = {**message, "headers": [*headers, *_ALWAYS]}
        await send(message)

    return send_guarded
