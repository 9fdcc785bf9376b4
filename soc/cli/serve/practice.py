"""`soc sandbox`: the practice vendors in a process of their own."""

from __future__ import annotations

from soc.cli.serve.ports import check_port
from soc.sandbox.server import DEFAULT_HOST, DEFAULT_PORT, serve
from soc.settings import get_settings


def serve_sandbox(port: int | None, *, fresh: bool) -> None:
    """Serve until it is interrupted; `fresh` forgets what was practised before. Raises typer.Exit."""
    check_port(DEFAULT_HOST, port or DEFAULT_PORT)
    state = get_settings().data_dir / "sandbox.jsonl"
    state.parent.mkdir(parents=True, exist_ok=True)
    if fresh:
        state.unlink(missing_ok=True)
    serve(port=port or DEFAULT_PORT, state_path=state)
