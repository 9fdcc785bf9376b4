"""What a form of the console sent."""

from __future__ import annotations

from urllib.parse import parse_qs

from starlette.requests import Request


async def form_of(request: Request) -> dict[str, str]:
    """The last value of each field; empty ones are left out."""
    body = (await request.body()).decode(errors="replace")
    return {name: values[-1] for name, values in parse_qs(body).items()}
