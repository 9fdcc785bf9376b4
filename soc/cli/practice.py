"""`soc sandbox`: the practice vendors in a process of their own."""

from __future__ import annotations

import typer

from soc.cli.say import err
from soc.sandbox.server import DEFAULT_PORT, serve
from soc.settings import get_settings


def serve_sandbox(port: int | None, *, fresh: bool) -> None:
    """Serve until it is interrupted; `fresh` forgets what was practised before. Raises typer.Exit(1)."""
    state = get_settings().data_dir / "sandbox.jsonl"
    state.parent.mkdir(parents=True, exist_ok=True)
    if fresh:
        state.unlink(missing_ok=True)
    try:
        serve(port=port or DEFAULT_PORT, state_path=state)
    except OSError as error:
        err.print(
            f"❌ Port {port or DEFAULT_PORT} cannot be used: {error.strerror or error}. Choose another with --port.",
            style="red",
        )
        raise typer.Exit(1) from None
